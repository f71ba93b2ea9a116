import { expect, test } from "vitest";
import type { Label } from "../src/api";
import { isNews, markRead, renewed, type Guideline } from "../src/guidelines";
import { right, Sitting } from "../src/practice";

const guideline = (version: number, news: Guideline["news"]): Guideline => ({ label: "stop", label_id: 7, version, text: `Version ${version}`, at: "", news, before: null, rulings: [] });

test("a version is news until it was shown, also where what was fetched ahead does not know that yet", () => {
  const [first, second] = [guideline(1, "new"), guideline(2, "changed")];
  expect([isNews(first), isNews(second), isNews(guideline(3, null))]).toEqual([true, true, false]);
  markRead(first);
  expect([isNews(first), isNews(second)]).toEqual([false, true]);
  markRead(second);
  markRead(first);
  expect(isNews(second)).toBe(false);
});

test("labels that were fetched before a change carry the guideline as it is now", () => {
  const label = (name: string) => ({ name, guideline: "", guideline_version: 0, rulings: [] as Label["rulings"] }) as Label;
  const before = new Map([["stop", label("stop")], ["yield", label("yield")]]);
  const now = renewed(before, [guideline(2, null), { ...guideline(1, null), label: "unknown" }]);
  expect(now.get("stop")?.guideline).toBe("Version 2");
  expect([now.get("yield")?.guideline, now.size, before.get("stop")?.guideline]).toEqual(["", 2, ""]);
});

test("a round is right where wrong ones are flagged and right ones are left alone", () => {
  const tile = (wrong: boolean, flagged: boolean) => ({ position: 0, wrong, flagged, label: null });
  expect(right([tile(true, true), tile(false, false), tile(true, false), tile(false, true)])).toBe(2);
  const sitting = new Sitting({ label: "stop", tiles: 3 }, 1, () => undefined);
  expect(sitting.assignment.sections[0]?.tiles.map(({ position }) => position)).toEqual([0, 1, 2]);
});
