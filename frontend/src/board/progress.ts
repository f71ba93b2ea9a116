/** The numbers of a campaign, as /api/campaigns/{id}/progress/ sends them, and what the board's parts share. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import type { Named } from "../shared";

export type Interval = [number, number];
export interface Rate {
  before: number | null;
  now: number | null;
  interval: Interval | null;
}
/** A rate, and its interval's ends. */
export type Estimate = [number, number, number];
/** What one person, alone, leaves wrong by planted errors and their own second looks; [of them, of so many]. */
export interface SecondLooks {
  looked: number;
  repeated: [number, number];
  left: [number, number];
  missed: Estimate | null;
  mistaken: Estimate | null;
}
/** Where suspicion cannot be believed, by what people found; `label` null: in all classes together. */
export interface Trouble {
  label: string | null;
  kind: "calm" | "blind" | "unproven" | "suspicion";
  items: number;
  expected: number;
  found: number;
  low: number;
  high: number;
}
export interface ByLabel extends Rate {
  label: string;
  readable_name: string;
  icon: string | null;
  items: number;
  settled: number;
  fixes: number;
  alpha: number | null;
}
export interface ByRound {
  round: number;
  items: number;
  settled: number;
  open: number;
  disputed: number;
}
export interface Reviewer {
  username: string;
  looks: number;
  flags: number;
  sensitivity: number | null;
  specificity: number | null;
  honeypots: { seen: number; found: number; hard_seen: number; hard_found: number; interval: Interval | null };
  paused: boolean;
  paused_why: string;
}
/** `to` null: there was no object. */
export interface Pair {
  from: string;
  to: string | null;
  count: number;
}
/** Sums until `at`. any_order: wrong labels in as many items, picked by chance. */
export interface Found {
  at: string;
  looks: number;
  fixes: number;
  any_order: number | null;
}
export interface Plan {
  name: "so_far" | "to_the_end" | "three_looks" | "one_by_one";
  looks: number | null;
  seconds: number | null;
  money: number | null;
}
export interface Cost {
  batches: number;
  looks: number;
  seconds: number;
  seconds_per_look: number | null;
  seconds_per_item: number | null;
  price: number | null;
  price_per: "look" | "hour";
  currency: string;
  plans: Plan[];
}
export type CampaignState = "draft" | "planning" | "open" | "paused" | "closed";
export interface Progress {
  version: number;
  at: string;
  look_again: number | null;
  state: CampaignState;
  items: number;
  looked: number;
  states: Record<"open" | "clean" | "fix" | "disputed" | "unclear", number>;
  settled: number;
  looks: { counted: number; surplus: number; planted: number; flags: number };
  looks_per_item: number | null;
  batches: { all: number; open: number };
  reviewers_now: number;
  handed_in_last_hour: number;
  error_rate: Rate;
  eta: { at: string; low: string; high: string | null } | null;
  cost: Cost | null;
  audit: { sample: number; done: number; before: Estimate | null; left: Estimate | null; below_target: boolean; second_looks: SecondLooks | null } | null;
  prior_trouble: Trouble[];
  second_opinions: { given: number; agreed: number };
  agreement: { alpha: number | null; flag_agreement: number | null };
  by_label: ByLabel[];
  by_round: ByRound[];
  confusion: Pair[];
  found: Found[];
  reviewers: Reviewer[];
}

/** A part of the board. */
export abstract class Part extends LitElement {
  @property({ type: Number }) campaign = 0;
  @property({ attribute: false }) progress!: Progress;

  /** A card's title, with its table as a file beside it. */
  protected head(title: TemplateResult | string, table?: string): TemplateResult {
    return html`<div class="head"><h2>${title}</h2>${table ? html`<a class="csv small" href="/api/campaigns/${this.campaign}/progress.csv?table=${table}" download aria-label="${table}, as a CSV file">CSV</a>` : nothing}</div>`;
  }

  /** Labels by name. */
  protected get labels(): ReadonlyMap<string, Named> {
    return new Map(this.progress.by_label.map((row) => [row.label, named(row)]));
  }
}

export const named = (row: ByLabel): Named => ({ name: row.label, readable_name: row.readable_name, icon: row.icon });

export const part = css`
  .head { display: flex; gap: 12px; align-items: baseline; margin-bottom: 8px; } .head h2 { margin: 0; flex: 1; } .csv { color: var(--soft); }
  .unknown { color: var(--soft); } .unsure { color: var(--unsure); } .wide { overflow-x: auto; } h2 .soft { font-weight: 400; }
  table + p, .wide + p, table + table { margin-top: 10px; } p:last-child { margin-bottom: 0; } th[scope="row"] { border-top: 1px solid var(--line); }
  @media print { .csv, button { display: none; } .wide { overflow: visible; } .card { break-inside: avoid; } }
`;
