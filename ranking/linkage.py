"""Families out of pairs that are alike: what is linked at all, or what is alike on average."""

import heapq

import numpy as np
import numpy.typing as npt

from .kinds import Ints

BLOCK = 2**17  # pairs linked in one go
Floats = npt.NDArray[np.float64]


def linked(n: int, a: Ints, b: Ints, largest: int) -> Ints:
    """Families [n] by linking the pairs (a, b) one after the other, to at most `largest` items."""
    parent, size = list(range(n)), [1] * n

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = item = parent[parent[item]]
        return item

    for start in range(0, len(a), BLOCK):
        part = slice(start, start + BLOCK)
        for one, other in zip(a[part].tolist(), b[part].tolist(), strict=True):
            i, j = root(one), root(other)
            if i != j and size[i] + size[j] <= largest:
                parent[j] = i
                size[i] += size[j]
    return np.array([root(item) for item in range(n)], np.int64)


def averaged(n: int, a: Ints, b: Ints, alike: Floats, levels: tuple[float, ...], largest: int) -> list[Ints]:
    """Families [n] of at most `largest` items at each of these levels, which fall: two are joined as long as their
    items are so much alike on average, the most alike first. The pairs (a, b), each in both directions, are alike by
    `alike`; all others not at all.

    Sokal & Michener 1958, "A Statistical Method for Evaluating Systematic Relationships" (UPGMA).
    """
    to: list[dict[int, float]] = [{} for _ in range(n)]  # by family, to each other how alike their items are, added up
    for one, other, how in zip(a.tolist(), b.tolist(), alike.tolist(), strict=True):
        to[one][other] = how
    heap = [(-how, one, other) for one, near in enumerate(to) for other, how in near.items() if one < other]
    heapq.heapify(heap)
    size, parent, found = [1] * n, list(range(n)), []
    for level in levels:
        while heap and -heap[0][0] >= level:
            _, i, j = heapq.heappop(heap)
            if parent[i] != i or parent[j] != j or size[i] + size[j] > largest:
                continue
            new = len(parent)
            parent[i] = parent[j] = new
            parent.append(new)
            size.append(size[i] + size[j])
            to.append(joined(to, i, j, new))
            for other, how in to[new].items():
                if (mean := how / (size[new] * size[other])) >= levels[-1]:
                    heapq.heappush(heap, (-mean, other, new))
        found.append(roots(parent, n))
    return found


def joined(to: list[dict[int, float]], i: int, j: int, new: int) -> dict[int, float]:
    """How alike i and j together are to each other family, which hears of them by their new number."""
    both = {other: how for other, how in to[i].items() if other != j}
    for other, how in to[j].items():
        if other != i:
            both[other] = both.get(other, 0.0) + how
    for other, how in both.items():
        to[other].pop(i, None)
        to[other].pop(j, None)
        to[other][new] = how
    to[i], to[j] = {}, {}
    return both


def roots(parent: list[int], n: int) -> Ints:
    """The last family [n] that each of the first n came to; a parent has a higher number than its children."""
    last = parent.copy()
    for number in reversed(range(len(last))):
        last[number] = last[last[number]]
    return np.array(last[:n], np.int64)
