/** Where the tiles of a long field lie: rows of one height, so that any of them is found without the others. CSS pixels. */

export const GAP = 5;
/** One column of very many tiles would be taller than browsers can lay out. */
const FEWEST_COLUMNS = 2;
/** Windows that are fetched in the way one scrolls, and behind. */
const AHEAD = 1.5;
const BEHIND = 0.5;

export interface Layout {
  columns: number;
  /** Of a tile, a whole number so that none is blurred. */
  side: number;
  /** From one row's top to the next one's. */
  pitch: number;
  rows: number;
  height: number;
}
export type Step = "left" | "right" | "up" | "down" | "page-up" | "page-down" | "first" | "last";

/** `tile`: the least side of a tile, but where fewer than two would fit. */
export function layoutOf(width: number, tiles: number, tile: number): Layout {
  const columns = Math.max(FEWEST_COLUMNS, Math.floor((width + GAP) / (tile + GAP)));
  const side = Math.max(1, Math.floor((width - GAP * (columns - 1)) / columns));
  const rows = Math.ceil(tiles / columns);
  return { columns, side, pitch: side + GAP, rows, height: Math.max(0, rows * (side + GAP) - GAP) };
}

/** The rows [first, last) that touch the pixels [top, bottom). */
export function rowsIn({ pitch, rows }: Layout, top: number, bottom: number): [number, number] {
  const first = Math.min(rows, Math.max(0, Math.floor(top / pitch)));
  return [first, Math.max(first, Math.min(rows, Math.ceil(bottom / pitch)))];
}

/** The tiles [first, last) of these rows. */
export function tilesIn({ columns }: Layout, [first, last]: [number, number], tiles: number): [number, number] {
  return [Math.min(tiles, first * columns), Math.min(tiles, last * columns)];
}

/** The tiles worth fetching, the most urgent first: those in the window, then those ahead, then some behind. `down`: the way one scrolls. */
export function urgentIn(layout: Layout, tiles: number, top: number, height: number, down: boolean): number[] {
  const part = (from: number, to: number): number[] => {
    const [first, last] = tilesIn(layout, rowsIn(layout, from, to), tiles);
    return Array.from({ length: last - first }, (_, k) => first + k);
  };
  const below = (windows: number): number[] => part(top + height, top + (1 + windows) * height);
  const above = (windows: number): number[] => part(top - windows * height, top).reverse();
  const around = down ? [...below(AHEAD), ...above(BEHIND)] : [...above(AHEAD), ...below(BEHIND)];
  return [...new Set([...part(top, top + height), ...around])];
}

/** The tile to go to from `at`, in its column where the last row has one there; `page`: how many rows a page has. */
export function stepFrom({ columns }: Layout, tiles: number, at: number, step: Step, page: number): number {
  const last = tiles - 1;
  const by = (rows: number): number => {
    const row = Math.min(Math.floor(last / columns), Math.max(0, Math.floor(at / columns) + rows));
    return Math.min(last, row * columns + (at % columns));
  };
  const ways: Record<Step, () => number> = {
    left: () => Math.max(0, at - 1),
    right: () => Math.min(last, at + 1),
    up: () => by(-1),
    down: () => by(1),
    "page-up": () => by(-page),
    "page-down": () => by(page),
    first: () => 0,
    last: () => last,
  };
  return ways[step]();
}

/** How far to scroll so that a row is seen whole between `top` and `top + height`. */
export function revealed({ pitch, side }: Layout, row: number, top: number, height: number): number {
  if (row * pitch < top) return row * pitch;
  return Math.max(top, row * pitch + side - height);
}
