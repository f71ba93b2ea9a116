import { expect, test } from "vitest";
import { dear, rateOf } from "../src/line";

test("data is dear where the person or the browser says so", () => {
  expect(dear({})).toBe(false);
  expect(dear({ saveData: false, effectiveType: "4g" })).toBe(false);
  expect(dear({ saveData: true, effectiveType: "4g" })).toBe(true);
  expect(dear({ effectiveType: "3g" })).toBe(true);
});

test("the slowest telling transfer says how fast the line is", () => {
  expect(rateOf([])).toBeNull();
  expect(rateOf([{ bytes: 900, ms: 1000 }])).toBeNull();
  expect(rateOf([{ bytes: 900, ms: 1000 }, { bytes: 20_000, ms: 100 }, { bytes: 40_000, ms: 10 }])).toBe(200);
  expect(rateOf([{ bytes: 20_000, ms: 0 }])).toBe(20_000);
});
