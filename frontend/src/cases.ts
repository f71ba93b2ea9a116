/** Disputes as data: cases, and the clusters that one decision may settle. Pure. */
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
  /** What the looks ask for. */
  proposal: { action: Action; label: string | null } | null;
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
/** Cases of one label to which the consensus has the same answer, look-alikes adjacent. */
export interface Cluster {
  label: string;
  action: Action | null;
  to: string | null;
  cases: number[];
  risk: number;
}
/** What there is to settle; `others`: what other supervisors have before them. */
export interface Desk {
  cases: number;
  clusters: Cluster[];
  remaining: { decisions: number; share: number; seconds: number; errors: number };
  acceptable: { cases: number; errors: number };
  others: { username: string; verdicts: number[] }[];
}

/** How many flagged a case and gave this label, in words. */
export function sayers(votes: readonly Vote[], label: string): string {
  const n = votes.filter((vote) => vote.label === label).length;
  const words = ["Nobody has said it, but it looks like", "One says it is", "Two say it is", "Three say it is", "Four say it is", "Five say it is"];
  return words[n] ?? `${n} say it is`;
}

/** Clusters by label: that label first whose clusters take away the most risk, and so in it. */
export function byLabel(clusters: readonly Cluster[]): [string, Cluster[]][] {
  const found = new Map<string, Cluster[]>();
  for (const cluster of clusters) found.set(cluster.label, [...(found.get(cluster.label) ?? []), cluster]);
  const risk = (some: Cluster[]) => some.reduce((sum, cluster) => sum + cluster.risk, 0);
  return [...found].sort((a, b) => risk(b[1]) - risk(a[1]) || a[0].localeCompare(b[0]));
}

/** Of new clusters the one that goes on where one was: with the case in hand, else with most of the cases that were
 * before one; undefined where none has any of them. */
export function goingOn(clusters: readonly Cluster[], inHand: number | null, before: readonly number[]): Cluster | undefined {
  const held = clusters.find(({ cases }) => inHand !== null && cases.includes(inHand));
  if (held) return held;
  const were = new Set(before);
  const common = (cluster: Cluster) => cluster.cases.filter((id) => were.has(id)).length;
  const best = [...clusters].sort((a, b) => common(b) - common(a))[0];
  return best && common(best) ? best : undefined;
}
