/** <practice-grid campaign review>: the grid on tiles that everybody is shown anyway, with what is right after each round. */
import { css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { labelsOf, type Label } from "./api";
import { badge, readable, shape, subject } from "./grid-parts";
import { gridStyles } from "./grid-styles";
import { Hand } from "./hand";
import { commandOf, GRID_KEYS, pressing, writing, type GridCommand } from "./keys";
import { msg, str } from "./language";
import { flaggedSaid, tilesSaid } from "./numbers";
import { check, fetchCrops, fetchTutorial, note, right, Sitting, type Checked, type Tutorial } from "./practice";
import { because } from "./say-panel";
import { icon, shared } from "./shared";
import type { Mark } from "./state";
import { TileField } from "./tile-field";

@customElement("practice-grid")
export class PracticeGrid extends TileField {
  static override styles = [
    shared,
    gridStyles,
    css`
      :host { --tile: 128px; padding-bottom: 24px; }
      .lesson { display: flex; gap: 8px 18px; align-items: center; flex-wrap: wrap; padding: 10px 24px; background: var(--paper); border-bottom: 1px solid var(--line); } .lesson p { margin: 0; max-width: 76ch; }
      .told { position: absolute; inset: auto 0 0 0; z-index: 1; padding: 4px 6px; border-radius: 0 0 5px 5px; background: light-dark(#fffe, #000d); color: var(--ink); font-size: 12px; line-height: 1.25; display: flex; gap: 5px; align-items: center; text-align: left; overflow-wrap: anywhere; }
      .told b { font-size: 14px; } .tile.right .told b { color: var(--fix); } .tile.missed .told b, .tile.spared .told b { color: var(--flag); }
      .tile.right > img, .tile.missed > img, .tile.spared > img { opacity: 1; } .tile.missed > img, .tile.spared > img { outline: 3px solid var(--flag); outline-offset: -3px; }
      .checked { margin: 14px 24px 0; padding: 14px; border: 1px solid var(--line); border-left: 3px solid var(--accent); border-radius: 10px; background: var(--paper); display: flex; gap: 10px 18px; align-items: center; flex-wrap: wrap; } .checked p { margin: 0; flex: 1 1 240px; }
      @media (max-width: 640px) { :host { --tile: 100px; } .lesson { padding: 8px 12px; } .checked { margin: 10px 10px 0; } say-panel { bottom: 0 !important; } }
    `,
  ];

  @property({ type: Number }) campaign = 0;
  /** Where the real tiles are. */
  @property() review = "/";
  @state() private tutorial: Tutorial | null = null;
  @state() private labels = new Map<string, Label>();
  @state() private at = 0;
  @state() private crops: (string | null)[] = [];
  @state() private checked: Checked[] | null = null;
  @state() private busy = true;
  @state() private trouble = "";
  private turn = 0;
  private good = 0;
  private all = 0;
  private sitting!: Sitting;

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.key);
    void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("keydown", this.key);
  }

  // The rounds

  private async start(turn = 0): Promise<void> {
    this.turn = turn;
    this.good = this.all = 0;
    await this.trying(async () => {
      const tutorial = await fetchTutorial(this.campaign, turn);
      this.labels = await labelsOf(tutorial.dataset);
      await this.begin(tutorial, 0);
      this.tutorial = tutorial;
    });
  }

  private async begin(tutorial: Tutorial, at: number): Promise<void> {
    const round = tutorial.rounds[at];
    this.crops = round ? await fetchCrops(this.campaign, this.turn, at) : [];
    this.at = at;
    this.checked = null;
    if (!round) return;
    this.sitting = new Sitting(round, tutorial.dataset, () => this.requestUpdate());
    this.hand = new Hand(this.sitting, (reveal) => this.moved(reveal));
    this.hand.begin();
    this.moved(false);
  }

  private async check(): Promise<void> {
    if (this.checked || this.busy) return;
    await this.trying(async () => {
      const flags = this.sitting.assignment.sections.flatMap(({ tiles }) => tiles.map(({ position }) => position)).filter((position) => this.sitting.review.get(position));
      this.checked = await check(this.campaign, this.turn, this.at, flags);
      this.hand.dismissed = true;
      this.good += right(this.checked);
      this.all += this.checked.length;
    });
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("#next")?.focus());
  }

  private async next(): Promise<void> {
    const { tutorial } = this;
    if (!tutorial || this.busy) return;
    await this.trying(() => this.begin(tutorial, this.at + 1));
    if (!this.trouble && this.at === tutorial.rounds.length) await note(this.campaign, false).catch(() => undefined);
  }

  private async skip(): Promise<void> {
    await note(this.campaign, true).catch(() => undefined);
    location.assign(this.review);
  }

  private async trying(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await work();
      this.trouble = "";
    } catch (error) {
      this.trouble = (error as Error).message;
    } finally {
      this.busy = false;
    }
  }

  // Keys and pointer

  private get playing(): boolean {
    return this.tutorial !== null && this.at < this.tutorial.rounds.length && !this.checked;
  }

  private key = (event: KeyboardEvent): void => {
    if (writing(event) || pressing(event) || !this.playing) return;
    const command = commandOf(GRID_KEYS, event);
    if (!command || (event.repeat && !/left|right|up|down/.test(command))) return;
    event.preventDefault();
    this.run(command, event.key);
  };

  private run(command: GridCommand, key: string): void {
    const [sweep, way] = command.startsWith("sweep-") ? [true, command.slice(6)] : [false, command];
    if (way === "left" || way === "right" || way === "up" || way === "down") return this.move(way, sweep);
    const say = (reason: Mark["reason"]) => (): void => this.hand.say(because(reason, undefined));
    const commands: Partial<Record<GridCommand, () => unknown>> = {
      flag: () => this.hand.toggle(),
      suggestion: () => this.suggested(Number(key) - 1),
      label: () => (this.hand.open(), this.updateComplete.then(() => this.panel?.askLabel())),
      "bad-box": say("bad_box"),
      "cant-tell": say("cant_tell"),
      "not-an-object": say("not_an_object"),
      undo: () => this.hand.turn("undo"),
      redo: () => this.hand.turn("redo"),
      "hand-in": () => this.check(),
      close: () => this.dismiss(),
    };
    commands[command]?.();
  }

  private suggested(n: number): void {
    const label = this.options[n];
    this.hand.open();
    if (label) this.hand.say({ reason: "wrong_label", label });
  }

  private moved(reveal: boolean): void {
    this.requestUpdate();
    this.focusTile(reveal);
  }

  private dismiss(): void {
    this.hand.dismissed = true;
    this.moved(false);
  }

  protected override clicked(event: MouseEvent, position: number): void {
    if (this.playing) super.clicked(event, position);
  }

  private down(event: PointerEvent): void {
    this.panel?.finish();
    if (this.playing) this.painter.down(event);
  }

  // What is seen

  override updated(): void {
    this.placePanel();
  }

  /** Look-alikes stand in for the suggestions that real tiles have. */
  private get options(): string[] {
    return this.labels.get(this.round)?.look_alikes ?? [];
  }
  private get round(): string {
    return this.tutorial?.rounds[this.at]?.label ?? "";
  }

  override render(): TemplateResult {
    const { tutorial } = this;
    if (!tutorial) return html`<div class="empty">${this.trouble ? html`<p role="alert">${this.trouble}</p><p class="row"><button id="again" @click=${() => this.start(this.turn)}>${msg("Try again")}</button> ${this.toTiles()}</p>` : html`<p>${msg("Fetching the practice tiles…")}</p>`}</div>`;
    if (!tutorial.rounds.length) return html`<div class="empty" id="no-practice"><h1>${msg("Nothing to practise on yet")}</h1><p>${msg("Practice tiles are typical ones of each class. There are none yet; you can begin all the same.")}</p><p class="row">${this.toTiles(true)}</p></div>`;
    if (this.at >= tutorial.rounds.length) return this.renderEnd();
    const section = this.sitting.assignment.sections[0]!;
    return html`<header>${subject(this.labels, section, null)}<div class="grow"></div><div class="counts small soft"><b id="flagged-count">${flaggedSaid(this.sitting.review.flagged)}</b> ${msg(str`of ${section.tiles.length}`)}</div>
        ${this.checked ? nothing : html`<button class="primary" id="check" ?disabled=${this.busy} @click=${this.check}>${msg("Check")} <kbd>⏎</kbd></button>`}</header>
      <div class="lesson small"><p><b>${msg(str`Practice ${this.at + 1} of ${tutorial.rounds.length}.`)}</b> ${msg(str`Some of these are not ${readable(this.labels, section.label)}. Click or tap those, or go there with the arrow keys and press Space. Say what they are, if you know; then check. Nothing here counts.`)}</p><span class="grow"></span>${tutorial.new ? html`<button class="plain" id="skip" @click=${this.skip}>${msg("Skip the practice")}</button>` : this.toTiles()}</div>
      ${this.checked ? this.renderChecked(this.checked, tutorial) : nothing}
      ${this.trouble ? html`<p class="notice bad" role="alert">${this.trouble}</p>` : nothing}
      <div class="field" @pointerdown=${this.down} @pointermove=${(event: PointerEvent) => this.painter.move(event)} @pointerup=${this.painter.up} @pointercancel=${this.painter.cancel}
        @touchmove=${{ handleEvent: this.painter.touchMove, passive: false }}>
        <div class="tiles" role="group" aria-label=${msg("Practice tiles")}>${repeat(section.tiles, ({ position }) => `${this.at} ${position}`, ({ position }) => this.renderTile(position))}</div>
        ${this.hand.saying && !this.checked ? html`<say-panel .labels=${this.labels} .label=${section.label} .mark=${this.hand.markAt(this.hand.here)} .options=${this.options} .tiles=${this.hand.targets.length}
          @say=${(event: CustomEvent<Partial<Mark>>) => this.hand.say(event.detail)} @leave=${this.dismiss} @away=${() => this.moved(false)} @pointerdown=${(event: Event) => event.stopPropagation()}></say-panel>` : nothing}
      </div>`;
  }

  private toTiles(primary = false): TemplateResult {
    return html`<a class="button ${primary ? "primary" : ""}" id="to-tiles" href=${this.review}>${msg("To the real tiles")}</a>`;
  }

  private renderTile(position: number): TemplateResult {
    const mark = this.hand.markAt(position);
    const here = position === this.hand.here && !this.checked;
    const told = this.checked?.find((one) => one.position === position);
    const state = told ? (told.wrong === told.flagged ? "right" : told.wrong ? "missed" : "spared") : "";
    const words = told ? feedback(told, this.labels, this.round) : "";
    const url = this.crops[position];
    return html`<button class="tile ${mark ? "flagged" : ""} ${here ? "here" : ""} ${state}" data-position=${position} aria-pressed=${mark !== undefined} tabindex=${here || this.checked ? 0 : -1}
      aria-label="${msg(str`item ${position + 1} of ${this.crops.length}`)}${mark ? `, ${msg("flagged")}` : ""}${words ? `. ${words}` : ""}" @click=${(event: MouseEvent) => this.clicked(event, position)} @focus=${() => this.checked || here || this.hand.sweeping || this.hand.go(position, false)}>
      ${url ? html`<img src=${url} alt="" draggable="false" @load=${(event: Event) => shape(event.target as HTMLImageElement)} />` : html`<span class="missing">${msg("no picture")}</span>`}
      ${mark && !told ? badge(mark, this.labels, (event) => { event.stopPropagation(); this.painter.actedAt = performance.now(); this.hand.open(position); }) : nothing}
      ${told ? html`<span class="told" aria-hidden="true"><b>${state === "right" ? "✓" : "✕"}</b>${told.wrong ? icon(this.labels.get(told.label ?? ""), 18) : nothing}<span>${words}</span></span>` : nothing}
    </button>`;
  }

  private renderChecked(checked: readonly Checked[], tutorial: Tutorial): TemplateResult {
    const wrong = checked.filter((one) => one.wrong);
    const found = wrong.filter(({ flagged }) => flagged).length;
    const spared = checked.filter((one) => !one.wrong && one.flagged).length;
    const last = this.at + 1 === tutorial.rounds.length;
    return html`<section class="checked" id="checked" role="status"><p><b>${msg(str`Wrong ones: you found ${found} of ${wrong.length}.`)}${spared ? ` ${msg(str`Right ones that you flagged: ${spared}.`)}` : ""}</b>
      ${found === wrong.length && !spared ? msg("That is all there was to find.") : spared ? msg("Flag what you are fairly sure of; where you cannot tell, say so.") : msg("Look at the ones outlined: they look alike, and are not the same.")}</p>
      <button class="primary" id="next" ?disabled=${this.busy} @click=${this.next}>${last ? msg("Done") : msg("Next")}</button></section>`;
  }

  private renderEnd(): TemplateResult {
    return html`<div class="empty" id="practised" role="status"><h1>${msg("That is all")}</h1><p>${msg(str`You were right about ${this.good} of ${tilesSaid(this.all)}.`)} ${msg("On the real ones most are right, a few are wrong, and a few are planted, so that we know how well all of us see. Where you wonder, ask: a supervisor answers.")}</p>
      <p class="row"><button id="again" @click=${() => this.start(this.turn + 1)}>${msg("Practise once more")}</button> ${this.toTiles(true)}</p></div>`;
  }
}

/** What is right, in words. */
function feedback({ wrong, flagged, label }: Checked, labels: ReadonlyMap<string, Label>, round: string): string {
  const name = readable(labels, label);
  if (wrong) return label ? (flagged ? name : msg(str`It is ${name}`)) : msg(str`Not ${readable(labels, round)}`);
  return flagged ? msg(str`It is ${name}`) : msg("Right");
}
