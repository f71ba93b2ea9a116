"""Multinomial logistic regression on vectors."""

from dataclasses import dataclass

import numpy as np
import torch

from . import folds
from .accelerator import device
from .encoders.base import Vectors
from .kinds import Ints, Tick
from .tables import Table

STEPS, STEPS_ON = 60, 20  # of L-BFGS, from nothing and from an earlier pass
LEARNED = 2**15  # items that a classifier learns from at most
RIDGE = 1e-2


def out_of_fold(
    vectors: Table, given: Ints, fold: Ints, weights: Vectors, tick: Tick, before: "Linear | None" = None
) -> "Linear":
    """Log-probabilities [n, k] of the labels 0..k-1 from float32 [n, d] and weights [n].

    Of more than LEARNED items a sample teaches; then `before`, the classifiers of an earlier pass, is gone on from.
    """
    k = int(given.max()) + 1
    taught = np.zeros((folds.FOLDS, vectors.shape[1] + 1, k), np.float32)
    for number in range(folds.FOLDS):
        learned = np.flatnonzero((fold != number) & (weights > 0))
        if not (fold == number).any() or len(np.unique(given[learned])) < 2:
            continue
        rows, heed = drawn(learned, given, weights, number)
        start = before.taught[number] if before and len(rows) < len(learned) else None
        points, targets = torch.from_numpy(vectors[rows]), torch.from_numpy(given[rows])
        taught[number] = fit(points, targets, torch.from_numpy(heed), k, tick, start).numpy()
    return Linear(vectors, fold, taught)


def drawn(learned: Ints, given: Ints, weights: Vectors, seed: int) -> tuple[Ints, Vectors]:
    """Which rows teach, and how much each is heeded: about LEARNED of them at most, of small labels all, of large ones
    as many as there is room for; and each label as much as any other (scikit-learn's class_weight="balanced"), else a
    rare one is taken for its common look-alike."""
    rows = learned if len(learned) <= LEARNED else sample(learned, given, seed)
    heed = weights[rows] / np.bincount(given[rows], weights[rows])[given[rows]]
    return rows, heed.astype(np.float32)


def sample(learned: Ints, given: Ints, seed: int) -> Ints:
    mixed = np.random.default_rng(seed).permutation(learned)
    by_label = mixed[np.argsort(given[mixed], kind="stable")]
    _, start, size = np.unique(given[by_label], return_index=True, return_counts=True)
    place = np.arange(len(by_label)) - np.repeat(start, size)
    return np.sort(by_label[place < room(size)])


def room(sizes: Ints) -> int:
    """How many items each label of these sizes may have, so that together they are about LEARNED."""
    ascending = np.sort(sizes)
    after = len(sizes) - np.arange(len(sizes))
    left = LEARNED - (np.cumsum(ascending) - ascending)
    return max(1, int((left / after)[left < ascending * after][0]))


@dataclass(frozen=True)
class Linear:
    """Log-probabilities [n, k] by one classifier a fold, worked out for the rows that are asked for."""

    vectors: Table
    fold: Ints
    taught: Vectors  # [folds, d + 1, k], the last row the intercept; 0 where nothing could be learned

    @property
    def shape(self) -> tuple[int, ...]:
        return self.vectors.shape[0], self.taught.shape[2]

    def __getitem__(self, rows: Ints | slice) -> Vectors:
        points, fold = torch.from_numpy(self.vectors[rows]), self.fold[rows]
        scores = np.empty((len(fold), self.shape[1]), np.float32)
        for number, weights in enumerate(torch.from_numpy(self.taught)):
            here = np.flatnonzero(fold == number)
            scores[here] = torch.addmm(weights[-1], points[torch.from_numpy(here)], weights[:-1]).numpy()
        return folds.log_softmax(scores)


def fit(
    points: torch.Tensor, targets: torch.Tensor, heed: torch.Tensor, k: int, tick: Tick, start: Vectors | None = None
) -> torch.Tensor:
    """Weights [d + 1, k], the last row the intercept, of [n, d], targets [n]: weighted cross-entropy and a ridge."""
    place = device()
    points, targets, heed = points.to(place), targets.to(place), (heed / heed.sum()).to(place)
    known = torch.zeros(points.shape[1] + 1, k) if start is None else torch.from_numpy(start)
    weights = known.to(place, copy=True).requires_grad_(True)
    steps = STEPS if start is None else STEPS_ON
    solver = torch.optim.LBFGS([weights], max_iter=steps, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        tick()
        solver.zero_grad()
        logits = torch.addmm(weights[-1], points, weights[:-1])
        each = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
        value = (each * heed).sum() + RIDGE / 2 * (weights[:-1] ** 2).sum()
        value.backward()
        return value

    solver.step(loss)
    return weights.detach().cpu()
