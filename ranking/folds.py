"""Out of fold: each item judged by a classifier that saw neither it nor its family."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .encoders.base import Vectors
from .kinds import Ints

FOLDS = 5
ROWS = 10_000  # worked on at once
Train = Callable[[Ints, Ints, int], Vectors]  # rows to learn from, rows to judge, fold: float32 [rows, k] scores


def deal(given: Ints, families: Ints, seed: int) -> Ints:
    """A fold for each item [n]: families stay whole, and each label's families are dealt out evenly."""
    _, first, family = np.unique(families, return_index=True, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(first))
    dealt = shuffled[np.argsort(given[first][shuffled], kind="stable")]
    fold = np.empty(len(first), np.int64)
    fold[dealt] = np.arange(len(first)) % FOLDS
    return fold[family]


def known(given: Ints, folds: Ints) -> npt.NDArray[np.bool_]:
    """Whether an item's label [n] is one of those, two at least, that the other folds teach."""
    found = np.zeros(len(given), bool)
    for fold in range(FOLDS):
        taught = np.unique(given[folds != fold])
        if len(taught) >= 2:
            found |= (folds == fold) & np.isin(given, taught)
    return found


def taught(given: Ints, families: Ints, folds: Ints, weights: Vectors) -> npt.NDArray[np.float64]:
    """[folds, k]: of how many families of each label [n] the classifiers of a fold learn, those of the other folds,
    each as far as its best trusted item of that label counts [n]."""
    k = int(given.max()) + 1
    pairs, pair = np.unique(np.unique(families, return_inverse=True)[1] * k + given, return_inverse=True)
    weight, fold = np.zeros(len(pairs)), np.empty(len(pairs), np.int64)
    np.maximum.at(weight, pair, weights)
    fold[pair] = folds
    own = np.bincount(fold * k + pairs % k, weight, FOLDS * k).reshape(FOLDS, k)
    return own.sum(axis=0) - own


def out_of_fold(train: Train, given: Ints, folds: Ints, weights: Vectors) -> Vectors:
    """Scores float32 [n, k]; items of no weight [n] teach nothing. 0 where fewer than two labels are taught."""
    scores = np.zeros((len(given), int(given.max()) + 1), np.float32)
    for fold in range(FOLDS):
        learned, judged = np.flatnonzero((folds != fold) & (weights > 0)), np.flatnonzero(folds == fold)
        if len(judged) and len(np.unique(given[learned])) >= 2:
            scores[judged] = train(learned, judged, fold)
    return scores


def log_softmax(scores: Vectors) -> Vectors:
    """In place, row by row."""
    for start in range(0, len(scores), ROWS):
        part = scores[start : start + ROWS]
        part -= part.max(axis=1, keepdims=True)
        part -= np.log(np.exp(part).sum(axis=1, keepdims=True))
    return scores
