/** Getting assignments: resume or claim one, with its crops. */
import { ApiError, bytes, call, get, type Page } from "./api";
import { addresses, letGo, parseBundle } from "./bundle";
import { fetchGuidelines } from "./guidelines";
import type { Flag } from "./state";

export interface Tile {
  position: number;
  /** Where the object lies in its crop: x, y, width, height as fractions of its sides; null where the crop is the object. */
  box: [number, number, number, number] | null;
  attributes: Record<string, unknown>;
  /** Neighbours with one number lie in one stack; null where nothing is stacked. */
  stack: number | null;
}
export interface Section {
  label: string;
  /** The question turned round: which of these ARE this label? */
  asks: string | null;
  /** What its items share, in a campaign by an attribute. */
  value: string | null;
  tiles: Tile[];
}
export interface Assignment {
  id: number;
  campaign: number;
  dataset: number;
  revision: number;
  state: "lent" | "handed_in" | "lapsed" | "released";
  opened_at: string | null;
  expires_at: string;
  now: string;
  policy: string;
  context_shown: "yes" | "blurred" | "no";
  sections: Section[];
  flags: Flag[];
  seen: number[];
}
/** A planted wrong label that was left alone: shown as what, and what it is. */
export interface Check {
  position: number;
  shown: string;
  label: string;
  contest: "open" | "upheld" | "rejected" | null;
}
type Summary = Omit<Assignment, "sections" | "flags" | "seen"> & { tiles: number };
interface Nothing {
  assignment: null;
  reason: string;
  retry_after: number | null;
}
export interface Loaded {
  assignment: Assignment;
  crops: (string | null)[];
}
/** Nothing can be lent to this person now, and why. */
export interface Idle {
  reason: string;
  retryAfter: number | null;
}
export type Got = Loaded | Idle;

export const isIdle = (got: Got): got is Idle => "reason" in got;

/** What ran out with marks on it, since others may look at it meanwhile; else the live assignment that this person is at,
 *  else a new one. */
export async function resumeOrClaim(campaign: number, size: number): Promise<Got> {
  const held = await mine(campaign);
  const first = held.find((assignment) => !isLent(assignment)) ?? held.find(({ opened_at }) => opened_at) ?? held[0];
  return first ? load(await get<Assignment>(`/api/assignments/${first.id}/`), size) : claim(campaign, size);
}

/** The next one, while `current` is still in hand. */
export async function another(campaign: number, current: number, size: number): Promise<Got> {
  const waiting = (await mine(campaign)).find((assignment) => isLent(assignment) && assignment.id !== current);
  if (waiting) return load(await get<Assignment>(`/api/assignments/${waiting.id}/`), size);
  const got = await claim(campaign, size);
  if (!isIdle(got) && got.assignment.id === current) {
    letGo(got.crops);
    return { reason: "", retryAfter: null };
  }
  return got;
}

async function mine(campaign: number): Promise<Summary[]> {
  const { results } = await get<Page<Summary>>(`/api/assignments/?mine&campaign=${campaign}`);
  return results;
}

const isLent = ({ state }: Summary): boolean => state === "lent";

export const checksUrl = (assignment: number): string => `/api/assignments/${assignment}/checks/`;

/** What of a handed-in assignment was planted and missed. Whoever cannot be told now is not kept from the next one. */
export function missedChecks(assignment: number): Promise<Check[]> {
  return get<{ results: Check[] }>(checksUrl(assignment)).then(({ results }) => results, () => []);
}

async function claim(campaign: number, size: number): Promise<Got> {
  const key = claimKey(campaign);
  const headers = { "Idempotency-Key": key };
  const answer = await call<Assignment | Nothing>("POST", `/api/campaigns/${campaign}/claim/`, {}, { headers });
  forgetClaim(campaign);
  if ("assignment" in answer) return { reason: answer.reason, retryAfter: answer.retry_after };
  return load(answer, size);
}

async function load(assignment: Assignment, size: number): Promise<Loaded> {
  void fetchGuidelines(assignment.id);
  const crops = await cropsOf(assignment.id, size);
  return { assignment, crops };
}

/** Addresses of the crops, by position. */
export async function cropsOf(assignment: number, size: number): Promise<(string | null)[]> {
  return addresses(parseBundle(await bytes(`/api/assignments/${assignment}/crops?size=${size}`)));
}

/** The same key until an answer arrives: a lost answer then brings the same assignment, not one more. */
function claimKey(campaign: number): string {
  const place = `mlfix.claim.${campaign}`;
  const key = localStorage.getItem(place) ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
  store(place, key);
  return key;
}

function forgetClaim(campaign: number): void {
  localStorage.removeItem(`mlfix.claim.${campaign}`);
}

/** localStorage may be full or forbidden: then there is one safety less, and the page goes on. */
export function store(place: string, text: string): boolean {
  try {
    localStorage.setItem(place, text);
    return true;
  } catch {
    return false;
  }
}

/** True where the server says that the assignment is no longer lent. */
export const notLent = (error: unknown): boolean => error instanceof ApiError && (error.status === 409 || error.status === 404);
