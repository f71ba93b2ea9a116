"""Seriation: items laid out on one path so that neighbours look alike. And a label's most typical items.

Greedy nearest neighbour, then sweeps of 2-opt and Or-opt moves over neighbour lists (Johnson & McGeoch 1997, "The
Traveling Salesman Problem: A Case Study in Local Optimization"). A move rewrites one interval of the path; each sweep
prices all moves at once and makes the best of those whose intervals do not meet.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .encoders.base import Vectors
from .neighbours import Ints, Tick, nearest, nothing

Floats = npt.NDArray[np.float32]
CHUNK = 10_000  # items on one path; larger labels are cut along their main direction
WIDE = 3_000  # above it distances are taken in the leading directions, and no longer from one table
LEADING = 24
LISTED = 8  # neighbours whose moves are tried
SEGMENT = 3  # longest run of items that Or-opt moves
SWEEPS = 300
LEAST_GAIN = 1e-6  # of the path's mean step


def similarity(vectors: Vectors, seed: int = 0, tick: Tick = nothing) -> Ints:
    """float32 [n, d] to a permutation int64 [n]; the same vectors and seed give the same order. Open path."""
    if len(vectors) <= CHUNK:
        return path(vectors, seed, tick)
    along = np.argsort(leading(vectors, 1)[:, 0], kind="stable")
    chunks = np.array_split(along, -(-len(vectors) // CHUNK))
    order: list[Ints] = []
    for chunk in chunks:
        part = chunk[path(vectors[chunk], seed, tick)]
        if order and apart(vectors, order[-1][-1], part[0]) > apart(vectors, order[-1][-1], part[-1]):
            part = part[::-1]
        order.append(part)
    return np.concatenate(order)


def path(vectors: Vectors, seed: int, tick: Tick = nothing) -> Ints:
    """One open path through up to CHUNK items."""
    if len(vectors) < 3:
        return np.arange(len(vectors))
    ground = Ground.of(vectors)
    start = greedy(ground, int(np.random.default_rng(seed).integers(len(vectors))))
    order = polish(ground, start, tick)
    return order if length(vectors, order) <= length(vectors, start) else start


def length(vectors: Vectors, order: Ints) -> float:
    """The path's length, Euclidean."""
    return float(np.linalg.norm(np.diff(vectors[order].astype(np.float64), axis=0), axis=1).sum())


def apart(vectors: Vectors, a: int, b: int) -> float:
    return float(np.linalg.norm(vectors[a] - vectors[b]))


def leading(vectors: Vectors, dims: int) -> Vectors:
    """The first principal directions of float32 [n, d]: [n, dims]."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    return centred @ np.ascontiguousarray(axes[:, ::-1][:, :dims], dtype=np.float32)


class Ground:
    """Distances between items: from one table where that fits, else from the leading directions."""

    def __init__(self, points: Vectors, table: Floats | None) -> None:
        self.points, self.table = points, table

    @classmethod
    def of(cls, vectors: Vectors) -> "Ground":
        if len(vectors) > WIDE:
            return cls(leading(vectors, LEADING), None)
        points = (vectors - vectors.mean(axis=0)).astype(np.float32)
        squares = (points * points).sum(axis=1)
        table = np.sqrt(np.maximum(squares[:, None] + squares - 2 * (points @ points.T), 0))
        return cls(points, table)

    def row(self, a: int) -> Floats:
        """Distances of one item to all, [n]."""
        if self.table is not None:
            return self.table[a]
        return np.linalg.norm(self.points - self.points[a], axis=1)

    def pairs(self, a: Ints, b: Ints) -> Floats:
        """Distances pair by pair; 0 where either is -1, the nowhere beyond both ends of the path."""
        a, b = np.broadcast_arrays(a, b)
        if self.table is not None:
            distances = self.table[a, b]
        else:
            difference = self.points[a] - self.points[b]
            distances = np.sqrt(np.einsum("...d,...d->...", difference, difference))
        return np.where((a < 0) | (b < 0), np.float32(0), distances)


def greedy(ground: Ground, start: int) -> Ints:
    """Always on to the nearest item not yet met."""
    n = len(ground.points)
    order, met, here = np.empty(n, np.int64), np.zeros(n, np.float32), start
    for k in range(n):
        order[k] = here
        met[here] = np.inf
        here = int((ground.row(here) + met).argmin())
    return order


def polish(ground: Ground, order: Ints, tick: Tick = nothing) -> Ints:
    """Shorten the path until no move does, or SWEEPS are spent."""
    order = order.copy()
    near = nearest(ground.points, min(LISTED, len(order) - 1))[0].astype(np.int64)
    least = LEAST_GAIN * float(ground.pairs(order[:-1], order[1:]).mean())
    everyone = active = np.arange(len(order))
    for _ in range(SWEEPS):
        priced = len(active)
        active = sweep(ground, order, near, active, least)
        tick()
        if not len(active) and priced == len(order):
            break
        # Whoever was left alone may have a move by now: nobody's turn is everybody's turn.
        active = active if len(active) else everyone
    return order


def sweep(ground: Ground, order: Ints, near: Ints, active: Ints, least: float) -> Ints:
    """Make the best moves of the active items in place; returns the items whose moves are to be priced again."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    moves = [*reversals(ground, order, place, near, active), *shifts(ground, order, place, near, active)]
    gain, low, middle, high, kind, owner = (np.concatenate(part) for part in zip(*moves, strict=True))
    best = np.argsort(-gain, kind="stable")[: int((gain > least).sum())]
    taken = np.zeros(len(order), bool)
    again: list[Ints] = [owner[best]]
    for k in best.tolist():
        a, b, c = int(low[k]), int(middle[k]), int(high[k])
        if taken[max(a - 1, 0) : c + 2].any():
            continue
        taken[max(a - 1, 0) : c + 2] = True
        again.append(order[[max(a - 1, 0), a, max(b - 1, 0), b, c, min(c + 1, len(order) - 1)]])
        rewrite(order, a, b, c, int(kind[k]))
    return np.unique(np.concatenate(again)) if len(best) else np.empty(0, np.int64)


# A move is (gain, low, middle, high, kind, owner). It rewrites places low..high, whose two runs are low..middle-1 and
# middle..high: the runs swapped, or swapped with the first or the second turned round, or all of it turned round.
SWAP, SWAP_TURN_FIRST, SWAP_TURN_SECOND, TURN = range(4)
Moves = tuple[npt.NDArray, ...]


def rewrite(order: Ints, low: int, middle: int, high: int, kind: int) -> None:
    first, second = order[low:middle].copy(), order[middle : high + 1].copy()
    if kind == TURN:
        order[low : high + 1] = order[low : high + 1][::-1].copy()
        return
    if kind == SWAP_TURN_FIRST:
        first = first[::-1]
    if kind == SWAP_TURN_SECOND:
        second = second[::-1]
    order[low : high + 1] = np.concatenate([second, first])


def at(order: Ints, places: Ints) -> Ints:
    """The items at these places; -1 beyond the ends."""
    inside = (places >= 0) & (places < len(order))
    return np.where(inside, order[np.clip(places, 0, len(order) - 1)], -1)


def reversals(ground: Ground, order: Ints, place: Ints, near: Ints, active: Ints) -> Iterator[Moves]:
    """2-opt: turn an interval round so that an active item comes to lie beside a near one (or at an end)."""
    i, j = np.broadcast_arrays(place[active][:, None], place[near[active]])
    owner = np.broadcast_to(active[:, None], i.shape).ravel()
    left, right = np.minimum(i, j).ravel(), np.maximum(i, j).ravel()
    # Joined after their successors part (interval left+1..right), or before their predecessors part (left..right-1).
    yield turned(ground, order, left + 1, right, owner)
    yield turned(ground, order, left, right - 1, owner)
    at_start, at_end = np.zeros_like(active), np.full_like(active, len(order) - 1)
    yield turned(ground, order, at_start, place[active], active)
    yield turned(ground, order, place[active], at_end, active)


def turned(ground: Ground, order: Ints, low: Ints, high: Ints, owner: Ints) -> Moves:
    before, first, last, after = at(order, low - 1), at(order, low), at(order, high), at(order, high + 1)
    old = ground.pairs(before, first) + ground.pairs(last, after)
    new = ground.pairs(before, last) + ground.pairs(first, after)
    gain = np.where(high > low, old - new, np.float32(-1))
    return gain, low, low, high, np.full(len(low), TURN), owner


def shifts(ground: Ground, order: Ints, place: Ints, near: Ints, active: Ints) -> Iterator[Moves]:
    """Or-opt: a run of up to SEGMENT items that begins or ends with an active one moves beside a near item."""
    n = len(order)
    i, j = (v.ravel() for v in np.broadcast_arrays(place[active][:, None], place[near[active]]))
    owner = np.broadcast_to(active[:, None], (len(active), near.shape[1])).ravel()
    for run in range(1, SEGMENT + 1):
        for start in {0, 1 - run}:
            first, last = i + start, i + start + run - 1
            fits = (first >= 0) & (last < n) & ((j < first) | (j > last))
            for gap in (j, j - 1):  # the run goes between places gap and gap + 1
                yield from moved(ground, order, first, last, gap, fits, owner)


def moved(
    ground: Ground, order: Ints, first: Ints, last: Ints, gap: Ints, fits: npt.NDArray[np.bool_], owner: Ints
) -> Iterator[Moves]:
    fits = fits & ((gap >= last + 1) | (gap < first - 1))
    first, last, gap, owner = first[fits], last[fits], gap[fits], owner[fits]
    head, tail = at(order, first), at(order, last)
    before, after, a, b = at(order, first - 1), at(order, last + 1), at(order, gap), at(order, gap + 1)
    saved = ground.pairs(before, head) + ground.pairs(tail, after) + ground.pairs(a, b) - ground.pairs(before, after)
    right = gap > last
    low, high = np.where(right, first, gap + 1), np.where(right, gap, last)
    middle = np.where(right, last + 1, first)
    straight = saved - ground.pairs(a, head) - ground.pairs(tail, b)
    yield straight, low, middle, high, np.full(len(low), SWAP), owner
    turned_round = saved - ground.pairs(a, tail) - ground.pairs(head, b)
    yield turned_round, low, middle, high, np.where(right, SWAP_TURN_FIRST, SWAP_TURN_SECOND), owner


def exemplars(vectors: Vectors, groups: Ints, suspicion: npt.NDArray[np.float64] | None = None, count: int = 4) -> Ints:
    """Up to `count` typical rows of one label's float32 [n, d], most typical first, each of another group [n].

    Typical is near the mean of the half that is nearest to the coordinatewise median. Where suspicion [n] is known, the
    less suspicious half alone is chosen from.
    """
    centre = np.median(vectors, axis=0)
    for _ in range(3):
        away = np.linalg.norm(vectors - centre, axis=1)
        centre = vectors[away <= np.median(away)].mean(axis=0)
    away = np.linalg.norm(vectors - centre, axis=1)
    if suspicion is not None and np.isfinite(suspicion).all():
        away = np.where(suspicion <= np.median(suspicion), away, np.inf)
    by_typical = np.argsort(away, kind="stable")
    _, firsts = np.unique(groups[by_typical], return_index=True)
    chosen = by_typical[np.sort(firsts)]
    return chosen[np.isfinite(away[chosen])][:count]
