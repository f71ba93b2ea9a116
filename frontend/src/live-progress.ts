/**
 * <live-progress campaign member>: how far, how wrong still, when done, at what cost; then whatever is behind them. The
 * page brings the heading (`title`), there before any number is, and what comes first on it.
 */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get, type Role } from "./api";
import "./board/audit-sample";
import "./board/campaign-cost";
import "./board/class-confusion";
import "./board/class-progress";
import "./board/found-chart";
import "./board/item-states";
import "./board/people-agreement";
import type { CampaignState, Plan, Progress } from "./board/progress";
import "./board/reviewer-table";
import { planted } from "./board/reviewer-table";
import "./campaign-rules";
import "./job-progress";
import { msg, str } from "./language";
import { watch } from "./live";
import { clock, count, flaggedSaid, hours, isOne, money, percent, plural, range, seconds, UNKNOWN, when } from "./numbers";
import { shared } from "./shared";
import "./suspected-pairs";

interface Campaign {
  id: number;
  state: CampaignState;
  policy: string;
  job: number | null;
  dataset: number;
}
type Mover = "open" | "paused" | "closed";

const SECOND = 1000;
/** The server is asked for no more than one part in so many of the time. */
const SHARE = 2;
/** Numbers that are older than this say so. */
const OLD = 5 * SECOND;
const POLICIES: Record<string, string> = { evidence: msg("as many looks as the evidence asks for"), fixed: msg("the same number of looks for each item"), first_agree: msg("until some agree"), solo: msg("one person decides") };
const STATES: Record<string, string> = { draft: msg("draft"), planning: msg("being planned"), paused: msg("paused"), closed: msg("closed") };
const MOVES: Record<string, { to: Mover; word: string }[]> = {
  open: [{ to: "paused", word: "Pause" }, { to: "closed", word: "Close" }],
  paused: [{ to: "open", word: "Open again" }, { to: "closed", word: "Close" }],
};

@customElement("live-progress")
export class LiveProgress extends LitElement {
  static override styles = [
    shared,
    css`
      .top { display: flex; align-items: center; gap: 8px 14px; margin-bottom: 18px; flex-wrap: wrap; }
      .top > :first-child { flex: 1 1 300px; min-width: 0; } .top .said { display: flex; gap: 2px 14px; flex-wrap: wrap; align-items: baseline; }
      .acts { display: flex; gap: 8px; flex-wrap: wrap; }
      .live { color: var(--fix); white-space: nowrap; } .live::before { content: "●"; margin-right: 5px; } .live.off { color: var(--unsure); } .live.off::before { content: "○"; }
      .big4 { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 14px; }
      .big4 b { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; display: block; margin: 2px 0; } .big4 b.unknown { color: var(--soft); font-size: 22px; line-height: 36px; font-weight: 500; }
      .big4 .under { display: block; }
      .two { display: grid; grid-template-columns: minmax(0, 1.55fr) minmax(0, 1fr); gap: 14px; margin-top: 14px; align-items: start; }
      .more { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); align-items: start; }
      .stack { display: grid; gap: 14px; min-width: 0; }
      .below { margin-top: 14px; }
      @media (max-width: 900px) { .two { grid-template-columns: minmax(0, 1fr); } }
      @media (max-width: 700px) { .big4 { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; } .big4 b { font-size: 23px; } .big4 b.unknown { font-size: 17px; line-height: 28px; } .card { padding: 12px; } .top { gap: 10px; } }
      @media print { .acts, .live { display: none; } .two, .more, .stack { display: block; } .two .card, .more .card, .below { margin-top: 10px; } .card { break-inside: avoid; } .card:has(class-progress), #reviewers { break-inside: auto; } .big4 { grid-template-columns: repeat(4, minmax(0, 1fr)); } .big4 b { font-size: 20px; } }
    `,
  ];

  @property({ type: Number }) campaign = 0;
  /** The role of the person who looks. */
  @property() member: Role = "reviewer";
  /** They are offered the tutorial before their first batch. */
  @property({ type: Boolean }) newcomer = false;
  @state() private facts: Campaign | null = null;
  @state() private progress: Progress | null = null;
  @state() private live = false;
  @state() private trouble = "";
  private stop = (): void => {};
  private ruled = false;
  private fetching = false;
  private again = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the last two looks began: one may follow soon where the numbers were about to be made anew, a third not. */
  private began: [number, number] = [-Infinity, -Infinity];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
    this.stop = watch(`/ws/campaigns/${this.campaign}/`, () => this.moved(), (live) => (this.live = live));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    clearTimeout(this.timer);
  }

  /** Something has moved. Where the next look is due already, or newer numbers are not to be had yet, it waits for that. */
  private moved(): void {
    if (this.fetching) this.again = true;
    else if (this.timer === undefined) void this.look();
  }

  private async look(): Promise<void> {
    clearTimeout(this.timer);
    this.fetching = true;
    this.again = false;
    this.began = [this.began[1], performance.now()];
    let wait: number | null = null;
    try {
      const url = `/api/campaigns/${this.campaign}/`;
      const progress = await get<Progress>(`${url}progress/?recent=true`);
      if (this.ruled || this.facts?.state !== progress.state) this.facts = await get<Campaign>(url);
      this.ruled = false;
      this.progress = progress;
      this.trouble = "";
      if (this.progress.look_again !== null) wait = this.progress.look_again * SECOND;
    } catch (error) {
      this.trouble = (error as Error).message;
    }
    this.fetching = false;
    if (this.again) wait ??= SECOND;
    const now = performance.now();
    if (wait !== null && this.isConnected) this.next(Math.max(wait, SHARE * (now - this.began[1]), this.began[0] + SECOND - now));
    else this.timer = undefined;
  }

  private next(wait: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.look();
    }, wait);
  }

  /** The rules are others now. */
  private changed(): void {
    this.ruled = true;
    this.moved();
  }

  private async move(to: Mover): Promise<void> {
    if (to === "closed" && !confirm("Close this campaign? It cannot be opened again. What was found stays.")) return;
    try {
      this.facts = await call<Campaign>("PATCH", `/api/campaigns/${this.campaign}/`, { state: to });
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  override render(): TemplateResult {
    const { facts, progress } = this;
    if (!facts || !progress) return html`<slot name="title"></slot><p class="soft">${this.trouble || msg("Fetching the numbers…")}</p><slot></slot>`;
    return html`${this.renderTop(facts, progress)}<slot></slot>
      ${this.trouble ? html`<p class="notice bad small">${this.trouble}</p>` : nothing}
      ${facts.state === "planning" || facts.state === "draft" ? this.renderPlanning(facts) : this.renderNumbers(progress)}`;
  }

  private renderNumbers(progress: Progress): TemplateResult {
    return this.member === "reviewer" ? this.renderOwn(progress) : html`${this.renderAnswers(progress)} ${this.renderDetails(progress)}`;
  }

  private renderTop(facts: Campaign, progress: Progress): TemplateResult {
    const link = (where: string) => `/campaigns/${facts.id}/${where}/`;
    const supervises = this.member !== "reviewer";
    const { disputed } = progress.states;
    const first = supervises && disputed > 0 ? "disputes" : "review";
    const old = progress.look_again !== null && Date.now() - Date.parse(progress.at) > OLD;
    return html`<div class="top">
      <div><slot name="title"></slot><div class="said small soft">
        ${facts.state === "open" ? html`<span class="live ${this.live ? "" : "off"}" id="live">${this.live ? msg("live") : msg("connecting")}</span>` : html`<span>${STATES[facts.state] ?? facts.state}</span>`}
        ${facts.state === "open" ? html`<span>${activity(progress)}</span>` : nothing}
        <span>${POLICIES[facts.policy] ?? facts.policy}</span>${old ? html`<span id="as-of">${msg(str`numbers of ${clock(progress.at)}`)}</span>` : nothing}</div></div>
      <div class="acts">
        ${this.member === "lead" ? (MOVES[facts.state] ?? []).map(({ to, word }) => html`<button id="state-${to}" @click=${() => this.move(to)}>${word}</button>`) : nothing}
        ${this.member === "lead" && MOVES[facts.state] ? html`<campaign-rules .campaign=${facts.id} @rules-changed=${() => this.changed()}></campaign-rules>` : nothing}
        ${supervises && facts.state !== "planning" ? html`<a class="button" id="to-report" href=${link("report")}>Report</a>` : nothing}
        ${supervises && progress.states.fix ? html`<a class="button" id="to-fixes" href=${link("fixes")}>Fixes</a>` : nothing}
        ${supervises && (disputed || facts.state !== "planning") ? html`<a class="button ${first === "disputes" ? "primary" : ""}" id="to-disputes" href=${link("disputes")}>${disputed ? `Settle ${plural(disputed, "dispute")}` : "Disputes"}</a>` : nothing}
        ${facts.state === "open" ? html`<a class="button ${first === "review" ? "primary" : ""}" id="to-review" href=${link(this.newcomer ? "tutorial" : "review")}>${msg("Review")}</a>` : nothing}
      </div></div>`;
  }

  private renderPlanning(facts: Campaign): TemplateResult {
    return html`<div class="card"><h2>${msg("Being planned")}</h2><p class="soft small">${msg("The items are ranked and packed into batches. The campaign opens by itself when that is done.")}</p>
      ${facts.job ? html`<job-progress .job=${facts.job} ?lead=${this.member === "lead"} @job-ended=${() => this.look()}></job-progress>` : nothing}</div>`;
  }

  private renderAnswers(p: Progress): TemplateResult {
    const rate = p.error_rate;
    const done = p.items > 0 && p.states.open === 0;
    const settled = Math.round(p.settled * p.items);
    return html`<div class="big4">
      ${answer("Settled", "settled", percent(p.items ? p.settled : null), `${count(settled)} of ${plural(p.items, "item")}`)}
      ${answer("Labels still wrong", "still-wrong", percent(rate.now), rate.now === null ? "known once people have looked" : `${range(rate.interval)} · was ${percent(rate.before)}`, bySample(p))}
      ${answer("Done", "eta", done ? "now" : when(p.eta?.at), p.eta ? until(p.eta) : done ? (p.states.disputed ? `but for ${plural(p.states.disputed, "dispute")}` : "every item is settled") : p.state === "open" ? "known once the pace is" : `while it is ${p.state} nothing moves`)}
      ${answer("Looks an item", "looks", p.looks_per_item === null ? UNKNOWN : p.looks_per_item.toFixed(2), `${plural(p.looks.counted, "look")}, ${plural(p.looks.flags, "flag")}${p.states.fix ? `, ${plural(p.states.fix, "fix", "fixes")}` : ""}`, costSaid(p))}
    </div>`;
  }

  private renderDetails(p: Progress): TemplateResult {
    const { campaign } = this;
    return html`<div class="two">
      <div class="stack">
        <div class="card"><class-progress .campaign=${campaign} .progress=${p}></class-progress></div>
        <div class="card"><campaign-cost .campaign=${campaign} .progress=${p}></campaign-cost></div>
      </div><div class="stack">
        <div class="card"><found-chart .campaign=${campaign} .progress=${p}></found-chart></div>
        <div class="card"><class-confusion .campaign=${campaign} .progress=${p}></class-confusion></div>
      </div></div>
      <div class="more below">
        <div class="card" id="agreement"><people-agreement .campaign=${campaign} .progress=${p}></people-agreement></div>
        <div class="card"><item-states .campaign=${campaign} .progress=${p}></item-states></div>
        ${p.audit || p.prior_trouble.length ? html`<div class="card" id="audit"><audit-sample .campaign=${campaign} .progress=${p}></audit-sample></div>` : nothing}
      </div>
      <div class="card below" id="reviewers"><reviewer-table .campaign=${campaign} .progress=${p}></reviewer-table></div>
      <suspected-pairs .campaign=${campaign} .version=${p.version} ?lead=${this.member === "lead"}></suspected-pairs>`;
  }

  private renderOwn(p: Progress): TemplateResult {
    const mine = p.reviewers[0];
    return html`<div class="big4">
      ${answer(msg("Settled by all"), "settled", percent(p.items ? p.settled : null), msg(str`${count(Math.round(p.settled * p.items))} of ${count(p.items)}`))}
      ${answer(msg("Your looks"), "own-looks", count(mine?.looks ?? 0), mine ? flaggedSaid(mine.flags) : msg("Your first batch is waiting"))}
      ${answer(msg("You find"), "own-finds", percent(mine?.sensitivity), mine?.sensitivity == null ? msg("known after some batches") : msg("of the wrong labels, as we reckon"))}
      ${answer(msg("Planted errors"), "own-planted", mine ? planted(mine) : UNKNOWN, msg("that you found, of those you met"))}</div>`;
  }
}

function answer(name: string, id: string, big: string, under: string, more = ""): TemplateResult {
  return html`<div class="card" id=${id}><span class="small soft">${name}</span><b class=${big === UNKNOWN ? "unknown" : ""}>${big}</b><span class="small soft under">${under}</span>${more ? html`<span class="small soft under">${more}</span>` : nothing}</div>`;
}

/** Who is at it now, and what came in. */
function activity({ reviewers_now: people, handed_in_last_hour: batches }: Progress): string {
  const now = isOne(people) ? msg("1 reviewer now") : msg(str`${count(people)} reviewers now`);
  return `${now}, ${isOne(batches) ? msg("1 batch in the last hour") : msg(str`${count(batches)} batches in the last hour`)}`;
}

/** What is left by people alone, whatever the model thinks: a wider interval, and one that cannot be talked down. */
function bySample({ audit }: Progress): string {
  return audit?.left ? `by the random sample of ${count(audit.done)} alone ${percent(audit.left[0])}, ${range([audit.left[1], audit.left[2]])}` : "";
}

const until = ({ low, high }: NonNullable<Progress["eta"]>): string => (high === null ? `not before ${when(low)}` : `${when(low)} – ${when(high)}`);

/** Time an item, and what three looks at each would take beside what this takes. */
function costSaid({ cost }: Progress): string {
  if (!cost || cost.seconds_per_item === null) return "";
  const plan = (name: Plan["name"]) => cost.plans.find((one) => one.name === name);
  const [end, three] = [plan("to_the_end"), plan("three_looks")];
  const more = end?.seconds != null && three?.seconds != null ? three.seconds - end.seconds : 0;
  const spent = plan("so_far")?.money;
  return [
    `${seconds(cost.seconds_per_item)} an item`,
    ...(spent == null ? [] : [`${money(spent)} ${cost.currency} so far`]),
    ...(more > 0 ? [`three fixed looks: ${hours(more)} more`] : []),
  ].join(" · ");
}
