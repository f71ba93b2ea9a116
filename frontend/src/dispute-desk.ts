/** <dispute-desk campaign dataset>: what the reviewers could not settle, as questions that one decision may answer: a
 * grid of its cases, the one in hand at the right. */
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { byLabel, goingOn, type Action, type Case, type Cluster, type Decision, type Desk, type Vote } from "./cases";
import { DeskApi, MORE_LOOKS, type Settled, type Standing } from "./desk-api";
import "./desk-case";
import "./desk-offer";
import type { DeskOffer } from "./desk-offer";
import type { Open } from "./desk-case";
import { asks } from "./desk-clusters";
import { deskStyles } from "./desk-styles";
import { Doing } from "./doing";
import { commandOf, DESK_KEYS, explained, pressing, writing, type DeskCommand } from "./keys";
import { watch } from "./live";
import { plural } from "./numbers";
import { OfDataset } from "./of-dataset";
import "./rule-dialog";
import type { RuleDialog } from "./rule-dialog";
import { step, type Way } from "./selection";
import { icon, named, shared } from "./shared";

const GLIMPSE = 8000;
const STAY = 20_000;
/** Where the case in hand stands above the tiles. */
const NARROW = matchMedia("(max-width: 700px)");
const NAMELESS = "mlfix-desk-nameless";
const DONE: Record<Action, string> = { clean: "Left as it is", relabel: "Relabelled", remove: "Removed", redraw: "Box redrawn", unclear: "Marked as unclear" };
/** What one act settled; `rule`: a case of it that a rule may be made of. */
interface Act {
  cases: Standing[];
  rule: Case | null;
}

/** Look-alikes for the decision that was just taken. */
interface Offer {
  cases: Case[];
  decision: Decision;
  what: string;
}

@customElement("dispute-desk")
export class DisputeDesk extends OfDataset {
  static override styles = [shared, deskStyles];

  @property({ type: Number }) campaign = 0;
  @state() private desk: Desk | null = null;
  @state() private cluster: Cluster | null = null;
  @state() private cases: Case[] = [];
  @state() private inHand: number | null = null;
  @state() private taken: ReadonlySet<number> = new Set();
  @state() private open: Open = null;
  @state() private offer: Offer | null = null;
  @state() private toast = "";
  /** Why the desk could not be fetched. */
  @state() private lost = "";
  @state() private nameless = localStorage.getItem(NAMELESS) === "yes";
  @query("#dialog-keys") private help!: HTMLDialogElement;
  @query("#dialog-accept") private accepting!: HTMLDialogElement;
  @query("desk-offer") private offered!: DeskOffer | null;
  @query("rule-dialog") private ruling!: RuleDialog;
  private doing = new Doing(this);
  /** What was settled here, last one last: Z takes it back. */
  private acts: Act[] = [];
  private stops: (() => void)[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** How often a question was chosen. */
  private turns = 0;
  /** What was taken back is to be shown once it is here. */
  private broughtBack = false;
  private fetching = false;
  private again = false;

  override connectedCallback(): void {
    super.connectedCallback();
    const stay = setInterval(() => document.visibilityState === "visible" && this.stand(), STAY);
    this.stops = [watch(`/ws/campaigns/${this.campaign}/desk/`, () => void this.look()), () => clearInterval(stay)];
    addEventListener("keydown", this.key);
    addEventListener("pagehide", this.leaveDesk);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops) stop();
    removeEventListener("keydown", this.key);
    removeEventListener("pagehide", this.leaveDesk);
  }

  private get api(): DeskApi {
    if (this.client?.campaign !== this.campaign) this.client = new DeskApi(this.campaign);
    return this.client;
  }
  private client: DeskApi | undefined;
  private get current(): Case | undefined {
    return this.cases.find(({ id }) => id === this.inHand) ?? this.cases[0];
  }
  /** The clusters as they stand in the list. */
  private get clusters(): Cluster[] {
    return this.desk ? inOrder(this.desk) : [];
  }
  private readable(name: string): string {
    return this.labels.get(name)?.readable_name ?? name;
  }
  /** The cases that a decision is about: those taken, else the one in hand. */
  private get meant(): Case[] {
    const taken = this.cases.filter(({ id }) => this.taken.has(id));
    return taken.length ? taken : this.cases.filter((one) => one === this.current);
  }

  /** The case whose suggestions are offered: the one in hand, unless others are taken and it is not. */
  private get example(): Case | undefined {
    return this.meant.find((one) => one === this.current) ?? this.meant[0];
  }

  protected override async look(): Promise<void> {
    if (this.fetching || this.doing.busy) return void (this.again = true);
    this.fetching = true;
    try {
      const turn = this.turns;
      const desk = await this.api.desk();
      await this.show(goingOn(desk.clusters, this.inHand ?? this.current?.id ?? null, this.cluster?.cases ?? []) ?? inOrder(desk)[0] ?? null, desk, turn);
      this.lost = "";
    } catch (error) {
      this.lost = (error as Error).message;
    } finally {
      this.fetching = false;
      this.catchUp();
    }
  }

  /** A change that was announced while one fetched or decided is fetched a little later. */
  private catchUp(): void {
    if (!this.again) return;
    this.again = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), 1000);
  }

  /** Fetch a cluster's cases and lay them out; what was taken stays taken as far as it is there. */
  private async show(cluster: Cluster | null, desk = this.desk, turn = this.turns): Promise<void> {
    const at = this.current;
    const moved = !cluster || !this.cluster || !cluster.cases.some((id) => this.cluster!.cases.includes(id));
    const cases = cluster ? await this.api.cases(cluster.cases) : [];
    if (turn !== this.turns) return void (this.again = true); // Another one was chosen meanwhile.
    this.desk = desk;
    this.cluster = cluster;
    // Tiles stay where they lie; what is new comes after them.
    const before = new Map(this.cases.map(({ id }, k) => [id, k]));
    const place = ({ id }: Case): number => before.get(id) ?? before.size;
    this.cases = [...cases].sort((a, b) => place(a) - place(b));
    this.taken = new Set(cases.map(({ id }) => id).filter((id) => this.taken.has(id)));
    const there = (id: number | null | undefined) => cases.some((one) => one.id === id);
    if (!there(this.inHand)) this.inHand = at && there(at.id) ? at.id : null;
    if (moved) this.stand();
    if (moved || this.broughtBack) this.reveal();
    this.broughtBack = false;
  }

  private stand(): void {
    this.api.stand(this.cluster?.cases ?? []);
  }

  private leaveDesk = (): void => this.api.stand([], true);

  private async choose(cluster: Cluster | undefined): Promise<void> {
    if (!cluster) return;
    this.taken = new Set();
    this.open = null;
    this.doing.say("");
    // At once, so that a look that is under way goes on with what was chosen.
    this.turns++;
    this.inHand = cluster.cases[0] ?? null;
    try {
      await this.show(cluster);
      this.lost = "";
      const first = this.cases[0];
      if (first) this.go(first.id);
    } catch (error) {
      this.lost = (error as Error).message;
    }
  }

  private go(id: number): void {
    this.inHand = id;
    this.open = null;
    this.reveal();
  }

  /** Bring the case in hand into view: its tile, and its question with the first; on a phone what is told of it. */
  private reveal(): void {
    void this.updateComplete.then(() => {
      const { current } = this;
      const title = this.renderRoot.querySelector(".title");
      if (NARROW.matches) return title?.scrollIntoView();
      if (current === this.cases[0]) title?.scrollIntoView({ block: "nearest" });
      this.renderRoot.querySelector(`.case[data-case="${current?.id}"]`)?.scrollIntoView({ block: "nearest" });
    });
  }

  private take(ids: readonly number[], on?: boolean): void {
    const taken = new Set(this.taken);
    for (const id of ids) (on ?? !taken.has(id)) ? taken.add(id) : taken.delete(id);
    this.taken = taken;
  }

  private takeAll(): void {
    const ids = this.cases.map(({ id }) => id);
    this.take(ids, !ids.every((id) => this.taken.has(id)));
  }

  private async decide(decision: Decision): Promise<void> {
    const meant = decision.action === "redraw" ? this.cases.filter((one) => one === this.current) : this.meant;
    if (!meant.length) return;
    const what = decision.label ? `Made ${this.readable(decision.label)}` : DONE[decision.action];
    const rules = decision.action !== "redraw" && decision.action !== "unclear";
    const example = this.example ?? null;
    await this.act(async () => {
      const done = decision.action === "redraw" ? await this.api.redraw(meant[0]!.id, decision) : await this.api.settle(decision, meant.map(({ id }) => id));
      this.remember(done, rules ? example : null);
      this.leave([...done.settled, ...done.overtaken].map(({ verdict }) => verdict));
      const settled = done.settled.length;
      const late = done.overtaken[0] ? ` ${done.overtaken[0].detail}` : "";
      this.offer = null;
      if (settled && rules) void this.lookAlikes(done.settled.map(({ verdict }) => verdict), decision);
      this.tell(settled ? `${settled > 1 ? `${plural(settled, "case")}: ` : ""}${what}.${late}` : late.trim());
    }, "Not settled");
  }

  /** Offer what is like the settled cases and open still for the same decision. */
  private async lookAlikes(settled: number[], decision: Decision): Promise<void> {
    const words: Partial<Record<Action, string>> = { clean: "Leave them as they are too", remove: "Remove them too" };
    const what = words[decision.action] ?? `Make them ${this.readable(decision.label ?? "")} too`;
    // An offer that cannot be made is none.
    const found = await this.api.lookAlikes(settled, decision.label).catch(() => []);
    const cases = found.filter(({ id }) => !this.cases.some((one) => one.id === id));
    this.offer = cases.length ? { cases, decision, what } : null;
  }

  private async takeOffer(verdicts: number[]): Promise<void> {
    const { offer } = this;
    if (!offer || !verdicts.length) return;
    await this.act(async () => {
      const done = await this.api.settle(offer.decision, verdicts);
      this.offer = null;
      this.remember(done, null);
      this.tell(`${plural(done.settled.length, "look-alike")} settled alike.`);
    }, "Not settled");
  }

  /** `rule`: the case of it that a rule may be made of. */
  private remember({ settled }: Settled, rule: Case | null): void {
    if (settled.length) this.acts.push({ cases: settled.map(({ verdict, id }) => ({ verdict, if_resolution: id })), rule: settled.some(({ verdict }) => verdict === rule?.id) ? rule : null });
  }

  /** What moved meanwhile is looked at as soon as the act is done. */
  private async act(what: () => Promise<void>, not: string): Promise<void> {
    if (this.doing.busy) return;
    await this.doing.act(what, not);
    this.catchUpNow();
  }

  private catchUpNow(): void {
    this.again = false;
    void this.look();
  }

  /** Take settled cases off the desk and go on: with the next case here, else with the next question. */
  private leave(ids: readonly number[]): void {
    const gone = new Set(ids);
    const { clusters } = this;
    const here = this.cases.findIndex(({ id }) => id === this.current?.id);
    const next = [...this.cases.slice(here), ...this.cases.slice(0, here).reverse()].find(({ id }) => !gone.has(id));
    const following = this.cluster ? (clusters[clusters.indexOf(this.cluster) + 1] ?? clusters[0]) : undefined;
    this.cases = this.cases.filter(({ id }) => !gone.has(id));
    this.taken = new Set([...this.taken].filter((id) => !gone.has(id)));
    this.open = null;
    if (next) return this.go(next.id);
    this.inHand = null;
    if (following && following !== this.cluster) this.inHand = following.cases[0] ?? null;
    this.cluster = null;
  }

  private async takeBack(): Promise<void> {
    const last = this.acts.at(-1);
    if (!last) return this.tell("There is nothing to take back.");
    await this.act(async () => {
      const { settled } = await this.api.reopen(last.cases);
      this.acts.pop();
      this.inHand = last.cases[0]?.verdict ?? null;
      this.broughtBack = true;
      this.tell(settled.length ? `${plural(settled.length, "decision")} taken back.` : "Somebody else has decided this since.");
    }, "Not taken back");
  }

  private async askAgain(): Promise<void> {
    const verdicts = this.meant.map(({ id }) => id);
    await this.act(async () => {
      await this.api.askAgain(verdicts);
      this.leave(verdicts);
      this.tell(`${plural(verdicts.length, "case")} will be looked at by ${MORE_LOOKS} more people.`);
    }, "Not asked");
  }

  /** Settle unseen what the consensus has an answer to. */
  private async accept(): Promise<void> {
    this.accepting.close();
    await this.act(async () => {
      let settled = 0;
      await this.api.accept(this.clusters.flatMap(({ cases }) => cases), (part) => {
        settled += part.settled.length;
        this.remember(part, null);
      });
      this.taken = new Set();
      this.tell(`The consensus was accepted on ${plural(settled, "case")}.`);
    }, "Not accepted");
  }

  private rule(): void {
    const example = this.acts.at(-1)?.rule;
    if (example) void this.ruling.open(example);
    else this.tell("Decide what is right or wrong first, then make it the rule.");
  }

  private tell(text: string): void {
    this.toast = text;
    clearTimeout(this.timerToast);
    this.timerToast = setTimeout(() => (this.toast = ""), GLIMPSE);
  }
  private timerToast: ReturnType<typeof setTimeout> | undefined;

  private key = (event: KeyboardEvent): void => {
    if (writing(event) || pressing(event) || this.help?.open || this.accepting?.open || this.ruling?.showing) return;
    const command = commandOf(DESK_KEYS, event);
    if (!command || (event.repeat && !/left|right|up|down/.test(command))) return;
    event.preventDefault();
    this.run(command);
  };

  private run(command: DeskCommand): void {
    const held = this.current;
    if (command === "left" || command === "right" || command === "up" || command === "down") return this.move(command);
    const toggle = (open: Open) => {
      this.open = this.open === open ? null : open;
      this.reveal();
    };
    const at = this.cluster ? this.clusters.indexOf(this.cluster) : -1;
    const commands: Record<Exclude<DeskCommand, Way>, () => unknown> = {
      all: () => this.takeAll(),
      select: () => held && this.take([held.id]),
      next: () => this.choose(this.clusters[at + 1] ?? this.clusters[0]),
      previous: () => this.choose(this.clusters.at(at - 1)),
      suggested: () => this.doSuggested(),
      clean: () => this.decide({ action: "clean" }),
      label: () => (this.open = "picking"),
      remove: () => this.decide({ action: "remove" }),
      redraw: () => toggle("drawing"),
      unclear: () => this.decide({ action: "unclear" }),
      again: () => this.askAgain(),
      rule: () => this.rule(),
      names: () => this.hideNames(),
      undo: () => this.takeBack(),
      photo: () => toggle("photo"),
      offer: () => this.offered && this.takeOffer(this.offered.taken),
      help: () => this.help.showModal(),
      close: () => (this.open ? (this.open = null) : this.taken.size ? (this.taken = new Set()) : (this.offer = null)),
    };
    commands[command]();
  }

  /** What is suggested of the case in hand; of the first that is taken, where that one is not. */
  private doSuggested(): void {
    const { proposal = null } = this.example ?? {};
    if (!proposal) return;
    if (proposal.action === "redraw") this.open = "drawing";
    else void this.decide({ action: proposal.action, ...(proposal.label ? { label: proposal.label } : {}) });
  }

  private hideNames(): void {
    this.nameless = !this.nameless;
    localStorage.setItem(NAMELESS, this.nameless ? "yes" : "no");
  }

  private move(way: Way): void {
    const { current } = this;
    if (!current) return;
    const spots = this.cases.map(({ id }) => {
      const box = this.renderRoot.querySelector(`.case[data-case="${id}"]`)?.getBoundingClientRect();
      return { position: id, x: box?.left ?? 0, y: box?.top ?? 0 };
    });
    this.go(step(spots, current.id, way));
  }

  override render(): TemplateResult {
    const { desk } = this;
    if (!desk) return html`<p class="empty">${this.lost || "Fetching the disputes…"}</p>`;
    return html`${desk.cases ? this.renderDesk(desk) : this.renderEmpty()}
      ${this.toast ? html`<div class="toast" id="toast" role="status"><span>${this.toast}</span>${this.acts.length ? html`<button id="take-back" @click=${this.takeBack}>Take back <kbd>Z</kbd></button>${this.acts.at(-1)?.rule ? html`<button id="make-rule" @click=${this.rule}>Make it the rule <kbd>R</kbd></button>` : nothing}` : nothing}</div>` : nothing}
      <rule-dialog .labels=${this.labels} @ruled=${() => this.tell("It is the rule now; reviewers are shown it once.")}></rule-dialog>
      <dialog id="dialog-accept"><h1>Accept the consensus?</h1><p>${plural(desk.acceptable.cases, "case")} would be settled as the votes have it, without a look. About ${desk.acceptable.errors.toFixed(1)} of them would be wrong. It counts as no evidence, so that they stay in what the board says is still wrong. What the votes name no answer to stays here.</p><form method="dialog" class="row"><span class="grow"></span><button>Cancel</button><button type="button" class="primary" id="accept-all" @click=${this.accept}>Accept them</button></form></dialog>
      <dialog id="dialog-keys"><h1>Keys</h1><dl class="keys small">${explained(DESK_KEYS).map(({ shown, help }) => html`<dt><kbd>${shown}</kbd></dt><dd>${help}</dd>`)}</dl><form method="dialog" class="row"><span class="grow"></span><button>Close</button></form></dialog>`;
  }

  private renderEmpty(): TemplateResult {
    return html`<div class="empty" id="nothing"><h1>Nothing to settle</h1><p>Cases come here when reviewers disagree, or when an item is flagged and neither a person nor the ranking says what it is. They appear by themselves.</p>
      ${this.doing.trouble || this.lost ? html`<p class="error">${this.doing.trouble || this.lost}</p>` : nothing}
      <p class="row"><a class="button" href="/campaigns/${this.campaign}/">Back to the campaign</a></p></div>`;
  }

  private renderDesk(desk: Desk): TemplateResult {
    const { current } = this;
    return html`<div class="desk">
      <nav aria-label="Questions"><desk-clusters .desk=${desk} .labels=${this.labels} .current=${this.cluster} ?busy=${this.doing.busy} @choose=${(event: CustomEvent<Cluster>) => this.choose(event.detail)} @accept-rest=${() => this.accepting.showModal()}></desk-clusters></nav>
      <main>${this.cluster ? this.renderTitle(this.cluster) : nothing}
        ${this.offer ? html`<desk-offer .cases=${this.offer.cases} .what=${this.offer.what} ?busy=${this.doing.busy} @take=${(event: CustomEvent<number[]>) => this.takeOffer(event.detail)} @leave=${() => (this.offer = null)}></desk-offer>` : nothing}
        <div class="cases" role="group" aria-label="Cases">${repeat(this.cases, ({ id }) => id, (one) => this.renderCase(one, one.id === current?.id))}</div></main>
      ${current ? html`<aside aria-label="The case in hand" data-case=${current.id}><desk-case .one=${current} .of=${this.of} .example=${this.example} .labels=${this.labels} .open=${this.open} .taken=${this.meant.length} ?busy=${this.doing.busy} ?nameless=${this.nameless} .beside=${this.besides(current.id)} .trouble=${this.doing.trouble || this.lost}
        @decide=${(event: CustomEvent<Decision>) => { this.open = null; void this.decide(event.detail); }} @command=${(event: CustomEvent<DeskCommand>) => this.run(event.detail)}></desk-case></aside>` : nothing}</div>`;
  }

  private besides(id: number): string {
    return (this.desk?.others ?? []).filter(({ verdicts }) => verdicts.includes(id)).map(({ username }) => username).join(", ");
  }

  private renderTitle(cluster: Cluster): TemplateResult {
    const every = this.cases.length > 0 && this.cases.every(({ id }) => this.taken.has(id));
    return html`<div class="title">${icon(this.labels.get(cluster.label), 34)}<div class="grow"><h1>Labelled ${this.readable(cluster.label)}: ${cluster.to ? html`is it ${this.readable(cluster.to)}?` : cluster.action === "clean" ? "is it one?" : html`${asks(cluster, this.labels)}?`}</h1>
      <div class="soft small">Look-alikes side by side · <span class="dots"><i class="f"></i></span> flagged <span class="dots"><i></i></span> left as is<span id="keys"> · <button class="plain" id="help" @click=${() => this.help.showModal()}><kbd>?</kbd> all keys</button></span></div></div>
      ${this.cases.length > 1 ? html`<button id="take-all" aria-pressed=${every} @click=${this.takeAll}>${every ? "Take none" : `Take all ${this.cases.length}`} <kbd>A</kbd></button>` : nothing}</div>`;
  }

  private renderCase(one: Case, on: boolean): TemplateResult {
    const to = one.proposal?.label;
    const words = to ? this.readable(to) : one.proposal?.action === "remove" ? "not an object" : one.proposal?.action === "redraw" ? "bad box" : "something else";
    const taken = this.taken.has(one.id);
    return html`<div class="case ${on ? "on" : ""} ${taken ? "taken" : ""}" data-case=${one.id}><button class="look" aria-current=${on} tabindex=${on ? 0 : -1} @click=${(event: MouseEvent) => (event.shiftKey || event.ctrlKey || event.metaKey ? this.take([one.id]) : this.go(one.id))}
      aria-label="labelled ${this.readable(one.item.label)}, ${one.flags} of ${one.looks} flagged it, perhaps ${words}${one.mine ? ", you flagged it" : ""}${taken ? ", taken" : ""}">
      <img src="${one.item.crop}?size=320" alt="" loading="lazy" />
      <span class="under small">${dots(one.votes)}${to && to !== this.cluster?.to ? html`<span class="soft">→</span>${named(this.labels.get(to), to, 22)}` : nothing}${one.mine ? html`<span class="mine" title="You flagged this yourself"></span>` : nothing}</span></button>
      ${this.cases.length > 1 ? html`<button class="tick" aria-pressed=${taken} aria-label=${taken ? "Leave it out" : "Take it"} tabindex="-1" @click=${() => this.take([one.id])}>${taken ? "✓" : ""}</button>` : nothing}</div>`;
  }
}

const inOrder = ({ clusters }: Desk): Cluster[] => byLabel(clusters).flatMap(([, some]) => some);

function dots(votes: readonly Vote[]): TemplateResult {
  return html`<span class="dots">${[...votes].sort((a, b) => Number(!a.reason) - Number(!b.reason)).map((vote) => html`<i class=${vote.reason ? "f" : ""}></i>`)}</span>`;
}
