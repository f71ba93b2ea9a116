"""Which items must never stand on both sides of a fold: one object's, one group's, near duplicates."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from . import neighbours, tables, telling
from .encoders.base import Vectors
from .kinds import Ints, Rows, Tick, nothing
from .linkage import averaged, linked
from .tables import Table

LARGEST = 50  # items of a family of near duplicates, and no more than a twentieth of all
SURE = 2  # neighbours among which mutual ones are taken for near duplicates to learn from
# Among how many nearest two must find each other, and of how many nearest they must share SHARED to be linked.
NEAR = (5, 10)
APART = (10, 20)  # for the folds, where a link too many does no harm
SHARED = 0.3
AVERAGE = (0.3, 0.1)  # what items of a family share on average, ever looser
RIDGE = 0.05  # of the mean spread between near duplicates, added to each direction's
ALONE = 0.5  # an item's own spread in each direction where those between near duplicates are 1
BLOCK = 2**17  # pairs looked at in one go
PAIRS = 2**17  # of near duplicates that are learned from at most
WIDEST, SAMPLE = 256, 10_000  # directions that very many items are compared in, and items that these are learned from

Floats = npt.NDArray[np.float64]
Nearest = tuple[Rows, Vectors]
Pairs = tuple[Ints, Ints, Floats]  # each in both directions, and what the two share


@dataclass(frozen=True)
class Kinship:
    """Ways to tell families, each [n]: those of `near` and `tight` lie within those of `apart`."""

    apart: Ints  # kept together by the folds: rather too large than too small
    near: Ints  # taken for one thing: rather too small than too large
    tight: tuple[Ints, ...] = ()  # the same, where a chain of links does not do

    def within(self, apart: Ints, objects: Ints) -> "Kinship":
        """The same with other families for the folds, and one object's items always together."""
        near, *tight = (families([objects, common(way, apart)]) for way in (self.near, *self.tight))
        return Kinship(apart, near, tuple(tight))


def families(parts: list[Ints], pairs: tuple[Ints, Ints] | None = None) -> Ints:
    """A number for each item [n], the same for items that are paired or share a number in any of `parts` [n].

    A number below 0 in a part is shared with nobody.
    """
    n = len(parts[0])
    ends: list[tuple[Ints, Ints]] = [pairs] if pairs else []
    nodes = n
    for part in parts:
        named = np.flatnonzero(part >= 0)
        _, hub = np.unique(part[named], return_inverse=True)
        ends.append((named, hub + nodes))
        nodes += int(hub.max()) + 1 if len(hub) else 0
    a, b = (np.concatenate(side) for side in zip(*ends, strict=True))
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(nodes, nodes))
    numbers: npt.NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return numbers[:n].astype(np.int64)


def common(one: Ints, other: Ints) -> Ints:
    """Families of the items that are together in both."""
    pairs = np.stack([np.unique(part, return_inverse=True)[1] for part in (one, other)], axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def near_duplicates(vectors: Table, tick: Tick = nothing, nearest: Nearest | None = None) -> Kinship:
    """Near duplicates among float32 [n, d] by their looks alone: mutual neighbours, the nearest linked first.

    What differs between near duplicates (light, blur, pose) is learned from the surest pairs, and then counts for less;
    from the families that this gives, in sets that are not too large for a third search, also what tells families.
    Near duplicates are looked for among `nearest` (rows and squared distances [n, k]) where a caller has them already.
    """
    n = vectors.shape[0]
    rows, squares = nearest or neighbours.nearest(vectors[:], tick=tick)
    a, b, between = mutual(rows, squares, SURE)
    sure = np.argsort(between, kind="stable")[: len(between) // 2]
    if not len(sure) or squares[np.isfinite(squares)].max() <= 0:
        return Kinship(np.arange(n), np.arange(n))
    if len(sure) > PAIRS:
        sure = np.sort(np.random.default_rng(0).choice(sure, PAIRS, replace=False))
    rows, squares = neighbours.nearest(evened(vectors, a[sure], b[sure]), APART[1], tick)
    largest = max(2, min(LARGEST, n // 20))
    exact = n <= neighbours.EXACT
    if exact:
        first = chained(n, sharing(rows, squares, *NEAR), largest)
        rows, squares = neighbours.nearest(recognised(vectors, first), tick=tick)
    near, (a, b, shared) = chained(n, sharing(rows, squares, *NEAR), largest), sharing(rows, squares, *APART)
    apart = chained(n, (a, b, shared), largest)
    tight = averaged(n, a, b, shared, AVERAGE, largest) if exact else []  # of very many items it would fill the memory
    return Kinship(apart, common(near, apart), tuple(common(way, apart) for way in tight))


def chained(n: int, pairs: Pairs, largest: int) -> Ints:
    """Families [n] by linking all pairs that share enough."""
    a, b, shared = pairs
    enough = shared >= SHARED
    return linked(n, a[enough], b[enough], largest)


def sharing(rows: Rows, squares: Vectors, k: int, around: int) -> Pairs:
    """Mutual pairs among the k nearest and what part of the `around` nearest they share, those that share most first.

    Jarvis & Patrick 1973, "Clustering Using a Similarity Measure Based on Shared Near Neighbors".
    """
    a, b, apart = mutual(rows, squares, k)
    shared = common_neighbours(rows[:, :around], a, b)
    order = np.lexsort((apart, -shared))
    return a[order], b[order], shared[order]


def mutual(rows: Rows, squares: Vectors, k: int) -> tuple[Ints, Ints, Vectors]:
    """Pairs, each in both directions, of which each is among the other's k nearest, with their squared distances."""
    rows, squares = rows[:, :k], squares[:, :k]
    there = rows >= 0
    a, b = np.nonzero(there)[0], rows[there].astype(np.int64)
    parts = (slice(s, s + BLOCK) for s in range(0, len(a), BLOCK))
    both = np.concatenate([np.empty(0, bool), *((rows[b[s]] == a[s, None]).any(axis=1) for s in parts)])
    return a[both], b[both], squares[there][both]


def evened(vectors: Table, a: Ints, b: Ints) -> Vectors:
    """Vectors in which the pairs (a, b) differ as much in one direction as in any other: float32 [n, d], of very many
    items the WIDEST directions in which they differ most."""
    n, d = vectors.shape
    between = vectors[a] - vectors[b]
    spread = between.T.astype(np.float64) @ between / len(between)
    spread += (RIDGE * np.trace(spread) / len(spread) + 1e-9) * np.eye(len(spread))
    values, axes = np.linalg.eigh(spread)
    axes /= np.sqrt(values)
    middle, _ = tables.moments(vectors)
    if n > neighbours.EXACT and d > WIDEST:
        some = vectors[np.sort(np.random.default_rng(0).choice(n, SAMPLE, replace=False))] - middle
        axes = axes @ np.linalg.svd(some @ axes, full_matrices=False)[2][:WIDEST].T
    found = np.empty((n, axes.shape[1]), np.float32)
    for rows, block in tables.blocks(vectors):
        found[rows] = (block - middle.astype(np.float32)) @ axes.astype(np.float32)
    return found


def recognised(vectors: Table, families: Ints) -> Vectors:
    """Vectors whose distances tell whether two items are of one family: what differs inside families is evened out,
    and a direction counts by the share of its spread that is between them.

    Ioffe 2006, "Probabilistic Linear Discriminant Analysis": where an item's latent variable is expected to be.
    """
    order = np.argsort(families, kind="stable")
    same = families[order[1:]] == families[order[:-1]]
    if not same.any():
        return vectors[:]
    points = evened(vectors, order[1:][same], order[:-1][same])
    number = np.unique(families, return_inverse=True)[1]
    size = np.bincount(number)
    middles = telling.means(points, number)[size > 1]
    spread = middles.T @ middles / len(middles)
    values, axes = np.linalg.eigh(spread)
    # Items of a pair differ by 1, so that each has half of it, and a family's mean the less the more there are.
    between = np.maximum(values - ALONE * (1 / size[size > 1]).mean(), 0)
    return np.asarray(points @ (axes * np.sqrt(between / (between + ALONE))), np.float32)


def common_neighbours(rows: Rows, a: Ints, b: Ints) -> npt.NDArray[np.float64]:
    """What part of the neighbours of a (and a itself) those of b (and b itself) are, for pairs (a, b)."""
    whole = np.concatenate([np.arange(len(rows), dtype=rows.dtype)[:, None], rows], axis=1)
    shares = [
        (whole[a[s : s + BLOCK], :, None] == whole[b[s : s + BLOCK], None, :]).sum(axis=(1, 2)) / whole.shape[1]
        for s in range(0, len(a), BLOCK)
    ]
    return np.concatenate([np.empty(0), *shares])
