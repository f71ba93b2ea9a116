/** <review-grid campaign>: one assignment at a time, look-alikes side by side; flag what does not belong. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { labelsOf, type Label } from "./api";
import "./ask-panel";
import type { AskPanel } from "./ask-panel";
import { store, type Section, type Tile } from "./assignments";
import { sizeFor } from "./bundle";
import "./class-guide";
import { gridStyles } from "./grid-styles";
import { place } from "./floats";
import { badge, counts, frame, guideline, idle, keyHelp, photo, pileBadge, question, readable, reasonName, seenBar, shape, subject, tools, trouble, unseenQuestion, waiting } from "./grid-parts";
import { guidelinesOf, renewed, type Guideline } from "./guidelines";
import { Hand, FILTERS, type Filter } from "./hand";
import { commandOf, GRID_KEYS, pressing, writing, type GridCommand } from "./keys";
import { evenLight } from "./levels";
import { plural } from "./numbers";
import { Painter } from "./painter";
import "./missed-checks";
import "./own-answers";
import "./own-work";
import type { OwnAnswers } from "./own-answers";
import "./say-panel";
import { because, type SayPanel } from "./say-panel";
import type { Way } from "./selection";
import { Session } from "./session";
import { icon, shared } from "./shared";
import type { Mark } from "./state";
import { chosenSize, fittingSize, nextSize } from "./tile-size";
import { Watcher } from "./watcher";

const HOVER_AFTER = 650;
const SUGGEST_AFTER = 200;

@customElement("review-grid")
export class ReviewGrid extends LitElement {
  static override styles = [shared, gridStyles];

  @property({ type: Number }) campaign = 0;
  /** Where "back" leads. */
  @property() back = "/";
  @state() private labels = new Map<string, Label>();
  @state() private options: string[] | null = null;
  @state() private light = localStorage.getItem("mlfix.light") === "on";
  @state() private outline = localStorage.getItem("mlfix.outline") === "on";
  @state() private tile = chosenSize() ?? fittingSize(100);
  @state() private loupe: number | null = null;
  @state() private dialog: "photo" | "keys" | "unseen" | null = null;
  @state() private toast = "";
  @state() private sectionAt = 0;
  @state() private wait = 0;
  @query("say-panel") private panel!: SayPanel | null;
  @query("dialog") private opened!: HTMLDialogElement | null;
  @query("ask-panel") private asking!: AskPanel | null;
  @query("own-answers") private answers!: OwnAnswers | null;

  private session!: Session;
  private hand!: Hand;
  private optionsOf = -1;
  /** The tiles that the panel speaks of, where they are several. */
  private chosen: readonly number[] = [];
  private shown = 0;
  private filters = new Map<string, string>();
  private painter = new Painter({
    at: (x, y) => this.positionAt(x, y),
    begin: (position) => this.hand.beginSweep(position),
    over: (position) => this.hand.sweepOver(position),
    end: () => this.hand.endSweep(),
    reach: (position) => this.hand.reach(position),
  });
  private watcher = new Watcher((tiles) => this.saw(tiles), "-66px 0px -46px 0px");
  private timers: Record<string, ReturnType<typeof setTimeout>> = {};
  private ticking: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.session = new Session(this.campaign, this.cropSize, () => this.changed());
    this.hand = new Hand(this.session, (reveal) => this.moved(reveal));
    void this.session.start();
    addEventListener("keydown", this.key);
    addEventListener("keyup", this.keyUp);
    addEventListener("scroll", this.scrolled, { passive: true });
    addEventListener("pagehide", this.leave);
    addEventListener("online", this.online);
    document.addEventListener("visibilitychange", this.leave);
    this.ticking = setInterval(() => this.countDown(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.farewell();
    this.session.stop();
    this.watcher.stop();
    removeEventListener("keydown", this.key);
    removeEventListener("keyup", this.keyUp);
    removeEventListener("scroll", this.scrolled);
    removeEventListener("pagehide", this.leave);
    removeEventListener("online", this.online);
    document.removeEventListener("visibilitychange", this.leave);
    clearInterval(this.ticking);
  }

  private element(position: number): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`.tile[data-position="${position}"]`);
  }
  private get cropSize(): 128 | 320 {
    return sizeFor(this.tile, devicePixelRatio);
  }
  private labelled(position: number): Label | undefined {
    return this.labels.get(this.hand.labelAt(position) ?? "");
  }

  // What happens

  private changed(): void {
    const { assignment } = this.session;
    if (assignment && assignment.id !== this.shown) {
      this.shown = assignment.id;
      this.begin();
      void labelsOf(assignment.dataset).then((labels) => (this.labels = renewed(labels, guidelinesOf(assignment.id))), () => undefined);
    }
    this.requestUpdate();
  }

  private begin(): void {
    this.watcher.restart();
    this.filters.clear();
    this.hand.begin();
    this.sectionAt = 0;
    this.tile = chosenSize() ?? fittingSize(this.hand.tiles.length);
    scrollTo({ top: 0, behavior: "instant" });
    this.focusTile();
  }

  private moved(reveal: boolean): void {
    this.loupe = null;
    this.askSuggestions();
    this.focusTile(reveal);
    this.requestUpdate();
  }

  /** Keys go to the tile where one stands, unless one writes in its panel. */
  private focusTile(reveal = false): void {
    void this.updateComplete.then(() => {
      const tile = this.element(this.hand.here);
      if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement !== this.panel) tile?.focus({ preventScroll: true });
      if (reveal) tile?.scrollIntoView({ block: "nearest" });
    });
  }

  private clicked(event: MouseEvent, position: number): void {
    // A pointer's own click was dealt with when it went down; this one is a screen reader's or a script's.
    if (performance.now() - this.painter.actedAt < 1000 && event.detail !== 0) return;
    this.hand.go(position);
    this.hand.toggle();
  }

  private async suggested(n: number): Promise<void> {
    const { here, targets } = this.hand;
    this.hand.open();
    const label = (await this.likely(here))[n];
    if (label === undefined) return this.tell("There is no suggestion with that number.");
    this.hand.say({ reason: "wrong_label", label }, targets);
  }

  /** Suggestions from the server, else the labels that this one is easily taken for. */
  private async likely(position: number): Promise<string[]> {
    const found = await this.session.suggest(position).catch(() => []);
    return found.length ? found.map(({ label }) => label) : (this.labelled(position)?.look_alikes ?? []);
  }

  private askSuggestions(): void {
    const { here } = this.hand;
    if (this.optionsOf === here && this.options) return;
    clearTimeout(this.timers["suggest"]);
    this.options = null;
    this.optionsOf = here;
    this.timers["suggest"] = setTimeout(() => {
      if (!this.hand.saying) return void (this.optionsOf = -1);
      void this.likely(here).then((options) => {
        if (this.optionsOf === here) this.options = options;
      });
    }, SUGGEST_AFTER);
  }

  private move(way: Way, mark: boolean): void {
    const spots = this.hand.order.map((position) => {
      const box = this.element(position)?.getBoundingClientRect();
      return { position, x: box?.left ?? 0, y: box?.top ?? 0 };
    });
    this.hand.move(way, spots, mark);
  }

  private saw(elements: Element[]): void {
    const fresh = elements.map((element) => Number((element as HTMLElement).dataset["position"])).filter((p) => this.hand.see(p));
    if (fresh.length) this.session.touched();
  }

  private show(filter: Filter): void {
    this.hand.show(filter);
    this.requestUpdate();
  }

  private nextUnseen(): void {
    if (!this.hand.nextUnseen()) this.tell("You have seen all of them.");
  }

  private unfold(position = this.hand.here): void {
    if (!this.hand.unfold(position)) this.tell("This tile lies alone.");
  }

  private resize(by: 1 | -1): void {
    this.tile = nextSize(this.tile, by);
    if (this.cropSize !== this.session.size) void this.session.resize(this.cropSize);
  }

  private toggleLight(): void {
    this.light = !this.light;
    store("mlfix.light", this.light ? "on" : "off");
  }

  private toggleOutline(): void {
    this.outline = !this.outline;
    store("mlfix.outline", this.outline ? "on" : "off");
  }

  private loaded(image: HTMLImageElement): void {
    shape(image);
    this.level(image);
  }

  private level(image: HTMLImageElement): void {
    if (!this.light) return void (image.style.filter = "");
    const known = this.filters.get(image.src) ?? (image.complete ? evenLight(image) : "");
    if (known) this.filters.set(image.src, known);
    image.style.filter = known;
  }

  private async handIn(asked = false): Promise<void> {
    if (this.session.busy || !this.session.assignment) return;
    if (!asked && this.hand.unseen > 0) return this.open("unseen");
    this.dialog = null;
    const { size: seen } = this.session.review.seen;
    if (!(await this.session.handIn())) return;
    // Not how many counted: that number would tell how many tiles were planted.
    const { surplus } = this.session.handed ?? { surplus: 0 };
    const late = surplus ? ` ${plural(surplus, "look")} came late: others had looked meanwhile.` : "";
    this.tell(`Handed in: ${plural(seen, "tile")}.${late}`);
  }

  private async giveBack(): Promise<void> {
    if (!confirm("Give these tiles back? Your marks on them are dropped, and others look at them.")) return;
    if (await this.session.release()) location.assign(this.back);
  }

  private open(dialog: "photo" | "keys" | "unseen"): void {
    this.dialog = dialog;
    void this.updateComplete.then(() => this.opened?.showModal());
  }

  private close(): void {
    this.dialog = null;
    this.focusTile();
  }

  private tell(text: string): void {
    this.toast = text;
    clearTimeout(this.timers["toast"]);
    this.timers["toast"] = setTimeout(() => (this.toast = ""), 4000);
  }

  private countDown(): void {
    const { idle, busy, assignment } = this.session;
    if (!idle || idle.retryAfter === null || busy || assignment) return void (this.wait = 0);
    if (this.wait <= 0) this.wait = Math.max(3, idle.retryAfter);
    else if (--this.wait === 0) void this.session.start();
  }

  // Keys and pointer

  private key = (event: KeyboardEvent): void => {
    if (writing(event) || this.dialog || pressing(event) || !this.session.assignment) return;
    const command = commandOf(GRID_KEYS, event);
    if (!command || (event.repeat && !/left|right|up|down|undo|redo|larger|smaller/.test(command))) return;
    event.preventDefault();
    this.session.sign();
    this.run(command, event.key);
  };

  private run(command: GridCommand, key = ""): void {
    const [sweep, way] = command.startsWith("sweep-") ? [true, command.slice(6)] : [false, command];
    if (way === "left" || way === "right" || way === "up" || way === "down") return this.move(way, sweep);
    const commands: Partial<Record<GridCommand, () => void>> = {
      first: () => this.hand.go(this.hand.order[0] ?? 0),
      last: () => this.hand.go(this.hand.order.at(-1) ?? 0),
      flag: () => this.hand.toggle(),
      suggestion: () => void this.suggested(Number(key) - 1),
      label: () => this.ask("label"),
      comment: () => this.ask("comment"),
      "bad-box": () => this.hand.say(because("bad_box", undefined)),
      "cant-tell": () => this.hand.say(because("cant_tell", undefined)),
      "not-an-object": () => this.hand.say(because("not_an_object", undefined)),
      undo: () => this.turn("undo"),
      redo: () => this.turn("redo"),
      stack: () => this.unfold(),
      light: () => this.toggleLight(),
      outline: () => this.toggleOutline(),
      larger: () => this.resize(1),
      smaller: () => this.resize(-1),
      crop: () => (this.loupe = this.hand.here),
      photo: () => this.open("photo"),
      ask: () => void this.askSupervisor(),
      filter: () => this.show(FILTERS[(FILTERS.indexOf(this.hand.filter) + 1) % 3] ?? "all"),
      "next-unseen": () => this.nextUnseen(),
      "hand-in": () => void this.handIn(),
      help: () => this.open("keys"),
      close: () => this.escape(),
    };
    commands[command]?.();
  }

  /** About the tile where one stands, or about its class. */
  private async askSupervisor(): Promise<void> {
    const { assignment, crops } = this.session;
    const section = this.hand.sectionAt(this.hand.here) ?? this.hand.sections[0];
    if (!assignment || !section) return;
    const label = section.asks ?? section.label;
    const { here } = this.hand;
    // The class goes into the question by the name that people read.
    const labels = await labelsOf(assignment.dataset).catch(() => this.labels);
    await this.asking?.open({ assignment: assignment.id, position: here, label, name: readable(labels, label), crop: crops[here] ?? null });
  }

  private asked(): void {
    this.tell("Asked. The answer is shown to you here.");
    void this.answers?.look();
  }

  private ask(what: "label" | "comment"): void {
    this.hand.open();
    void this.updateComplete.then(() => void (what === "label" ? this.panel?.askLabel() : this.panel?.askComment()));
  }

  private turn(way: "undo" | "redo"): void {
    if (!this.hand.turn(way)) this.tell(`There is nothing more to ${way}.`);
  }

  private escape(): void {
    if (this.loupe !== null) this.loupe = null;
    else if (this.hand.saying) this.dismiss();
    else if (this.hand.filter !== "all") this.show("all");
  }

  private dismiss(): void {
    this.hand.dismissed = true;
    this.requestUpdate();
    this.focusTile();
  }

  private keyUp = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() === "v") this.loupe = null;
  };

  private down(event: PointerEvent): void {
    this.panel?.finish();
    this.painter.down(event);
  }

  private positionAt(x: number, y: number): number | undefined {
    const tile = (this.renderRoot as ShadowRoot).elementFromPoint(x, y)?.closest<HTMLElement>(".tile");
    return tile ? Number(tile.dataset["position"]) : undefined;
  }

  private hover(event: PointerEvent): void {
    clearTimeout(this.timers["hover"]);
    const position = event.pointerType === "mouse" && !event.buttons ? this.positionAt(event.clientX, event.clientY) : undefined;
    if (this.loupe !== null && this.loupe !== position) this.loupe = null;
    if (position === undefined || this.tile > 190) return;
    this.timers["hover"] = setTimeout(() => {
      if (!(this.hand.saying && position === this.hand.here)) this.loupe = position;
    }, HOVER_AFTER);
  }

  private unhover(): void {
    clearTimeout(this.timers["hover"]);
    this.loupe = null;
  }

  private menu(event: MouseEvent): void {
    const position = this.positionAt(event.clientX, event.clientY);
    if (position === undefined) return;
    event.preventDefault();
    if (event instanceof PointerEvent && event.pointerType === "touch") return;
    this.hand.open(position);
  }

  private scrolled = (): void => {
    this.session.sign();
    if (this.hand.sections.length < 2) return;
    const heads = [...this.renderRoot.querySelectorAll<HTMLElement>(".section")];
    const at = heads.findLastIndex((head) => head.getBoundingClientRect().top < 120);
    this.sectionAt = Math.max(0, at);
  };

  private leave = (): void => {
    if (document.visibilityState === "hidden") this.session.farewell();
    else if (this.session.saving !== "saved") void this.session.flush();
  };

  private online = (): void => {
    if (this.session.assignment) void this.session.flush();
    else void this.session.start();
  };

  // What is seen

  override updated(changed: PropertyValues): void {
    this.style.setProperty("--tile", `${this.tile}px`);
    this.watcher.watch(this.renderRoot.querySelectorAll(".tile"));
    if (changed.has("light")) for (const image of this.renderRoot.querySelectorAll<HTMLImageElement>(".tile > img")) this.level(image);
    const { panel } = this;
    // Once its own content is there: only then is its height known.
    if (panel) void panel.updateComplete.then(() => this.place(panel, this.hand.here));
    const loupe = this.renderRoot.querySelector<HTMLElement>(".loupe");
    if (loupe && this.loupe !== null) this.place(loupe, this.loupe);
  }

  private place(float: HTMLElement, position: number): void {
    const tile = this.element(position);
    const field = tile?.closest<HTMLElement>(".field");
    if (tile && field) place(float, tile, field);
  }

  override render(): TemplateResult {
    const { session, hand } = this;
    this.chosen = hand.saying && hand.targets.length > 1 ? hand.targets : [];
    const missed = html`<missed-checks .assignment=${session.handed?.assignment ?? 0} .missed=${session.handed?.missed ?? []} .labels=${this.labels}></missed-checks>`;
    const answers = html`<own-answers .campaign=${this.campaign} .labels=${this.labels} @leave=${() => this.focusTile()}></own-answers>`;
    if (!session.assignment) return html`${missed} ${answers} ${session.busy && !session.idle ? waiting() : idle(session, this.back, this.wait)} ${this.renderToast()}`;
    return html`${this.renderHeader()} ${trouble(session)} ${missed} ${answers}
      <class-guide .assignment=${session.assignment.id} .labels=${this.labels} @guidelines=${(event: CustomEvent<Guideline[]>) => (this.labels = renewed(this.labels, event.detail))}></class-guide>
      <div class="field" @pointerdown=${this.down} @pointermove=${(event: PointerEvent) => { this.painter.move(event); this.hover(event); }}
        @pointerup=${this.painter.up} @pointercancel=${this.painter.cancel} @pointerleave=${this.unhover} @contextmenu=${this.menu}
        @touchmove=${{ handleEvent: this.painter.touchMove, passive: false }}>
        ${hand.sections.map((section) => this.renderSection(section))}
        ${hand.order.length ? nothing : html`<p class="empty">No tile is ${hand.filter}. <button id="show-all" @click=${() => this.show("all")}>Show all</button></p>`}
        ${hand.saying ? this.renderPanel() : nothing} ${this.renderLoupe()}
      </div>
      ${this.renderFooter()} ${this.renderDialog()} ${this.renderToast()}
      <ask-panel @asked=${this.asked} @leave=${() => this.focusTile()}></ask-panel>`;
  }

  private renderToast(): TemplateResult {
    return html`<div class="aside-only" aria-live="polite">${this.toast}</div>
      ${this.toast ? html`<div class="toast" aria-hidden="true">${this.toast}</div>` : nothing}`;
  }

  private renderSection(section: Section): TemplateResult | typeof nothing {
    const tiles = this.hand.shownOf(section);
    if (!tiles.length) return nothing;
    const label = this.labels.get(section.label);
    const name = readable(this.labels, section.label);
    const asked = question(this.labels, section);
    return html`<section class="section" aria-label=${asked?.title ?? name}>
      ${this.hand.sections.length > 1 ? html`<div class="head">${icon(asked?.label ?? label, 26)}<h2>${asked?.title ?? name}${section.value ? ` · ${section.value}` : ""}</h2><span class="soft small">${asked?.guideline ?? guideline(label, name)}</span></div>` : nothing}
      <div class="tiles" role="group" aria-label="Items labelled ${name}">${repeat(tiles, ({ position }) => position, (tile) => this.renderTile(tile, name))}</div>
    </section>`;
  }

  private renderTile({ position, box, attributes }: Tile, shownAs: string): TemplateResult {
    const { review, crops } = this.session;
    const { stacks } = this.hand;
    const here = position === this.hand.here;
    const mark = this.hand.markAt(position);
    const pile = stacks.members(position).length;
    const stacked = pile > 1 ? (stacks.opened(position) ? "opened" : "stack") : "";
    const url = crops[position];
    const said = mark ? `, flagged, ${mark.label ? readable(this.labels, mark.label) : reasonName(mark)}` : "";
    const known = Object.entries(attributes).map(([name, value]) => `, ${name} ${value}`).join("");
    return html`<button class="tile ${mark ? "flagged" : ""} ${here ? "here" : ""} ${this.chosen.includes(position) ? "chosen" : ""} ${review.seen.has(position) ? "" : "unseen"} ${stacked}"
      data-position=${position} aria-pressed=${mark !== undefined} tabindex=${here ? 0 : -1}
      aria-label="item ${position + 1} of ${crops.length}, labelled ${shownAs}${stacked === "stack" ? `, on top of ${pile - 1} near duplicates` : ""}${known}${said}" @click=${(event: MouseEvent) => this.clicked(event, position)}
      @focus=${() => here || this.hand.sweeping || this.hand.go(position, false)}>
      ${url ? html`<img src=${url} alt="" draggable="false" @load=${(event: Event) => this.loaded(event.target as HTMLImageElement)} />` : html`<span class="missing">no picture</span>`}
      ${this.outline && url ? frame(box) : nothing}
      ${stacked && stacks.members(position)[0] === position ? pileBadge(pile, stacks.opened(position), stacks.under(position).filter((p) => review.get(p)).length, (event) => this.openStack(event, position)) : nothing}
      ${mark ? badge(mark, this.labels, (event) => this.openPanel(event, position)) : nothing}
    </button>`;
  }

  private openStack(event: Event, position: number): void {
    event.stopPropagation();
    this.panel?.finish();
    this.painter.actedAt = performance.now();
    this.unfold(position);
  }

  private openPanel(event: Event, position: number): void {
    event.stopPropagation();
    this.panel?.finish();
    this.painter.actedAt = performance.now();
    this.hand.open(position);
  }

  private renderPanel(): TemplateResult {
    const { hand } = this;
    return html`<say-panel .labels=${this.labels} .label=${hand.labelAt(hand.here)} .mark=${hand.markAt(hand.here)} .options=${this.options} .tiles=${hand.targets.flatMap((p) => hand.stacks.under(p)).length}
      @say=${(event: CustomEvent<Partial<Mark>>) => hand.say(event.detail)} @leave=${this.dismiss} @away=${() => this.focusTile()}
      @pointerdown=${(event: Event) => event.stopPropagation()}></say-panel>`;
  }

  private renderLoupe(): TemplateResult | typeof nothing {
    const { assignment } = this.session;
    if (this.loupe === null || !assignment) return nothing;
    const tile = this.hand.tiles.find(({ position }) => position === this.loupe);
    const known = Object.entries(tile?.attributes ?? {});
    return html`<div class="loupe small"><img src="/api/assignments/${assignment.id}/tiles/${this.loupe}/crop/" alt="" />
      ${known.length ? html`<div class="soft">${known.map(([name, value]) => `${name}: ${value}`).join(" · ")}</div>` : nothing}</div>`;
  }

  private renderHeader(): TemplateResult {
    const { sections, tiles } = this.hand;
    const section = sections[this.sectionAt] ?? sections[0];
    return html`<header>${subject(this.labels, section)}<div class="grow"></div>${counts(this.session, tiles.length)}
      <button class="primary" id="hand-in" ?disabled=${this.session.busy} @click=${() => this.handIn()}>Hand in <kbd>⏎</kbd></button></header>`;
  }

  private renderFooter(): TemplateResult {
    const { review } = this.session;
    const { length } = this.hand.tiles;
    return html`<footer @click=${this.refocus}>${seenBar(length ? review.seen.size / length : 0)}
      <div class="foot"><span class="segments" role="group" aria-label="Show">${FILTERS.map((filter) => html`<button id="show-${filter}" aria-pressed=${this.hand.filter === filter} @click=${() => this.show(filter)}>${filter[0]?.toUpperCase()}${filter.slice(1)}</button>`)}</span>
        <span class="grow"></span>${tools((command) => this.run(command), { light: this.light, outline: this.outline }, review.canUndo, () => void this.giveBack())}</div></footer>`;
  }

  /** After a click with the pointer the keys go on from the tile; who came by Tab stays where they are. */
  private refocus(event: MouseEvent): void {
    if (event.detail && !this.dialog) this.focusTile();
  }

  private renderDialog(): TemplateResult | typeof nothing {
    const { assignment } = this.session;
    if (!this.dialog || !assignment) return nothing;
    const shut = (then: () => void) => () => {
      this.opened?.close();
      void this.updateComplete.then(then);
    };
    const bodies = {
      photo: () => photo(`/api/assignments/${assignment.id}/tiles/${this.hand.here}/context/`, assignment.context_shown),
      keys: keyHelp,
      unseen: () => unseenQuestion(this.hand.unseen, this.session.review.seen.size, shut(() => void this.handIn(true)), shut(() => this.nextUnseen())),
    };
    return html`<dialog class=${this.dialog === "photo" ? "photo" : "ask"} id="dialog-${this.dialog}" @close=${this.close}
      @click=${(event: Event) => event.target === this.opened && this.opened?.close()}
      @keydown=${(event: KeyboardEvent) => this.dialog === "photo" && event.key.toLowerCase() === "f" && this.opened?.close()}>${bodies[this.dialog]()}
      ${this.dialog === "unseen" ? nothing : html`<form method="dialog" class="row"><span class="grow"></span><button autofocus>Close</button></form>`}</dialog>`;
  }
}
