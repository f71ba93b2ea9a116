/**
 * <tile-wall>: a field of very many tiles, of which only those near the screen are there. Rows are used again as one
 * scrolls; the row where one stands stays, so that focus is never lost. Fires `here` and `opened` with an item's id,
 * `chosen` where it was by a press, `near` with the ids in view once one rests, `trouble` with a sentence.
 */
import { html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { wantedFor, type Wanted } from "./bundle";
import { CropCache } from "./crop-cache";
import { STEP_KEYS } from "./explore-keys";
import { commandOf } from "./keys";
import { thrifty } from "./line";
import { count } from "./numbers";
import { shared } from "./shared";
import { layoutOf, revealed, rowsIn, stepFrom, tilesIn, urgentIn, type Layout } from "./wall-layout";
import { WallRows } from "./wall-rows";
import { wallStyles } from "./wall-styles";

const AROUND = 400; // CSS pixels above and below the window that are laid out too
const FAST = 6; // CSS pixels a millisecond, from which one is only passing
const RESTS = 110; // milliseconds without a scroll
const EVERY = 60; // milliseconds between two looks at what to fetch
const CAPTIONED = 88; // CSS pixels of a tile that has room for words
const EDGE = 8; // CSS pixels of the scrolling box, above and below the tiles

@customElement("tile-wall")
export class TileWall extends LitElement {
  static override styles = [shared, wallStyles];

  @property({ type: Number, attribute: "dataset" }) of = 0;
  @property({ attribute: false }) ids: readonly number[] = [];
  /** The least side of a tile in CSS pixels. */
  @property({ type: Number }) tile = 128;
  @property({ type: Number }) pinned: number | null = null;
  @property() name = "";
  /** The tile to begin at. */
  @property({ type: Number }) from = 0;
  /** What a screen reader says of an item beside its place; "" where nothing is known yet. */
  @property({ attribute: false }) describe: (id: number) => string = () => "";
  /** Two lines over a tile's lower end, "" for none: what it is labelled, and what it rather is. */
  @property({ attribute: false }) caption: (id: number) => readonly [string, string] = () => ["", ""];
  @query(".scroll") private scroller!: HTMLElement;
  @query(".ground") private ground!: HTMLElement;

  private here = 0;
  private layout: Layout = layoutOf(0, 0, 128);
  /** Not there before the first render. */
  private rows!: WallRows;
  private cache: CropCache | null = null;
  private frame = 0;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private last = { top: 0, at: 0, looked: 0 };
  private down = true;
  private lean = thrifty();
  private sizes = new ResizeObserver(() => this.relaid());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    this.cache?.letGo();
    this.cache = null;
  }

  override firstUpdated(): void {
    this.rows = new WallRows(this.ground, (tile, index, id) => {
      this.say(tile, index);
      this.picture(tile, id);
    });
    this.sizes.observe(this.scroller);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has("ids")) this.begin();
    else if (changed.has("tile")) this.relaid();
    else if (changed.has("pinned") || changed.has("describe")) this.describeAll();
  }

  override render(): TemplateResult {
    return html`<div class="scroll" @scroll=${{ handleEvent: this.scrolled, passive: true }}>
      <div class="ground" role="grid" aria-label=${this.name} @keydown=${this.key} @click=${this.clicked} @dblclick=${this.twice} @focusin=${this.focused}></div></div>`;
  }

  /** The first tile that is in the window. */
  get first(): number {
    return tilesIn(this.layout, this.window, this.ids.length)[0];
  }

  /** The item where one stands. */
  get item(): number | undefined {
    return this.ids[this.here];
  }

  override focus(): void {
    this.rows?.at(this.here, this.layout)?.focus({ preventScroll: true });
  }

  /** Go to a tile, as the arrows do. */
  step(by: 1 | -1): void {
    this.go(Math.max(0, Math.min(this.ids.length - 1, this.here + by)), false);
  }

  /** What is known of the items has grown. */
  describeAll(): void {
    for (const [tile, index] of this.rows?.each() ?? []) this.say(tile, index);
  }

  // Laying out

  private begin(): void {
    const held = this.hasFocus;
    this.here = Math.max(0, Math.min(this.from, this.ids.length - 1));
    this.rows.clear();
    this.layOut(this.here, 0);
    if (held) this.focus();
  }

  /** Another width or size of tiles: what stands first in the window stays there. */
  private relaid(): void {
    const { pitch, columns } = this.layout;
    const { scrollTop } = this.scroller;
    this.layOut(Math.floor(scrollTop / pitch) * columns, (scrollTop % pitch) / pitch);
  }

  /** The row of the tile `first` at the top of the window, but for a part of it. */
  private layOut(first: number, part: number): void {
    const { scroller, layout: before } = this;
    const style = getComputedStyle(scroller);
    const width = scroller.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (width <= 0) return;
    const held = this.hasFocus;
    this.layout = layoutOf(width, this.ids.length, this.tile);
    const { columns, side, pitch, height, rows } = this.layout;
    this.style.setProperty("--side", `${side}px`);
    this.ground.style.height = `${height}px`;
    this.ground.ariaRowCount = String(rows);
    this.ground.ariaColCount = String(columns);
    if (columns !== before.columns || pitch !== before.pitch) this.rows.clear();
    scroller.scrollTop = (Math.floor(first / columns) + part) * pitch;
    this.sharpen(wantedFor(side, devicePixelRatio, this.lean));
    this.paint();
    this.look();
    if (held) this.focus();
    this.rest();
  }

  private sharpen(wanted: Wanted): void {
    if (this.cache?.size.size === wanted.size && this.cache.size.lean === wanted.lean) return;
    this.cache?.letGo();
    this.cache = new CropCache(this.of, wanted, {
      came: (ids) => this.came(ids),
      failed: (error) => this.dispatchEvent(new CustomEvent("trouble", { detail: error.message })),
    });
    for (const [tile, , id] of this.rows.each()) this.picture(tile, id);
  }

  private get window(): [number, number] {
    const { scrollTop, clientHeight } = this.scroller;
    return rowsIn(this.layout, scrollTop, scrollTop + clientHeight);
  }

  /** Bring the rows that are there to where one looks; the one where one stands is always there. */
  private paint(): void {
    const { scrollTop, clientHeight } = this.scroller;
    const [first, last] = rowsIn(this.layout, scrollTop - AROUND, scrollTop + clientHeight + AROUND);
    const wanted = new Set(Array.from({ length: last - first }, (_, k) => first + k));
    if (this.ids.length) wanted.add(Math.floor(this.here / this.layout.columns));
    this.rows.show(wanted, this.layout, this.ids);
  }

  private say(tile: HTMLElement, index: number): void {
    const id = this.ids[index]!;
    const here = index === this.here;
    const known = this.describe(id);
    tile.tabIndex = here ? 0 : -1;
    tile.classList.toggle("here", here);
    tile.classList.toggle("pinned", id === this.pinned);
    tile.ariaSelected = String(here);
    const [own, rather] = this.layout.side < CAPTIONED ? ["", ""] : this.caption(id);
    for (const [name, words] of Object.entries({ own, rather })) {
      if (words) tile.dataset[name] = words;
      else delete tile.dataset[name];
    }
    tile.ariaLabel = `item ${count(index + 1)} of ${count(this.ids.length)}${known ? `, ${known}` : ""}${id === this.pinned ? ", pinned" : ""}`;
  }

  /** A picture of its own for each turn of a tile, so that none shows the item before. */
  private picture(tile: HTMLElement, id: number): void {
    const url = this.cache?.url(id);
    if (url) {
      const image = Object.assign(new Image(), { alt: "", draggable: false, decoding: "async", src: url });
      image.onerror = () => {
        this.cache?.broken(id);
        if (this.rows.of(id) === tile) this.picture(tile, id);
      };
      tile.replaceChildren(image);
    } else if (url === null) {
      tile.replaceChildren(Object.assign(document.createElement("span"), { className: "missing", textContent: "no picture" }));
    } else tile.replaceChildren();
  }

  private came(ids: readonly number[]): void {
    for (const id of ids) {
      const tile = this.rows.of(id);
      if (tile) this.picture(tile, id);
    }
  }

  // Scrolling and fetching

  private scrolled = (): void => {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
      this.pass();
      this.rest();
    });
  };

  /** Fetch on the way, but not what one only rushes past. */
  private pass(): void {
    const [top, now] = [this.scroller.scrollTop, performance.now()];
    const speed = Math.abs(top - this.last.top) / Math.max(1, now - this.last.at);
    if (top !== this.last.top) this.down = top > this.last.top;
    this.last = { ...this.last, top, at: now };
    if (speed < FAST && now - this.last.looked > EVERY) this.look();
  }

  private look(): void {
    const { scrollTop, clientHeight } = this.scroller;
    this.last.looked = performance.now();
    this.cache?.want(urgentIn(this.layout, this.ids.length, scrollTop, clientHeight, this.down).map((index) => this.ids[index]!));
  }

  private rest(): void {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.look();
      this.near();
    }, RESTS);
  }

  private near(): void {
    const ids = this.ids.slice(...tilesIn(this.layout, this.window, this.ids.length));
    const own = this.item;
    if (own !== undefined) this.dispatchEvent(new CustomEvent("near", { detail: [...new Set([own, ...ids])] }));
  }

  // Where one stands

  private get hasFocus(): boolean {
    return (this.renderRoot as ShadowRoot).activeElement !== null;
  }

  private go(index: number, focus = true): void {
    if (this.ids[index] === undefined) return;
    const before = this.here;
    this.here = index;
    const { scroller, layout } = this;
    const row = Math.floor(index / layout.columns);
    const top = revealed(layout, row, scroller.scrollTop, scroller.clientHeight - 2 * EDGE);
    if (top !== scroller.scrollTop) scroller.scrollTop = top;
    this.paint();
    for (const at of [before, index]) {
      const tile = this.rows.at(at, layout);
      if (tile) this.say(tile, at);
    }
    if (focus) this.focus();
    this.dispatchEvent(new CustomEvent("here", { detail: this.item }));
  }

  private key = (event: KeyboardEvent): void => {
    const step = commandOf(STEP_KEYS, event);
    if (!step) return;
    event.preventDefault();
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.layout.pitch));
    this.go(stepFrom(this.layout, this.ids.length, this.here, step, page));
  };

  private indexOf(event: Event): number | undefined {
    const tile = (event.target as HTMLElement).closest<HTMLElement>(".tile");
    return tile ? Number(tile.dataset["index"]) : undefined;
  }

  private clicked = (event: Event): void => {
    const index = this.indexOf(event);
    if (index === undefined) return;
    this.go(index);
    this.dispatchEvent(new CustomEvent("chosen"));
  };

  private twice = (event: Event): void => {
    if (this.indexOf(event) !== undefined) this.dispatchEvent(new CustomEvent("opened", { detail: this.item }));
  };

  /** Whoever comes by Tab stands where they stood; what is pressed is dealt with when it is clicked. */
  private focused = (event: Event): void => {
    if (this.indexOf(event) === this.here) this.dispatchEvent(new CustomEvent("here", { detail: this.item }));
  };
}
