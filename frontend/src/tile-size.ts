/** How large tiles are: chosen by the person and remembered, else so that all fit the window. CSS pixels. */
import { store } from "./assignments";

const SIZES = [56, 72, 92, 116, 146, 184, 232, 292];
const PLACE = "mlfix.tile";
const GAP = 5;
const NARROW = 640;
/** What the header, the site's bar and the footer take of the window's height. */
const CHROME = 190;

export function chosenSize(): number | null {
  return Number(localStorage.getItem(PLACE)) || null;
}

/** One size up or down from `size`, remembered. */
export function nextSize(size: number, by: 1 | -1): number {
  const at = SIZES.findIndex((known) => known >= size);
  const next = SIZES[Math.max(0, Math.min(SIZES.length - 1, at + by))] ?? size;
  store(PLACE, String(next));
  return next;
}

/** The largest tiles at which all `n` fit the window, within reason. */
export function fittingSize(n: number): number {
  const narrow = innerWidth <= NARROW;
  const [width, height] = [innerWidth - (narrow ? 20 : 48) + GAP, innerHeight - CHROME];
  const fits = (size: number): boolean => {
    const columns = Math.max(1, Math.floor(width / (size + GAP)));
    return Math.ceil(n / columns) * (width / columns) <= height;
  };
  return [146, 116, 92].find(fits) ?? (narrow ? 72 : 92);
}
