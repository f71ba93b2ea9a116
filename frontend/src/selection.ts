/** What the pointer and the arrows select: sweeps, ranges, and the way from tile to tile. */
import { PLAIN, type Edit, type Mark, type Review, type Step } from "./state";

/** A sweep of the pointer: the first tile decides whether it gives or takes; all of it is one step of undo. */
export class Sweep {
  readonly on: boolean;
  readonly positions: number[] = [];
  private step: Step | undefined;

  constructor(
    private review: Review,
    first: number,
    private edit: (position: number, on: boolean) => Edit = (position, on) => paint(review, [position], on),
    private has: (position: number) => boolean = (position) => review.get(position) !== undefined,
  ) {
    this.on = !has(first);
    this.over(first);
  }

  /** The pointer is over this tile; true where that changed it. */
  over(position: number): boolean {
    if (this.positions.includes(position)) return false;
    this.positions.push(position);
    const before = this.step;
    const had = this.has(position);
    this.step = this.review.change(this.edit(position, this.on), this.step);
    return this.step !== before || had !== this.on;
  }
}

/** Flag or clear the positions; a mark that is there keeps its reason and label. */
export function paint(review: Review, positions: readonly number[], on: boolean, plain: (position: number) => Mark = () => PLAIN): Edit {
  return new Map(positions.map((position) => [position, on ? (review.get(position) ?? plain(position)) : null]));
}

/** Give all positions what `change` names, flagging those that were not. */
export function amend(review: Review, positions: readonly number[], change: Partial<Mark>, plain: (position: number) => Mark = () => PLAIN): Edit {
  return new Map(positions.map((position) => [position, { ...(review.get(position) ?? plain(position)), ...change }]));
}

/** All of `order` from `a` to `b`, both included, whichever comes first. */
export function between(order: readonly number[], a: number, b: number): number[] {
  const [i, j] = [order.indexOf(a), order.indexOf(b)];
  if (i < 0 || j < 0) return j < 0 ? [] : [b];
  return order.slice(Math.min(i, j), Math.max(i, j) + 1);
}

export interface Spot {
  position: number;
  x: number;
  y: number;
}
export type Way = "left" | "right" | "up" | "down";

/** The tile to go to from `from`: by order sideways, by place up and down, across sections. `spots` in order. */
export function step(spots: readonly Spot[], from: number, way: Way): number {
  const at = spots.findIndex((spot) => spot.position === from);
  const here = spots[at];
  if (!here) return spots[0]?.position ?? from;
  if (way === "left" || way === "right") return spots[at + (way === "left" ? -1 : 1)]?.position ?? from;
  const beyond = spots.filter((spot) => (way === "up" ? spot.y < here.y - 1 : spot.y > here.y + 1));
  if (!beyond.length) return from;
  const row = way === "up" ? Math.max(...beyond.map((s) => s.y)) : Math.min(...beyond.map((s) => s.y));
  const near = beyond.filter((spot) => Math.abs(spot.y - row) <= 1);
  return near.reduce((best, spot) => (Math.abs(spot.x - here.x) < Math.abs(best.x - here.x) ? spot : best)).position;
}

/** The next position after `from` that `wanted` holds for, from the start again at the end; -1 where none does. */
export function following(order: readonly number[], from: number, wanted: (position: number) => boolean): number {
  const at = order.indexOf(from);
  return [...order.slice(at + 1), ...order.slice(0, at + 1)].find(wanted) ?? -1;
}
