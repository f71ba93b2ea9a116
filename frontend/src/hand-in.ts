/** Handing in behind the scenes: what was handed in is sent until the server has it, while one goes on with the next. */
import { ApiError, call } from "./api";
import { merged, missedChecks, type Assignment, type Check } from "./assignments";
import { backOff } from "./live";
import type { Review } from "./state";

const MERGES = 5;

/** What the server answered: how many looks came too late to count, how many marks are not in what another window handed
 *  in before, and what of the planted was missed. */
export interface Handed {
  assignment: number;
  seen: number;
  surplus: number;
  unsaved: number;
  missed: Check[];
}

export async function submit(assignment: Assignment, review: Review): Promise<Handed> {
  for (let turn = 0; ; turn++) {
    try {
      const answer = await call<{ surplus: number; unsaved: number }>("POST", `/api/assignments/${assignment.id}/submit/`, review.state());
      return { assignment: assignment.id, seen: review.seen.size, surplus: answer.surplus, unsaved: answer.unsaved, missed: await missedChecks(assignment.id) };
    } catch (error) {
      if (turn >= MERGES || !merged(error, review)) throw error;
    }
  }
}

/** As `submit`, again and again while the server is away; `waiting` hears of each failure. Raises what no waiting mends. */
export async function submitted(assignment: Assignment, review: Review, waiting: (error: ApiError) => void): Promise<Handed> {
  for (let failures = 0; ; failures++) {
    try {
      return await submit(assignment, review);
    } catch (error) {
      if (!(error instanceof ApiError) || !(error.passing || error.signedOut)) throw error;
      waiting(error);
      await new Promise((resolve) => setTimeout(resolve, backOff(failures) / 2));
    }
  }
}
