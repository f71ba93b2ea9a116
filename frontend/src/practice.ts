/** A campaign's tutorial as the server gives it: rounds of tiles, and what is right once one has said what is not. */
import { call, get } from "./api";
import type { Assignment } from "./assignments";
import { addressesAt } from "./bundle";
import { Review } from "./state";

export interface Round {
  label: string;
  tiles: number;
}
export interface Tutorial {
  dataset: number;
  new: boolean;
  rounds: Round[];
}
/** `label`: what it is; null where is only known what it is not. */
export interface Checked {
  position: number;
  wrong: boolean;
  flagged: boolean;
  label: string | null;
}

export const fetchTutorial = (campaign: number, turn: number): Promise<Tutorial> => get<Tutorial>(`/api/campaigns/${campaign}/tutorial/?turn=${turn}`);
export const note = (campaign: number, skipped: boolean): Promise<unknown> => call("POST", `/api/campaigns/${campaign}/tutorial/`, { skipped });

/** Addresses of a round's crops, by position. */
export const fetchCrops = (campaign: number, turn: number, round: number): Promise<(string | null)[]> =>
  addressesAt(`/api/campaigns/${campaign}/tutorial/crops?turn=${turn}&round=${round}`);

export async function check(campaign: number, turn: number, round: number, flags: number[]): Promise<Checked[]> {
  return (await call<{ results: Checked[] }>("POST", `/api/campaigns/${campaign}/tutorial/check/`, { turn, round, flags })).results;
}

/** A round as the hand holds an assignment: nothing of it is saved, so that nothing of it can count. */
export class Sitting {
  readonly review = new Review({ revision: 0, flags: [], seen: [] });
  readonly assignment: Assignment;

  constructor(
    { label, tiles }: Round,
    dataset: number,
    private changed: () => void,
  ) {
    const row = Array.from({ length: tiles }, (_, position) => ({ position, box: null, span: null, attributes: {}, stack: null }));
    this.assignment = {
      id: 0, unit: "", campaign: 0, dataset, revision: 0, state: "lent", opened_at: null, expires_at: "", now: "", policy: "", context_shown: "no",
      sections: [{ label, asks: null, value: null, tiles: row }], flags: [], seen: [],
    };
  }

  touched(): void {
    this.changed();
  }
  sign(): void {
    // No lease, nothing to keep.
  }
}

export const right = (checked: readonly Checked[]): number => checked.filter(({ wrong, flagged }) => wrong === flagged).length;
