import { describe, expect, it } from "vitest";
import { Stacks } from "../src/stacks";

const tiles = [0, 0, 0, 1, 2, 2].map((stack, position) => ({ position, stack }));

describe("stacks", () => {
  it("show the first tile of each, which stands for all", () => {
    const stacks = new Stacks(tiles);
    expect(tiles.filter(({ position }) => stacks.onTop(position)).map(({ position }) => position)).toEqual([0, 3, 4]);
    expect(stacks.under(0)).toEqual([0, 1, 2]);
    expect(stacks.cover(5)).toBe(4);
  });

  it("show every tile once open, each for itself, until they are closed again", () => {
    const stacks = new Stacks(tiles);
    expect(stacks.toggle(2)).toBe(true);
    expect([0, 1, 2].map((position) => stacks.under(position))).toEqual([[0], [1], [2]]);
    expect(stacks.onTop(5)).toBe(false);
    expect(stacks.toggle(0)).toBe(true);
    expect(stacks.onTop(1)).toBe(false);
  });

  it("leave alone what lies alone", () => {
    expect(new Stacks(tiles).toggle(3)).toBe(false);
    const none = new Stacks([{ position: 0, stack: null }, { position: 1, stack: null }]);
    expect([none.onTop(0), none.onTop(1), none.toggle(1)]).toEqual([true, true, false]);
  });
});
