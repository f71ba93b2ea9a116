/** Numbers and times as people read them. What is not known is "unknown", never 0. */
import { language, msg, str } from "./language";

const grouped = new Intl.NumberFormat(language);
const plurals = new Intl.PluralRules(language);
export const UNKNOWN = msg("unknown");
/** Keeps a number and its sign on one line. */
const NARROW = "\u00a0";

export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? UNKNOWN : grouped.format(n);
}

/** True where the page's language speaks of so many in the singular: in French of 0 too. */
export const isOne = (n: number): boolean => plurals.select(n) === "one";

/** "1 tile", "2,000 tiles". */
export const tilesSaid = (n: number): string => `${count(n)} ${isOne(n) ? msg("tile") : msg("tiles")}`;

/** "3 flagged", which some languages say otherwise of one. */
export const flaggedSaid = (n: number): string => (isOne(n) ? msg(str`${count(n)} flagged`, { id: "one-flagged" }) : msg(str`${count(n)} flagged`, { id: "many-flagged" }));
export const unseenSaid = (n: number): string => (isOne(n) ? msg(str`${count(n)} unseen`, { id: "one-unseen" }) : msg(str`${count(n)} unseen`, { id: "many-unseen" }));

/** "1 item", "2,000 items". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${grouped.format(n)} ${n === 1 ? one : many}`;
}

/** A share of 0..1 in percent, without the sign: small ones keep what tells them from 0. */
export function bare(share: number): string {
  const p = share * 100;
  if (p === 0) return "0";
  if (p < 0.01) return "<0.01";
  if (p < 1) return p.toFixed(2).replace(/0$/, "");
  if (p < 10) return p.toFixed(1);
  // 99.96 must not read as all of it.
  if (p < 100 && p > 99) return Math.min(p, 99.9).toFixed(1);
  return p.toFixed(0);
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? UNKNOWN : `${bare(share)}${NARROW}%`;
}

export function range(interval: [number, number] | null | undefined): string {
  return interval ? `${bare(interval[0])}–${bare(interval[1])}${NARROW}%` : UNKNOWN;
}

/** "14:05". */
export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** "14:05" for today, "Thu 14:05" within a week, "3 Dec" after. */
export function when(iso: string | null | undefined, now = new Date()): string {
  if (!iso) return UNKNOWN;
  const at = new Date(iso);
  const time = clock(iso);
  const days = Math.abs(at.getTime() - now.getTime()) / 86_400_000;
  if (at.toDateString() === now.toDateString()) return time;
  if (days < 6.5) return `${at.toLocaleDateString(language, { weekday: "short" })} ${time}`;
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return at.toLocaleDateString(language === "en" ? "en-GB" : language, { day: "numeric", month: "short", year });
}

/** "4 min", "2 h 10 min", "3 days". */
export function span(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
  const days = Math.round(minutes / 1440);
  return isOne(days) ? msg("1 day") : msg(str`${count(days)} days`);
}

/** "0.4 s", "12 s", "3 min": a short time that is reckoned. */
export function seconds(n: number): string {
  return n < 10 ? `${n.toFixed(1)}${NARROW}s` : span(n);
}

/** "35 min", "3.5 h", "1,200 h". */
export function hours(n: number): string {
  if (n < 3600) return span(n);
  return `${n < 36_000 ? (n / 3600).toFixed(1) : grouped.format(Math.round(n / 3600))}${NARROW}h`;
}

/** An amount without its currency: cents where they tell. */
export function money(n: number | null): string {
  if (n === null) return UNKNOWN;
  return n < 1000 ? n.toFixed(2) : grouped.format(Math.round(n));
}
