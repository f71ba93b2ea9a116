/** <check-up campaign dataset>: what a check-up says so far, and the campaigns that it makes worth opening. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get, refusal } from "./api";
import { count, percent, plural, range, UNKNOWN } from "./numbers";
import { OfCampaign } from "./of-campaign";
import { meter, named, shared } from "./shared";

interface Forecast {
  labels: string[] | null;
  items: number;
  audited: number;
  looks: number;
  hours: number | null;
  left: number;
}
interface Result {
  drawn: number;
  looked: number;
  found: number;
  items: number;
  rate: [number, number, number] | null;
  labels: { label: string; items: number; wrong: number }[];
  worst: string[];
  target: number;
  forecasts: Forecast[];
  seconds_a_look: number | null;
  stale: boolean;
}
const SHOWN = 14;
const FEW_HOURS = 10;

@customElement("check-up")
export class CheckUp extends OfCampaign {
  static override styles = [
    shared,
    css`
      .card { margin-bottom: 14px; } .said { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; margin: 2px 0 6px; } .said.unknown { font-size: 20px; font-weight: 500; color: var(--soft); }
      .done { display: grid; grid-template-columns: 160px auto; gap: 10px; align-items: center; justify-content: start; } .ways { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); gap: 14px; margin-top: 14px; }
      .way { border-top: 1px solid var(--line); padding-top: 12px; display: grid; gap: 8px; align-content: start; } .way b { font-weight: 600; } .worst { display: flex; gap: 6px 12px; flex-wrap: wrap; margin: 12px 0 0; padding: 0; list-style: none; } .worst li { display: flex; gap: 6px; align-items: center; }
    `,
  ];

  @property({ type: Boolean }) lead = false;
  @state() private result: Result | null = null;
  @state() private busy = false;
  @state() private trouble = "";

  protected override async look(): Promise<void> {
    try {
      this.result = await get<Result>(`/api/campaigns/${this.campaign}/check-up/`);
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private async begin(forecast: Forecast): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.trouble = "";
    const labels = forecast.labels ? { labels: forecast.labels } : {};
    try {
      const settings = { name: forecast.labels ? "The worst classes" : "Review", policy: "evidence", looks_min: 0, target_rate: this.result?.target, slice: labels };
      const { id } = await call<{ id: number }>("POST", `/api/datasets/${this.of}/campaigns/`, settings);
      location.assign(`/campaigns/${id}/`);
    } catch (error) {
      this.busy = false;
      this.trouble = refusal("Not opened", error);
    }
  }

  override render(): TemplateResult {
    const { result } = this;
    if (!result) return html`<p class="soft small">${this.trouble || "Fetching the check-up…"}</p>`;
    const share = result.drawn ? result.looked / result.drawn : 0;
    return html`<section class="card" aria-label="Check-up"><span class="small soft">Labels wrong in the whole dataset, before you mended any</span>
      <p class="said ${result.rate ? "" : "unknown"}" id="rate">${result.rate ? range([result.rate[1], result.rate[2]]) : UNKNOWN}</p>
      <div class="small done">${meter(share, "looked at")}<span id="looked">${count(result.looked)} of ${plural(result.drawn, "item")} looked at${result.looked ? `, ${count(result.found)} wrong` : ""}</span></div>
      <p class="small soft">${result.rate ? html`The likeliest is ${percent(result.rate[0])}. The interval is of 95 %, and of the sample alone: suspicion chose which items you see, not what is concluded.` : html`Look at the grids; what they say appears here. The items were drawn by chance, more of the doubtful ones.`}</p>
      ${result.stale ? html`<p class="notice small">The dataset was ranked anew since this was drawn. Plan another check-up.</p>` : nothing}
      ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      ${result.looked ? this.renderWorst(result) : nothing}
      ${result.forecasts.length ? html`<div class="ways">${result.forecasts.map((one) => this.renderWay(one, result))}</div>` : nothing}</section>`;
  }

  private renderWorst({ labels }: Result): TemplateResult {
    return html`<h2>Most of it in ${plural(labels.length, "class", "classes")}</h2><ul class="worst small">${labels.slice(0, SHOWN).map(({ label, wrong }) => html`<li>${named(this.labels.get(label), label, 20)}<span class="soft">about ${wrong < FEW_HOURS ? wrong.toFixed(1) : count(Math.round(wrong))}</span></li>`)}
      ${labels.length > SHOWN ? html`<li class="soft">and ${labels.length - SHOWN} more</li>` : nothing}</ul>`;
  }

  private renderWay(forecast: Forecast, { target }: Result): TemplateResult {
    const { labels, items, looks } = forecast;
    const which = !labels ? "All classes" : labels.length === 1 ? "The worst class" : `The worst ${count(labels.length)} classes`;
    if (!items) return html`<div class="way"><b>${which}</b><span class="small soft">No more than ${percent(target)} is left wrong by what is known: with what you mended, nothing more is worth asking.</span></div>`;
    return html`<div class="way" data-labels=${labels ? "worst" : "all"}><b>${which}: down to ${percent(forecast.left)}</b>
      <span class="small">${hours(forecast.hours)}: about ${plural(looks, "look")} at the ${plural(items, "item that is", "items that are")} most suspected, and at ${count(forecast.audited)} drawn by chance, which show what is left</span>
      ${this.lead ? html`<div><button class=${labels ? "" : "primary"} ?disabled=${this.busy} @click=${() => this.begin(forecast)}>Open this campaign</button></div>` : nothing}</div>`;
  }
}

export function hours(n: number | null): string {
  if (n === null) return "How long is known once you have handed in a grid";
  return n < 1 ? `About ${Math.max(1, Math.round(n * 60))} min` : `About ${n < FEW_HOURS ? Number(n.toFixed(1)) : Math.round(n)} h`;
}
