/** The rows of a field that are there: made once and used again for others as one scrolls. */
import type { Layout } from "./wall-layout";

interface Row {
  element: HTMLElement;
  tiles: HTMLElement[];
}

export class WallRows {
  private rows = new Map<number, Row>();
  private tiles = new Map<number, HTMLElement>();

  /** `filled` is told of each tile that is another item's now. */
  constructor(
    private ground: HTMLElement,
    private filled: (tile: HTMLElement, index: number, id: number) => void,
  ) {}

  /** The tile of an item, where it is there. */
  of(id: number): HTMLElement | undefined {
    return this.tiles.get(id);
  }

  /** The tile of this place in the field, where it is there. */
  at(index: number, { columns }: Layout): HTMLElement | undefined {
    const tile = this.rows.get(Math.floor(index / columns))?.tiles[index % columns];
    return tile?.hidden ? undefined : tile;
  }

  /** The tiles that are there, each with its place in the field and its item. */
  *each(): Iterable<[HTMLElement, number, number]> {
    for (const [id, tile] of this.tiles) yield [tile, Number(tile.dataset["index"]), id];
  }

  clear(): void {
    this.rows.clear();
    this.tiles.clear();
    this.ground.replaceChildren();
  }

  /** Have just these rows there. One that stays is left alone, so that it keeps its focus. */
  show(wanted: ReadonlySet<number>, layout: Layout, ids: readonly number[]): void {
    const spare: Row[] = [];
    for (const [at, row] of this.rows) {
      if (wanted.has(at)) continue;
      this.rows.delete(at);
      for (const tile of row.tiles) this.forget(tile);
      spare.push(row);
    }
    for (const at of wanted) {
      if (this.rows.has(at)) continue;
      const row = spare.pop() ?? made(layout.columns);
      this.fill(row, at, layout, ids);
      this.insert(row, at);
    }
    for (const { element } of spare) element.remove();
  }

  private forget(tile: HTMLElement): void {
    this.tiles.delete(Number(tile.dataset["id"]));
  }

  private fill({ element, tiles }: Row, at: number, { columns, pitch }: Layout, ids: readonly number[]): void {
    element.ariaRowIndex = String(at + 1);
    element.style.transform = `translateY(${at * pitch}px)`;
    tiles.forEach((tile, column) => {
      const index = at * columns + column;
      const id = ids[index];
      tile.hidden = id === undefined;
      tile.dataset["index"] = String(index);
      tile.dataset["id"] = String(id ?? "");
      if (id === undefined) return;
      this.tiles.set(id, tile);
      this.filled(tile, index, id);
    });
  }

  /** In the order of the field, since a screen reader goes by that. */
  private insert(row: Row, at: number): void {
    let next: number | null = null;
    for (const other of this.rows.keys()) if (other > at && (next === null || other < next)) next = other;
    this.rows.set(at, row);
    this.ground.insertBefore(row.element, next === null ? null : this.rows.get(next)!.element);
  }
}

function made(columns: number): Row {
  const element = Object.assign(document.createElement("div"), { className: "line", role: "row" });
  const tiles = Array.from({ length: columns }, (_, column) => {
    const tile = Object.assign(document.createElement("div"), { className: "tile", role: "gridcell", tabIndex: -1 });
    tile.ariaColIndex = String(column + 1);
    return tile;
  });
  element.append(...tiles);
  return { element, tiles };
}
