/** The line to the server: whether data is dear, as the person or the browser says, and whether it is slow, as measured. */
import { store } from "./store";

const SLOW = 320; // bytes a millisecond: 2.5 Mbit/s
const ENOUGH = 12_000; // bytes, below which a transfer says nothing
const PLACE = "mlfix.rate";

interface Line {
  saveData?: boolean;
  effectiveType?: string;
}
/** What a transfer took: bytes, and milliseconds from its first byte to its last. */
export interface Transfer {
  bytes: number;
  ms: number;
}

/** The person asked for less data, or the browser knows a poor line. Its `downlink` is a guess where it knows nothing. */
export function dear({ saveData, effectiveType }: Line = (navigator as { connection?: Line }).connection ?? {}): boolean {
  return saveData === true || /2g|3g/.test(effectiveType ?? "");
}

/** Bytes a millisecond of the slowest telling transfer, or null where none tells. */
export function rateOf(transfers: readonly Transfer[]): number | null {
  const rates = transfers.filter(({ bytes }) => bytes >= ENOUGH).map(({ bytes, ms }) => bytes / Math.max(1, ms));
  return rates.length ? Math.min(...rates) : null;
}

/** How fast crops came last time, else how fast the page's own scripts did. */
function measured(): number | null {
  const kept = Number(localStorage.getItem(PLACE));
  if (kept) return kept;
  const scripts = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  return rateOf(scripts.filter(({ transferSize }) => transferSize > 0).map(({ encodedBodySize, responseStart, responseEnd }) => ({ bytes: encodedBodySize, ms: responseEnd - responseStart })));
}

/** Remember how fast a bundle of crops came. */
export function noted(transfer: Transfer): void {
  const rate = rateOf([transfer]);
  if (rate !== null) store(PLACE, rate.toFixed(1));
}

export function thrifty(): boolean {
  return dear() || (measured() ?? Infinity) < SLOW;
}
