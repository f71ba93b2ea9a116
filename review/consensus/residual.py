"""How wrong the labels still are: the sum of what each verdict leaves open, with an interval."""

import numpy as np

NORMAL_FROM = 200.0  # a Poisson count of this mean is as good as normal


def residual(probability: np.ndarray, fixed: np.ndarray, group: np.ndarray | None = None) -> tuple[float, float, float]:
    """(rate, low, high): the share of items still wrong, and 95 % of where it lies by the verdicts' own probabilities.

    probability: float [n], that the label was wrong; fixed: bool [n], already mended, so wrong only where the label was
    right. group: int [n], items that stand or fall together (frames of one sign). The count is a sum of Bernoulli
    variables (Poisson binomial); its quantiles are taken of the Poisson of the same mean, which is never narrower (Le
    Cam 1960), in lumps as large as the groups make them.
    """
    n = len(probability)
    if not n:
        return 0.0, 0.0, 1.0
    left = np.where(fixed, 1 - probability, probability)
    expected = float(left.sum())
    lump = lump_size(left, group) if group is not None else 1.0
    low, high = (lump * poisson_quantile(expected / lump, q) for q in (0.025, 0.975))
    return expected / n, min(low, expected) / n, min(max(high, expected) / n, 1.0)


def lump_size(left: np.ndarray, group: np.ndarray) -> float:
    """How many items are wrong at once where one is: the groups' variance over that of single items."""
    size = np.bincount(group)
    mean = np.bincount(group, weights=left) / np.maximum(size, 1)
    alone, together = float((left * (1 - left)).sum()), float((size**2 * mean * (1 - mean)).sum())
    return max(together / alone, 1.0) if alone > 0 else 1.0


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
