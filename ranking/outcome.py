"""All that is concluded from a dataset's vectors: neighbours, orders, suspicion, typical items, look-alikes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import families, neighbours, orders, rest, stacks, suspicion, tables, telling
from .encoders.base import Crops, Vectors
from .kinds import Ints, Rows, Say, Tick
from .tables import Beside, Table

EXEMPLARS = 4
LOOK_ALIKES = 3
FEW = 3  # families of a label below which the folds may not be able to teach it
LEAST_CONFUSED = 0.01  # mean probability below which a label is no look-alike


@dataclass(frozen=True)
class Items:
    """A dataset's items in row order. `groups` holds -1 for an item without a group."""

    ids: Ints  # [n]
    objects: Ints  # [n]
    labels: Ints  # [n]
    groups: Ints  # [n]
    look: Vectors  # [n, m]
    shapes: Vectors  # [n, l]
    settled: suspicion.Settled | None = None  # what people have settled, none where nothing is
    crops: Callable[[], Crops] | None = None  # fetches uint8 [n, 48, 48, 3], where a network may learn from them


@dataclass(frozen=True)
class Outcome:
    """Rows count from 0 in the order of the items."""

    nearest_within: Rows  # [n, 32]
    nearest_any: Rows  # [n, 32]
    orders: dict[int, Ints]  # label to its rows, laid out by likeness
    stacks: dict[int, Ints]  # label to the stack of each of these
    outliers: dict[int, Ints]  # label to its rows, the least like the others first
    judgement: suspicion.Judgement
    exemplars: dict[int, Ints]  # label to its most typical rows
    look_alikes: dict[int, list[int]]  # label to the labels most confused with it
    scattered: set[int]  # labels whose items are taken for many others


def conclude(items: Items, say: Say, tick: Tick) -> Outcome:
    """Everything, step by step; `say` is told the step, `tick` is called every little while."""
    suspicion.refuse_broken(items.look, items.shapes)
    say("Looking for near items")
    any_rows, squares = neighbours.nearest(items.look, tick=tick)
    usual = usual_square(squares)
    # What differs between near duplicates shows in their looks; of very many items a search of its own takes too long.
    known = (any_rows, squares) if len(items.ids) > neighbours.EXACT else None
    say("Looking for near items of the same label")
    within, apart = neighbours.nearest_within(items.look, items.labels, tick=tick)
    say("Laying look-alikes side by side")
    members = neighbours.groups(items.labels)
    laid_out, piles, odd = {}, {}, {}
    for rows in members:
        label = int(items.labels[rows[0]])
        laid_out[label] = path = rows[orders.similarity(items.look[rows], tick=tick)]
        groups = items.groups[path] if (items.groups >= 0).any() else None
        near = neighbours.renumbered(within[path], path, len(items.ids))
        piles[label] = stacks.stacks(near, apart[path], usual, groups)
        odd[label] = rows[orders.outliers(apart[rows])]
        tick()
    del apart
    say("Looking for near duplicates")
    both = together(items.look, items.shapes)
    kin = kinship(items, both, tick, known)
    del known, squares
    say("Looking for labels that may be wrong")
    seen = telling.told([items.look, items.shapes], items.labels, kin.near)
    judgement = suspicion.judge(
        seen, items.labels, kin, barred(items), items.crops, tick=tick, settled=items.settled, say=say
    )
    say("Looking for typical items")
    one_thing = kin.apart if (items.groups >= 0).any() else kin.near
    typical = {
        int(items.labels[rows[0]]): rows[
            orders.exemplars(items.look[rows], one_thing[rows], judgement.suspicion[rows], EXEMPLARS)
        ]
        for rows in members
    }
    alike, scattered = look_alikes(judgement), rest.scattered(judgement, items.labels, kin.apart)
    return Outcome(within, any_rows, laid_out, piles, odd, judgement, typical, alike, scattered)


def usual_square(squares: Vectors) -> float:
    """How far apart neighbours are: the median squared distance [n, k] to the last that there is."""
    found = np.isfinite(squares).sum(axis=1).max()
    return float(np.median(squares[:, found - 1])) if found else 0.0


def together(look: Vectors, shapes: Vectors) -> Beside:
    """Look and shapes side by side, on equal footing: float32 [n, m + l]."""
    spreads = [np.full(part.shape[1], max(deviation(part), 1e-9), np.float32) for part in (look, shapes)]
    whole = np.concatenate(spreads)
    return Beside((look, shapes), np.zeros_like(whole), whole)


def deviation(part: Vectors) -> float:
    """The standard deviation of all numbers in float32 [n, d]."""
    middle, variance = tables.moments(part)
    return float(np.sqrt(variance.mean() + middle.var())) if part.shape[1] else 0.0


def kinship(items: Items, vectors: Table, tick: Tick, nearest: families.Nearest | None = None) -> families.Kinship:
    """Families for the folds: by the dataset's own groups, else by near duplicates; one object's items together."""
    alike = families.near_duplicates(vectors, tick, nearest)
    if (items.groups >= 0).any():
        apart = families.families([items.objects, items.groups])
    else:
        apart = families.families([items.objects, spread(alike, items.labels)])
    return alike.within(apart, items.objects)


def spread(alike: families.Kinship, labels: Ints) -> Ints:
    """The large families, but where those of a label are few, its small ones: else too little could teach it."""
    _, label = np.unique(labels, return_inverse=True)
    pairs = np.unique(np.stack([label, alike.apart], axis=1), axis=0)
    alone = (np.bincount(pairs[:, 0]) < FEW)[label]
    return np.where(alone, len(labels) + alike.near, alike.apart)


def barred(items: Items) -> tuple[Ints, Ints]:
    """(rows, labels): the other labels that an item's object has by rights do not speak against this one."""
    order = np.argsort(items.objects, kind="stable")
    _, which, counts = np.unique(items.objects, return_inverse=True, return_counts=True)
    order = order[counts[which[order]] > 1]
    ends = np.flatnonzero(np.diff(items.objects[order])) + 1
    shared = np.split(order, ends)
    pairs = [(a, items.labels[b]) for rows in shared for a in rows for b in rows if items.labels[a] != items.labels[b]]
    rows, labels = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(rows, np.int64), np.array(labels, np.int64)


def look_alikes(judgement: suspicion.Judgement) -> dict[int, list[int]]:
    """For each label the up to three labels that are most taken for it, or it for them."""
    confused = judgement.confused + judgement.confused.T
    np.fill_diagonal(confused, 0)
    best = np.argsort(-confused, axis=1, kind="stable")[:, :LOOK_ALIKES]
    names = judgement.names
    return {
        int(names[a]): [int(names[b]) for b in best[a] if confused[a, b] >= LEAST_CONFUSED] for a in range(len(names))
    }
