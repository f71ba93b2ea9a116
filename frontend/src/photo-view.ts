/** <photo-view>: a picture to pan, zoom and lighten. Emits `step` (-1, 1), `leave` and, but where it is only `looked` at, `flag`. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { msg } from "./language";
import { shared } from "./shared";

const MOST = 12;
const STEP = 1.4;
const PUSH = 60; // CSS pixels of a pan by key
interface Place {
  x: number;
  y: number;
}

@customElement("photo-view")
export class PhotoView extends LitElement {
  static override styles = [
    shared,
    css`
      :host { display: grid; grid-template-rows: minmax(0, 1fr) auto; gap: 8px; height: 100%; min-height: 0; }
      .stage { position: relative; overflow: hidden; border-radius: 6px; background: light-dark(#e7e7e3, #0c0d0e); touch-action: none; cursor: grab; }
      .stage:active { cursor: grabbing; }
      .stage img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; transform-origin: 0 0; user-select: none; -webkit-user-drag: none; }
      .said { position: absolute; left: 8px; bottom: 8px; padding: 2px 8px; border-radius: 6px; background: light-dark(#fffd, #000c); max-width: 92%; overflow-wrap: anywhere; }
      .note { position: absolute; inset: 0; display: grid; place-items: center; padding: 24px; text-align: center; }
      .bar { display: flex; gap: 6px 10px; align-items: center; flex-wrap: wrap; }
      .bar button { min-width: 40px; min-height: 36px; }
      .bar .flagged { border-color: var(--flag); color: var(--flag); }
      label { display: inline-flex; gap: 6px; align-items: center; } input[type="range"] { width: 110px; padding: 0; }
      @media (max-width: 640px) { .bar button { min-height: 44px; min-width: 44px; padding: 6px 10px; } .bar kbd { display: none; } input[type="range"] { width: 84px; } .wide { display: none; } }
    `,
  ];

  @property() src = "";
  /** Says why there is no picture. */
  @property() note = "";
  @property({ attribute: false }) known: Record<string, unknown> = {};
  @property({ type: Boolean }) flagged = false;
  @property({ type: Boolean }) looked = false;
  @state() private scale = 1;
  @state() private at: Place = { x: 0, y: 0 };
  @state() private contrast = 100;
  @state() private brightness = 100;
  @state() private failed = false;
  @query(".stage") private stage!: HTMLElement;
  private pointers = new Map<number, Place>();

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("src")) return;
    this.failed = false;
    this.fit();
  }

  override updated(): void {
    const image = this.renderRoot.querySelector("img");
    if (!image) return;
    image.style.transform = `translate(${this.at.x}px, ${this.at.y}px) scale(${this.scale})`;
    image.style.filter = this.contrast === 100 && this.brightness === 100 ? "" : `brightness(${this.brightness}%) contrast(${this.contrast}%)`;
  }

  /** Takes a key; true where it meant something here. */
  press(event: KeyboardEvent): boolean {
    const pan: Record<string, Place> = { ArrowLeft: { x: 1, y: 0 }, ArrowRight: { x: -1, y: 0 }, ArrowUp: { x: 0, y: 1 }, ArrowDown: { x: 0, y: -1 } };
    const way = pan[event.key];
    if (event.composedPath()[0] instanceof HTMLInputElement) return false;
    if (way && (event.shiftKey || way.x === 0)) this.pan(way.x * PUSH, way.y * PUSH);
    else if (way) this.step(-way.x as -1 | 1);
    else if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-") this.zoom(1 / STEP);
    else if (event.key === "0") this.fit();
    else if (event.key === " " && !this.looked) this.say("flag");
    else return false;
    return true;
  }

  override render(): TemplateResult {
    const known = Object.entries(this.known);
    return html`<div class="stage" @pointerdown=${this.down} @pointermove=${this.move} @pointerup=${this.up} @pointercancel=${this.up}
        @wheel=${this.wheel} @dblclick=${this.twice}>
        ${this.note || this.failed ? html`<p class="note">${this.note || msg("The photo does not come. Close this and try again.")}</p>`
          : html`<img src=${this.src} alt=${msg("The whole photo, with a box around the item")} draggable="false" @error=${() => (this.failed = true)} />`}
        ${known.length ? html`<div class="said small" id="attributes">${known.map(([name, value]) => `${name}: ${value}`).join(" · ")}</div>` : nothing}
      </div>
      <div class="bar small">
        ${this.looked ? nothing : html`<button id="photo-flag" autofocus class=${this.flagged ? "flagged" : ""} aria-pressed=${this.flagged} @click=${() => this.say("flag")}>⚑ ${this.flagged ? msg("Flagged") : msg("Flag")} <kbd>${msg("Space")}</kbd></button>`}
        <button aria-label=${msg("The tile before")} title="${msg("The tile before")} (←)" @click=${() => this.step(-1)}>←</button>
        <button aria-label=${msg("The next tile")} title="${msg("The next tile")} (→)" @click=${() => this.step(1)}>→</button>
        <button id="zoom-out" aria-label=${msg("Zoom out")} title="${msg("Zoom out")} (−)" @click=${() => this.zoom(1 / STEP)}>−</button>
        <button id="zoom-in" aria-label=${msg("Zoom in")} title="${msg("Zoom in")} (+)" @click=${() => this.zoom(STEP)}>+</button>
        <button class="wide" aria-label=${msg("Fit to the window")} title="${msg("Fit to the window")} (0)" @click=${this.fit}>⤢</button>
        <label><span aria-hidden="true">☀</span><input type="range" aria-label=${msg("Brightness")} min="40" max="400" .value=${String(this.brightness)} @input=${(event: Event) => (this.brightness = valueOf(event))} /></label>
        <label><span aria-hidden="true">◐</span><input type="range" id="contrast" aria-label=${msg("Contrast")} min="40" max="400" .value=${String(this.contrast)} @input=${(event: Event) => (this.contrast = valueOf(event))} /></label>
        <span class="grow"></span><button id="photo-close" ?autofocus=${this.looked} @click=${() => this.say("leave")}>${msg("Close")}</button>
      </div>`;
  }

  private fit = (): void => {
    this.scale = 1;
    this.at = { x: 0, y: 0 };
  };

  /** Larger or smaller about a point of the stage, its middle where none is given. */
  private zoom(by: number, about?: Place): void {
    const { clientWidth, clientHeight } = this.stage;
    const { x, y } = about ?? { x: clientWidth / 2, y: clientHeight / 2 };
    const scale = Math.max(1, Math.min(MOST, this.scale * by));
    const grown = scale / this.scale;
    this.scale = scale;
    this.put({ x: x - (x - this.at.x) * grown, y: y - (y - this.at.y) * grown });
  }

  private pan(x: number, y: number): void {
    this.put({ x: this.at.x + x, y: this.at.y + y });
  }

  /** The picture never leaves the stage. */
  private put({ x, y }: Place): void {
    const { clientWidth, clientHeight } = this.stage;
    const within = (v: number, side: number): number => Math.min(0, Math.max(side * (1 - this.scale), v));
    this.at = { x: within(x, clientWidth), y: within(y, clientHeight) };
  }

  private down = (event: PointerEvent): void => {
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.pointOf(event));
  };

  private move = (event: PointerEvent): void => {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.pointOf(event);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) this.zoom(distance(now, other) / Math.max(1, distance(before, other)), other);
    else this.pan(now.x - before.x, now.y - before.y);
    this.pointers.set(event.pointerId, now);
  };

  private up = (event: PointerEvent): void => void this.pointers.delete(event.pointerId);

  private wheel = (event: WheelEvent): void => {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 400), this.pointOf(event));
  };

  private twice = (event: MouseEvent): void => {
    if (this.scale > 1) this.fit();
    else this.zoom(3, this.pointOf(event));
  };

  private pointOf(event: MouseEvent): Place {
    const { left, top } = this.stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private step(by: -1 | 1): void {
    this.dispatchEvent(new CustomEvent("step", { detail: by }));
  }

  private say(what: "flag" | "leave"): void {
    this.dispatchEvent(new CustomEvent(what));
  }
}

const distance = (a: Place, b: Place): number => Math.hypot(a.x - b.x, a.y - b.y);
const valueOf = (event: Event): number => Number((event.target as HTMLInputElement).value);
