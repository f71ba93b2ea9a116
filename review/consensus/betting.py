"""Bounds on a mean that hold at all times at once, by betting against each value that it might have.

Whoever bets on a fair game cannot count on winning: if the mean is m, a capital that grows by the factor
1 + c (m - x) / (most - m) with each draw x exceeds 1/alpha, ever, with probability alpha at most (Ville 1939;
Waudby-Smith & Ramdas 2024, Journal of the Royal Statistical Society B 86). The values m that make nobody rich are the
interval. The capital is spread over a few bets, each the best one if the mean were a certain fraction or multiple of m
(for draws of 0 and 1 the factors are likelihood ratios, and the mixture is a discrete form of Robbins 1970).
"""

from collections.abc import Callable

import numpy as np

LOWER_RATES = np.array([0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85])
HIGHER_RATES = np.array([1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0])
HALVINGS = 30


def bounds(values: np.ndarray, zeros: float, most: float, alpha: float, times: float = 1.0) -> tuple[float, float]:
    """(low, high) of the mean of draws in 0..most, each bound wrong with probability alpha at most.

    values: float [k], the draws that are not 0, each of them seen `times` times; zeros: how many are 0. The mean is
    taken to be at most 1.
    """
    value, count = np.unique(np.asarray(values, float), return_counts=True)
    often = count * times
    value, often = value[often > 0], often[often > 0]

    def rich(m: float, rates: np.ndarray) -> bool:
        stake = np.minimum(1 - rates, 1.0)
        stake = np.maximum(stake, 1 - most / m)  # nobody may lose more than all
        with np.errstate(divide="ignore"):
            per_value = np.log(np.maximum(1 + stake[:, None] * (m - value) / (most - m), 0.0))
            per_zero = np.log(np.maximum(1 + stake * m / (most - m), 0.0))
        capital = (often * per_value).sum(axis=1) + (zeros * per_zero if zeros else 0.0)
        return bool(np.logaddexp.reduce(capital) - np.log(len(rates)) >= -np.log(alpha))

    return edge(lambda m: rich(m, HIGHER_RATES), most, upper=False), edge(
        lambda m: rich(m, LOWER_RATES), most, upper=True
    )


def edge(rich: Callable[[float], bool], most: float, upper: bool) -> float:
    """Where the values end that make nobody rich. Bets on less than m win the more the higher m is, bets on more than
    m the lower."""
    low, high = 0.0, min(1.0, most)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if rich(middle) == upper:
            high = middle
        else:
            low = middle
    return high if upper else low
