/** <dataset-facts dataset>: counts, the import or ranking at work, and what was refused. Live while it runs. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { get } from "./api";
import "./check-result";
import "./job-progress";
import "./pixel-size";
import { scaleSaid, type PixelScale } from "./pixel-size";
import "./recut-crops";
import { count, plural, UNKNOWN } from "./numbers";
import { shared } from "./shared";
import { SUSPECTED } from "./slice";

interface Dataset {
  state: "checking" | "checked" | "importing" | "ready" | "failed";
  format: string;
  group_by: string;
  crop_pixels: number;
  window: { low: number; high: number } | null;
  scale: PixelScale;
  items: number;
  labels: number;
  /** Labels more probably wrong than right; null before a ranking, and for reviewers. */
  suspected: number | null;
  rejected: number;
  revision: number;
  job: number | null;
  ranking: { encoder: string; done: boolean | number } | null;
}
const EVERY = 3000;
const AT_WORK = new Set(["checking", "importing"]);

@customElement("dataset-facts")
export class DatasetFacts extends LitElement {
  static override styles = [
    shared,
    css`
      .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 14px; }
      .facts b { display: block; font-size: 24px; line-height: 1.3; font-weight: 650; letter-spacing: -.02em; overflow-wrap: anywhere; } .facts b.word { font-size: 16px; line-height: 31px; font-weight: 600; }
      job-progress { margin-top: 14px; }
      .notice, .group { margin: 14px 0 0; }
    `,
  ];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  /** The dataset's state as the rest of the page has it. */
  @property({ attribute: "state" }) rendered = "";
  /** What each format is called. */
  @property({ type: Object }) formats: Record<string, string> = {};
  @property({ type: Boolean }) lead = false;
  @property({ type: Boolean }) supervisor = false;
  @state() private facts: Dataset | null = null;
  @state() private trouble = "";
  /** The ranking has ended while one watched; the forecast and the check-up on the page know nothing of it. */
  @state() private ranked = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
    this.timer = setInterval(() => AT_WORK.has(this.facts?.state ?? "") && void this.look(), EVERY);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    try {
      const before = this.facts?.state ?? this.rendered;
      const unranked = this.facts !== null && !this.facts.ranking?.done;
      this.facts = await get<Dataset>(`/api/datasets/${this.of}/`);
      this.trouble = "";
      if (unranked && this.facts.ranking?.done) this.ranked = true;
      // The rest of the page is made by the server and knows nothing of an import that has just ended.
      if (AT_WORK.has(before) && this.facts.state !== before) location.reload();
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  override render(): TemplateResult {
    const { facts } = this;
    if (!facts) return html`<p class="soft">${this.trouble || "Fetching the numbers…"}</p>`;
    const ranked = facts.ranking ? (facts.ranking.done ? facts.ranking.encoder : "under way") : facts.state === "ready" ? "not yet" : UNKNOWN;
    // Before the first part is in, how many there are is not known.
    const known = (n: number): number | null => (n === 0 && facts.state !== "ready" ? null : n);
    return html`${facts.state === "checked" ? nothing : html`<div class="facts">
        <div><span class="small soft">Items</span><b id="items" class=${known(facts.items) === null ? "word" : ""}>${count(known(facts.items))}</b></div>
        <div><span class="small soft">Classes</span><b id="labels" class=${known(facts.labels) === null ? "word" : ""}>${count(known(facts.labels))}</b></div>
        <div><span class="small soft">Version</span><b class=${facts.revision ? "" : "word"}>${facts.revision ? `r${count(facts.revision)}` : facts.state === "ready" ? "as imported" : UNKNOWN}</b></div>
        ${facts.suspected === null ? nothing : html`<div><span class="small soft">Look wrong</span><b id="suspected">${facts.suspected ? html`<a href="/datasets/${this.of}/explore/?suspicion_min=${SUSPECTED}&amp;ordering=suspicion" title="See them, the most suspected first">${count(facts.suspected)}</a>` : "0"}</b></div>`}
        <div><span class="small soft">Ranked</span><b class="word">${ranked}</b></div>
      </div>`}
      ${facts.job ? html`<job-progress .job=${facts.job} ?lead=${this.lead} quiet @job-ended=${() => this.look()}></job-progress>` : nothing}
      ${this.ranked ? html`<p class="notice small" id="just-ranked" role="status">The ranking is done: a check-up can be made, and what a campaign would take can be reckoned. <button class="primary" @click=${() => location.reload()}>Show it</button></p>` : nothing}
      ${facts.state === "checked" && facts.job ? html`<check-result .of=${this.of} .job=${facts.job} ?lead=${this.lead}></check-result>` : nothing}
      ${facts.rejected ? html`<p class="notice small" id="rejected">${plural(facts.rejected, "row was", "rows were")} refused${facts.items ? "; the others are in" : ""}. ${this.supervisor ? html`<a href="/api/datasets/${this.of}/rejected.csv" download>Which and why (CSV)</a>` : nothing}</p>` : nothing}
      ${facts.group_by ? html`<p class="small soft group">Items with the same “${facts.group_by}” are kept together when suspicion is learnt.</p>` : nothing}
      <p class="small soft group" id="seen">${this.formats[facts.format] ? html`<span id="format">Read as ${this.formats[facts.format]}.</span> ` : nothing}Crops of ${count(facts.crop_pixels)} pixels a side${facts.window ? `; grey of more than 8 bits is black at ${count(facts.window.low)}, white at ${count(facts.window.high)}, in every image` : ""}. <span id="scale">${scaleSaid(facts.scale)}</span></p>
      ${this.lead && facts.state === "ready" ? html`<recut-crops .of=${this.of} .pixels=${facts.crop_pixels} .seen=${facts.window} @begun=${() => this.look()}></recut-crops><pixel-size .of=${this.of} .scale=${facts.scale} @saved=${() => this.look()}></pixel-size>` : nothing}`;
  }
}
