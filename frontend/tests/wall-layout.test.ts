import { expect, test } from "vitest";
import { GAP, layoutOf, revealed, rowsIn, stepFrom, tilesIn, urgentIn, type Step } from "../src/wall-layout";

test("tiles are at least as large as asked, whole pixels, and fill the width", () => {
  for (const width of [344, 900, 1243, 2528])
    for (const tile of [56, 92, 128, 292]) {
      const { columns, side } = layoutOf(width, 10_000, tile);
      expect(Number.isInteger(side)).toBe(true);
      const used = columns * (side + GAP) - GAP;
      expect(used).toBeLessThanOrEqual(width);
      expect(width - used).toBeLessThan(columns);
      if (columns > 2) expect(side).toBeGreaterThanOrEqual(tile);
    }
});

test("a field of a hundred thousand large tiles on a phone stays within what browsers lay out", () => {
  expect(layoutOf(344, 100_000, 292).height).toBeLessThan(17_000_000);
});

test("the height is that of all rows, and none of nothing", () => {
  expect(layoutOf(500, 0, 128)).toMatchObject({ rows: 0, height: 0 });
  const { columns, rows, pitch, height } = layoutOf(500, 10, 128);
  expect([columns, rows]).toEqual([3, 4]);
  expect(height).toBe(4 * pitch - GAP);
});

test("the rows in a window are those that touch it, none outside the field", () => {
  const layout = layoutOf(500, 100, 128);
  expect(rowsIn(layout, -500, 1)).toEqual([0, 1]);
  expect(rowsIn(layout, layout.pitch, 2 * layout.pitch)).toEqual([1, 2]);
  expect(rowsIn(layout, layout.pitch - 1, 2 * layout.pitch + 1)).toEqual([0, 3]);
  expect(rowsIn(layout, 1e9, 1e9 + 500)).toEqual([34, 34]);
  expect(tilesIn(layout, [33, 34], 100)).toEqual([99, 100]);
});

test("what is in the window is fetched first, then what lies ahead in the way one scrolls, nearest first, and each once", () => {
  const layout = layoutOf(500, 3000, 128);
  const [top, height] = [100 * layout.pitch, 4 * layout.pitch];
  for (const down of [true, false]) {
    const found = urgentIn(layout, 3000, top, height, down);
    expect(new Set(found).size).toBe(found.length);
    expect(found.slice(0, 12)).toEqual(Array.from({ length: 12 }, (_, k) => 300 + k));
    expect(found[12]).toBe(down ? 312 : 299);
    expect([Math.min(...found), Math.max(...found)]).toEqual(down ? [294, 329] : [282, 317]);
  }
  expect(urgentIn(layout, 0, 0, 500, true)).toEqual([]);
});

test("steps stay in their column, and in the field", () => {
  const layout = layoutOf(500, 10, 128); // 3 columns, the last row holds one
  const to = (at: number, step: Step) => stepFrom(layout, 10, at, step, 2);
  expect([to(0, "left"), to(0, "up"), to(9, "right"), to(9, "down")]).toEqual([0, 0, 9, 9]);
  expect([to(4, "up"), to(4, "down"), to(7, "down"), to(7, "page-up"), to(1, "page-down")]).toEqual([1, 7, 9, 1, 7]);
  expect([to(4, "page-up"), to(4, "page-down"), to(4, "first"), to(4, "last")]).toEqual([1, 9, 0, 9]);
});

test("a row is scrolled to only where it is not whole in sight", () => {
  const layout = layoutOf(500, 100, 128);
  expect(revealed(layout, 5, 5 * layout.pitch, 400)).toBe(5 * layout.pitch);
  expect(revealed(layout, 2, 5 * layout.pitch, 400)).toBe(2 * layout.pitch);
  expect(revealed(layout, 9, 0, 400)).toBe(9 * layout.pitch + layout.side - 400);
});
