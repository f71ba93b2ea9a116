"""How wrong the labels still are: the sum of what each verdict leaves open, with an interval."""

from dataclasses import dataclass

import numpy as np

NORMAL_FROM = 200.0  # a Poisson count of this mean is as good as normal


@dataclass(frozen=True)
class Sums:
    """What the interval needs to know of `items` verdicts, so that a database may add it up. With q the probability
    that an item is still wrong: expected is the sum of q, alone that of q (1 - q), and together that of n s - s² over
    groups of n items whose q add up to s (an item without a group is one by itself)."""

    items: int
    expected: float
    alone: float
    together: float


def residual(probability: np.ndarray, fixed: np.ndarray, group: np.ndarray | None = None) -> tuple[float, float, float]:
    """(rate, low, high): the share of items still wrong, and 95 % of where it lies by the verdicts' own probabilities.

    probability: float [n], that the label was wrong; fixed: bool [n], already mended, so wrong only where the label was
    right. group: int [n], items that stand or fall together (frames of one sign).
    """
    left = np.where(fixed, 1 - probability, probability)
    alone = float((left * (1 - left)).sum())
    return of_sums(Sums(len(left), float(left.sum()), alone, alone if group is None else variance(left, group)))


def of_sums(sums: Sums) -> tuple[float, float, float]:
    """The same of sums. The count is a sum of Bernoulli variables (Poisson binomial); its quantiles are taken of the
    Poisson of the same mean, which is never narrower (Le Cam 1960), in lumps as large as the groups make them."""
    n, expected = sums.items, sums.expected
    if not n:
        return 0.0, 0.0, 1.0
    lump = max(sums.together / sums.alone, 1.0) if sums.alone > 0 else 1.0
    low, high = (lump * poisson_quantile(expected / lump, q) for q in (0.025, 0.975))
    return expected / n, min(low, expected) / n, min(max(high, expected) / n, 1.0)


def variance(left: np.ndarray, group: np.ndarray) -> float:
    """Of the count of wrong items where all of a group are wrong at once, or none: n² m (1 - m) each, of mean m."""
    size = np.bincount(group)
    total = np.bincount(group, weights=left)
    return float((size * total - total**2).sum())


def poisson_quantile(mean: float, q: float) -> float:
    """The smallest count that a Poisson variable of this mean does not exceed with probability q."""
    if mean > NORMAL_FROM:
        return mean + (1.959964 if q > 0.5 else -1.959964) * mean**0.5
    term = total = np.exp(-mean)
    count = 0
    while total < q:
        count += 1
        term *= mean / count
        total += term
    return float(count)
