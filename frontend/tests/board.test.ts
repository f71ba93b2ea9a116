import { expect, test } from "vitest";
import { matrixOf } from "../src/board/matrix";
import { hours, money, seconds } from "../src/numbers";

const pairs = [
  { from: "stop", to: "yield", count: 5 },
  { from: "yield", to: "stop", count: 3 },
  { from: "stop", to: null, count: 2 },
  { from: "rare", to: "rarer", count: 1 },
];

test("a matrix holds each fix once, the commonest classes first", () => {
  const { from, to, cells, rest } = matrixOf(pairs, 9);
  expect(from).toEqual(["stop", "yield", "rare"]);
  expect(to).toEqual(["yield", "stop", null, "rarer"]);
  expect(cells).toEqual([[5, 0, 2, 0], [0, 3, 0, 0], [0, 0, 0, 1]]);
  expect(rest).toBe(0);
});

test("what has no room in a matrix is counted", () => {
  const { cells, rest } = matrixOf(pairs, 2);
  expect(cells).toEqual([[5, 0], [0, 3]]);
  expect(rest).toBe(3);
});

test("times and money read as people say them", () => {
  expect(seconds(3.84)).toBe("3.8\u00a0s");
  expect(seconds(75)).toBe("1 min");
  expect([hours(1900), hours(9000), hours(4_320_000)]).toEqual(["32 min", "2.5\u00a0h", "1,200\u00a0h"]);
  expect([money(null), money(7.4), money(12345.6)]).toEqual(["unknown", "7.40", "12,346"]);
});
