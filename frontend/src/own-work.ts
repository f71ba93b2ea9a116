/** <own-work>: what one did today and this week, and how good it is by what is known. For nobody else. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { get } from "./api";
import { language, msg, str } from "./language";
import { count, isOne, percent, range, span, tilesSaid } from "./numbers";
import "./period-file";
import { shared, styled } from "./shared";

type Interval = [number, number];
interface Done {
  batches: number;
  tiles: number;
}
interface CampaignWork extends Done {
  id: number;
  name: string;
  dataset: string;
  state: string;
  planted: { seen: number; found: number; interval: Interval | null };
  agreement: { settled: number; agreed: number; interval: Interval | null };
}
interface Month extends Done {
  /** Its first day. */
  month: string;
  project: string;
  minutes: number;
}
export interface Work {
  today: Done;
  week: Done;
  days: { day: string; tiles: number }[];
  months: Month[];
  campaigns: CampaignWork[];
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** By the clock of whoever looks. */
export const fetchWork = (): Promise<Work> => get<Work>(`/api/work/?zone=${encodeURIComponent(ZONE)}`);

@customElement("own-work")
export class OwnWork extends LitElement {
  static override styles = [
    shared,
    css`
      h1 { margin-bottom: 16px; } .top { display: grid; grid-template-columns: repeat(2, minmax(0, 200px)) minmax(0, 1fr); gap: 14px; }
      .top b { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; display: block; }
      .days { display: flex; gap: 8px; align-items: end; height: 74px; list-style: none; margin: 0; padding: 0; } .days li { flex: 1; display: grid; gap: 4px; justify-items: center; align-content: end; height: 100%; font-size: 11px; color: var(--soft); }
      .days i { width: 100%; max-width: 34px; border-radius: 4px 4px 2px 2px; background: var(--accent); min-height: 2px; } .days .none i { background: var(--line); }
      .campaign { margin-top: 14px; } .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr)); gap: 16px 24px; margin: 0; } .facts div { min-width: 0; } dt { color: var(--soft); font-size: 12px; } dd { margin: 2px 0 0; } dd b { font-size: 19px; font-weight: 650; }
      dd p { margin: 2px 0 0; color: var(--soft); font-size: 12px; max-width: 44ch; }
      .head { display: flex; gap: 4px 12px; align-items: baseline; flex-wrap: wrap; margin-bottom: 12px; } .head h2 { margin: 0; font-size: 14px; overflow-wrap: anywhere; }
      .wide { overflow-x: auto; } .wide + p { margin-top: 10px; max-width: 90ch; } .note { margin-top: 16px; max-width: 80ch; }
      @media (max-width: 700px) { .top { grid-template-columns: repeat(2, minmax(0, 1fr)); } .top .week { grid-column: 1 / -1; } }
    `,
  ];

  @state() private work: Work | null = null;
  @state() private trouble = "";

  override connectedCallback(): void {
    super.connectedCallback();
    fetchWork().then((work) => (this.work = work), (error: Error) => (this.trouble = error.message));
  }

  override render(): TemplateResult {
    const { work } = this;
    if (!work) return html`<p class="soft">${this.trouble || msg("Fetching your work…")}</p>`;
    if (!work.months.length) return html`<div class="empty" id="no-work"><h1>${msg("Your work")}</h1><p>${msg("You have handed in nothing yet. Once you have, this page says how much you did and how well; only you can see it.")}</p><p class="row"><a class="button primary" href="/">${msg("To what there is to review")}</a></p></div>`;
    return html`<h1>${msg("Your work")}</h1><div class="top">
        <div class="card" id="today"><span class="soft small">${msg("Today")}</span><b>${count(work.today.tiles)}</b><span class="soft small">${inBatches(work.today)}</span></div>
        <div class="card" id="week"><span class="soft small">${msg("The last seven days")}</span><b>${count(work.week.tiles)}</b><span class="soft small">${inBatches(work.week)}</span></div>
        <div class="card week">${this.renderDays(work)}</div></div>
      ${work.campaigns.map((one) => this.renderCampaign(one))}
      ${this.renderLedger(work.months)}
      <p class="soft small note">${msg("But for what you handed in, nobody else is shown this page, and you are compared with nobody; project leads see on a campaign’s board how many planted ones each person found. The range behind a figure says where it would lie with 95 % certainty if you went on as you do: with few tiles it is wide.")}</p>`;
  }

  private renderDays({ days }: Work): TemplateResult {
    const most = Math.max(1, ...days.map(({ tiles }) => tiles));
    return html`<ul class="days" aria-label=${msg("Tiles a day")}>${days.map(({ day, tiles }) => {
      const name = new Date(`${day}T12:00`).toLocaleDateString(language, { weekday: "short" });
      return html`<li class=${tiles ? "" : "none"} title="${name}: ${tilesSaid(tiles)}"><span class="aside-only">${name}: ${tilesSaid(tiles)}</span><i ${styled({ height: `${Math.round((tiles / most) * 48)}px` })}></i><span aria-hidden="true">${name}</span></li>`;
    })}</ul>`;
  }

  /** What one is paid by: every batch that was handed in. */
  private renderLedger(months: Month[]): TemplateResult {
    return html`<section class="card campaign" id="ledger"><div class="head"><h2>${msg("What you handed in")}</h2></div>
      <div class="wide" tabindex="0"><table class="small"><thead><tr><th>${msg("Month")}</th><th>${msg("Project")}</th><th class="num">${msg("Batches")}</th><th class="num">${msg("Tiles")}</th><th class="num">${msg("Time at it")}</th></tr></thead><tbody>
      ${months.map((row) => html`<tr><td>${new Date(`${row.month}T12:00`).toLocaleDateString(language, { month: "short", year: "numeric" })}</td><td>${row.project}</td><td class="num">${count(row.batches)}</td><td class="num">${count(row.tiles)}</td><td class="num">${span(row.minutes * 60)}</td></tr>`)}</tbody></table></div>
      <p class="soft small">${msg("All that you handed in, also what came too late to count. Time is what lies between signs that you were there, of each gap two minutes at most. Project leads see the same lines of their projects, to pay by.")}</p>
      <period-file address="/api/work.csv"></period-file></section>`;
  }

  private renderCampaign(one: CampaignWork): TemplateResult {
    const { planted, agreement } = one;
    return html`<section class="card campaign" data-campaign=${one.id}><div class="head"><h2><a href="/campaigns/${one.id}/">${one.name}</a></h2><span class="soft small">${one.dataset}</span></div>
      <dl class="facts"><div><dt>${msg("Planted wrong labels found")}</dt><dd class="planted">${planted.seen ? html`<b>${msg(str`${planted.found} of ${planted.seen}`)}</b> <span class="soft small">${range(planted.interval)}</span>` : html`<b class="soft">${msg("You have met none yet")}</b>`}
          <p>${msg("We plant a few, to know how much all of us overlook.")}</p></dd></div>
        <div><dt>${msg("In agreement with others")}</dt><dd class="agreement">${agreement.settled ? html`<b>${percent(agreement.agreed / agreement.settled)}</b> <span class="soft small">${range(agreement.interval)} · ${agreement.settled === 1 ? msg("of 1 item") : msg(str`of ${count(agreement.settled)} items`)}</span>` : html`<b class="soft">${msg("Nothing to compare yet")}</b>`}
          <p>${msg("Of the items that others looked at too and that are settled: how often it became what you had said.")}</p></dd></div>
        <div><dt>${msg("Handed in")}</dt><dd><b>${count(one.tiles)}</b> <span class="soft small">${inBatches(one)}</span></dd></div></dl></section>`;
  }
}

/** Behind the number of tiles: "tiles in 3 batches". */
function inBatches({ tiles, batches }: Done): string {
  const what = isOne(tiles) ? msg("tile") : msg("tiles");
  return isOne(batches) ? msg(str`${what} in 1 batch`) : msg(str`${what} in ${count(batches)} batches`);
}

/** <day-progress>: one line of what one did today, for where there is nothing to do just now. */
@customElement("day-progress")
export class DayProgress extends LitElement {
  static override styles = [shared, css`p { margin: 0; text-align: center; color: var(--soft); }`];

  @state() private work: Work | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    fetchWork().then((work) => (this.work = work), () => undefined);
  }

  override render(): TemplateResult | typeof nothing {
    const { work } = this;
    if (!work?.week.batches) return nothing;
    const { today, week } = work;
    const more = week.tiles > today.tiles ? ` ${msg(str`${tilesSaid(week.tiles)} in the last seven days.`)}` : "";
    const done = msg(str`Today you looked at ${count(today.tiles)} ${inBatches(today)}.`);
    return html`<p class="small" id="day">${today.batches ? done : msg("Nothing handed in today yet.")}${more} <a href="/work/">${msg("Your work")}</a></p>`;
  }
}
