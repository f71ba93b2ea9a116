"""The beta distribution, which exact intervals are made of. Arrays in, arrays out."""

import math

import numpy as np

STEPS, NEAR, TINY = 500, 1e-14, 1e-300
HALVINGS = 55  # of [0, 1]: as fine as a float is

_lgamma = np.frompyfunc(math.lgamma, 1, 1)


def log_gamma(x: np.ndarray | float) -> np.ndarray:
    return np.asarray(_lgamma(np.asarray(x, float)), float)


def beta_cdf(x: np.ndarray | float, a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
    """The chance that a Beta(a, b) variable is at most x: the regularised incomplete beta function by its continued
    fraction (Abramowitz & Stegun 26.5.8), evaluated by Lentz's method. a = 0 is a point at 0, b = 0 one at 1."""
    x, a, b = (np.asarray(v, float) for v in np.broadcast_arrays(x, a, b))
    inside = (x > 0) & (x < 1) & (a > 0) & (b > 0)
    result = np.where(b <= 0, x >= 1, np.where(a <= 0, x >= 0, x > 0)).astype(float)
    if not inside.any():
        return result
    x, a, b = x[inside], a[inside], b[inside]
    turned = x > (a + 1) / (a + b + 2)  # there the fraction of the other tail converges faster
    x, a, b = np.where(turned, 1 - x, x), np.where(turned, b, a), np.where(turned, a, b)
    front = np.exp(a * np.log(x) + b * np.log1p(-x) - log_gamma(a) - log_gamma(b) + log_gamma(a + b)) / a
    tail = np.clip(front * fraction(x, a, b), 0, 1)
    result[inside] = np.where(turned, 1 - tail, tail)
    return result


def fraction(x: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    d = 1 / away_from_zero(1 - (a + b) * x / (a + 1))
    c, value = np.ones_like(x), d
    for m in range(1, STEPS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / away_from_zero(1 + step * d)
            c = away_from_zero(1 + step / c)
            value = value * d * c
        if (np.abs(d * c - 1) < NEAR).all():
            break
    return value


def away_from_zero(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < TINY, TINY, x)


def beta_quantile(q: np.ndarray | float, a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
    """The x with beta_cdf(x, a, b) = q, by halving."""
    q, a, b = (np.asarray(v, float) for v in np.broadcast_arrays(q, a, b))
    low, high = np.zeros(q.shape), np.ones(q.shape)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = beta_cdf(middle, a, b) < q
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(a <= 0, 0.0, np.where(b <= 0, 1.0, high))
