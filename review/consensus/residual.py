"""How wrong the labels still are: the sum of what each verdict leaves open, with an interval."""

import numpy as np

DRAWS = 2000


def residual(probability: np.ndarray, fixed: np.ndarray, group: np.ndarray | None = None) -> tuple[float, float, float]:
    """(rate, low, high): the share of items still wrong, 95 % interval from the verdicts' own probabilities.

    probability: float [n], that the label was wrong; fixed: bool [n], already mended, so wrong only where the label was
    right. The count is a sum of Bernoulli variables (Poisson binomial), drawn normally but for its small end, where the
    Poisson's exact bounds serve. group: int [n], items that stand or fall together (frames of one sign).
    """
    n = len(probability)
    if not n:
        return 0.0, 0.0, 1.0
    left = np.where(fixed, 1 - probability, probability)
    expected = float(left.sum())
    if group is None:
        variance = float((left * (1 - left)).sum())
    else:
        size = np.bincount(group)
        mean = np.bincount(group, weights=left) / np.maximum(size, 1)
        variance = float((size**2 * mean * (1 - mean)).sum())
    spread = 1.96 * np.sqrt(variance + 1e-12)
    inflation = max(variance / max(expected, 1e-9), 1.0)
    low, high = expected - spread, max(expected + spread, poisson_high(expected / inflation) * inflation)
    return expected / n, max(low, 0.0) / n, min(high / n, 1.0)


def poisson_high(mean: float) -> float:
    """An upper 97.5 % bound of a Poisson count of this mean (Anscombe's square-root transform)."""
    return (np.sqrt(mean + 0.375) + 0.98) ** 2 - 0.375
