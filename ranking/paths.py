"""Items laid out on one open path so that neighbours look alike: short by Euclidean distance.

The shortest edges are joined into chains, the chains into one; then the path is shortened, all at once where a table of
its distances fits, else a window after the other. Libraries were looked at: LKH's licence is not free, the others stop
by the clock, so that one input would give another path each time.
"""

import numpy as np

from . import kicks
from .encoders.base import Vectors
from .kinds import Ints, Rows, Tick, nothing
from .neighbours import nearest

WINDOW = 1_000  # places that are shortened at once, by a table of their distances
LEADING = 48  # directions in which the chains of a longer path are joined
CHUNK = 50_000  # items on one path; larger labels are cut along their main direction
LISTED = 8  # neighbours whose edges are tried
FEWEST_KICKS = 500  # and at least one an item; more gains little
WINDOW_KICKS = 0  # more gain a thousandth in twice the time


def shortest(vectors: Vectors, seed: int = 0, tick: Tick = nothing) -> Ints:
    """float32 [n, d] to a permutation int64 [n]; the same vectors and seed give the same path."""
    if len(vectors) <= CHUNK:
        return one_path(vectors, seed, tick)
    along = np.argsort(leading(vectors, 1)[:, 0], kind="stable")
    order: list[Ints] = []
    for chunk in np.array_split(along, -(-len(vectors) // CHUNK)):
        part = chunk[one_path(vectors[chunk], seed, tick)]
        if order and apart(vectors, order[-1][-1], part[0]) > apart(vectors, order[-1][-1], part[-1]):
            part = part[::-1]
        order.append(part)
    return np.concatenate(order)


def one_path(vectors: Vectors, seed: int, tick: Tick) -> Ints:
    n = len(vectors)
    if n < 3:
        return np.arange(n)
    points = vectors if n <= WINDOW else leading(vectors, LEADING)
    near, squares = nearest(points, min(LISTED, n - 1), tick)
    order = joined(points, near, squares, tick)
    if n <= WINDOW:
        return kicks.improve(table(vectors), near, order, max(FEWEST_KICKS, n), seed, tick)
    for start in range(0, n, WINDOW):
        order[start : start + WINDOW] = window(vectors, order[start : start + WINDOW], seed, tick)
    return order


def window(vectors: Vectors, part: Ints, seed: int, tick: Tick) -> Ints:
    """A stretch of a path, shortened between its two ends."""
    near, _ = nearest(vectors[part], min(LISTED, len(part) - 1), tick)
    order = np.arange(len(part))
    return part[kicks.improve(table(vectors[part]), near, order, WINDOW_KICKS, seed, tick, pinned=True)]


def table(points: Vectors) -> Vectors:
    """All distances, [n, n]. Centred first: squared lengths far above the distances would eat the float's digits."""
    points = points - points.mean(axis=0)
    squares = (points * points).sum(axis=1)
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * (points @ points.T), 0))


def leading(vectors: Vectors, dims: int) -> Vectors:
    """The first principal directions of float32 [n, d]: [n, dims]."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    return centred @ np.ascontiguousarray(axes[:, ::-1][:, :dims], dtype=np.float32)


def length(vectors: Vectors, order: Ints) -> float:
    """The path's length, Euclidean."""
    return float(np.linalg.norm(np.diff(vectors[order].astype(np.float64), axis=0), axis=1).sum())


def apart(vectors: Vectors, a: int, b: int) -> float:
    return float(np.linalg.norm(vectors[a] - vectors[b]))


def joined(points: Vectors, near: Rows, squares: Vectors, tick: Tick) -> Ints:
    """One path of the shortest edges that can be had: greedy by edges, then again among the ends of what came out."""
    chains = Chains(len(points))
    rows = np.arange(len(near))
    chains.join(np.repeat(rows, near.shape[1]), near.ravel(), squares.ravel())
    while len(ends := chains.ends()) > 2:
        tick()
        # The nearest may be the chain's own other end, so some more are asked for.
        found, apart_by = nearest(points[ends], min(LISTED, len(ends) - 1), tick)
        before = len(ends)
        a, b = np.repeat(ends, found.shape[1]), ends[found.ravel()]
        chains.join(a, b, apart_by.ravel())
        assert len(chains.ends()) < before
    return chains.path()


class Chains:
    """Items joined end to end. Each has up to two fellows; a chain's name is its root's."""

    def __init__(self, n: int) -> None:
        self.fellows: list[list[int]] = [[] for _ in range(n)]
        self.root = list(range(n))

    def join(self, a: Ints, b: Ints | Rows, distances: Vectors) -> None:
        """Take these edges, shortest first, wherever both items are ends of different chains."""
        fellows, find = self.fellows, self.find
        best = np.argsort(distances, kind="stable")
        for x, y in zip(a[best].tolist(), b[best].tolist(), strict=True):
            if len(fellows[x]) < 2 and len(fellows[y]) < 2 and (rx := find(x)) != (ry := find(y)):
                fellows[x].append(y)
                fellows[y].append(x)
                self.root[rx] = ry

    def find(self, item: int) -> int:
        root = self.root
        while root[item] != item:
            root[item] = item = root[root[item]]
        return item

    def ends(self) -> Ints:
        """Both ends of each chain; an item alone is one end."""
        return np.array([item for item, fellows in enumerate(self.fellows) if len(fellows) < 2], np.int64)

    def path(self) -> Ints:
        """The one chain from an end."""
        order, before, here = [], -1, int(self.ends()[0])
        while here >= 0:
            order.append(here)
            on = [item for item in self.fellows[here] if item != before]
            before, here = here, on[0] if on else -1
        return np.array(order, np.int64)
