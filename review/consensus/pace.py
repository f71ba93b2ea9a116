"""When work will be done, by how much of it was done in windows of equal length before."""

from collections.abc import Callable

import numpy as np

from .distributions import beta_quantile

FURTHEST = 10_000.0  # windows: beyond that nothing is said


def finish(missing: float, done: np.ndarray) -> tuple[float, float, float | None] | None:
    """(expected, low, high): in how many windows `missing` is done, and 95 % of where that lies; high None where the
    pace may as well be none. None of it without a pace. done: float [k], k >= 2, what was done in each window.

    Windows to come are taken to be drawn as those before: of n, the sum has the mean n m and the variance
    s² (n + n² / k), the second part since m is known by k windows alone (the prediction interval of a sum of normal
    variables). The bounds are where a Student variable of k - 1 degrees of freedom makes the sum what is missing.
    """
    k, mean = len(done), float(done.mean())
    if mean <= 0:
        return None
    spread = student(k - 1) * float(done.std(ddof=1))
    expected = missing / mean
    low = smallest(lambda n: n * mean + spread * (n + n * n / k) ** 0.5 >= missing, expected)
    if mean * k**0.5 <= spread:
        return expected, low, None
    high = smallest(lambda n: n * mean - spread * (n + n * n / k) ** 0.5 >= missing, FURTHEST)
    return expected, low, high if high < FURTHEST else None


def student(freedom: int) -> float:
    """What a Student variable exceeds in absolute value with 5 % chance."""
    x = float(beta_quantile(0.05, freedom / 2, 0.5))
    return float((freedom * (1 / x - 1)) ** 0.5)


def smallest(enough: Callable[[float], bool], most: float) -> float:
    """The smallest number up to `most` that is enough, to a thousandth of itself."""
    low, high = 0.0, most
    while high - low > high / 1000:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
