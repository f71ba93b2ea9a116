/** <dispute-desk campaign dataset>: a grid of cases, the one in hand at the right, one key for each decision. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { all, ApiError, call, labelsOf, type Label } from "./api";
import "./box-drawer";
import type { Box } from "./box-drawer";
import { byLabel, proposal, sayers, type Action, type Case, type Decision, type Vote } from "./cases";
import { deskStyles } from "./desk-styles";
import { commandOf, DESK_KEYS, explained, pressing, writing, type DeskCommand } from "./keys";
import "./label-picker";
import type { LabelPicker } from "./label-picker";
import { watch } from "./live";
import { percent } from "./numbers";
import { step, type Way } from "./selection";
import { icon, named, shared } from "./shared";

const SHOWN = 300;
const GLIMPSE = 8000;
const DONE: Record<Action, string> = { clean: "Left as it is", relabel: "Relabelled", remove: "Removed", redraw: "Box redrawn", unclear: "Marked as unclear" };
interface Settled {
  case: Case;
  resolution: number;
}

@customElement("dispute-desk")
export class DisputeDesk extends LitElement {
  static override styles = [shared, deskStyles];

  @property({ type: Number }) campaign = 0;
  @property({ type: Number, attribute: "dataset" }) of = 0;
  @state() private labels = new Map<string, Label>();
  @state() private cases: Case[] | null = null;
  @state() private more = false;
  @state() private inHand: number | null = null;
  @state() private only: string | null = null;
  @state() private photo = false;
  @state() private drawing = false;
  @state() private picking = false;
  @state() private busy = false;
  @state() private toast = "";
  @state() private trouble = "";
  @query("label-picker") private picker!: LabelPicker | null;
  @query("dialog") private help!: HTMLDialogElement;
  /** What was settled here, last one last: Z takes it back in hand. */
  private settled: Settled[] = [];
  /** The decision that stands on a case taken back in hand. */
  private standing = new Map<number, number>();
  private stop = (): void => {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private fetching = false;
  private again = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void labelsOf(this.of).then((labels) => (this.labels = labels), () => undefined);
    void this.look();
    this.stop = watch(`/ws/campaigns/${this.campaign}/`, () => void this.look());
    addEventListener("keydown", this.key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
    removeEventListener("keydown", this.key);
  }

  private get shown(): Case[] {
    return (this.cases ?? []).filter(({ item }) => this.only === null || item.label === this.only).slice(0, SHOWN);
  }
  private get current(): Case | undefined {
    return this.shown.find(({ id }) => id === this.inHand) ?? this.shown[0];
  }
  private readable(name: string): string {
    return this.labels.get(name)?.readable_name ?? name;
  }

  private async look(): Promise<void> {
    if (this.fetching || this.busy) return void (this.again = true);
    this.fetching = true;
    try {
      const { results, more } = await all<Case>(`/api/campaigns/${this.campaign}/disputes/`, 1000);
      this.take(results, more);
    } catch (error) {
      this.trouble = (error as Error).message;
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

  /** New cases come in, settled ones go; the one in hand stays in hand while it is there or taken back. */
  private take(found: Case[], more: boolean): void {
    const back = (this.cases ?? []).filter((held) => this.standing.has(held.id) && !found.some(({ id }) => id === held.id));
    const at = this.current;
    this.cases = [...back, ...found];
    this.more = more;
    this.trouble = "";
    if (at && this.cases.some(({ id }) => id === at.id)) this.inHand = at.id;
    if (this.only !== null && !this.cases.some(({ item }) => item.label === this.only)) this.only = null;
  }

  private go(id: number): void {
    this.inHand = id;
    this.photo = this.drawing = this.picking = false;
    void this.updateComplete.then(() => {
      const element = this.renderRoot.querySelector<HTMLElement>(`.case[data-case="${id}"]`);
      element?.focus({ preventScroll: true });
      element?.scrollIntoView({ block: "nearest" });
    });
  }

  private async decide(decision: Decision): Promise<void> {
    const held = this.current;
    if (!held || this.busy) return;
    this.busy = true;
    try {
      const seen = this.standing.get(held.id) ?? null;
      const done = await call<{ id: number }>("POST", `/api/verdicts/${held.id}/resolution/`, { ...decision, if_resolution: seen });
      this.settled.push({ case: held, resolution: done.id });
      this.leave(held);
      const what = decision.label ? `Made ${this.readable(decision.label)}` : DONE[decision.action];
      this.tell(what);
    } catch (error) {
      this.refused(held, error as Error);
    } finally {
      this.busy = false;
      this.catchUp();
    }
  }

  private refused(held: Case, error: Error): void {
    if (error instanceof ApiError && error.status === 409) {
      this.leave(held);
      this.tell(error.message);
    } else this.trouble = error instanceof ApiError && error.passing ? "Not settled: the server does not answer. Try again in a moment." : `Not settled: ${error.message}`;
  }

  private leave(held: Case): void {
    const at = this.shown.findIndex(({ id }) => id === held.id);
    const next = this.shown[at + 1] ?? this.shown[at - 1];
    this.standing.delete(held.id);
    this.cases = (this.cases ?? []).filter(({ id }) => id !== held.id);
    this.trouble = "";
    this.photo = this.drawing = this.picking = false;
    if (next) this.go(next.id);
    else this.only = null;
  }

  /** Take the last settled case back in hand; deciding anew replaces what was decided. */
  private takeBack(): void {
    const last = this.settled.pop();
    if (!last) return this.tell("There is nothing to take back.");
    this.standing.set(last.case.id, last.resolution);
    this.cases = [last.case, ...(this.cases ?? []).filter(({ id }) => id !== last.case.id)];
    this.only = null;
    this.go(last.case.id);
    this.tell("Back in hand. What you decide now replaces what you decided before.");
  }

  private tell(text: string): void {
    this.toast = text;
    clearTimeout(this.timerToast);
    this.timerToast = setTimeout(() => (this.toast = ""), GLIMPSE);
  }
  private timerToast: ReturnType<typeof setTimeout> | undefined;

  private key = (event: KeyboardEvent): void => {
    if (writing(event) || pressing(event) || this.help?.open) return;
    const command = commandOf(DESK_KEYS, event);
    if (!command || (event.repeat && !/left|right|up|down/.test(command))) return;
    event.preventDefault();
    this.run(command);
  };

  private run(command: DeskCommand): void {
    const held = this.current;
    if (command === "left" || command === "right" || command === "up" || command === "down") return this.move(command);
    const suggested = held && proposal(held);
    const commands: Record<Exclude<DeskCommand, Way>, () => unknown> = {
      suggested: () => suggested && (suggested.action === "redraw" ? this.draw() : this.decide(suggested)),
      clean: () => this.decide({ action: "clean" }),
      label: () => this.pick(),
      remove: () => this.decide({ action: "remove" }),
      redraw: () => this.draw(),
      unclear: () => this.decide({ action: "unclear" }),
      undo: () => this.takeBack(),
      photo: () => ((this.photo = !this.photo), (this.drawing = false)),
      help: () => this.help.showModal(),
      close: () => (this.drawing = this.picking = this.photo = false),
    };
    commands[command]();
  }

  private move(way: Way): void {
    const { current } = this;
    if (!current) return;
    const spots = this.shown.map(({ id }) => {
      const box = this.renderRoot.querySelector(`.case[data-case="${id}"]`)?.getBoundingClientRect();
      return { position: id, x: box?.left ?? 0, y: box?.top ?? 0 };
    });
    this.go(step(spots, current.id, way));
  }

  private pick(): void {
    this.picking = true;
    void this.updateComplete.then(() => this.picker?.updateComplete).then(() => this.picker?.focus());
  }

  private draw(): void {
    this.drawing = !this.drawing;
    this.photo = false;
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("inHand")) this.renderRoot.querySelector("aside")?.scrollTo({ top: 0 });
  }

  override render(): TemplateResult {
    if (!this.cases) return html`<p class="empty">${this.trouble || "Fetching the disputes…"}</p>`;
    return html`${this.cases.length ? this.renderDesk() : this.renderEmpty()}
      ${this.toast ? html`<div class="toast" id="toast" role="status"><span>${this.toast}</span>${this.settled.length ? html`<button id="take-back" @click=${this.takeBack}>Take back Z</button>` : nothing}</div>` : nothing}
      <dialog id="dialog-keys"><h1>Keys</h1><dl class="keys small">${explained(DESK_KEYS).map(({ shown, help }) => html`<dt><kbd>${shown}</kbd></dt><dd>${help}</dd>`)}</dl><form method="dialog" class="row"><span class="grow"></span><button>Close</button></form></dialog>`;
  }

  private renderEmpty(): TemplateResult {
    return html`<div class="empty" id="nothing"><h1>Nothing to settle</h1><p>Cases come here when reviewers disagree, or when somebody flags an item and names no label. They appear by themselves.</p>
      ${this.trouble ? html`<p class="error">${this.trouble}</p>` : nothing}
      <p class="row"><a class="button" href="/campaigns/${this.campaign}/">Back to the campaign</a></p></div>`;
  }

  private renderDesk(): TemplateResult {
    const cases = this.cases ?? [];
    const { current } = this;
    return html`<div class="desk">
      <nav aria-label="Classes"><h2 id="to-settle">${this.more ? "More than " : ""}${cases.length} to settle</h2>
        <button aria-current=${this.only === null} data-label="" @click=${() => (this.only = null)}><span>All</span><span class="n">${cases.length}</span></button>
        ${byLabel(cases).map(([name, n]) => html`<button aria-current=${this.only === name} data-label=${name} @click=${() => { this.only = name; this.inHand = null; }}>${named(this.labels.get(name), name, 22)}<span class="n">${n}</span></button>`)}</nav>
      <main>${this.renderTitle()}
        <div class="cases">${repeat(this.shown, ({ id }) => id, (one) => this.renderCase(one, one.id === current?.id))}</div></main>
      ${current ? this.renderAside(current) : nothing}</div>`;
  }

  private renderTitle(): TemplateResult {
    const label = this.only === null ? undefined : this.labels.get(this.only);
    return html`<div class="title">${icon(label, 34)}<div><h1>${this.only === null ? "What the reviewers could not settle" : `Labelled ${this.readable(this.only)}, in doubt`}</h1>
      <div class="soft small">Most probably wrong first · <span class="dots"><i class="f"></i></span> flagged <span class="dots"><i></i></span> left as is · new ones appear as reviewers hand in · <button class="plain" id="help" @click=${() => this.help.showModal()}><kbd>?</kbd> all keys</button></div></div></div>`;
  }

  private renderCase(one: Case, on: boolean): TemplateResult {
    const proposed = proposal(one);
    const to = proposed?.label;
    const words = to ? this.readable(to) : proposed?.action === "remove" ? "not an object" : proposed?.action === "redraw" ? "bad box" : "something else";
    return html`<button class="case ${on ? "on" : ""}" data-case=${one.id} aria-pressed=${on} tabindex=${on ? 0 : -1} @click=${() => this.go(one.id)}
      aria-label="labelled ${this.readable(one.item.label)}, ${one.flags} of ${one.looks} flagged it, perhaps ${words}${one.mine ? ", you flagged it" : ""}">
      <img src="${one.item.crop}?size=320" alt="" loading="lazy" />
      <span class="under small">${dots(one.votes)}<span class="soft">${this.only === null ? this.readable(one.item.label) : nothing} →</span>${to ? named(this.labels.get(to), to, 22) : words}${one.mine ? html`<span class="mine" title="You flagged this yourself"></span>` : nothing}</span></button>`;
  }

  private renderAside(one: Case): TemplateResult {
    const proposed = proposal(one);
    return html`<aside aria-label="The case in hand" data-case=${one.id}>
      <div class="big">${this.renderPicture(one)}</div>
      ${one.mine ? html`<p class="mine small" id="mine">You flagged this yourself: look twice.</p>` : nothing}
      <div class="pair"><div><div class="small soft">It is labelled</div>${this.renderLabel(one.item.label)}</div>
        <div>${proposed?.label ? html`<div class="small soft">${sayers(one.votes, proposed.label)} · wrong: ${percent(one.probability)}</div>${this.renderLabel(proposed.label)}`
          : html`<div class="small soft">Wrong: ${percent(one.probability)}</div><b>${proposed?.action === "remove" ? "Not an object" : proposed?.action === "redraw" ? "The box is bad" : "No label was named"}</b>`}</div></div>
      ${this.renderVotes(one)}
      ${this.trouble ? html`<p class="notice bad small" role="alert">${this.trouble}</p>` : nothing}
      ${this.renderActs(one)}
      <p class="small soft">${one.item.key}${Object.entries(one.item.attributes).map(([name, value]) => html` · ${name} ${value}`)}</p></aside>`;
  }

  private renderPicture(one: Case): TemplateResult {
    if (this.drawing) return html`<box-drawer id="box-drawer" .src=${one.item.context} .image=${one.image} @box=${(event: CustomEvent<Box>) => this.decide({ action: "redraw", box: event.detail })}></box-drawer><p class="small soft">Drag the right box on the photo. <kbd>Esc</kbd> leaves it.</p>`;
    const turn = html`<button class="turn" id="photo" @click=${() => (this.photo = !this.photo)}>${this.photo ? "Crop" : "Whole photo"} <kbd>F</kbd></button>`;
    return this.photo ? html`<img class="whole" src=${one.item.context} alt="The whole photo, with a box around the item" />${turn}` : html`<img class="crop" src="${one.item.crop}?size=320" alt="The item" />${turn}`;
  }

  private renderLabel(name: string): TemplateResult {
    const label = this.labels.get(name);
    return html`<b>${named(label, name, 24)}</b><div class="ex">${(label?.exemplars ?? []).slice(0, 3).map((url) => html`<img src=${url} alt="a typical ${this.readable(name)}" />`)}</div>`;
  }

  private renderVotes(one: Case): TemplateResult {
    if (!one.votes.length) return html`<p class="small soft">Nobody has looked at it yet; the ranking holds its label for wrong.</p>`;
    return html`<table class="votes small"><tbody>${one.votes.map((vote) => html`<tr><td class="who" title=${vote.reviewer}>${vote.reviewer}</td><td class="said ${vote.reason ? "f" : ""}">${said(vote)}</td>
      <td>${vote.label ? named(this.labels.get(vote.label), vote.label, 18) : nothing} ${vote.comment ? html`<div class="soft">“${vote.comment}”</div>` : nothing}</td><td class="num soft">${quality(vote)}</td></tr>`)}</tbody></table>`;
  }

  private renderActs(one: Case): TemplateResult {
    const proposed = proposal(one);
    // Where the votes rather clear it, the first thing to do is to leave it.
    const likely = (one.probability ?? 1) >= 0.5;
    const others = one.candidates.filter(({ label }) => label !== proposed?.label && label !== one.item.label && (worth(one, label) || !proposed)).slice(0, 3);
    const act = (id: string, word: string | TemplateResult, key: string, on: () => unknown, primary = false) => html`<button id="act-${id}" class=${primary ? "primary" : ""} ?disabled=${this.busy} @click=${on}><span>${word}</span><kbd>${key}</kbd></button>`;
    return html`<div class="acts">
      ${proposed?.label ? act("suggested", `Make it ${this.readable(proposed.label)}`, "1", () => this.run("suggested"), likely) : nothing}
      ${act("clean", "Leave as is", "0", () => this.run("clean"), !likely)}
      ${this.picking ? html`<label-picker .labels=${this.labels} .except=${one.item.label} .first=${one.candidates.map(({ label }) => label)} placeholder="The right label…"
          @pick=${(event: CustomEvent<string>) => { this.picking = false; void this.decide({ action: "relabel", label: event.detail }); }} @leave=${() => (this.picking = false)}></label-picker>`
        : act("label", "Another label…", "L", () => this.pick(), likely && !proposed)}
      ${act("remove", "Remove it", proposed?.action === "remove" ? "1" : "X", () => this.run("remove"), likely && proposed?.action === "remove")}
      ${act("redraw", "Redraw the box", proposed?.action === "redraw" ? "1" : "B", () => this.run("redraw"), likely && proposed?.action === "redraw")}
      ${act("unclear", "Unclear", "U", () => this.run("unclear"))}</div>
      ${others.length ? html`<div class="candidates">${others.map(({ label, probability }) => html`<button data-label=${label} ?disabled=${this.busy} @click=${() => this.decide({ action: "relabel", label })}>${icon(this.labels.get(label), 16)} ${this.readable(label)} <span class="soft">${percent(probability)}</span></button>`)}</div>` : nothing}`;
  }
}

/** A candidate is worth a button where it is not as good as ruled out. */
function worth(one: Case, label: string): boolean {
  return one.votes.some((vote) => vote.label === label) || one.candidates.some((found) => found.label === label && found.probability >= 0.01);
}

function dots(votes: readonly Vote[]): TemplateResult {
  return html`<span class="dots">${[...votes].sort((a, b) => Number(!a.reason) - Number(!b.reason)).map((vote) => html`<i class=${vote.reason ? "f" : ""}></i>`)}</span>`;
}

function said({ reason }: Vote): string {
  const words: Record<Vote["reason"], string> = { "": "left as is", wrong_label: "wrong label", not_an_object: "no object", bad_box: "bad box", cant_tell: "can’t tell", no_label: "no label fits", other: "other" };
  return words[reason];
}

/** What is worth knowing of a voter: of one who flagged, how many right labels they spare; of one who did not, how many wrong ones they find. */
function quality(vote: Vote): string {
  return vote.reason ? `spares ${percent(vote.specificity)}` : `finds ${percent(vote.sensitivity)}`;
}
