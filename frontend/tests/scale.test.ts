import { expect, test } from "vitest";
import { roundLength, Scale } from "../src/scale";

test("a bar has a length that people read at a glance, and is no longer than there is room", () => {
  for (const [most, length] of [[1, 1], [0.9, 0.5], [4.99, 2], [5, 5], [7_300, 5000], [0.00031, 0.0002]] as const) expect(roundLength(most)).toBeCloseTo(length, 12);
});

test("a bar follows how the picture lies in its tile", () => {
  const scale = new Scale("µm", [{ span: [100, 50] }, { span: [400, 300] }, { span: null }]);
  expect(scale.bar([100, 50], "square")).toEqual({ share: 0.4, words: "20 µm" });
  expect(scale.bar([100, 50], "whole")).toEqual({ share: 0.2, words: "20 µm" });
  expect(scale.bar([100, 50], "true")).toEqual({ share: 0.25, words: "100 µm" });
  expect(scale.shares([100, 50])).toEqual({ "--true-wide": "0.25", "--true-tall": "0.125" });
  expect(scale.bar(null, "square")).toBeNull();
});

test("where nobody knows a length there is no bar", () => {
  expect(new Scale("", [{ span: [3, 4] }]).known).toBe(false);
  expect(new Scale("mm", [{ span: null }]).known).toBe(false);
  expect(new Scale("mm", []).bar([3, 4], "true")).toBeNull();
});
