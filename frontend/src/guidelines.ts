/** What the classes of an assignment are judged by, and what of it a person was shown. */
import { call, get, type Label, type Ruling } from "./api";

/** `news`: this person was never shown one of this class, or not this version; `before`: the text that they know. */
export interface Guideline {
  label: string;
  label_id: number;
  version: number;
  text: string;
  at: string;
  news: "new" | "changed" | null;
  before: string | null;
  rulings: (Ruling & { fresh: boolean })[];
}

/** The newest version of each label that was read on this page: what was fetched ahead may not know it yet. */
const read = new Map<number, number>();

const fetched = new Map<number, Guideline[]>();
const coming = new Map<number, Promise<void>>();

/** Begin early, with the pictures, so that nothing moves once the tiles are there. Whoever cannot be told now is not kept
 *  from their tiles: they are told the next time. */
export function fetchGuidelines(assignment: number): Promise<void> {
  let on = coming.get(assignment);
  if (!on) {
    on = get<{ results: Guideline[] }>(`/api/assignments/${assignment}/guidelines/`).then(({ results }) => void fetched.set(assignment, results), () => void coming.delete(assignment));
    coming.set(assignment, on);
  }
  return on;
}

/** Those of an assignment, as far as they are here. */
export const guidelinesOf = (assignment: number): readonly Guideline[] => fetched.get(assignment) ?? NONE;
const NONE: readonly Guideline[] = [];

export const isNews = ({ news, label_id, version }: Guideline): boolean => news !== null && (read.get(label_id) ?? 0) < version;

/** It was shown. A server that does not hear it shows it once more, which does no harm. */
export function markRead({ label_id, version }: Guideline): void {
  if ((read.get(label_id) ?? 0) >= version) return;
  read.set(label_id, version);
  void call("POST", `/api/labels/${label_id}/guideline/read/`, { version }, { keepalive: true }).catch(() => undefined);
}

/** Labels, fetched once a page, with the guidelines as they are now. */
export function renewed(labels: ReadonlyMap<string, Label>, guidelines: readonly Guideline[]): Map<string, Label> {
  const now = new Map(labels);
  for (const { label, text, version, rulings } of guidelines) {
    const known = now.get(label);
    if (known) now.set(label, { ...known, guideline: text, guideline_version: version, rulings });
  }
  return now;
}
