/** <check-result dataset job>: what a look before the import found, and the button that imports it for real. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get, type Job } from "./api";
import { count, plural } from "./numbers";
import { shared } from "./shared";

interface Found {
  items: number;
  labels: Record<string, number>;
  rejected: number;
  previews: string[];
  preview_labels: string[];
  window: { low: number; high: number } | null;
  crop_pixels: number;
  /** What was cut off the start of the rows' paths, and put there, to find their images. */
  moved: { cut: string; put: string } | null;
  first_rejected: { row: number; file: string; field: string; reason: string }[];
}

@customElement("check-result")
export class CheckResult extends LitElement {
  static override styles = [
    shared,
    css`
      p { margin: 14px 0 0; } #checked { margin-top: 0; }
      ul { margin: 8px 0 0; padding-left: 18px; max-height: 220px; overflow: auto; } li { overflow-wrap: anywhere; }
      details { margin-top: 10px; }
      .previews { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 12px; } .previews figure { margin: 0; width: min-content; } .previews img { height: 96px; max-width: 128px; object-fit: contain; border-radius: 4px; } figcaption { max-height: 3em; overflow: hidden; overflow-wrap: anywhere; }
      .seen { margin-top: 12px; } .seen label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } .seen input { width: 110px; }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @property({ type: Number }) job = 0;
  /** The person may import. */
  @property({ type: Boolean }) lead = false;
  @state() private found: Found | null = null;
  @state() private trouble = "";
  @state() private busy = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  private async look(): Promise<void> {
    try {
      this.found = (await get<Job>(`/api/jobs/${this.job}/`)).result as Found;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  /** Import it, or look again through the window that was typed. */
  private async go(again: boolean): Promise<void> {
    this.busy = true;
    const seen: Record<string, number> = {};
    for (const field of this.renderRoot.querySelectorAll<HTMLInputElement>("input")) if (field.value) seen[field.name] = Number(field.value);
    try {
      await call("POST", `/api/datasets/${this.of}/import/`, { dry_run: again, ...seen });
      location.reload();
    } catch (error) {
      this.trouble = (error as Error).message;
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    const { found } = this;
    return html`${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      ${found ? html`<p id="checked">Nothing is imported yet. ${plural(found.items, "item")} of ${plural(Object.keys(found.labels).length, "class", "classes")} would come in${found.rejected ? html`, ${plural(found.rejected, "row")} would be refused` : nothing}.</p>
        ${found.moved ? html`<p class="small" id="moved">${found.moved.put ? html`The images lie in <b>${found.moved.put}</b>, which the rows do not name` : html`The rows name their images in <b>${found.moved.cut}</b>, which the archive does not have`}; they are found all the same.</p>` : nothing}
        <details><summary class="small">How many of each class</summary><ul class="small">${Object.entries(found.labels).map(([name, n]) => html`<li>${name}: ${count(n)}</li>`)}</ul></details>
        ${found.rejected ? html`<details open><summary class="small">Why rows would be refused${found.rejected > found.first_rejected.length ? `, the first ${found.first_rejected.length}` : ""}</summary><ul class="small">${found.first_rejected.map((one) => html`<li>Row ${count(one.row)}${one.file && !one.reason.includes(one.file) ? `, ${one.file}` : ""}: ${one.reason}</li>`)}</ul></details>` : nothing}
        ${found.previews.length ? html`<div class="previews" id="previews">${found.previews.map((one, n) => html`<figure><img src="data:image/jpeg;base64,${one}" alt="" /><figcaption class="small soft">${found.preview_labels[n] ?? ""}</figcaption></figure>`)}</div>` : nothing}
        ${this.lead && found.items ? html`<div class="row seen"><label>Pixels a side<input name="crop_pixels" type="number" min="32" max="512" .value=${String(found.crop_pixels)} /></label>
          ${found.window ? html`<label>Black at<input name="window_low" type="number" step="any" .value=${String(found.window.low)} /></label><label>White at<input name="window_high" type="number" step="any" .value=${String(found.window.high)} /></label>` : nothing}</div>
          <p class="row"><button class="primary" id="import" ?disabled=${this.busy} @click=${() => this.go(false)}>Import it</button><button id="again" ?disabled=${this.busy} @click=${() => this.go(true)}>Look again</button></p>` : nothing}` : nothing}`;
  }
}
