/** <review-grid campaign>: one assignment at a time, look-alikes side by side; flag what does not belong. */
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { labelsOf, type Label } from "./api";
import "./ask-panel";
import type { AskPanel } from "./ask-panel";
import type { Section } from "./assignments";
import { wantedFor, type Wanted } from "./bundle";
import "./class-guide";
import { gridStyles } from "./grid-styles";
import { aboutClass, counts, guideline, idle, keyHelp, question, readable, ruler, seenBar, subject, trouble, twiceNote, unseenQuestion, waiting } from "./grid-parts";
import { guidelinesOf, renewed, type Guideline } from "./guidelines";
import { Hand, FILTERS, type Filter } from "./hand";
import { commandOf, GRID_KEYS, pressing, writing, type GridCommand } from "./keys";
import "./label-palette";
import type { LabelPalette } from "./label-palette";
import { msg, str } from "./language";
import { Likely } from "./likely";
import { tilesSaid } from "./numbers";
import "./missed-checks";
import "./own-answers";
import "./own-messages";
import "./own-work";
import type { OwnAnswers } from "./own-answers";
import { PhotosAhead, photoOf } from "./photos";
import "./photo-view";
import type { PhotoView } from "./photo-view";
import { because } from "./say-panel";
import { Scale } from "./scale";
import { Session } from "./session";
import { icon, shared } from "./shared";
import type { Mark } from "./state";
import { store } from "./store";
import { TileField } from "./tile-field";
import { tileView, type Acts } from "./tile-view";
import { sheet, tools, type Desk } from "./tools";
import { View, type Switch } from "./view";
import { Watcher } from "./watcher";

const HOVER_AFTER = 650;
/** Pixels that lie over the tiles at the window's ends. */
const [HEADER, FOOTER] = [66, 46];
/** Who presses twice does not hand in the next tiles too. */
const TWICE = 400;
const TOLD_TWICE = "mlfix.told-twice";

type Dialog = "photo" | "keys" | "unseen" | "class";

@customElement("review-grid")
export class ReviewGrid extends TileField {
  static override styles = [shared, gridStyles];

  @property({ type: Number }) campaign = 0;
  /** Where "back" leads. */
  @property() back = "/";
  /** Some tiles come a second time. */
  @property({ type: Boolean }) twice = false;
  @state() private labels = new Map<string, Label>();
  @state() private loupe: number | null = null;
  @state() private dialog: Dialog | null = null;
  @state() private sheetOpen = false;
  @state() private toast = "";
  @state() private sectionAt = 0;
  @state() private wait = 0;
  @query("dialog") private opened!: HTMLDialogElement | null;
  @query("ask-panel") private asking!: AskPanel | null;
  @query("own-answers") private answers!: OwnAnswers | null;
  @query("photo-view") private viewer!: PhotoView | null;
  @query("label-palette") private palette!: LabelPalette | null;

  private session!: Session;
  /** The tiles that the panel speaks of, where they are several. */
  private chosen: readonly number[] = [];
  private brushes: string[] = [];
  private shown = 0;
  private opening = false;
  /** Labels that a digit stood for and that are still on their way: a hand-in waits for them. */
  private naming: Promise<unknown> = Promise.resolve();
  private handedInAt = -TWICE;
  private likely = new Likely((position) => this.labelsLikely(position), () => this.requestUpdate());
  private view = new View();
  private scale = new Scale("", []);
  private ahead = new PhotosAhead();
  private watcher = new Watcher((tiles) => this.saw(tiles), HEADER, FOOTER);
  private timers: Record<string, ReturnType<typeof setTimeout>> = {};
  private ticking: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.session = new Session(this.campaign, this.wanted, () => this.changed());
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

  private get side(): number {
    return this.view.side(this.hand?.second ? this.hand.order.length : null);
  }
  private get wanted(): Wanted {
    return wantedFor(this.side, devicePixelRatio);
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
    this.hand.begin();
    this.likely.forget();
    this.sectionAt = 0;
    this.view.begin(this.hand.tiles.length);
    this.scale = new Scale(this.session.assignment?.unit ?? "", this.hand.tiles);
    scrollTo({ top: 0, behavior: "instant" });
    this.focusTile();
  }

  private moved(reveal: boolean): void {
    this.loupe = null;
    this.fetchAhead();
    this.focusTile(reveal);
    this.requestUpdate();
  }

  /** The photo of the tile where one stands and of its neighbours, once one stays there. */
  private fetchAhead(): void {
    const { assignment } = this.session;
    if (!assignment) return;
    const { order, here } = this.hand;
    const at = order.indexOf(here);
    const near = [here, order[at + 1], order[at - 1]].filter((p) => p !== undefined);
    this.ahead.stand(near.flatMap((p) => photoOf(assignment, p) ?? []));
  }

  private suggested(n: number): void {
    const { here, targets } = this.hand;
    const { assignment } = this.session;
    this.hand.open();
    const named = this.labelsLikely(here).then((labels) => {
      const label = labels[n];
      if (this.session.assignment !== assignment) return;
      if (label === undefined) this.tell(msg("There is no suggestion with that number."));
      else this.hand.say({ reason: "wrong_label", label }, targets);
    });
    this.naming = Promise.all([this.naming, named]);
  }

  /** Suggestions from the server, else the labels that this one is easily taken for. */
  private async labelsLikely(position: number): Promise<string[]> {
    const found = await this.session.suggest(position).catch(() => []);
    return found.length ? found.map(({ label }) => label) : (this.labelled(position)?.look_alikes ?? []);
  }

  private saw(elements: Element[]): void {
    const fresh = elements.map((element) => Number((element as HTMLElement).dataset["position"])).filter((p) => this.hand.see(p));
    if (fresh.length) this.session.touched();
  }

  /** What lies under the note on missed checks is not seen, and can be scrolled out from under it. */
  private cover(pixels: number): void {
    this.style.setProperty("--covered", `${pixels}px`);
    this.watcher.cover(FOOTER + pixels);
    this.requestUpdate();
  }

  private show(filter: Filter): void {
    this.hand.show(filter);
    this.requestUpdate();
  }

  private toldTwice(): void {
    store(TOLD_TWICE, "yes");
    this.requestUpdate();
    this.focusTile();
  }

  private nextUnseen(): void {
    if (!this.hand.nextUnseen()) this.tell(msg("You have seen all of them."));
  }

  private unfold(position = this.hand.here): void {
    if (!this.hand.unfold(position)) this.tell(msg("This tile lies alone."));
  }

  private resize(by: 1 | -1): void {
    this.view.resize(by);
    this.reshaped();
  }

  /** Size, window or a switch were changed. */
  private reshaped(): void {
    if (this.wanted.size > this.session.wanted.size) void this.session.resize(this.wanted);
    this.requestUpdate();
  }

  private turnSwitch(name: Switch): void {
    this.view.toggle(name);
    if (name === "light") for (const image of this.renderRoot.querySelectorAll<HTMLImageElement>(".tile > img")) this.view.level(image);
    this.requestUpdate();
  }

  private turnScale(name: "bar" | "scale"): void {
    if (this.scale.known) this.turnSwitch(name);
    else this.tell(msg("Nobody has said how large a pixel of these is."));
  }

  private turnSecond(): void {
    const { hand } = this;
    if (!hand.turnSecond()) return this.tell(msg("Flag something first; then label what you flagged."));
    // Found once, so that no brush moves while one works.
    const given = hand.order.flatMap((position) => hand.markAt(position)?.label ?? []);
    const alike = hand.order.flatMap((position) => this.labelled(position)?.look_alikes ?? []);
    this.brushes = [...new Set([...given, ...alike])];
    this.reshaped();
  }

  /** What cannot be shown can be flagged all the same. */
  private broken(position: number): void {
    if (this.session.crops) this.session.crops.urls[position] = null;
    this.requestUpdate();
  }

  private async handIn(asked = false): Promise<void> {
    if (this.session.busy || !this.session.assignment || performance.now() - this.handedInAt < TWICE) return;
    if (!asked && this.hand.unseen > 0) return this.open("unseen");
    this.dialog = null;
    this.handedInAt = performance.now();
    const { assignment } = this.session;
    await this.naming;
    if (this.session.assignment !== assignment || !(await this.session.handIn())) return;
    // Not how many counted: that number would tell how many tiles were planted.
    const { seen, surplus } = this.session.handed ?? { seen: 0, surplus: 0 };
    const late = !surplus ? "" : surplus === 1 ? msg("1 look came late: others had looked meanwhile.") : msg(str`${surplus} looks came late: others had looked meanwhile.`);
    this.tell(`${msg(str`Handed in: ${tilesSaid(seen)}.`)} ${late}`.trim());
  }

  private async giveBack(): Promise<void> {
    if (!confirm(msg("Give these tiles back? Your marks on them are dropped, and others look at them."))) return;
    if (await this.session.release()) location.assign(this.back);
  }

  private open(dialog: Dialog): void {
    this.sheetOpen = false;
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
    if (this.opening) return event.preventDefault();
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
      suggestion: () => (this.hand.second ? void this.palette?.pick(Number(key) - 1) : this.suggested(Number(key) - 1)),
      label: () => (this.hand.second ? void this.palette?.askLabel() : this.ask("label")),
      comment: () => this.ask("comment"),
      "bad-box": () => this.hand.say(because("bad_box", undefined)),
      "cant-tell": () => this.hand.say(because("cant_tell", undefined)),
      "not-an-object": () => this.hand.say(because("not_an_object", undefined)),
      "no-label": () => this.hand.say(because("no_label", undefined)),
      undo: () => this.turn("undo"),
      redo: () => this.turn("redo"),
      stack: () => this.unfold(),
      light: () => this.turnSwitch("light"),
      outline: () => this.turnSwitch("outline"),
      whole: () => this.turnSwitch("whole"),
      bar: () => this.turnScale("bar"),
      scale: () => this.turnScale("scale"),
      second: () => this.turnSecond(),
      more: () => (this.sheetOpen = !this.sheetOpen),
      guide: () => this.open("class"),
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
    const { assignment } = this.session;
    const section = this.hand.sectionAt(this.hand.here) ?? this.hand.sections[0];
    if (!assignment || !section) return;
    const label = section.asks ?? section.label;
    const { here } = this.hand;
    // The class goes into the question by the name that people read. Keys that come before that is here are for nobody.
    this.opening = true;
    const labels = this.labels.size ? this.labels : await labelsOf(assignment.dataset).catch(() => this.labels);
    const crop = `/api/assignments/${assignment.id}/tiles/${here}/crop/`;
    await this.asking?.open({ assignment: assignment.id, position: here, label, name: readable(labels, label), crop });
    this.opening = false;
  }

  private asked(): void {
    this.tell(msg("Asked. The answer is shown to you here."));
    void this.answers?.look();
  }

  private ask(what: "label" | "comment"): void {
    this.hand.open();
    void this.updateComplete.then(() => void (what === "label" ? this.panel?.askLabel() : this.panel?.askComment()));
  }

  private turn(way: "undo" | "redo"): void {
    if (!this.hand.turn(way)) this.tell(way === "undo" ? msg("There is nothing more to undo.") : msg("There is nothing more to redo."));
  }

  private escape(): void {
    if (this.loupe !== null) this.loupe = null;
    else if (this.sheetOpen) this.sheetOpen = false;
    else if (this.hand.brush) this.hand.take(null);
    else if (this.hand.second) this.turnSecond();
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
    this.sheetOpen = false;
    this.panel?.finish();
    this.painter.down(event);
  }

  private hover(event: PointerEvent): void {
    clearTimeout(this.timers["hover"]);
    const position = event.pointerType === "mouse" && !event.buttons ? this.positionAt(event.clientX, event.clientY) : undefined;
    if (this.loupe !== null && this.loupe !== position) this.loupe = null;
    if (position === undefined || this.side > 190) return;
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

  override updated(): void {
    this.style.setProperty("--tile", `${this.side}px`);
    this.style.setProperty("--window", this.view.windowed);
    this.watcher.watch(this.renderRoot.querySelectorAll(".tile:not(.coming)"));
    this.placePanel();
    if (this.hand.saying) this.likely.ask(this.hand.here);
    const loupe = this.renderRoot.querySelector<HTMLElement>(".loupe");
    if (loupe && this.loupe !== null) this.place(loupe, this.loupe);
  }

  /** The answers stand outside what changes with the tiles, so that they stay open when these come. */
  override render(): TemplateResult {
    return html`<own-answers .campaign=${this.campaign} .labels=${this.labels} @leave=${() => this.focusTile()}></own-answers>${this.renderDesk()}`;
  }

  private renderDesk(): TemplateResult {
    const { session, hand } = this;
    this.chosen = hand.saying && hand.targets.length > 1 ? hand.targets : [];
    const missed = html`<missed-checks .assignment=${session.handed?.assignment ?? 0} .missed=${session.handed?.missed ?? []} .labels=${this.labels} @covers=${(event: CustomEvent<number>) => this.cover(event.detail)}></missed-checks>`;
    if (!session.assignment) return html`${missed} ${session.busy && !session.idle ? waiting() : idle(session, this.back, this.wait)} ${this.renderToast()}`;
    return html`${this.renderHeader()} ${trouble(session)} ${missed} <own-messages @leave=${() => this.focusTile()}></own-messages>
      <class-guide .assignment=${session.assignment.id} .labels=${this.labels} @guidelines=${(event: CustomEvent<Guideline[]>) => (this.labels = renewed(this.labels, event.detail))}></class-guide>
      ${this.twice && !localStorage.getItem(TOLD_TWICE) ? twiceNote(() => this.toldTwice()) : nothing}
      ${hand.second ? this.renderPalette() : nothing}
      <div class="field ${this.view.fit(this.scale.known)}" @pointerdown=${this.down} @pointermove=${(event: PointerEvent) => { this.painter.move(event); this.hover(event); }}
        @pointerup=${this.painter.up} @pointercancel=${this.painter.cancel} @pointerleave=${this.unhover} @contextmenu=${this.menu}
        @touchmove=${{ handleEvent: this.painter.touchMove, passive: false }}>
        ${hand.sections.map((section) => this.renderSection(section))}
        ${hand.order.length ? nothing : html`<p class="empty">${hand.filter === "flagged" ? msg("No tile is flagged.") : msg("No tile is unseen.")} <button id="show-all" @click=${() => this.show("all")}>${msg("Show all")}</button></p>`}
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
    const { session, hand, view, scale, labels, chosen } = this;
    const field = { session, hand, view, scale, labels, chosen };
    return html`<section class="section" aria-label=${asked?.title ?? name}>
      ${this.hand.sections.length > 1 ? html`<div class="head">${icon(asked?.label ?? label, 26)}<h2>${asked?.title ?? name}${section.value ? ` · ${section.value}` : ""}</h2><span class="soft small">${asked?.guideline ?? guideline(label, name)}</span></div>` : nothing}
      <div class="tiles" role="group" aria-label=${msg(str`Items labelled ${name}`)}>${repeat(tiles, ({ position }) => position, (tile) => tileView(field, tile, name, this.acts))}</div>
    </section>`;
  }

  private acts: Acts = {
    click: (event, position) => this.clicked(event, position),
    focus: (position) => position === this.hand.here || this.hand.sweeping || this.hand.go(position, false),
    openStack: (event, position) => this.openStack(event, position),
    openPanel: (event, position) => this.openPanel(event, position),
    broken: (position) => this.broken(position),
  };

  /** The second target of a tile: a tap on its lower corner shows the photo, without a flag. */
  protected override tapped(position: number, x: number, y: number): boolean {
    const corner = this.element(position)?.querySelector(".closer")?.getBoundingClientRect();
    if (!corner?.width || x < corner.left || y < corner.top) return false;
    this.panel?.finish();
    this.hand.go(position, false);
    this.open("photo");
    return true;
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
    return html`<say-panel .labels=${this.labels} .label=${hand.labelAt(hand.here)} .mark=${hand.markAt(hand.here)} .options=${this.likely.of(hand.here)} .tiles=${hand.targets.flatMap((p) => hand.stacks.under(p)).length}
      @say=${(event: CustomEvent<Partial<Mark>>) => hand.say(event.detail)} @leave=${this.dismiss} @away=${() => this.focusTile()}
      @pointerdown=${(event: Event) => event.stopPropagation()}></say-panel>`;
  }

  private renderPalette(): TemplateResult {
    const { hand } = this;
    return html`<label-palette .labels=${this.labels} .names=${this.brushes} .except=${hand.labelAt(hand.here)} .brush=${hand.brush} .tiles=${hand.order.length}
      @take=${(event: CustomEvent<Partial<Mark>>) => hand.take(event.detail)} @all=${(event: CustomEvent<boolean>) => hand.giveAll(event.detail)}
      @leave=${() => this.turnSecond()} @away=${() => this.focusTile()}></label-palette>`;
  }

  private renderLoupe(): TemplateResult | typeof nothing {
    const { assignment } = this.session;
    if (this.loupe === null || !assignment) return nothing;
    const tile = this.hand.tiles.find(({ position }) => position === this.loupe);
    const known = Object.entries(tile?.attributes ?? {});
    const bar = tile?.span && this.view.has("bar") ? this.scale.barOf(tile.span[0]) : null;
    // What is here already, until the large one is.
    const small = this.session.crops?.urls[this.loupe];
    return html`<div class="loupe small"><div class="seen">${small ? html`<img src=${small} alt="" />` : nothing}<img class="over" src="/api/assignments/${assignment.id}/tiles/${this.loupe}/crop/" alt="" />${bar ? ruler(bar) : nothing}</div>
      ${known.length ? html`<div class="soft">${known.map(([name, value]) => `${name}: ${value}`).join(" · ")}</div>` : nothing}</div>`;
  }

  private renderHeader(): TemplateResult {
    const { sections, tiles } = this.hand;
    const section = sections[this.sectionAt] ?? sections[0];
    return html`<header>${subject(this.labels, section, () => this.open("class"))}<div class="grow"></div>${counts(this.session, tiles.length)}
      <button class="primary" id="hand-in" ?disabled=${this.session.busy} @click=${() => this.handIn()}>${msg("Hand in")} <kbd>⏎</kbd></button></header>`;
  }

  private renderFooter(): TemplateResult {
    const { review } = this.session;
    const { length } = this.hand.tiles;
    const desk: Desk = {
      hand: this.hand, view: this.view, sized: this.scale.known, canUndo: review.canUndo, canRedo: review.canRedo,
      run: (command) => this.run(command), show: (filter) => this.show(filter), giveBack: () => void this.giveBack(), changed: () => this.reshaped(),
    };
    return html`${this.sheetOpen ? sheet(desk) : nothing}<footer @click=${this.refocus}>${seenBar(length ? review.seen.size / length : 0)}<div class="foot">${tools(desk, this.sheetOpen)}</div></footer>`;
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
      photo: () => this.renderPhoto(),
      keys: keyHelp,
      class: () => aboutClass(this.labels, this.hand.sections[this.sectionAt]),
      unseen: () => unseenQuestion(this.hand.unseen, this.session.review.seen.size, shut(() => void this.handIn(true)), shut(() => this.nextUnseen())),
    };
    const own = this.dialog === "unseen" || this.dialog === "photo";
    return html`<dialog class=${this.dialog === "photo" ? "photo" : "ask"} id="dialog-${this.dialog}" @close=${this.close}
      @click=${this.besides} @keydown=${this.dialogKey}>${bodies[this.dialog]()}
      ${own ? nothing : html`<form method="dialog" class="row"><span class="grow"></span><button autofocus>${msg("Close")}</button></form>`}</dialog>`;
  }

  private renderPhoto(): TemplateResult {
    const { here, tiles } = this.hand;
    const { assignment } = this.session;
    const url = assignment && photoOf(assignment, here);
    const note = url ? "" : msg("This campaign asks you to judge by the crop alone, without the whole photo.");
    return html`<photo-view .src=${url ?? ""} .note=${note} .known=${tiles.find(({ position }) => position === here)?.attributes ?? {}} ?flagged=${this.hand.flaggedHere}
      @step=${(event: CustomEvent<-1 | 1>) => this.move(event.detail < 0 ? "left" : "right", false)} @flag=${() => this.hand.toggle()} @leave=${() => this.opened?.close()}></photo-view>`;
  }

  /** A click beside the dialog closes it; not the click that ends the tap which opened it. */
  private besides = (event: Event): void => {
    if (event.target === this.opened && performance.now() - this.painter.actedAt > 500) this.opened?.close();
  };

  private dialogKey = (event: KeyboardEvent): void => {
    if (this.dialog !== "photo" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "f") this.opened?.close();
    else if (!(event.key === " " && pressing(event)) && this.viewer?.press(event)) event.preventDefault();
  };
}
