/** What the real grid and the one to practise on share: a field of tiles under a hand, where pointer, keys and panel go. */
import { LitElement } from "lit";
import { query } from "lit/decorators.js";
import { place } from "./floats";
import type { Hand } from "./hand";
import { Painter } from "./painter";
import "./say-panel";
import type { SayPanel } from "./say-panel";
import type { Way } from "./selection";

const GAP = 8;

export abstract class TileField extends LitElement {
  @query("say-panel") protected panel!: SayPanel | null;
  protected hand!: Hand;
  private cleared: number | null = null;
  protected painter = new Painter({
    at: (x, y) => this.positionAt(x, y),
    begin: (position) => this.hand.beginSweep(position),
    over: (position) => this.hand.sweepOver(position),
    end: () => this.hand.endSweep(),
    tapped: (position, x, y) => this.tapped(position, x, y),
    reach: (position) => this.hand.reach(position),
  });

  /** A finger tapped here; true where that meant something else than a flag. */
  protected tapped(_position: number, _x: number, _y: number): boolean {
    return false;
  }

  protected element(position: number): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`.tile[data-position="${position}"]`);
  }

  protected positionAt(x: number, y: number): number | undefined {
    const tile = (this.renderRoot as ShadowRoot).elementFromPoint(x, y)?.closest<HTMLElement>(".tile");
    return tile ? Number(tile.dataset["position"]) : undefined;
  }

  protected move(way: Way, mark: boolean): void {
    const spots = this.hand.order.map((position) => {
      const box = this.element(position)?.getBoundingClientRect();
      return { position, x: box?.left ?? 0, y: box?.top ?? 0 };
    });
    this.hand.move(way, spots, mark);
  }

  /** Keys go to the tile where one stands, unless one writes in its panel. */
  protected focusTile(reveal = false): void {
    void this.updateComplete.then(() => {
      const tile = this.element(this.hand.here);
      if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement !== this.panel) tile?.focus({ preventScroll: true });
      if (reveal) tile?.scrollIntoView({ block: "nearest" });
    });
  }

  protected clicked(event: MouseEvent, position: number): void {
    // A pointer's own click was dealt with when it went down; this one is a screen reader's or a script's.
    if (performance.now() - this.painter.actedAt < 1000 && event.detail !== 0) return;
    this.hand.go(position);
    this.hand.toggle();
  }

  protected place(float: HTMLElement, position: number): void {
    const tile = this.element(position);
    const field = tile?.closest<HTMLElement>(".field");
    if (tile && field) place(float, tile, field);
  }

  /** Once the panel's own content is there: only then is its height known. */
  protected placePanel(): void {
    const { panel } = this;
    if (!panel) this.cleared = null;
    else void panel.updateComplete.then(() => (this.place(panel, this.hand.here), this.clear(panel)));
  }

  /** On a phone the panel is a sheet over the lower half: the tile that it asks about moves out from under it, once. */
  private clear(panel: SayPanel): void {
    const { here } = this.hand;
    if (this.cleared === here || getComputedStyle(panel).position !== "fixed") return;
    this.cleared = here;
    const under = (this.element(here)?.getBoundingClientRect().bottom ?? 0) + GAP - panel.getBoundingClientRect().top;
    if (under > 0) scrollBy({ top: under, behavior: "instant" });
  }
}
