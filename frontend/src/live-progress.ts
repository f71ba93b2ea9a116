/** <live-progress campaign member>: how far, how wrong still, when done, at what cost; then by class and by reviewer. */
import { css, html, LitElement, nothing, svg, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { call, get, type Role } from "./api";
import "./campaign-rules";
import "./job-progress";
import "./suspected-pairs";
import { watch } from "./live";
import { count, percent, plural, range, UNKNOWN, when } from "./numbers";
import { meter, named, shared } from "./shared";

type Interval = [number, number];
interface Rate {
  before: number | null;
  now: number | null;
  interval: Interval | null;
}
/** A rate, and its interval's ends. */
type Estimate = [number, number, number];
/** What one person, alone, leaves wrong by planted errors and their own second looks; [of them, of so many]. */
interface SecondLooks {
  looked: number;
  repeated: [number, number];
  left: [number, number];
  missed: Estimate | null;
  mistaken: Estimate | null;
}
/** Where suspicion cannot be believed, by what people found; `label` null: in all classes together. */
interface Trouble {
  label: string | null;
  kind: "calm" | "blind" | "unproven" | "suspicion";
  items: number;
  expected: number;
  found: number;
  low: number;
  high: number;
}
interface ByLabel extends Rate {
  label: string;
  readable_name: string;
  icon: string | null;
  items: number;
  settled: number;
  fixes: number;
  alpha: number | null;
}
interface Reviewer {
  username: string;
  looks: number;
  flags: number;
  sensitivity: number | null;
  specificity: number | null;
  honeypots: { seen: number; found: number; hard_seen: number; hard_found: number; interval: Interval | null };
  paused: boolean;
  paused_why: string;
}
export interface Progress {
  version: number;
  items: number;
  states: Record<"open" | "clean" | "fix" | "disputed" | "unclear", number>;
  settled: number;
  looks: { counted: number; surplus: number; planted: number; flags: number };
  looks_per_item: number | null;
  batches: { all: number; open: number };
  reviewers_now: number;
  handed_in_last_hour: number;
  error_rate: Rate;
  eta: { at: string; low: string; high: string } | null;
  audit: { sample: number; done: number; before: Estimate | null; left: Estimate | null; below_target: boolean; second_looks: SecondLooks | null } | null;
  prior_trouble: Trouble[];
  second_opinions: { given: number; agreed: number };
  agreement: { alpha: number | null; flag_agreement: number | null };
  by_label: ByLabel[];
  confusion: { from: string; to: string; count: number }[];
  reviewers: Reviewer[];
}
interface Campaign {
  id: number;
  name: string;
  state: "draft" | "planning" | "open" | "paused" | "closed";
  policy: string;
  job: number | null;
  dataset: number;
}
type Mover = "open" | "paused" | "closed";

const SHOWN = 24;
const TROUBLES = 4;
const LEAST_AGREED = 6;
const POLICIES: Record<string, string> = { evidence: "as many looks as the evidence asks for", fixed: "the same number of looks for each item", first_agree: "until some agree", solo: "one person decides" };
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
      .top .said { display: flex; gap: 14px; flex-wrap: wrap; align-items: baseline; }
      .acts { display: flex; gap: 8px; flex-wrap: wrap; }
      .live { color: var(--fix); white-space: nowrap; } .live::before { content: "●"; margin-right: 5px; } .live.off { color: var(--unsure); } .live.off::before { content: "○"; }
      .big4 { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 14px; }
      .big4 b { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; display: block; margin: 2px 0; } .big4 b.unknown { color: var(--soft); font-size: 22px; line-height: 36px; font-weight: 500; }
      .two { display: grid; grid-template-columns: minmax(0, 1.55fr) minmax(0, 1fr); gap: 14px; margin-top: 14px; align-items: start; }
      .below { margin-top: 14px; }
      .side { display: grid; gap: 14px; }
      .settled { width: 26%; min-width: 90px; } .settled span.both { display: grid; grid-template-columns: 1fr 44px; gap: 8px; align-items: center; }
      .whisker { display: block; width: 100%; min-width: 90px; height: 18px; overflow: visible; } .rate { width: 30%; }
      .arrow { color: var(--soft); padding: 0 6px; }
      .pair { display: flex; gap: 4px 8px; align-items: center; flex-wrap: wrap; }
      .states { display: flex; gap: 4px 14px; flex-wrap: wrap; margin-top: 14px; }
      .unknown { color: var(--soft); } .unsure { color: var(--unsure); }
      .wide { overflow-x: auto; }
      h2 .soft, th[scope="row"] { font-weight: 400; }
      @media (max-width: 900px) { .two { grid-template-columns: minmax(0, 1fr); } }
      @media (max-width: 700px) { .big4 { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; } .big4 b { font-size: 23px; } .big4 b.unknown { font-size: 17px; line-height: 28px; } .card { padding: 12px; } .settled .meter, .items { display: none; } .settled { width: auto; min-width: 0; } .settled span.both { display: block; }
        .classes thead { display: none; } .classes tr { display: grid; grid-template-columns: minmax(0, 1fr) 56px 62px; align-items: center; border-top: 1px solid var(--line); padding: 6px 0; } .classes td { border: 0 !important; padding: 2px 0; } .classes .rate { grid-column: 1 / -1; order: 4; width: auto; } .classes .settled { text-align: right; } .classes tr { grid-template-columns: minmax(0, 1fr) 60px 70px; } .top { gap: 10px; } }
      @media (min-width: 701px) { .narrow { display: none; } }
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
  @state() private allLabels = false;
  @state() private allAlphas = false;
  private stop = (): void => {};
  private fetching = false;
  private again = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look();
    this.stop = watch(`/ws/campaigns/${this.campaign}/`, () => void this.look(), (live) => (this.live = live));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  /** One fetch at a time; a call that came meanwhile is made good after it. */
  private async look(): Promise<void> {
    if (this.fetching) return void (this.again = true);
    this.fetching = true;
    try {
      const url = `/api/campaigns/${this.campaign}/`;
      [this.facts, this.progress] = await Promise.all([get<Campaign>(url), get<Progress>(`${url}progress/`)]);
      this.trouble = "";
    } catch (error) {
      this.trouble = (error as Error).message;
    } finally {
      this.fetching = false;
      if (this.again) setTimeout(() => ((this.again = false), void this.look()), 1000);
    }
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
    if (!facts || !progress) return html`<p class="soft">${this.trouble || "Fetching the numbers…"}</p>`;
    return html`${this.renderTop(facts, progress)}
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
    return html`<div class="top">
      <div><h1>${facts.name}</h1><div class="said small soft">
        ${facts.state === "open" ? html`<span class="live ${this.live ? "" : "off"}" id="live">${this.live ? "live" : "connecting"}</span>` : html`<span>${facts.state}</span>`}
        ${facts.state === "open" ? html`<span>${plural(progress.reviewers_now, "reviewer")} now, ${plural(progress.handed_in_last_hour, "batch", "batches")} in the last hour</span>` : nothing}
        <span>${POLICIES[facts.policy] ?? facts.policy}</span></div></div>
      <span class="grow"></span>
      <div class="acts">
        ${this.member === "lead" ? (MOVES[facts.state] ?? []).map(({ to, word }) => html`<button id="state-${to}" @click=${() => this.move(to)}>${word}</button>`) : nothing}
        ${this.member === "lead" && MOVES[facts.state] ? html`<campaign-rules .campaign=${facts.id} @rules-changed=${() => this.look()}></campaign-rules>` : nothing}
        ${supervises && progress.states.fix ? html`<a class="button" id="to-fixes" href=${link("fixes")}>Fixes</a>` : nothing}
        ${supervises && (disputed || facts.state !== "planning") ? html`<a class="button ${first === "disputes" ? "primary" : ""}" id="to-disputes" href=${link("disputes")}>${disputed ? `Settle ${plural(disputed, "dispute")}` : "Disputes"}</a>` : nothing}
        ${facts.state === "open" ? html`<a class="button ${first === "review" ? "primary" : ""}" id="to-review" href=${link(this.newcomer ? "tutorial" : "review")}>Review</a>` : nothing}
      </div></div>`;
  }

  private renderPlanning(facts: Campaign): TemplateResult {
    return html`<div class="card"><h2>Being planned</h2><p class="soft small">The items are ranked and packed into batches. The campaign opens by itself when that is done.</p>
      ${facts.job ? html`<job-progress .job=${facts.job} ?lead=${this.member === "lead"} @job-ended=${() => this.look()}></job-progress>` : nothing}</div>`;
  }

  private renderAnswers(p: Progress): TemplateResult {
    const rate = p.error_rate;
    const fixed = p.states.fix;
    const done = p.items > 0 && p.states.open === 0;
    const settled = Math.round(p.settled * p.items);
    const answer = (name: string, id: string, big: string, under: string) => html`<div class="card" id=${id}><span class="small soft">${name}</span><b class=${big === UNKNOWN ? "unknown" : ""}>${big}</b><span class="small soft">${under}</span></div>`;
    return html`<div class="big4">
      ${answer("Settled", "settled", percent(p.items ? p.settled : null), `${count(settled)} of ${plural(p.items, "item")}`)}
      ${answer("Labels still wrong", "still-wrong", percent(rate.now), rate.now === null ? "known once people have looked" : `${range(rate.interval)} · was ${percent(rate.before)}`)}
      ${answer("Done", "eta", done ? "now" : when(p.eta?.at), p.eta ? `${when(p.eta.low)} – ${when(p.eta.high)}` : done ? (p.states.disputed ? `but for ${plural(p.states.disputed, "dispute")}` : "every item is settled") : "known once the pace is")}
      ${answer("Looks an item", "looks", p.looks_per_item === null ? UNKNOWN : p.looks_per_item.toFixed(2), `${plural(p.looks.counted, "look")}, ${plural(p.looks.flags, "flag")}${fixed ? `, ${plural(fixed, "fix", "fixes")}` : ""}`)}
    </div>`;
  }

  private renderDetails(p: Progress): TemplateResult {
    return html`<div class="two">
      <div class="card"><h2>By class</h2>${this.renderLabels(p.by_label)}</div>
      <div class="side">
        <div class="card"><h2>What is taken for what</h2>${this.renderConfusion(p)}</div>
        <div class="card" id="agreement"><h2>How far people agree</h2>${this.renderAgreement(p)}</div>
        <div class="card"><h2>Where the items stand</h2>${this.renderStates(p)}</div>
        ${p.audit || p.prior_trouble.length ? html`<div class="card" id="audit"><h2>What a random sample says</h2>${this.renderAudit(p)}</div>` : nothing}
      </div></div>
      <div class="card below" id="reviewers"><h2>Reviewers <span class="soft small">· finds: wrong labels that they flag · spares: right labels that they leave</span></h2>${this.renderReviewers(p.reviewers)}</div>
      <suspected-pairs .campaign=${this.campaign} .version=${p.version} ?lead=${this.member === "lead"}></suspected-pairs>`;
  }

  private renderLabels(labels: ByLabel[]): TemplateResult {
    if (!labels.length) return html`<p class="soft small">No class is under review yet.</p>`;
    const most = Math.max(0.001, ...labels.flatMap(({ before, now, interval }) => [before ?? 0, now ?? 0, interval?.[1] ?? 0]));
    const shown = this.allLabels ? labels : labels.slice(0, SHOWN);
    return html`<p class="narrow small soft">Settled, wrong labels now; ○ before, ● now, with the 95 % interval.</p><div class="wide"><table class="classes"><thead><tr><th>Class</th><th class="num items">Items</th><th>Settled</th><th>Wrong: ○ before, ● now, 95 %</th><th class="num"></th></tr></thead><tbody>
      ${shown.map((row) => html`<tr data-label=${row.label}><td>${named({ name: row.label, readable_name: row.readable_name, icon: row.icon }, row.label)}</td><td class="num items">${count(row.items)}</td>
        <td class="settled"><span class="both">${meter(row.settled, "settled")}<span class="num">${percent(row.settled)}</span></span></td>
        <td class="rate">${whisker(row, most)}</td><td class="num ${row.now === null ? "unknown small" : ""}">${percent(row.now)}</td></tr>`)}
      </tbody></table></div>
      ${labels.length > SHOWN && !this.allLabels ? html`<p><button class="plain" @click=${() => (this.allLabels = true)}>Show all ${labels.length} classes</button></p>` : nothing}`;
  }

  private renderConfusion(p: Progress): TemplateResult {
    if (!p.confusion.length) return html`<p class="soft small">No fix yet. Pairs of classes appear here as fixes are accepted.</p>`;
    const by = new Map(p.by_label.map((row) => [row.label, { name: row.label, readable_name: row.readable_name, icon: row.icon }]));
    return html`<table class="small"><tbody>${p.confusion.map(({ from, to, count: n }) => html`<tr><td><span class="pair">${named(by.get(to), to, 18)} <span class="soft">was labelled</span> ${named(by.get(from), from, 18)}</span></td><td class="num">${count(n)}</td></tr>`)}</tbody></table>`;
  }

  private renderStates(p: Progress): TemplateResult {
    const rows: [string, number | null][] = [["still open", p.states.open], ["clean", p.states.clean], ["fixed", p.states.fix], ["disputed", p.states.disputed], ["unclear", p.states.unclear]];
    return html`<table class="small"><tbody>${rows.map(([name, n]) => html`<tr><td>${name}</td><td class="num">${count(n)}</td></tr>`)}
      <tr><td>batches with room <span class="soft">of ${count(p.batches.all)}</span></td><td class="num">${count(p.batches.open)}</td></tr>
      ${p.second_opinions.given ? html`<tr><td>second opinions that agree <span class="soft">of ${count(p.second_opinions.given)}</span></td><td class="num">${count(p.second_opinions.agreed)}</td></tr>` : nothing}</tbody></table>`;
  }

  /** Krippendorff's alpha, the classes with the least first: there a guideline may be missing. */
  private renderAgreement({ agreement, by_label }: Progress): TemplateResult {
    const known = by_label.filter((row) => row.alpha !== null).sort((a, b) => (a.alpha ?? 0) - (b.alpha ?? 0));
    if (agreement.alpha === null) return html`<p class="soft small">Known once two people have looked at the same items and somebody flagged one.</p>`;
    const shown = this.allAlphas ? known : known.slice(0, LEAST_AGREED);
    return html`<p class="soft small">Krippendorff’s alpha: 1 where all say the same, 0 where it is as if by chance. The classes that people agree on least come first.</p>
      <table class="small"><thead><tr><th scope="col">Class</th><th scope="col" class="num">Alpha</th></tr></thead><tbody>
      <tr><th scope="row">All classes</th><td class="num">${agreement.alpha.toFixed(2)}</td></tr>
      ${shown.map((row) => html`<tr data-label=${row.label}><td>${named({ name: row.label, readable_name: row.readable_name, icon: row.icon }, row.label, 18)}</td><td class="num">${row.alpha?.toFixed(2)}</td></tr>`)}</tbody></table>
      ${by_label.length > known.length ? html`<p class="soft small">Not known yet for ${plural(by_label.length - known.length, "class", "classes")}.</p>` : nothing}
      ${known.length > shown.length ? html`<p><button class="plain" @click=${() => (this.allAlphas = true)}>Show all ${known.length}</button></p>` : nothing}`;
  }

  /** By people alone, whatever the ranking thinks. */
  private renderAudit({ audit, prior_trouble: trouble, by_label: labels }: Progress): TemplateResult {
    const name = (label: string | null) => labels.find((row) => row.label === label)?.readable_name ?? label ?? "All classes";
    const line = (says: string, rate: Estimate | null) => html`<tr><td>${says}</td><td class="num">${rate ? html`${percent(rate[0])} <span class="soft">${range([rate[1], rate[2]])}</span>` : UNKNOWN}</td></tr>`;
    return html`${audit ? html`<table class="small"><tbody>
        <tr><td>${audit.second_looks ? "looked at" : "looked at by two people"} <span class="soft">of ${count(audit.sample)} drawn</span></td><td class="num">${count(audit.done)}</td></tr>
        ${line("labels that were wrong", audit.before)} ${audit.left ? line("wrong labels that are left", audit.left) : nothing}
        ${audit.second_looks ? this.renderSecondLooks(audit.second_looks, line) : nothing}</tbody></table>
        ${audit.second_looks ? html`<p class="soft small">Of the ${plural(audit.second_looks.looked, "item")} looked at, by planted errors and by second looks. One person errs alike twice: what they always mistake, only somebody else would see.</p>` : nothing}` : nothing}
      ${trouble.slice(0, TROUBLES).map((one) => html`<p class="notice small">${troubleSaid(one, name(one.label))}</p>`)}
      ${trouble.length > TROUBLES ? html`<p class="small soft">and ${count(trouble.length - TROUBLES)} more</p>` : nothing}`;
  }

  private renderSecondLooks(said: SecondLooks, line: (says: string, rate: Estimate | null) => TemplateResult): TemplateResult {
    const again = (says: string, [n, of]: [number, number]) => html`<tr><td>${says} <span class="soft">of ${count(of)}</span></td><td class="num">${of ? count(n) : UNKNOWN}</td></tr>`;
    return html`${line("of them overlooked", said.missed)} ${line("of them mended though right", said.mistaken)}
      ${again("flagged again when asked again", said.repeated)} ${again("left again when asked again", said.left)}`;
  }

  private renderReviewers(reviewers: Reviewer[]): TemplateResult {
    if (!reviewers.length) return html`<p class="soft small">Nobody has handed in yet.</p>`;
    return html`<div class="wide"><table class="small"><thead><tr><th>Who</th><th class="num">Looks</th><th class="num">Flags</th><th class="num">Finds</th><th class="num">Spares</th><th class="num">Planted found</th></tr></thead><tbody>
      ${reviewers.map((r) => html`<tr><td>${r.username}${r.paused ? html` <span class="unsure small" title=${r.paused_why}>paused</span>` : nothing}</td><td class="num">${count(r.looks)}</td><td class="num">${count(r.flags)}</td><td class="num">${percent(r.sensitivity)}</td><td class="num">${percent(r.specificity)}</td><td class="num">${found(r)} <span class="soft">${range(r.honeypots.interval)}</span></td></tr>`)}</tbody></table></div>`;
  }

  private renderOwn(p: Progress): TemplateResult {
    const mine = p.reviewers[0];
    const fact = (name: string, big: string, under: string) => html`<div class="card"><span class="small soft">${name}</span><b class=${big === UNKNOWN ? "unknown" : ""}>${big}</b><span class="small soft">${under}</span></div>`;
    return html`<div class="big4">
      ${fact("Settled by all", percent(p.items ? p.settled : null), `${count(Math.round(p.settled * p.items))} of ${plural(p.items, "item")}`)}
      ${fact("Your looks", count(mine?.looks ?? 0), mine ? `${plural(mine.flags, "flag")}` : "Your first batch is waiting")}
      ${fact("You find", percent(mine?.sensitivity), mine?.sensitivity == null ? "known after some batches" : "of the wrong labels, as we reckon")}
      ${fact("Planted errors", mine ? found(mine) : UNKNOWN, "that you found, of those you met")}</div>`;
  }
}

function troubleSaid({ kind, items, expected, found, low, high }: Trouble, where: string): string {
  const share = `${percent(found)} (${range([low, high])})`;
  if (kind === "calm") return `${where}: of ${plural(items, "item")} that suspicion calls clean ${share} are wrong, ${percent(expected)} were promised. All of this class are looked at.`;
  if (kind === "blind") return `${where}: of ${plural(items, "suspect")} only ${share} are wrong, suspicion said ${percent(expected)}; so what it calls clean is not believed either. All of this class are looked at.`;
  if (kind === "unproven") return `${where}: the sample cannot prove what suspicion calls clean; up to ${percent(high)} may be wrong. Everything is looked at.`;
  return `${where}: of ${plural(items, "suspect")} ${share} are wrong, suspicion said ${percent(expected)}. It is corrected for that.`;
}

/** Planted errors found; of those that the dataset had itself, where there were any. */
const found = ({ honeypots: { seen, found: n, hard_seen, hard_found } }: Reviewer): string =>
  !seen ? UNKNOWN : hard_seen ? `${n} of ${seen}, real ones ${hard_found} of ${hard_seen}` : `${n} of ${seen}`;

/** Before ○ and after ● on one line, with the 95 % interval; `most` is the line's right end. */
function whisker({ before, now, interval }: Rate, most: number): TemplateResult {
  const x = (share: number) => `${4 + 92 * Math.min(1, share / most)}%`;
  const said = now === null ? "wrong labels: unknown" : `wrong labels: ${percent(before)} before, ${percent(now)} now, 95 % interval ${range(interval)}`;
  return html`<svg class="whisker" role="img" aria-label=${said}><line x1="0" x2="100%" y1="9" y2="9" stroke="var(--line)" />
    ${before === null ? nothing : svg`<circle cx=${x(before)} cy="9" r="4" fill="none" stroke="var(--soft)" stroke-width="1.5" />`}
    ${interval ? svg`<line x1=${x(interval[0])} x2=${x(interval[1])} y1="9" y2="9" stroke="var(--fix)" stroke-width="2" />` : nothing}
    ${now === null ? nothing : svg`<circle cx=${x(now)} cy="9" r="4" fill="var(--fix)" />`}</svg>`;
}
