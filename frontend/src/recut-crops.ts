/** <recut-crops dataset>: have the crops cut anew, larger or through another window; a few are shown first. Fires `begun`. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get, type Job } from "./api";
import { count } from "./numbers";
import { shared } from "./shared";

interface Window {
  low: number;
  high: number;
}
interface Preview {
  previews: string[];
  found: Window | null;
}
const EVERY = 500;

@customElement("recut-crops")
export class RecutCrops extends LitElement {
  static override styles = [
    shared,
    css`
      form { display: grid; gap: 10px; margin-top: 10px; }
      label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } input { width: 110px; } p { margin: 0; }
      .previews { display: flex; flex-wrap: wrap; gap: 4px; } .previews img { height: 96px; max-width: 128px; object-fit: contain; border-radius: 4px; }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @property({ type: Number }) pixels = 0;
  @property({ attribute: false }) seen: Window | null = null;
  @state() private shown: Preview | null = null;
  @state() private trouble = "";
  @state() private busy = false;

  private submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const look = (event.submitter as HTMLButtonElement).value === "look";
    this.busy = true;
    this.trouble = "";
    try {
      const wish: Record<string, number | boolean> = { dry_run: look };
      for (const field of this.renderRoot.querySelectorAll("input")) if (field.value) wish[field.name] = Number(field.value);
      const { job } = await call<{ job: number }>("PATCH", `/api/datasets/${this.of}/`, wish);
      this.dispatchEvent(new CustomEvent("begun"));
      this.shown = look ? await this.outcome(job) : null;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
    this.busy = false;
  };

  /** What the look found, once it has ended; how far it is stands above. */
  private async outcome(number: number): Promise<Preview | null> {
    for (;;) {
      const job = await get<Job>(`/api/jobs/${number}/`);
      if (job.state === "done") return job.result as Preview;
      if (job.state === "failed") throw new Error(job.message);
      if (job.state === "cancelled" || !this.isConnected) return null;
      await new Promise((then) => setTimeout(then, EVERY));
    }
  }

  override render(): TemplateResult {
    return html`<details><summary class="small">Cut the crops anew</summary>
      <form @submit=${this.submit}>
        <p class="small soft">Larger crops show finer detail and take more room and time. People go on reviewing with the old crops until all new ones are there; then the dataset is ranked again.</p>
        <div class="row"><label>Pixels a side<input name="crop_pixels" type="number" min="32" max="512" .value=${String(this.pixels)} /></label>
          ${this.seen ? html`<label>16-bit black<input name="window_low" type="number" step="any" .value=${String(this.seen.low)} /></label><label>16-bit white<input name="window_high" type="number" step="any" .value=${String(this.seen.high)} /></label>` : nothing}</div>
        ${this.shown?.previews.length ? html`<div class="previews" id="new-crops">${this.shown.previews.map((one) => html`<img src="data:image/jpeg;base64,${one}" alt="" />`)}</div>` : nothing}
        ${this.shown?.found ? html`<p class="small soft" id="found">By a sample of the objects, black would be at ${count(this.shown.found.low)} and white at ${count(this.shown.found.high)}.</p>` : nothing}
        ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
        <div class="row"><button id="recut" class="primary" ?disabled=${this.busy}>Cut them anew</button><button id="look" value="look" ?disabled=${this.busy}>Look at a few first</button></div>
      </form></details>`;
  }
}
