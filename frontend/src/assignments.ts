/** Getting assignments: resume or claim one, with its crops. */
import { ApiError, call, get, type Page } from "./api";
import { Crops, type Wanted } from "./bundle";
import { fetchGuidelines } from "./guidelines";
import type { Flag, Review, Saved } from "./state";
import { store } from "./store";

export interface Tile {
  position: number;
  /** Where the object lies in its crop: x, y, width, height as fractions of its sides; null where the crop is the object. */
  box: [number, number, number, number] | null;
  /** What its crop spans across and down, in the assignment's unit; null where nobody knows. */
  span: [number, number] | null;
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
  /** Of spans; empty where nobody knows how large a pixel is. */
  unit: string;
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
  crops: Crops;
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
export async function resumeOrClaim(campaign: number, wanted: Wanted): Promise<Got> {
  const held = await mine(campaign);
  const first = held.find((assignment) => !isLent(assignment)) ?? held.find(({ opened_at }) => opened_at) ?? held[0];
  return first ? load(await get<Assignment>(`/api/assignments/${first.id}/`), wanted) : claim(campaign, wanted);
}

/** The next one, while `current` is still in hand. */
export async function another(campaign: number, current: number, wanted: Wanted): Promise<Got> {
  const waiting = (await mine(campaign)).find((assignment) => isLent(assignment) && assignment.id !== current);
  if (waiting) return load(await get<Assignment>(`/api/assignments/${waiting.id}/`), wanted);
  const got = await claim(campaign, wanted);
  if (!isIdle(got) && got.assignment.id === current) {
    got.crops.letGo();
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

async function claim(campaign: number, wanted: Wanted): Promise<Got> {
  const key = claimKey(campaign);
  const headers = { "Idempotency-Key": key };
  const answer = await call<Assignment | Nothing>("POST", `/api/campaigns/${campaign}/claim/`, {}, { headers });
  forgetClaim(campaign);
  if ("assignment" in answer) return { reason: answer.reason, retryAfter: answer.retry_after };
  return load(answer, wanted);
}

function load(assignment: Assignment, wanted: Wanted): Loaded {
  void fetchGuidelines(assignment.id);
  return { assignment, crops: cropsOf(assignment, wanted) };
}

/** Its crops, none of them here yet. */
export function cropsOf(assignment: Assignment, wanted: Wanted): Crops {
  return new Crops(assignment.id, wanted, assignment.sections.reduce((n, { tiles }) => n + tiles.length, 0));
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

/** True where the server says that the assignment is no longer lent. */
export const notLent = (error: unknown): boolean => error instanceof ApiError && (error.status === 409 || error.status === 404);

/** A conflict that brought the server's state is merged; false for any other error. */
export function merged(error: unknown, review: Review): boolean {
  if (!(error instanceof ApiError) || error.status !== 409 || !Array.isArray(error.body["flags"])) return false;
  review.merge(error.body as unknown as Saved);
  return true;
}
