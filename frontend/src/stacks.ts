/** Near duplicates under one tile: which tile lies on top, and what lies under it. Knows no page. */
import type { Tile } from "./assignments";

export class Stacks {
  private of = new Map<number, number[]>();
  private open = new Set<number[]>();

  constructor(tiles: readonly Pick<Tile, "position" | "stack">[]) {
    const known = new Map<number, number[]>();
    for (const { position, stack } of tiles) {
      if (stack === null) continue;
      const members = known.get(stack) ?? [];
      members.push(position);
      known.set(stack, members);
      this.of.set(position, members);
    }
  }

  /** The whole stack of a tile, the tile alone where it lies in none. */
  members(position: number): readonly number[] {
    return this.of.get(position) ?? [position];
  }

  /** True where the tile lies among others that were laid open. */
  opened(position: number): boolean {
    const members = this.of.get(position);
    return members !== undefined && this.open.has(members);
  }

  /** What a mark on this tile goes to. */
  under(position: number): readonly number[] {
    return this.opened(position) ? [position] : this.members(position);
  }

  /** The tile that stands for this one in the grid. */
  cover(position: number): number {
    return this.under(position)[0] ?? position;
  }

  onTop(position: number): boolean {
    return this.cover(position) === position;
  }

  /** Open or close the tile's stack; false where it lies alone. */
  toggle(position: number): boolean {
    const members = this.of.get(position);
    if (!members || members.length < 2) return false;
    if (!this.open.delete(members)) this.open.add(members);
    return true;
  }
}
