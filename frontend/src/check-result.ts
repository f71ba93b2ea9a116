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
  first_rejected: { row: number; file: string; field: string; reason: string }[];
}
const REASONS = 10;

@customElement("check-result")
export class CheckResult extends LitElement {
  static override styles = [
    shared,
    css`
      p { margin: 14px 0 0; }
      ul { margin: 8px 0 0; padding-left: 18px; max-height: 220px; overflow: auto; } li { overflow-wrap: anywhere; }
      details { margin-top: 10px; }
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

  private async import(): Promise<void> {
    this.busy = true;
    try {
      await call("POST", `/api/datasets/${this.of}/import/`, {});
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
        <details><summary class="small">How many of each class</summary><ul class="small">${Object.entries(found.labels).map(([name, n]) => html`<li>${name}: ${count(n)}</li>`)}</ul></details>
        ${found.rejected ? html`<details open><summary class="small">Why rows would be refused${found.rejected > REASONS ? ", the first ones" : ""}</summary><ul class="small">${found.first_rejected.slice(0, REASONS).map((one) => html`<li>Row ${count(one.row)}: ${one.reason}</li>`)}</ul></details>` : nothing}
        ${this.lead && found.items ? html`<p><button class="primary" id="import" ?disabled=${this.busy} @click=${this.import}>Import it</button></p>` : nothing}` : nothing}`;
  }
}
