"""Multinomial logistic regression on vectors."""

import torch

from . import folds
from .accelerator import device
from .encoders.base import Vectors
from .neighbours import Ints, Tick

STEPS = 60  # of L-BFGS
RIDGE = 1e-2


def out_of_fold(vectors: Vectors, given: Ints, fold: Ints, weights: Vectors, tick: Tick) -> Vectors:
    """Log-probabilities float32 [n, k] of the labels 0..k-1 from float32 [n, d] and weights [n]."""
    points, targets, heed = (torch.from_numpy(part) for part in (vectors, given, weights))
    k = int(given.max()) + 1

    def train(learned: Ints, judged: Ints, _: int) -> Vectors:
        solved = fit(points[learned], targets[learned], heed[learned], k, tick)
        return torch.addmm(solved[-1], points[judged], solved[:-1]).numpy()

    return folds.log_softmax(folds.out_of_fold(train, given, fold, weights))


def fit(points: torch.Tensor, targets: torch.Tensor, heed: torch.Tensor, k: int, tick: Tick) -> torch.Tensor:
    """Weights [d + 1, k], the last row the intercept, of [n, d], targets [n]: weighted cross-entropy and a ridge."""
    place = device()
    points, targets, heed = points.to(place), targets.to(place), (heed / heed.sum()).to(place)
    weights = torch.zeros(points.shape[1] + 1, k, device=place, requires_grad=True)
    solver = torch.optim.LBFGS([weights], max_iter=STEPS, history_size=10, line_search_fn="strong_wolfe")

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
