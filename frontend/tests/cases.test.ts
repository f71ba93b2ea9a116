import { expect, test } from "vitest";
import { byLabel, goingOn, sayers, type Cluster, type Vote } from "../src/cases";

const cluster = (label: string, cases: number[], risk: number): Cluster => ({ label, action: "relabel", to: "x", cases, risk });

test("clusters stand under their label, the riskiest label first", () => {
  const found = byLabel([cluster("a", [1], 3), cluster("b", [2], 2), cluster("b", [3], 1.5)]);
  expect(found.map(([label, some]) => [label, some.map(({ cases }) => cases[0])])).toEqual([["b", [2, 3]], ["a", [1]]]);
});

test("one goes on with the case in hand, else with most of what was before one", () => {
  const some = [cluster("a", [1, 2, 3], 3), cluster("b", [4, 5], 1)];
  expect(goingOn(some, 5, [1, 2])?.label).toBe("b");
  expect(goingOn(some, 9, [1, 2, 4])?.label).toBe("a");
  expect(goingOn(some, 9, [8])).toBeUndefined();
  expect(goingOn([], null, [])).toBeUndefined();
});

test("how many say it, in words", () => {
  const vote = { label: "stop" } as Vote;
  expect(sayers([vote, vote], "stop")).toBe("Two say it is");
  expect(sayers([], "stop")).toContain("looks like");
});
