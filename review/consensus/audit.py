"""How wrong the labels are, by a random sample that people looked at: intervals that hold whatever the model thinks.

The sample is stratified (strata are labels, as a rule): of each so many items drawn by chance. Items that belong
together (frames of one sign) share a cluster and are not taken for independent.
Three things are asked of it:

- error_rate, error_rates: the share of wrong labels with an interval of stated confidence, for one look at the result;
- anytime, falls_below: the same, valid however often one looks, for "stop as soon as it is below t";
- sample_to_measure, sample_to_show: how many items must be drawn for the interval that is wanted.

What the auditors miss is corrected by their sensitivity and specificity, each given by how often they were right on
known cases, so that what is not known of them widens the interval.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .betting import bounds
from .distributions import beta_cdf, beta_quantile

Trials = tuple[float, float]  # how often somebody was right, of how many known cases
CONFIDENCE = 0.95
NODES = 12  # of the integral over each of sensitivity and specificity
HALVINGS = 20
MOST = 10**9  # items that a sample is ever asked to have


class Interval(NamedTuple):
    """A rate and where it lies: floats, or arrays [strata] (rate NaN where nothing was sampled)."""

    rate: np.ndarray | float
    low: np.ndarray | float
    high: np.ndarray | float


@dataclass(frozen=True)
class Audit:
    """n audited items in the order in which they were looked at. wrong: bool [n], what was concluded. stratum: int [n].
    sizes: int [strata], how many items of the dataset each holds. planned: int [strata], how many of each the whole
    sample has (more than n in all while it goes on). cluster: int [n], or None where every item stands alone."""

    wrong: np.ndarray
    stratum: np.ndarray
    sizes: np.ndarray
    planned: np.ndarray
    cluster: np.ndarray | None = None

    def clusters(self) -> np.ndarray:
        return np.arange(len(self.wrong)) if self.cluster is None else self.cluster


@dataclass(frozen=True)
class Auditors:
    """How often whoever decides about an audited item is right, of how many known cases: wrong ones that they found,
    right ones that they left. None where it is not doubted."""

    sensitivity: Trials | None = None
    specificity: Trials | None = None


FAULTLESS = Auditors()


@dataclass(frozen=True)
class Sums:
    """What an interval is made of, arrays [rows]: the estimate, its estimated variance, and the most that one more
    cluster would have added."""

    estimate: np.ndarray
    variance: np.ndarray
    lump: np.ndarray

    @classmethod
    def of(cls, wrong: np.ndarray, weight: np.ndarray, unit: np.ndarray, row: np.ndarray, rows: int) -> "Sums":
        """Each item adds its weight to its row where it is wrong; items of one row and unit stand or fall together."""
        pair, unit = np.unique(np.stack([row, unit]), axis=1, return_inverse=True)
        total = np.bincount(unit.ravel(), weights=weight * wrong, minlength=pair.shape[1])
        whole = np.bincount(unit.ravel(), weights=weight, minlength=pair.shape[1])
        lump = np.zeros(rows)
        np.maximum.at(lump, pair[0], whole)
        return cls(
            np.bincount(pair[0], weights=total, minlength=rows),
            np.bincount(pair[0], weights=total**2, minlength=rows),
            lump,
        )

    def above(self) -> tuple[np.ndarray, np.ndarray]:
        """(a, b): the rate lies below a Beta(a, b) variable as surely as the interval says.

        Fay & Feuer 1997 (Statistics in Medicine 16) match a gamma variable to the estimate and its variance with one
        more event of the largest weight; here it is a beta, so that without weights and clusters it is Clopper and
        Pearson's exact bound. A cluster is one event of its whole weight, which adapts to how alike its items are.
        """
        return matched(self.estimate + self.lump, self.variance + self.lump**2)

    def below(self) -> tuple[np.ndarray, np.ndarray]:
        """(a, b): the same for the lower bound."""
        return matched(self.estimate, self.variance)


def matched(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The (a, b) of k = mean²/variance events among mean/variance trials; a = 0 (a point at 0) without any, b = 0 (a
    point at 1) where all failed or nothing is known."""
    some = (mean > 0) & (variance > 0)
    trials = np.divide(mean, variance, out=np.zeros(mean.shape), where=some)
    a = mean * trials
    return np.where(some, a, 0.0), np.where(some, np.maximum(trials + 1 - a, 0.0), 1.0)


def error_rate(audit: Audit, auditors: Auditors = FAULTLESS, confidence: float = CONFIDENCE) -> Interval:
    """The share of wrong labels in the dataset, each stratum weighted by its size. A stratum that was not sampled may
    be all wrong, and all right, for what is known."""
    return never_narrower(rate_as_drawn, audit, auditors, confidence)


def error_rates(audit: Audit, auditors: Auditors = FAULTLESS, confidence: float = CONFIDENCE) -> Interval:
    """The same for each stratum by itself: arrays [strata]."""
    return never_narrower(rates_as_drawn, audit, auditors, confidence)


def never_narrower(
    interval: Callable[[Audit, Auditors, float], Interval], audit: Audit, auditors: Auditors, confidence: float
) -> Interval:
    """The interval, and no narrower than if each item stood alone: of a handful of items the match of one beta variable
    to few large clusters can come out a hair inside that to many small ones."""
    found = interval(audit, auditors, confidence)
    if audit.cluster is None:
        return found
    alone = interval(replace(audit, cluster=None), auditors, confidence)
    return Interval(found.rate, np.minimum(found.low, alone.low)[()], np.maximum(found.high, alone.high)[()])


def rate_as_drawn(audit: Audit, auditors: Auditors, confidence: float) -> Interval:
    drawn = np.bincount(audit.stratum, minlength=len(audit.sizes))
    share = audit.sizes / max(audit.sizes.sum(), 1)
    if not drawn.any():
        return Interval(float("nan"), 0.0, 1.0)
    seen = share[drawn > 0].sum()
    weight = (share / np.maximum(drawn, 1))[audit.stratum] / seen
    sums = Sums.of(audit.wrong, weight, audit.clusters(), np.zeros(len(audit.wrong), int), 1)
    rate, low, high = corrected(sums, auditors, confidence)
    return Interval(float(rate[0]), float(low[0] * seen), float(min(high[0] * seen + 1 - seen, 1.0)))


def rates_as_drawn(audit: Audit, auditors: Auditors, confidence: float) -> Interval:
    strata = len(audit.sizes)
    drawn = np.bincount(audit.stratum, minlength=strata)
    weight = (1 / np.maximum(drawn, 1))[audit.stratum]
    sums = Sums.of(audit.wrong, weight, audit.clusters(), audit.stratum, strata)
    rate, low, high = corrected(sums, auditors, confidence)
    none = drawn == 0
    return Interval(np.where(none, np.nan, rate), np.where(none, 0.0, low), np.where(none, 1.0, high))


def corrected(sums: Sums, auditors: Auditors, confidence: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rate, low, high), arrays [rows]. What is found, q, is a (right) p + (1 - b)(1 - p), so p = (q + b - 1) /
    (a + b - 1) (Rogan & Gladen 1978). Its interval melds those of q, a and b (Bayer, Fay & Graubard 2023, Statistics in
    Medicine 42): each bound takes of each of the three the side that is against it, as a beta variable."""
    a, b = share_right(auditors.sensitivity), share_right(auditors.specificity)
    rate = rogan_gladen(sums.estimate, a, b)
    tail = (1 - confidence) / 2
    plain_low, plain_high = beta_quantile(tail, *sums.below()), beta_quantile(1 - tail, *sums.above())
    if auditors == FAULTLESS:
        return rate, plain_low, plain_high
    low = melded(sums.below(), side(auditors.sensitivity, True), side(auditors.specificity, False), tail, 0.0)
    high = melded(sums.above(), side(auditors.sensitivity, False), side(auditors.specificity, True), 1 - tail, 1.0)
    # Where less is found than auditors find by mistake, melding ends at 0: what is said is never surer than q itself.
    spread_low, spread_high = sums.estimate - plain_low, plain_high - sums.estimate
    return rate, np.fmax(np.fmin(low, rate - spread_low), 0), np.fmin(np.fmax(high, rate + spread_high), 1)


def side(trials: Trials | None, upper: bool) -> tuple[np.ndarray, np.ndarray]:
    """Values and weights that stand for what bounds a rate from above or below (Clopper & Pearson 1934)."""
    if trials is None:
        return np.ones(1), np.ones(1)
    right, count = trials
    at, weight = np.polynomial.legendre.leggauss(NODES)
    return beta_quantile((at + 1) / 2, right + upper, count - right + 1 - upper), weight / 2


def melded(
    found: tuple[np.ndarray, np.ndarray],
    sensitivity: tuple[np.ndarray, np.ndarray],
    specificity: tuple[np.ndarray, np.ndarray],
    q: float,
    worst: float,
) -> np.ndarray:
    """The q-quantile [rows] of the true rate, where auditors no better than chance leave it at `worst`."""
    a, b = sensitivity[0][:, None, None], specificity[0][None, :, None]
    weight = sensitivity[1][:, None] * specificity[1][None, :]
    gain = a + b - 1
    low, high = np.zeros(len(found[0])), np.ones(len(found[0]))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        chance = np.where(gain > 0, beta_cdf(middle * gain + 1 - b, *found), 1 - worst)
        below = np.einsum("ij,ijk->k", weight, chance) < q
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high if worst else low


def anytime(audit: Audit, auditors: Auditors = FAULTLESS, confidence: float = CONFIDENCE) -> Interval:
    """The share of wrong labels with an interval that holds at all times at once, however often one looks. Wider than
    error_rate's. The items must come in an order of chance, labels mixed: where they come label by label, ask when a
    share of each that is the same has been looked at, as after one of several batches drawn like the whole.

    Of each cluster the first item alone counts. The terms are share of the dataset / share of the sample where wrong,
    else 0: their mean is the rate, and betting on it (betting.py) gives the bounds. The confidence is split evenly
    between what was found and what is known of the auditors.
    """
    share, sampled = audit.sizes / max(audit.sizes.sum(), 1), audit.planned / max(audit.planned.sum(), 1)
    seen = share[audit.planned > 0].sum()
    worth = np.divide(share, sampled * seen, out=np.zeros(len(share)), where=sampled > 0)
    first = np.sort(np.unique(audit.clusters(), return_index=True)[1])
    worths = worth[audit.stratum[first]][audit.wrong[first]]
    known = (auditors.sensitivity is not None) + (auditors.specificity is not None)
    alpha = (1 - confidence) / 2
    spent = alpha / 2 if known else alpha
    q_low, q_high = bounds(worths, len(first) - len(worths), float(worth.max(initial=1.0)), spent)
    for_each = alpha / 2 / max(known, 1)
    a, a_low, a_high = known_rate(auditors.sensitivity, for_each)
    b, b_low, b_high = known_rate(auditors.specificity, for_each)
    if not len(first):
        return Interval(float("nan"), 0.0, 1.0)
    q = worths.sum() / len(first)
    rate = rogan_gladen(q, a, b)
    low = np.fmin(rogan_gladen(q_low, a_high, b_low, 0.0), rate - (q - q_low))
    high = np.fmax(rogan_gladen(q_high, a_low, b_high, 1.0), rate + (q_high - q))
    return Interval(float(rate), float(seen * max(low, 0.0)), float(min(seen * high + 1 - seen, 1.0)))


def falls_below(audit: Audit, target: float, auditors: Auditors = FAULTLESS, confidence: float = CONFIDENCE) -> bool:
    """Whether the share of wrong labels is below `target` with this confidence, however often this was asked before.
    One-sided, so it stops sooner than anytime's interval of the same confidence would."""
    return bool(anytime(audit, auditors, 1 - 2 * (1 - confidence)).high < target)


def known_rate(trials: Trials | None, alpha: float) -> tuple[float, float, float]:
    """(rate, low, high) of right answers, at all times at once; 1 where nobody doubts it."""
    if trials is None:
        return 1.0, 1.0, 1.0
    right, count = trials
    low, high = bounds(np.ones(1), count - right, 1.0, alpha, times=right)
    return share_right(trials), low, high


def share_right(trials: Trials | None) -> float:
    return trials[0] / trials[1] if trials and trials[1] else 1.0


def rogan_gladen(found: np.ndarray | float, sensitivity: float, specificity: float, none: float = np.nan) -> np.ndarray:
    """The true rate given the one that was found, `none` where auditors are no better than chance."""
    gain = sensitivity + specificity - 1
    return np.clip((found + specificity - 1) / gain, 0, 1) if gain > 0 else np.full_like(found, none)


def sample_to_measure(rate: float, width: float, *, lump: float = 1.0, confidence: float = CONFIDENCE) -> int:
    """How many items to draw so that the interval around `rate` is at most `width` wide. lump: how many items count as
    one (1 where clusters meet the sample once, up to their size where all of a cluster is drawn)."""

    def narrow(n: int) -> bool:
        low, high = interval_of(rate, n, (1 - confidence) / 2)
        return high - low <= width

    return smallest(narrow, lump)


def sample_to_show(rate: float, target: float, *, lump: float = 1.0, confidence: float = CONFIDENCE) -> int:
    """How many items to draw so that the upper bound, one-sided, falls below `target` if the rate is `rate`."""
    if rate >= target:
        raise ValueError(f"A sample cannot show a rate of {rate:g} to be below {target:g}: aim at a target above it.")
    return smallest(lambda n: interval_of(rate, n, 1 - confidence)[1] <= target, lump)


def interval_of(rate: float, n: int, tail: float) -> tuple[float, float]:
    """Clopper and Pearson's interval where the count is what is expected."""
    k = rate * n
    return float(beta_quantile(tail, k, n - k + 1)), float(beta_quantile(1 - tail, k + 1, n - k))


def smallest(enough: Callable[[int], bool], lump: float) -> int:
    high = 1
    while high < MOST and not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return int(np.ceil(high * max(lump, 1.0)))
