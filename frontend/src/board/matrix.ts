/** Pairs as a matrix of those classes that are concerned most. */
import type { Pair } from "./progress";

export interface Matrix {
  from: string[];
  to: (string | null)[];
  /** By row and column. */
  cells: number[][];
  /** So many pairs, counted with their fixes, have no cell. */
  rest: number;
}

/** At most so many rows and columns, those with the most fixes first. */
export function matrixOf(pairs: readonly Pair[], most: number): Matrix {
  const from = commonest(pairs, ({ from }) => from, most);
  const to = commonest(pairs, ({ to }) => to, most);
  const cells = from.map(() => to.map(() => 0));
  let rest = 0;
  for (const pair of pairs) {
    const row = cells[from.indexOf(pair.from)];
    const column = to.indexOf(pair.to);
    if (row && column >= 0) row[column] = (row[column] ?? 0) + pair.count;
    else rest += pair.count;
  }
  return { from, to, cells, rest };
}

function commonest<T>(pairs: readonly Pair[], of: (pair: Pair) => T, most: number): T[] {
  const sums = new Map<T, number>();
  for (const pair of pairs) sums.set(of(pair), (sums.get(of(pair)) ?? 0) + pair.count);
  return [...sums].sort((a, b) => b[1] - a[1]).slice(0, most).map(([name]) => name);
}
