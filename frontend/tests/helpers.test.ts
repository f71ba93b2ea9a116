import { expect, test } from "vitest";
import { ends, filterFor } from "../src/levels";
import { backOff } from "../src/live";
import { bare, percent, range, span } from "../src/numbers";
import { initials } from "../src/shared";

/** What CSS makes of luminance `v` under our filter. */
function through(filter: string, v: number): number {
  const [b = 1, c = 1] = [...filter.matchAll(/\(([\d.]+)\)/g)].map((m) => Number(m[1]));
  return Math.min(1, v * b) * c + (1 - c) / 2;
}

test("even light maps the ends of a dark picture near black and white", () => {
  const filter = filterFor(0.02, 0.2);
  expect(through(filter, 0.02)).toBeCloseTo(0.1, 2);
  expect(through(filter, 0.2)).toBeCloseTo(0.92, 2);
});

test("even light never blows a flat picture up without measure", () => {
  const filter = filterFor(0.5, 0.5);
  expect(Math.abs(through(filter, 0.51) - through(filter, 0.5))).toBeLessThan(0.1);
});

test("the ends are those of the middle", () => {
  const side = 10;
  const rgba = Array.from({ length: side * side }, (_, n) => {
    const [x, y] = [n % side, Math.floor(n / side)];
    const v = x < 2 || y < 2 || x > 7 || y > 7 ? 255 : 51;
    return [v, v, v, 255];
  }).flat();
  const [low, high] = ends(rgba, side, side);
  expect(low).toBeCloseTo(0.2);
  expect(high).toBeCloseTo(0.2);
});

test("unknown numbers read as unknown, and small shares never as nothing", () => {
  expect(percent(null)).toBe("unknown");
  expect(percent(undefined)).toBe("unknown");
  expect(percent(0)).toBe("0\u00a0%");
  expect(percent(0.00001)).toBe("<0.01\u00a0%");
  expect(percent(0.004)).toBe("0.4\u00a0%");
  expect(percent(0.9999)).toBe("99.9\u00a0%");
  expect(percent(1)).toBe("100\u00a0%");
  expect(range(null)).toBe("unknown");
  expect(range([0.002, 0.006])).toBe("0.2–0.6\u00a0%");
  expect(bare(0.031)).toBe("3.1");
});

test("spans of time read as people say them", () => {
  expect(span(20)).toBe("20 s");
  expect(span(240)).toBe("4 min");
  expect(span(7800)).toBe("2 h 10 min");
  expect(span(259200)).toBe("3 days");
});

test("waits for the line grow and stay below a minute", () => {
  expect(backOff(0, 1)).toBe(1000);
  expect(backOff(3, 1)).toBe(8000);
  expect(backOff(30, 1)).toBe(60000);
  expect(backOff(30, 0)).toBe(30000);
});

test("a label without an icon shows its number, else its letters", () => {
  expect(initials("Speed limit 80")).toBe("80");
  expect(initials("no-entry")).toBe("NE");
  expect(initials("yield")).toBe("YI");
});
