"""How probable it is that a label is wrong, judged by classifiers that never saw the item or its near duplicates.

Logistic regression on the vectors and, where the crops are at hand and worth it, a small network on these, both
learned from the dataset's own labels. What an earlier pass doubts teaches the later ones the less (Northcutt et al.
2021, "Confident Learning", section 3.3, with weights in place of a threshold).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array

from . import evidence, folds, logistic, network, tables
from .encoders.base import Crops, Vectors
from .families import Kinship
from .kinds import Ints, Say, Tick, nothing, silent
from .tables import Table

SUGGESTED = 5
SETTLED = 1e-3  # how probable it still is that a label is wrong which people have settled
TAUGHT = 0.5  # of its items' weight a label keeps at least, else it would be lost to the next pass
Floats = npt.NDArray[np.float64]
Barred = tuple[Ints, Ints]


class Unusable(ValueError):
    """A sentence about vectors of which nothing can be concluded."""


@dataclass(frozen=True)
class Settled:
    """What people know of n items: the label that each had at first, and whether the one it has now is settled."""

    first: Ints  # [n]
    known: npt.NDArray[np.bool_]  # [n]


@dataclass(frozen=True)
class Judgement:
    """What is thought of n items. Nothing is known of an item whose label no other fold knows: nan and -1."""

    suspicion: Floats  # [n], the probability that the label is wrong
    predicted: Ints  # [n], the label that the item looks like, which may be its own
    suggested: Ints  # [n, 5], the most probable labels instead, -1 where there are no more
    probabilities: Floats  # [n, 5], that such a label is the right one; with 1 - suspicion they add up to 1 at most
    names: Ints  # [k], the labels, ascending
    confused: Floats  # [k, k], how probable the items of a label (row) find another (column) on average
    judged_by: str = "vectors"  # which classifiers were heard, and why not all


def judge(
    vectors: Table,
    labels: Ints,
    kin: Kinship,
    barred: Barred | None = None,
    crops: Callable[[], Crops] | None = None,
    seed: int = 0,
    tick: Tick = nothing,
    settled: Settled | None = None,
    say: Say = silent,
) -> Judgement:
    """Judge float32 [n, d], as `telling.told` makes them, with labels [n] of any numbering; a family stays in one fold.

    `barred` (rows, labels) are labels that say nothing against these rows. `crops` fetches uint8 [n, 48, 48, 3] for the
    network, where that is worth its time. What is `settled` teaches whatever is thought of it, and has no suggestions.
    The same input and seed give the same judgement. Raises Unusable where vectors are not finite.
    """
    refuse_broken(vectors)
    names, given = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        return unknown(len(labels), names)
    judges = Judges(given, kin, columns(barred, names), seed, tick, numbered(settled, names))
    if not judges.known.any():
        return unknown(len(labels), names)
    judges.hear_all(vectors, crops, say)
    return judges.conclude(names)


def refuse_broken(*parts: Table) -> None:
    """Raises Unusable where an item has a vector that is not finite."""
    whole = np.ones(parts[0].shape[0], bool)
    for part in parts:
        for rows, block in tables.blocks(part):
            whole[rows] &= np.isfinite(block).all(axis=1)
    if not whole.all():
        raise Unusable(
            f"The vectors of {(~whole).sum():,} of {len(whole):,} items hold numbers that are none (nan or infinity). "
            "Mend the encoder or its weights, then rank again."
        )


def unknown(n: int, names: Ints) -> Judgement:
    none, nothing_known = nothing_suggested(n)
    return Judgement(nothing_known[:, 0], none[:, 0], none, nothing_known, names, np.zeros((len(names), len(names))))


def columns(barred: Barred | None, names: Ints) -> Barred:
    if barred is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return barred[0], np.searchsorted(names, barred[1])


def numbered(settled: Settled | None, names: Ints) -> Settled | None:
    """With the labels' numbers among these names; a first label that no item has any more is not told."""
    if settled is None:
        return None
    place = np.searchsorted(names, settled.first).clip(max=len(names) - 1)
    return Settled(np.where(names[place] == settled.first, place, -1), settled.known)


class Judges:
    """Classifiers heard one after the other; each learns the less from a label the more those before it doubt it."""

    def __init__(
        self, given: Ints, kin: Kinship, barred: Barred, seed: int, tick: Tick, settled: Settled | None = None
    ) -> None:
        self.given, self.barred, self.seed, self.tick = given, barred, seed, tick
        self.k, self.judged_by = int(given.max()) + 1, "vectors"
        told = settled or Settled(given, np.zeros(len(given), bool))
        self.settled = told.known
        self.first = np.where(told.known & (told.first >= 0), told.first, given)
        self.families = kin.apart
        self.fold = folds.deal(given, kin.apart, seed)
        self.known = folds.known(given, self.fold)
        self.ways = self.ways_to_pool(kin)
        self.weights = np.ones(len(given), np.float32)
        self.thought: dict[str, Table] = {}  # log-probabilities [n, k] by each classifier
        self.mixing = np.ones(0)  # each classifier's weight in their common opinion
        self.doubt = np.zeros(len(given))  # [n], the probability that the label is wrong
        self.suggested, self.probabilities = nothing_suggested(len(given))
        self.linear: logistic.Linear | None = None

    def ways_to_pool(self, kin: Kinship) -> list[Ints]:
        """Families whose items may be heard as one, at worst none; an object of several labels has none of them."""
        lone = np.arange(len(self.given))
        several = np.isin(lone, self.barred[0])
        ways = [np.where(several, -1 - lone, way) for way in (kin.apart, kin.near, *kin.tight)]
        distinct = {len(np.unique(way[self.known])): way[self.known] for way in [*ways, lone]}
        return list(distinct.values())

    def hear_all(self, vectors: Table, crops: Callable[[], Crops] | None, say: Say = silent) -> None:
        self.by_vectors(vectors)
        self.by_vectors(vectors)
        if not crops:
            return
        if reason := network.not_worth_it(len(self.given), self.k, self.mistaken):
            self.judged_by = f"vectors ({reason})"
        else:
            self.judged_by = "vectors and crops"
            self.by_crops(crops(), say)

    def by_vectors(self, vectors: Table) -> None:
        self.linear = logistic.out_of_fold(vectors, self.given, self.fold, self.weights, self.tick, self.linear)
        self.hear("vectors", self.linear)

    def by_crops(self, crops: Crops, say: Say = silent) -> None:
        self.hear("crops", network.out_of_fold(crops, self.given, self.fold, self.weights, self.seed, self.tick, say))

    def mistaken(self) -> float:
        """The share of items that the classifiers take for another label than theirs, beyond those that have a wrong
        one."""
        known = np.flatnonzero(self.known)
        opinions = tables.blocks(tables.Computed((len(known), self.k), lambda rows: self.opinion(known[rows])))
        other = sum(int((opinion.argmax(axis=1) != self.given[known[rows]]).sum()) for rows, opinion in opinions)
        return max(0.0, other / len(known) - float(self.doubt[known].mean()))

    def hear(self, classifier: str, thought: Table) -> None:
        """A classifier's last word: what all that were heard think now, and how far each label is trusted."""
        self.thought[classifier] = tables.less_than_all(thought, *self.barred)
        known = np.flatnonzero(self.known)
        opinions = [tables.chosen(part, known) for part in self.thought.values()]
        right = np.where(self.settled, self.given, -1)[known]
        taught = folds.taught(self.given, self.families, self.fold, self.weights)
        heard = evidence.Heard(opinions, self.first[known], right, self.fold[known], taught)
        found = evidence.explain(heard, self.ways, self.seed, self.tick)
        self.mixing = found.weights
        for some, instead in found.judge(self.tick):
            rows, asked = known[some], ~self.settled[known[some]]
            self.doubt[rows] = np.where(asked, instead.sum(axis=1, dtype=np.float64).clip(max=1), SETTLED)
            unsure = rows[asked]
            self.suggested[unsure], self.probabilities[unsure] = suggest(instead[asked], self.given[unsure])
        weights = 1 - self.doubt
        share = np.bincount(self.given, weights) / np.bincount(self.given)
        self.weights = np.where((share < TAUGHT)[self.given], 1, weights).astype(np.float32)

    def opinion(self, rows: Ints | slice) -> Vectors:
        """The classifiers' common log-probabilities [rows, k], label as given and family unheard."""
        parts = zip(self.mixing.tolist(), self.thought.values(), strict=True)
        return folds.log_softmax(np.sum([np.float32(weight) * part[rows] for weight, part in parts], axis=0))

    def conclude(self, names: Ints) -> Judgement:
        n, k = len(self.given), len(names)
        predicted, confused = np.empty(n, np.int64), np.zeros((k, k))
        for rows, opinion in tables.blocks(tables.Computed((n, k), self.opinion)):
            predicted[rows] = opinion.argmax(axis=1)
            members = coo_array((np.ones(len(opinion)), (self.given[rows], np.arange(len(opinion)))), (k, len(opinion)))
            confused += members @ np.exp(opinion)
        return Judgement(
            np.where(self.known, self.doubt, np.nan),
            np.where(self.known, names[predicted], -1),
            np.where(self.suggested >= 0, names[self.suggested], -1),
            self.probabilities,
            names,
            confused / np.bincount(self.given)[:, None],
            self.judged_by,
        )


def nothing_suggested(n: int) -> tuple[Ints, Floats]:
    return np.full((n, SUGGESTED), -1), np.full((n, SUGGESTED), np.nan)


def suggest(instead: Vectors, given: Ints) -> tuple[Ints, Floats]:
    """The labels most probable instead [n, 5] and how probable each is; together no more than the suspicion."""
    n, k = instead.shape
    count = min(SUGGESTED, k - 1)
    instead = instead.copy()
    instead[np.arange(n), given] = -1  # the own label comes last, after those all but excluded
    best = np.argsort(-instead, axis=1, kind="stable")[:, :count]
    labels, probabilities = nothing_suggested(n)
    probabilities[:, :count] = np.take_along_axis(instead, best, axis=1)
    labels[:, :count] = best
    return labels, probabilities
