import { expect, test } from "vitest";
import { PLAIN, Review, type Flag, type Mark, type Saved } from "../src/state";

const flag = (position: number, label: string | null = null, reason: Flag["reason"] = "wrong_label"): Flag => ({ position, reason, label, comment: "" });
const server = (flags: Flag[] = [], seen: number[] = [], revision = 0): Saved => ({ revision, flags, seen });
const set = (...pairs: [number, Mark | null][]) => new Map(pairs);

test("a fresh review has what the server has and nothing to save", () => {
  const review = new Review(server([flag(3, "yield")], [0, 1], 7));
  expect(review.get(3)?.label).toBe("yield");
  expect(review.state()).toEqual(server([flag(3, "yield")], [0, 1], 7));
  expect(review.dirty).toBe(false);
});

test("undo and redo go to the very start and back, without end", () => {
  const review = new Review(server());
  for (let n = 0; n < 500; n++) review.change(set([n, PLAIN]));
  for (let n = 0; n < 500; n++) expect(review.undo()).toEqual([499 - n]);
  expect(review.undo()).toEqual([]);
  expect(review.flagged).toBe(0);
  expect(review.dirty).toBe(false);
  for (let n = 0; n < 500; n++) review.redo();
  expect(review.flagged).toBe(500);
  expect(review.redo()).toEqual([]);
});

test("a new change drops what could be redone", () => {
  const review = new Review(server());
  review.change(set([1, PLAIN]));
  review.undo();
  review.change(set([2, PLAIN]));
  expect(review.canRedo).toBe(false);
  expect(review.state().flags.map((f) => f.position)).toEqual([2]);
});

test("a change that changes nothing is no step", () => {
  const review = new Review(server([flag(1)]));
  expect(review.change(set([1, PLAIN], [2, null]))).toBeUndefined();
  expect(review.canUndo).toBe(false);
});

test("a step that grows is undone at once, and brings back the labels it took", () => {
  const review = new Review(server([flag(5, "stop")]));
  const step = review.change(set([4, PLAIN]));
  review.change(set([5, null]), step);
  review.change(set([6, PLAIN]), step);
  expect(review.undo().sort()).toEqual([4, 5, 6]);
  expect(review.get(5)?.label).toBe("stop");
  expect(review.flagged).toBe(1);
});

test("in a merge the own later change wins by position, and the rest is the server's", () => {
  const review = new Review(server([flag(1), flag(2), flag(3)], [1], 4));
  review.change(set([1, null])); // taken off here
  review.change(set([2, { ...PLAIN, label: "stop" }])); // relabelled here
  review.change(set([9, PLAIN])); // new here
  review.see(9);
  review.merge(server([flag(1), flag(2, "yield"), flag(5)], [1, 5], 6)); // there: 2 relabelled, 3 taken off, 5 new
  expect(review.state()).toEqual(server([flag(2, "stop"), flag(5), flag(9)], [1, 5, 9], 6));
  expect(review.dirty).toBe(true);
});

test("a merge with what one has leaves nothing to save", () => {
  const review = new Review(server([flag(1)], [1], 1));
  review.merge(server([flag(1)], [1], 2));
  expect(review.dirty).toBe(false);
  expect(review.revision).toBe(2);
});

test("what was marked while a save was under way is still to be saved", () => {
  const review = new Review(server());
  review.change(set([1, PLAIN]));
  const sent = review.state();
  review.change(set([2, PLAIN]));
  review.acknowledge(sent, 1);
  expect(review.dirty).toBe(true);
  review.acknowledge(review.state(), 2);
  expect(review.dirty).toBe(false);
});

test("marks kept in the browser survive a reload, also beside another window's", () => {
  const before = new Review(server([flag(1)], [0, 1], 2));
  before.change(set([1, null], [7, { reason: "bad_box", label: null, comment: "half" }]));
  before.see(7);
  const kept = JSON.parse(JSON.stringify(before.kept()));
  const after = new Review(server([flag(1), flag(4)], [0, 1, 4], 3), kept);
  expect(after.state()).toEqual({ revision: 3, flags: [flag(4), { position: 7, reason: "bad_box", label: null, comment: "half" }], seen: [0, 1, 4, 7] });
  expect(after.dirty).toBe(true);
});

test("kept marks that the server has already are clean after a reload", () => {
  const before = new Review(server());
  before.change(set([1, PLAIN]));
  before.see(1);
  const after = new Review(server([flag(1)], [1], 1), before.kept());
  expect(after.dirty).toBe(false);
});

test("seen alone is worth a save", () => {
  const review = new Review(server());
  expect(review.see(3)).toBe(true);
  expect(review.see(3)).toBe(false);
  expect(review.dirty).toBe(true);
});
