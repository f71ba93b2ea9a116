"""The beta distribution, which exact intervals are made of. Arrays in, arrays out."""

import math

import numpy as np

STEPS, NEAR, TINY = 500, 1e-12, 1e-300
STEPS_OF_ROOT, CLOSE = 60, 1e-11

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
    """The x with beta_cdf(x, a, b) = q, by Newton's steps where they stay inside what is known, else by halving."""
    q, a, b = (np.asarray(v, float) for v in np.broadcast_arrays(q, a, b))
    some = (a > 0) & (b > 0)
    result = np.where(a <= 0, 0.0, 1.0)
    q, a, b = q[some], a[some], b[some]
    scale = log_gamma(a + b) - log_gamma(a) - log_gamma(b)
    low, high, x = np.zeros(q.shape), np.ones(q.shape), a / (a + b)
    for _ in range(STEPS_OF_ROOT):
        over = beta_cdf(x, a, b) - q
        low, high = np.where(over < 0, x, low), np.where(over < 0, high, x)
        with np.errstate(all="ignore"):
            step = x - over / np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) + scale)
        after = np.where((step > low) & (step < high), step, (low + high) / 2)
        done = np.abs(over) < CLOSE
        x = np.where(done, x, after)
        if done.all():
            break
    result[some] = x
    return result
