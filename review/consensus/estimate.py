"""How good everyone is: the two-coin model of binary crowd labels, fitted by EM to its posterior mode.

Each reviewer flags a wrong label with probability `sensitivity` and leaves a right one with probability `specificity`
(Dawid & Skene 1979 for two classes; the two-coin model of Raykar et al. 2010, section 2). Errors differ in how hard
they are to see, as in Whitehill et al. (2009): a normal shift of everybody's log odds, summed over its nodes. Both
rates are shrunk towards the pooled values of all reviewers, as far as reviewers turn out to be alike, so that somebody
with few looks counts as an average person, and nobody's estimate reaches 0 or 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from . import calibration
from .calibration import Prior
from .fit import FLOOR, LABEL_ACCURACY, NODES, SENSITIVITY, SPECIFICITY, SPREAD, Fit
from .posterior import Looks
from .skills import Skill, homes
from .votes import Votes, logit, sigmoid

# How many looks each belief is worth.
SENSITIVITY_LOOKS, SPECIFICITY_LOOKS, LABEL_LOOKS = 20.0, 200.0, 20.0
SPREAD_SD = 0.3
# How many looks the pooled value weighs in one reviewer's estimate: at first, and the least and most that reviewers'
# own spread may make of it.
SHRINK, SHRINK_LEAST, SHRINK_MOST = (20.0, 60.0), (8.0, 20.0), (100.0, 500.0)
# How many looks what a reviewer is elsewhere weighs in what they are in one group of labels.
SKILL_LOOKS = (30.0, 300.0)
STRIDES, LONGEST, TOLERANCE = 60, 16.0, 1e-3
STEP = 1.0
UNKNOWN = -1


def estimate(
    votes: Votes,
    *,
    reviewers: int,
    prior: Prior,
    known: np.ndarray,
    planted: np.ndarray,
    label_accuracy: float = LABEL_ACCURACY,
    skills: list[Skill] | None = None,
) -> Fit:
    """Estimate all reviewers and the prior's calibration. The votes' reviewers are raters where there are `skills`.

    known: int [items], 1 wrong, 0 right, UNKNOWN. planted: bool [items], items whose share of wrong labels says nothing
    of the dataset. The same votes in any order give the same.
    """
    home = homes(skills or [], reviewers)
    problem = Problem(votes, home, prior, known, planted)
    start = Fit(floor=FLOOR, spread=SPREAD, label_accuracy=label_accuracy,
                reviewers=[(SENSITIVITY, SPECIFICITY)] * len(home), skills=skills or [],
                labels=dict.fromkeys(problem.labels, (0.0, 0.0, FLOOR)))  # fmt: skip
    return settled(start, problem.better)


class Problem:
    """What there is to estimate from, in an order of its own; what nobody looked at or decided says nothing."""

    def __init__(self, votes: Votes, home: np.ndarray, prior: Prior, known: np.ndarray, planted: np.ndarray) -> None:
        self.home = home
        votes = votes.evidence()
        order = np.lexsort((votes.said, votes.reviewer, votes.item))
        rows, item = np.unique(votes.item[order], return_inverse=True)
        told = np.union1d(rows, np.flatnonzero(known != UNKNOWN))
        self.looks = Looks(Votes(item, votes.reviewer[order], votes.said[order]), len(rows), len(home))
        self.looked = np.searchsorted(told, rows)
        self.counted = np.flatnonzero(~planted[told])
        self.known, self.prior = known[told], prior[told]
        self.own = self.prior[self.counted]
        self.labels = [int(label) for label in self.own.ids if label != calibration.NO_LABEL]

    def better(self, now: Fit) -> Fit:
        """One step of EM."""
        ratio, nodes = self.looks.weigh(now)
        odds = calibration.log_odds(now, self.prior)
        odds[self.looked] += ratio
        wrong = np.where(self.known == UNKNOWN, sigmoid(odds), self.known)
        after = calibration.maximise(now, self.own, wrong[self.counted])
        return maximise(after, self.looks, wrong[self.looked], nodes, self.home)


def settled(fit: Fit, better: Callable[[Fit], Fit]) -> Fit:
    """Where EM's steps lead, taken in strides (SQUAREM, Varadhan & Roland 2008, scheme S3): two steps tell how far to
    leap, a third makes good where the leap landed."""
    for _ in range(STRIDES):
        first = better(fit)
        second = better(first)
        here, once, twice = flat(fit), flat(first), flat(second)
        if np.abs(twice - once).max() < TOLERANCE:
            return second
        step, turn = once - here, twice - 2 * once + here
        reach = float(np.clip(np.linalg.norm(step) / max(float(np.linalg.norm(turn)), 1e-12), 1, LONGEST))
        fit = better(shaped(here + 2 * reach * step + reach**2 * turn, second))
    return fit


def flat(fit: Fit) -> np.ndarray:
    """All that is estimated, in log odds where it is a probability."""
    rates = np.array([(fit.sensitivity, fit.specificity), *fit.reviewers])
    labels = np.array(list(fit.labels.values())).reshape(-1, 3)
    whole = np.array([logit(fit.prevalence), fit.intercept, fit.slope, logit(fit.floor), fit.spread])
    return np.concatenate([whole, logit(rates).ravel(), labels[:, :2].ravel(), logit(labels[:, 2])])


def shaped(values: np.ndarray, like: Fit) -> Fit:
    """The fit that `flat` makes these values of, within its bounds."""
    people, count = len(like.reviewers) + 1, len(like.labels)
    whole, rates, moves, floors = np.split(values, np.cumsum([5, 2 * people, 2 * count]))
    a, b = np.clip(sigmoid(rates.reshape(-1, 2)), 0.01, (0.999, 0.9999)).T.tolist()
    shift, tilt = np.clip(moves.reshape(-1, 2), (-6, -1.5), (6, 1.5)).T.tolist()
    floor = np.clip(sigmoid(np.r_[whole[3], floors]), 1e-6, 0.5).tolist()
    return replace(
        like,
        prevalence=float(np.clip(sigmoid(whole[0]), 1e-4, 0.9)),
        intercept=float(np.clip(whole[1], -6, 6)),
        slope=float(np.clip(whole[2], 0, 2)),
        floor=floor[0],
        spread=float(np.clip(whole[4], 0, 2)),
        sensitivity=a[0],
        specificity=b[0],
        reviewers=list(zip(a[1:], b[1:], strict=True)),
        labels=dict(zip(like.labels, zip(shift, tilt, floor[1:], strict=True), strict=True)),
    )


@dataclass(frozen=True)
class Counts:
    """Expected looks: at wrong labels that were flagged, and not, [raters, nodes]; at right ones, [raters]."""

    hits: np.ndarray
    misses: np.ndarray
    alarms: np.ndarray
    passes: np.ndarray

    def at_home(self, home: np.ndarray) -> "Counts":
        """The same, each reviewer's groups counted among their own looks too."""
        return Counts(*(added(counts, home) for counts in vars(self).values()))


def added(counts: np.ndarray, home: np.ndarray) -> np.ndarray:
    whole = counts.copy()
    guests = np.flatnonzero(home != np.arange(len(home)))
    np.add.at(whole, home[guests], counts[guests])
    return whole


def maximise(before: Fit, looks: Looks, wrong: np.ndarray, nodes: np.ndarray, home: np.ndarray) -> Fit:
    """The M step: the fit with its raters estimated anew. A reviewer is drawn towards all reviewers, what they are in a
    group of labels towards what they are."""
    alone = Counts(*looks.expected(wrong, nodes))
    counts = alone.at_home(home)
    guest = home != np.arange(len(home))
    whole = ~guest
    seen = counts.hits + counts.misses
    sensitivities, specificities = np.array([*before.reviewers, (before.sensitivity, before.specificity)]).T
    own = logit(sensitivities[:-1])
    rate = sigmoid(own[:, None] - before.spread * NODES)
    right = counts.passes + counts.alarms
    shrink_a = alike(counts.hits.sum(1)[whole], seen.sum(1)[whole], SHRINK[0], SHRINK_LEAST[0], SHRINK_MOST[0])
    shrink_b = alike(counts.passes[whole], right[whole], SHRINK[1], SHRINK_LEAST[1], SHRINK_MOST[1])
    # The pooled rate is that of all looks together.
    middle = logit(before.sensitivity)
    pooled = middle + newton(
        counts.hits[whole].sum(0),
        seen[whole].sum(0),
        sigmoid(middle - before.spread * NODES),
        SENSITIVITY,
        SENSITIVITY_LOOKS,
    )
    towards = np.where(guest, sigmoid(own[home]), sigmoid(pooled))
    a = own + newton(counts.hits, seen, rate, towards, np.where(guest, SKILL_LOOKS[0], shrink_a))
    b0 = (counts.passes[whole].sum() + SPECIFICITY * SPECIFICITY_LOOKS) / (right[whole].sum() + SPECIFICITY_LOOKS)
    b = (counts.passes + b0 * shrink_b) / (right + shrink_b)
    b = np.where(guest, (counts.passes + b[home] * SKILL_LOOKS[1]) / (right + SKILL_LOOKS[1]), b)
    met = alone.hits + alone.misses
    pull = -(NODES * (alone.hits - met * rate)).sum() - (before.spread - SPREAD) / SPREAD_SD**2
    bend = (NODES**2 * met * rate * (1 - rate)).sum() + SPREAD_SD**-2
    return replace(
        before,
        sensitivity=float(np.clip(sigmoid(pooled), 0.01, 0.999)),
        specificity=float(b0),
        spread=float(np.clip(before.spread + pull / bend, 0.0, 2.0)),
        reviewers=list(zip(np.clip(sigmoid(a), 0.01, 0.999).tolist(), np.clip(b, 0.01, 0.9999).tolist(), strict=True)),
    )


def newton(
    hits: np.ndarray, seen: np.ndarray, rate: np.ndarray, towards: np.ndarray | float, strength: np.ndarray | float
) -> np.ndarray:
    """[...] a step of the log odds of flagging an error towards hits of seen [..., nodes] and `strength` more looks at
    errors of middling difficulty, of which the share `towards` was flagged."""
    middle = rate[..., 1]
    gradient = (hits - seen * rate).sum(-1) + strength * (towards - middle)
    bend = (seen * rate * (1 - rate)).sum(-1) + strength * middle * (1 - middle)
    return np.clip(gradient / np.maximum(bend, 1e-9), -STEP, STEP)


def alike(hits: np.ndarray, seen: np.ndarray, believed: float, least: float, most: float) -> float:
    """How many looks the pooled rate is worth for one reviewer: the strength of the Beta distribution that rates of
    reviewers are drawn from, by the moments of what each did (Kleinman 1973, equal weights), held to `believed`."""
    many = seen > 20
    people = many.sum()
    if people < 2:
        return believed
    n, p = seen[many], hits[many] / seen[many]
    mean = p.mean()
    spread, noise = p.var(ddof=1), mean * (1 - mean) * (1 / n).mean()
    between = max(spread - noise, 1e-9)
    found = mean * (1 - mean) / between - 1
    # In logarithms, as if ten people had been seen before.
    both = (10 * np.log(believed) + people * np.log(np.clip(found, least, most))) / (10 + people)
    return float(np.clip(np.exp(both), least, most))


def label_accuracy(agreeing: float, suggestions: float) -> float:
    """How often a suggested label is the right one: the mode given `agreeing` of `suggestions` that hit it."""
    return (agreeing + LABEL_ACCURACY * LABEL_LOOKS) / (suggestions + LABEL_LOOKS)
