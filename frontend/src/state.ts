/** The reviewer's marks on one assignment: a pure model with undo, and the merge with what the server holds. */
import type { Reason } from "./api";

export interface Mark {
  reason: Reason;
  label: string | null;
  comment: string;
}
export interface Flag extends Mark {
  position: number;
}
/** What the server holds, and what is sent to it: always the whole state. */
export interface Saved {
  revision: number;
  flags: Flag[];
  seen: number[];
}
/** What is kept in the browser: the state, and what the server last had, so that own changes can be told. */
export interface Kept extends Saved {
  base: Flag[];
}
/** Positions to set (a mark) or clear (null). */
export type Edit = ReadonlyMap<number, Mark | null>;
export interface Step {
  before: Map<number, Mark | null>;
  after: Map<number, Mark | null>;
}

export const PLAIN: Mark = { reason: "wrong_label", label: null, comment: "" };

export class Review {
  private marks: Map<number, Mark>;
  private base: Map<number, Mark>;
  private baseSeen: Set<number>;
  readonly seen: Set<number>;
  revision: number;
  private past: Step[] = [];
  private future: Step[] = [];

  constructor(server: Saved, kept?: Kept) {
    const own = kept ?? { ...server, base: server.flags };
    this.marks = byPosition(own.flags);
    this.base = byPosition(own.base);
    this.seen = new Set(own.seen);
    this.baseSeen = new Set(kept ? [] : own.seen);
    this.revision = own.revision;
    if (kept) this.merge(server);
  }

  get(position: number): Mark | undefined {
    return this.marks.get(position);
  }

  get flagged(): number {
    return this.marks.size;
  }

  get dirty(): boolean {
    return !sameMarks(this.marks, this.base) || [...this.seen].some((position) => !this.baseSeen.has(position));
  }

  /**
   * Set and clear marks as one step of undo. A `step` that this returned before and that is still the last one grows
   * instead: a sweep of the pointer is one step. Returns the step, or undefined where nothing changed.
   */
  change(edit: Edit, step?: Step): Step | undefined {
    const changes = [...edit].filter(([position, mark]) => !sameMark(this.marks.get(position) ?? null, mark));
    if (!changes.length) return step;
    const grown = step !== undefined && this.past.at(-1) === step ? step : this.begin();
    for (const [position, mark] of changes) {
      if (!grown.before.has(position)) grown.before.set(position, this.marks.get(position) ?? null);
      grown.after.set(position, mark);
    }
    this.put(new Map(changes));
    return grown;
  }

  /** Take the last step back. Returns the positions it touched, none where there is nothing to undo. */
  undo(): number[] {
    const step = this.past.pop();
    if (!step) return [];
    this.future.push(step);
    this.put(step.before);
    return [...step.before.keys()];
  }

  redo(): number[] {
    const step = this.future.pop();
    if (!step) return [];
    this.past.push(step);
    this.put(step.after);
    return [...step.after.keys()];
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  see(position: number): boolean {
    if (this.seen.has(position)) return false;
    this.seen.add(position);
    return true;
  }

  /** Take the server's state in: an own change since the last save wins by position, whatever was seen stays seen. */
  merge(server: Saved): void {
    const theirs = byPosition(server.flags);
    const merged = new Map(theirs);
    for (const position of new Set([...this.marks.keys(), ...this.base.keys()])) {
      const mine = this.marks.get(position) ?? null;
      if (sameMark(mine, this.base.get(position) ?? null)) continue;
      if (mine) merged.set(position, mine);
      else merged.delete(position);
    }
    this.marks = merged;
    this.base = theirs;
    this.baseSeen = new Set(server.seen);
    for (const position of server.seen) this.seen.add(position);
    this.revision = server.revision;
  }

  /** The server has taken `sent` and calls it `revision`. */
  acknowledge(sent: Saved, revision: number): void {
    this.base = byPosition(sent.flags);
    this.baseSeen = new Set(sent.seen);
    this.revision = revision;
  }

  /** The whole state, as it is sent. */
  state(): Saved {
    return { revision: this.revision, flags: inOrder(this.marks), seen: [...this.seen].sort((a, b) => a - b) };
  }

  kept(): Kept {
    return { ...this.state(), base: inOrder(this.base) };
  }

  private begin(): Step {
    const step = { before: new Map(), after: new Map() };
    this.past.push(step);
    this.future = [];
    return step;
  }

  private put(edit: Edit): void {
    for (const [position, mark] of edit) {
      if (mark) this.marks.set(position, mark);
      else this.marks.delete(position);
    }
  }
}

function byPosition(flags: readonly Flag[]): Map<number, Mark> {
  return new Map(flags.map(({ position, reason, label, comment }) => [position, { reason, label, comment }]));
}

function inOrder(marks: ReadonlyMap<number, Mark>): Flag[] {
  return [...marks].sort(([a], [b]) => a - b).map(([position, mark]) => ({ position, ...mark }));
}

function sameMark(a: Mark | null, b: Mark | null): boolean {
  if (!a || !b) return a === b;
  return a.reason === b.reason && a.label === b.label && a.comment === b.comment;
}

function sameMarks(a: ReadonlyMap<number, Mark>, b: ReadonlyMap<number, Mark>): boolean {
  return a.size === b.size && [...a].every(([position, mark]) => sameMark(mark, b.get(position) ?? null));
}
