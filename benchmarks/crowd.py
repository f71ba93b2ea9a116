"""A simulated crowd with a truth, and an oracle that knows everybody: what a learner's looks are measured against."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from review.consensus.votes import logit, sigmoid

WRONG = 0.03
HARDER = 1.2  # how much of a reviewer's log odds one unit of difficulty costs


class Crowd:
    """n items of which WRONG are wrong, errors of differing difficulty; reviewers of sensitivity .48 to .98 (mean .88)
    at easy errors, and specificity .98 in the mean. `look` answers the same whenever asked."""

    def __init__(self, seed: int, items: int = 100_000, reviewers: int = 200) -> None:
        rng = np.random.default_rng([seed, items])
        self.seed, self.items, self.reviewers, self.wrong = seed, items, reviewers, WRONG
        self.truth = rng.random(items) < WRONG
        self.sensitivity = 0.48 + 0.5 * rng.beta(8, 2, reviewers)
        self.specificity = 1 - rng.beta(1.2, 60, reviewers)
        self.difficulty = np.maximum(0.7 * rng.standard_normal(items), 0)
        self.noise = rng.standard_normal(items)

    def look(self, reviewer: int, items: np.ndarray) -> np.ndarray:
        """bool [n]: which of these items one reviewer flags."""
        easy = logit(np.clip(self.sensitivity[reviewer], 0.02, 0.98))
        seen = sigmoid(easy - HARDER * self.difficulty[items])
        chance = np.where(self.truth[items], seen, 1 - self.specificity[reviewer])
        return luck(self.seed, reviewer, items) < chance

    def prior(self, strength: float) -> np.ndarray:
        """float [n]: calibrated log odds of being wrong: a normal score, `strength` higher for errors."""
        return logit(self.wrong) + strength * (strength * self.truth + self.noise) - strength**2 / 2


def luck(seed: int, reviewer: int, items: np.ndarray) -> np.ndarray:
    """float [n] in [0, 1): splitmix64 of who looks at what (Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        key = np.asarray(items, np.uint64) + (np.uint64(reviewer) << np.uint64(32)) + (np.uint64(seed) << np.uint64(48))
        key *= np.uint64(0x9E3779B97F4A7C15)
        key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (key ^ (key >> np.uint64(31))) / np.float64(2**64)


def answers(crowd: Any, reviewer: np.ndarray, items: np.ndarray) -> np.ndarray:
    """bool [n]: what each reviewer says of the item beside."""
    said = np.empty(len(items), bool)
    order = np.argsort(reviewer, kind="stable")
    bounds = np.searchsorted(reviewer[order], np.arange(crowd.reviewers + 1))
    for person, (start, end) in enumerate(zip(bounds, bounds[1:], strict=False)):
        rows = order[start:end]
        said[rows] = crowd.look(person, items[rows])
    return said


def f1(found: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float((found & truth).sum()) / max(float(found.sum() + truth.sum()), 1)


def oracle(
    crowd: Any, prior: float = 0.0, start: int = 1, low: float = 0.002, high: float = 0.98, most: int = 8
) -> tuple[float, float]:
    """(looks an item, F1) of a policy that knows everybody's mean rates and asks while the probability lies between low
    and high; items get `start` looks in any case."""
    rng = np.random.default_rng(crowd.seed + 1000)
    odds = crowd.prior(prior)
    first = rng.integers(crowd.reviewers, size=crowd.items)
    hard = np.maximum(0.7 * rng.standard_normal(20_000), 0)
    mean = crowd.sensitivity.mean()
    spread = sigmoid(logit(mean) - HARDER * hard).mean() / mean
    looks = 0
    for k in range(most):
        p = sigmoid(odds)
        asked = np.arange(crowd.items) if k < start else np.flatnonzero((p > low) & (p < high))
        who = (first[asked] + 37 * k) % crowd.reviewers
        flags = answers(crowd, who, asked)
        s, c = crowd.sensitivity[who] * spread, crowd.specificity[who]
        odds[asked] += np.where(flags, np.log(s / (1 - c)), np.log((1 - s) / c))
        looks += len(asked)
    return looks / crowd.items, f1(odds > 0, crowd.truth)


def generator(path: Path | None) -> tuple[Any, Any]:
    """(Crowd, oracle) of a file of one's own that has both, else those here."""
    if path is None:
        return Crowd, oracle
    spec = importlib.util.spec_from_file_location("crowd_file", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Crowd, module.oracle
