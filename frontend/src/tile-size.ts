/** How large tiles are: chosen by the person and remembered, else so that all fit the window. CSS pixels. */
import { store } from "./store";

export const SMALLEST = 56;
export const LARGEST = 292;
const SIZES = [56, 72, 92, 116, 146, 184, 232, 292];
const PLACE = "mlfix.tile";
const GAP = 5;
const NARROW = 640;
const WIDE = 1800;
/** What the header, the site's bar and the footer take of the window's height. */
const CHROME = 190;

export function chosenSize(): number | null {
  return Number(localStorage.getItem(PLACE)) || null;
}

/** One size up or down from `size`, remembered. */
export function nextSize(size: number, by: 1 | -1): number {
  const at = SIZES.findIndex((known) => known >= size);
  const next = SIZES[Math.max(0, Math.min(SIZES.length - 1, at + by))] ?? size;
  rememberSize(next);
  return next;
}

export function rememberSize(size: number): void {
  store(PLACE, String(size));
}

/** The largest tiles at which all `n` fit the window, within reason. */
export function fittingSize(n: number): number {
  return largest(innerWidth >= WIDE ? [184, 146, 116, 92] : [146, 116, 92], n) ?? (innerWidth <= NARROW ? 72 : 92);
}

/** The same for few that one wants to see large. */
export function largeSize(n: number): number {
  return largest([292, 232, 184], n) ?? (innerWidth <= NARROW ? 146 : 184);
}

function largest(sizes: number[], n: number): number | undefined {
  const [width, height] = [innerWidth - (innerWidth <= NARROW ? 20 : 48) + GAP, innerHeight - CHROME];
  return sizes.find((size) => {
    const columns = Math.max(1, Math.floor(width / (size + GAP)));
    return Math.ceil(n / columns) * (width / columns) <= height;
  });
}
