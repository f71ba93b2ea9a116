/** <export-list dataset>: make an export, see it being made, download it. For leads. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get } from "./api";
import "./job-progress";
import { plural, UNKNOWN, when } from "./numbers";
import { shared } from "./shared";

interface Export {
  id: number;
  kind: "full" | "patch";
  format: string;
  revision: number | null;
  fixes: number | null;
  state: string;
  job: number | null;
  at: string;
  download: string | null;
}
const NAMES = { full: "Whole dataset", patch: "Fixes as a patch" };

@customElement("export-list")
export class ExportList extends LitElement {
  static override styles = [
    shared,
    css`
      p { margin: 10px 0 0; } select { width: auto; }
      ul { list-style: none; margin: 12px 0 0; padding: 0; } li { display: flex; gap: 4px 12px; align-items: center; padding: 9px 0; border-top: 1px solid var(--line); flex-wrap: wrap; }
      job-progress { flex: 1 0 100%; }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  /** What each format that an export may have is called. */
  @property({ type: Object }) formats: Record<string, string> = {};
  @state() private format = "auto";
  @state() private exports: Export[] | null = null;
  @state() private trouble = "";
  @state() private busy = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
  }

  private async look(): Promise<void> {
    try {
      this.exports = (await get<{ exports: Export[] }>(`/api/datasets/${this.of}/`)).exports;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private async make(kind: Export["kind"]): Promise<void> {
    this.busy = true;
    this.trouble = "";
    try {
      await call("POST", `/api/datasets/${this.of}/exports/`, { format: this.format, kind });
      await this.look();
    } catch (error) {
      this.trouble = (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    return html`<div class="row">
        <select id="export-format" aria-label="Form of the export" @change=${(event: Event) => (this.format = (event.target as HTMLSelectElement).value)}>
          <option value="auto">In the form it came in</option>${Object.entries(this.formats).map(([name, said]) => html`<option value=${name}>As ${said}</option>`)}
        </select>
        <button id="export-full" ?disabled=${this.busy} @click=${() => this.make("full")}>Export the whole dataset</button>
        <button id="export-patch" ?disabled=${this.busy} @click=${() => this.make("patch")}>Export the fixes only</button><a class="button" href="/datasets/${this.of}/changes/">What changed</a></div>
      ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      ${this.exports?.length ? html`<ul>${this.exports.map((one) => this.renderOne(one, this.versionBefore(one)))}</ul>` : html`<p class="small soft">${this.exports ? "No export yet. Each one names the dataset’s version and never changes." : nothing}</p>`}`;
  }

  /** The version of the export before this one; 0 where there is none. */
  private versionBefore({ revision }: Export): number {
    return Math.max(0, ...(this.exports ?? []).map((other) => other.revision ?? 0).filter((other) => other < (revision ?? 0)));
  }

  private renderOne(one: Export, before: number): TemplateResult {
    return html`<li data-export=${one.id}><span>${NAMES[one.kind]}</span><span class="small soft">${this.formats[one.format] ?? one.format} · ${one.revision === null ? UNKNOWN : `version r${one.revision}`} · ${one.fixes === null ? UNKNOWN : plural(one.fixes, "fix", "fixes")} · ${when(one.at)}</span><span class="grow"></span>
      ${one.revision ? html`<a class="small" href="/datasets/${this.of}/changes/?since=${before}&until=${one.revision}">${before ? `since version r${before}` : "since it came in"}</a>` : nothing}
      ${one.download ? html`<a class="button" href=${one.download} download>Download</a>` : nothing}
      ${one.job && one.state !== "done" ? html`<job-progress .job=${one.job} lead @job-ended=${() => this.look()}></job-progress>` : nothing}</li>`;
  }
}
