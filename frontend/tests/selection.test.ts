import { expect, test } from "vitest";
import { amend, between, following, paint, step, Sweep, type Spot } from "../src/selection";
import { Review, type Flag } from "../src/state";

const flag = (position: number, label: string | null = null): Flag => ({ position, reason: "wrong_label", label, comment: "" });
const review = (...flags: Flag[]) => new Review({ revision: 0, flags, seen: [] });
const positions = (r: Review) => r.state().flags.map((f) => f.position);

test("a sweep flags where its first tile was clear, and keeps what is flagged", () => {
  const r = review(flag(2, "stop"));
  const sweep = new Sweep(r, 1);
  sweep.over(2);
  sweep.over(3);
  sweep.over(2);
  expect(sweep.on).toBe(true);
  expect(positions(r)).toEqual([1, 2, 3]);
  expect(r.get(2)?.label).toBe("stop");
  r.undo();
  expect(positions(r)).toEqual([2]);
});

test("a sweep clears where its first tile was flagged", () => {
  const r = review(flag(1), flag(2, "stop"));
  const sweep = new Sweep(r, 1);
  sweep.over(2);
  sweep.over(3);
  expect(positions(r)).toEqual([]);
  r.undo();
  expect(positions(r)).toEqual([1, 2]);
  expect(r.get(2)?.label).toBe("stop");
});

test("two sweeps are two steps", () => {
  const r = review();
  new Sweep(r, 1).over(2);
  new Sweep(r, 5);
  r.undo();
  expect(positions(r)).toEqual([1, 2]);
});

test("a range goes from either end, in display order", () => {
  const order = [4, 2, 9, 7];
  expect(between(order, 9, 4)).toEqual([4, 2, 9]);
  expect(between(order, 2, 7)).toEqual([2, 9, 7]);
  expect(between(order, 100, 7)).toEqual([7]);
  expect(between(order, 2, 100)).toEqual([]);
});

test("a label for several tiles flags them all and leaves the other fields", () => {
  const r = review({ ...flag(1), reason: "other", comment: "odd" });
  r.change(amend(r, [1, 2], { label: "yield" }));
  expect(r.get(1)).toEqual({ reason: "other", label: "yield", comment: "odd" });
  expect(r.get(2)).toEqual({ reason: "wrong_label", label: "yield", comment: "" });
  r.change(paint(r, [1, 2], false));
  expect(r.flagged).toBe(0);
});

const spots: Spot[] = [0, 1, 2, 3, 4, 5, 6].map((position) => ({ position, x: (position % 3) * 100, y: Math.floor(position / 3) * 100 }));
// A second section below, of other columns.
spots.push({ position: 7, x: 0, y: 340 }, { position: 8, x: 150, y: 340 });

test("arrows go along rows by order and between rows by place, across sections", () => {
  expect(step(spots, 1, "right")).toBe(2);
  expect(step(spots, 2, "right")).toBe(3);
  expect(step(spots, 0, "left")).toBe(0);
  expect(step(spots, 1, "down")).toBe(4);
  expect(step(spots, 5, "down")).toBe(6);
  expect(step(spots, 6, "down")).toBe(7);
  expect(step(spots, 8, "up")).toBe(6);
  expect(step(spots, 8, "down")).toBe(8);
  expect(step(spots, 1, "up")).toBe(1);
  expect(step(spots, 99, "up")).toBe(0);
});

test("the next unseen is after here, then from the start", () => {
  const order = [0, 1, 2, 3];
  expect(following(order, 1, (p) => p !== 1)).toBe(2);
  expect(following(order, 3, (p) => p === 0)).toBe(0);
  expect(following(order, 3, () => false)).toBe(-1);
});
