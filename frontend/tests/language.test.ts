import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const LOCALES = new URL("../locales/", import.meta.url);
const units = (file: string): { source: string; target: string }[] =>
  [...readFileSync(new URL(file, LOCALES), "utf8").matchAll(/<source>(.*?)<\/source>\s*(?:<target>(.*?)<\/target>)?/gs)].map((unit) => ({ source: unit[1]!, target: unit[2] ?? "" }));
const holes = (text: string): string[] => [...text.matchAll(/<x id="(\d+)"/g)].map((hole) => hole[1]!).sort();

describe.each(readdirSync(LOCALES))("the texts of %s", (file) => {
  it("are all there, and name what the source names", () => {
    const found = units(file);
    expect(found.length).toBeGreaterThan(200);
    for (const { source, target } of found) {
      expect(target, source).not.toBe("");
      expect(holes(target), source).toEqual(holes(source));
    }
  });
});

it("every text of a component has its translations", () => {
  const said = execFileSync("node_modules/.bin/lit-localize", ["build"], { cwd: new URL("..", import.meta.url), encoding: "utf8" });
  expect(said).not.toContain("missing");
}, 120_000);
