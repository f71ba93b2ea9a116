/** How large things are, where the dataset says how long a pixel is: scale bars, and pictures at one scale. */
import type { Tile } from "./assignments";
import { language } from "./language";

/** How a picture lies in its square tile: covering it, whole, or as large as it is beside the others. */
export type Fit = "square" | "whole" | "true";
const MOST = 0.45; // of a tile's side that a bar may take
const said = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });

/** The longest of 1, 2 and 5 times a power of ten that is no longer than `most`. */
export function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((times) => times * power).find((length) => length <= most * (1 + 1e-9)) ?? power;
}

export class Scale {
  /** The longest side of any crop, in the unit; 0 where nothing is known. */
  readonly widest: number;

  constructor(
    private unit: string,
    tiles: readonly Pick<Tile, "span">[],
  ) {
    this.widest = unit ? Math.max(0, ...tiles.flatMap(({ span }) => span ?? [])) : 0;
  }

  get known(): boolean {
    return this.widest > 0;
  }

  /** A bar for a picture that lies like that: its share of the tile's side, and its length in words. */
  bar(span: Tile["span"], fit: Fit): { share: number; words: string } | null {
    if (!span || !this.known) return null;
    const side = fit === "true" ? this.widest : fit === "whole" ? Math.max(...span) : Math.min(...span);
    return this.barOf(side);
  }

  /** The same for whatever is `across` long from side to side. */
  barOf(across: number): { share: number; words: string } {
    const length = roundLength(across * MOST);
    return { share: length / across, words: `${said.format(length)} ${this.unit}` };
  }

  /** What a crop takes of its tile's sides where all tiles have one scale. */
  shares([across, down]: [number, number]): { "--true-wide": string; "--true-tall": string } {
    return { "--true-wide": String(across / this.widest), "--true-tall": String(down / this.widest) };
  }
}
