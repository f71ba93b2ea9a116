"""Whether somebody is surely worse than a bar, told at any time."""

from math import lgamma, log, log1p

SURE = 0.01  # of those who are as good as the bar, at most this share is ever taken for worse


def surely_below(hits: int, tries: int, bar: float, chance: float = SURE) -> bool:
    """Whether a rate of which `hits` of `tries` are known lies below `bar`: at a risk of `chance`, however often asked.

    The ratio of the beta-binomial mixture with Jeffreys' prior to the likelihood at the bar is a martingale of mean 1
    for whoever is exactly at it, so that it ever exceeds 1/chance with probability chance at most (Ville's inequality;
    Robbins 1970, section 3).
    """
    if not 0 < bar < 1 or tries == 0 or hits >= bar * tries:
        return False
    at_bar = hits * log(bar) + (tries - hits) * log1p(-bar)
    return log_beta(hits + 0.5, tries - hits + 0.5) - log_beta(0.5, 0.5) - at_bar >= -log(chance)


def log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def interval(hits: int, tries: int) -> tuple[float, float]:
    """95 % of where a rate lies after `hits` of `tries`, by Wilson's score (Wilson 1927)."""
    if not tries:
        return 0.0, 1.0
    z = 1.959964
    middle = (hits + z * z / 2) / (tries + z * z)
    reach = z / (tries + z * z) * (hits * (tries - hits) / tries + z * z / 4) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)
