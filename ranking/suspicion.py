"""How probable it is that a label is wrong, judged by classifiers that never saw the item or its near duplicates.

Multinomial logistic regression on the dataset's own labels, out of fold; once more without the labels that the first
pass doubts, so that they teach nobody (Northcutt et al. 2021, "Confident Learning", section 3.3).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from . import calibration
from .encoders.base import Vectors
from .neighbours import Ints, Tick, nothing

FOLDS = 5
STEPS = 60  # of L-BFGS
RIDGE = 1e-2
FLOOR = 0.5  # of the mean variance, added to each direction's own
DOUBTED = 2.0  # logits by which another label must lead for the second pass to leave an item out
SUGGESTED = 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """What is thought of n items. Nothing is known of an item whose label no other fold knows: nan and -1."""

    suspicion: Floats  # [n], the probability that the label is wrong
    predicted: Ints  # [n], the label that the item looks like, which may be its own
    suggested: Ints  # [n, 5], the most probable labels instead, -1 where there are no more
    probabilities: Floats  # [n, 5], that such a label is the right one; with 1 - suspicion they add up to 1 at most
    names: Ints  # [k], the labels, ascending
    confused: Floats  # [k, k], how probable the items of a label (row) find another (column) on average


def judge(
    vectors: Vectors,
    labels: Ints,
    families: Ints,
    barred: tuple[Ints, Ints] | None = None,
    seed: int = 0,
    tick: Tick = nothing,
) -> Judgement:
    """Judge float32 [n, d] with labels [n] of any numbering; items of one family [n] are never in two folds.

    `barred` (rows, labels) are labels that say nothing against these rows. The same input and seed give the same
    judgement.
    """
    names, given = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        return unknown(len(labels), names)
    scores, known = out_of_fold(standardised(vectors), given, families, seed, tick)
    if barred is not None:
        rows, columns = barred[0], np.searchsorted(names, barred[1])
        scores[rows, columns] = scores[rows].min(axis=1) - 1
    suspicion = np.full(len(labels), np.nan)
    suspicion[known] = calibration.suspicion(scores[known], given[known], seed)
    probable = softmax(scores / calibration.temperature(scores[known], given[known]))
    suggested, probabilities = suggest(probable, given, suspicion)
    predicted = np.where(known, names[scores.argmax(axis=1)], -1)
    suggested = np.where(suggested >= 0, names[suggested], -1)
    confused = np.stack([probable[given == label].mean(axis=0) for label in range(len(names))])
    return Judgement(suspicion, predicted, suggested, probabilities, names, confused)


def unknown(n: int, names: Ints) -> Judgement:
    nothing_known, none = np.full((n, SUGGESTED), np.nan), np.full((n, SUGGESTED), -1)
    return Judgement(nothing_known[:, 0], none[:, 0], none, nothing_known, names, np.zeros((len(names), len(names))))


def standardised(vectors: Vectors) -> Vectors:
    """Every direction at about the same spread, but for those of little spread: in a small set they are but noise."""
    variance = vectors.var(axis=0)
    spread = np.sqrt(variance + FLOOR * variance.mean() + 1e-12)
    centred = (vectors - vectors.mean(axis=0)) / spread
    return (centred / max(float(centred.std()), 1e-6)).astype(np.float32)


def out_of_fold(
    vectors: Vectors, given: Ints, families: Ints, seed: int, tick: Tick
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Scores [n, k] by classifiers that saw neither the item nor its family; and [n], whether its label was known."""
    folds = deal(given, families, seed)
    scores, known = one_pass(vectors, given, folds, np.ones(len(given), bool), tick)
    trusted = calibration.lead(scores, given) < DOUBTED
    # A label doubted everywhere would be lost to the second pass; its items stay.
    share = np.bincount(given, trusted) / np.bincount(given)
    return one_pass(vectors, given, folds, trusted | (share < 0.5)[given], tick) if known.any() else (scores, known)


def deal(given: Ints, families: Ints, seed: int) -> Ints:
    """A fold for each item [n]: families stay whole, and each label's families are dealt out evenly."""
    _, first, family = np.unique(families, return_index=True, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(first))
    dealt = shuffled[np.argsort(given[first][shuffled], kind="stable")]
    fold = np.empty(len(first), np.int64)
    fold[dealt] = np.arange(len(first)) % FOLDS
    return fold[family]


def one_pass(
    vectors: Vectors, given: Ints, folds: Ints, used: npt.NDArray[np.bool_], tick: Tick
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    k = int(given.max()) + 1
    scores, known = np.zeros((len(given), k)), np.zeros(len(given), bool)
    points, targets = torch.from_numpy(vectors), torch.from_numpy(given)
    for fold in range(FOLDS):
        train, test = np.flatnonzero((folds != fold) & used), np.flatnonzero(folds == fold)
        taught = np.isin(np.arange(k), given[train])
        if not len(test) or taught.sum() < 2:
            continue
        weights = fit(points[train], targets[train], k, tick)
        scores[test] = torch.addmm(weights[-1], points[test], weights[:-1]).numpy()
        known[test] = taught[given[test]]
    return scores, known


def fit(points: torch.Tensor, targets: torch.Tensor, k: int, tick: Tick) -> torch.Tensor:
    """Weights [d + 1, k], the last row the intercept, of [n, d] with targets [n]: mean cross-entropy and a ridge."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    points, targets = points.to(device), targets.to(device)
    weights = torch.zeros(points.shape[1] + 1, k, device=device, requires_grad=True)
    solver = torch.optim.LBFGS([weights], max_iter=STEPS, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        tick()
        solver.zero_grad()
        logits = torch.addmm(weights[-1], points, weights[:-1])
        value = torch.nn.functional.cross_entropy(logits, targets) + RIDGE / 2 * (weights[:-1] ** 2).sum()
        value.backward()
        return value

    solver.step(loss)
    return weights.detach().cpu()


def softmax(scores: Floats) -> Floats:
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def suggest(probable: Floats, given: Ints, suspicion: Floats) -> tuple[Ints, Floats]:
    """The labels most probable instead [n, 5] and how probable each is; the suspicion is shared out among them."""
    others = probable.copy()
    others[np.arange(len(given)), given] = 0
    others *= (suspicion / np.maximum(others.sum(axis=1), 1e-30))[:, None]
    count = min(SUGGESTED, others.shape[1] - 1)
    best = np.argsort(-others, axis=1, kind="stable")[:, :count]
    labels, probabilities = np.full((len(given), SUGGESTED), -1), np.full((len(given), SUGGESTED), np.nan)
    probabilities[:, :count] = np.take_along_axis(others, best, axis=1)
    labels[:, :count] = np.where(probabilities[:, :count] > 0, best, -1)
    return labels, probabilities
