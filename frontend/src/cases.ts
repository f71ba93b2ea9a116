/** Disputes as data: what is proposed for a case, and how cases group. Pure. */
import type { Reason } from "./api";
import type { Box } from "./box-drawer";

export interface Vote {
  reviewer: string;
  reason: Reason | "";
  label: string | null;
  comment: string;
  at: string;
  sensitivity: number | null;
  specificity: number | null;
}
export interface Case {
  id: number;
  item: { id: number; key: string; label: string; predicted: string | null; suspicion: number | null; attributes: Record<string, unknown>; crop: string; context: string };
  probability: number | null;
  looks: number;
  flags: number;
  suggested: string | null;
  candidates: { label: string; probability: number }[];
  box: Box | null;
  image: { width: number; height: number };
  mine: boolean;
  votes: Vote[];
}
export type Action = "clean" | "relabel" | "remove" | "redraw" | "unclear";
export interface Decision {
  action: Action;
  label?: string;
  box?: Box;
}

/** What the votes ask for: the commonest reason leads; a label where one is suggested, else nothing. */
export function proposal({ votes, suggested, candidates }: Case): { action: Action; label?: string } | null {
  const said = (reason: Reason) => votes.filter((vote) => vote.reason === reason).length;
  const wrong = said("wrong_label") + said("other");
  if (said("not_an_object") > Math.max(wrong, said("bad_box"))) return { action: "remove" };
  if (said("bad_box") > wrong) return { action: "redraw" };
  const label = suggested ?? candidates[0]?.label;
  return label ? { action: "relabel", label } : null;
}

/** How many flagged a case and gave this label, in words. */
export function sayers(votes: readonly Vote[], label: string): string {
  const n = votes.filter((vote) => vote.label === label).length;
  const words = ["Nobody has said it, but it looks like", "One says it is", "Two say it is", "Three say it is", "Four say it is", "Five say it is"];
  return words[n] ?? `${n} say it is`;
}

/** Labels with how many cases each has, most first. */
export function byLabel(cases: readonly Case[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { item } of cases) counts.set(item.label, (counts.get(item.label) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
