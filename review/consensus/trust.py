"""Whether a prior can be believed where it calls items clean, by what the audit found there."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import calibration
from .calibration import Prior
from .fit import Fit
from .policy import AUDIT_LOOKS, Policy
from .posterior import Looks
from .sample import BOUND
from .votes import Votes, sigmoid

# The share of wrong labels that an audit may find, on a grid of log odds.
GRID = np.linspace(-12.0, 4.0, 401)
HIGH, LIKELY = 0.95, 1.353  # how much of log likelihood a one-sided 5 % test gives away (Wilks 1938)
THROUGH = 0.95  # of the sample
UNSURE = 1.5  # a prior that says so many times too much or too little is said to


@dataclass(frozen=True)
class Audited:
    """Of n items: float arrays `chance` (of being drawn into the sample, NaN where it was not), `ratio` (the log
    likelihood ratio of what people said), `believed` (the probability to be wrong before they said it, recalibrated),
    `wrong` (and after), and int `counted` looks."""

    chance: np.ndarray
    ratio: np.ndarray
    believed: np.ndarray
    wrong: np.ndarray
    counted: np.ndarray


def audited(votes: Votes, fit: Fit, prior: Prior, chance: np.ndarray, counted: np.ndarray) -> Audited:
    """What people's looks make of the items under a fit."""
    ratio, _ = Looks(votes.evidence(), len(chance), len(fit.reviewers)).weigh(fit)
    before = calibration.log_odds(fit, prior)
    return Audited(chance, ratio, sigmoid(before), sigmoid(before + ratio), counted)


def judge(prior: Prior, audit: Audited, policy: Policy) -> tuple[list[int], list[dict[str, Any]]]:
    """(the labels in which nothing may pass for clean unseen, why).

    A reason is {label (None: all), kind, items, expected, found, low, high}, the last four shares of its items. Kind
    `calm`: the audit found more wrong than clean_below promises where the prior is calm. `unproven`: of the other
    labels together more than BOUND may be wrong there, for all that the audit can tell. `suspicion`: of what people
    were asked about, another share is wrong than the prior said; this raises nothing, since the prior is recalibrated.
    """
    clean_below = policy.clean_below
    calm = prior.known & (prior.p <= clean_below)
    drawn = calm & ~np.isnan(audit.chance)
    raised: list[int] = []
    reasons: list[dict[str, Any]] = []
    # An audit half done is no even sample; a few that nobody can be asked about any more do not hold it up.
    through = drawn & (audit.counted >= min(AUDIT_LOOKS, policy.looks_max))
    if drawn.any() and through.sum() >= THROUGH * drawn.sum():
        for k, label in enumerate(prior.ids.tolist()):
            mine = through & (prior.of == k)
            if mine.any() and (found := within(audit.ratio[mine]))[1] > clean_below:
                raised.append(label)
                reasons.append(reason(label, "calm", mine, clean_below, found))
        # What the recalibrated prior suspects is asked about anyway.
        rest = through & (audit.believed <= clean_below) & ~np.isin(prior.label, raised)
        if rest.any() and (found := within(audit.ratio[rest], 1 / audit.chance[rest]))[2] > max(clean_below, BOUND):
            raised = prior.ids.tolist()
            reasons.insert(0, reason(None, "unproven", rest, clean_below, found))
    asked = prior.known & ~calm & (audit.counted > 0)
    return raised, reasons + misjudged(prior, audit, asked)


def within(ratio: np.ndarray, weight: np.ndarray | None = None) -> tuple[float, float, float]:
    """(share, low, high) of n audited items that are wrong, given that people miss and mistake: the most likely share;
    the least that a one-sided likelihood ratio test of 5 % lets stand, so that nothing found speaks against nothing;
    and the 95 % quantile of the posterior under an even prior, 3 / n where nothing is found.

    ratio: float [n], log likelihood ratios of what was said. weight: float [n], inverse chances of having been drawn,
    on any scale."""
    scale = np.ones(len(ratio)) if weight is None else weight / weight.mean()
    share = sigmoid(GRID)
    likelihood = np.logaddexp(np.log1p(-share)[:, None], np.log(share)[:, None] + ratio) @ scale
    best = int(likelihood.argmax())
    low = int(np.argmax(likelihood >= likelihood[best] - LIKELY))
    # An even density of the share is p (1 - p) in log odds.
    mass = np.exp(likelihood - likelihood[best]) * share * (1 - share)
    high = int(np.searchsorted(np.cumsum(mass) / mass.sum(), HIGH))
    return float(share[best]), float(share[low]), float(share[max(min(high, len(GRID) - 1), best)])


def misjudged(prior: Prior, audit: Audited, asked: np.ndarray) -> list[dict[str, Any]]:
    """The labels, or all together, of whose suspects another share is wrong than the prior said."""
    found: list[dict[str, Any]] = []
    for label, mine in [(None, asked), *((int(label), asked & (prior.of == k)) for k, label in enumerate(prior.ids))]:
        n, said, wrong = int(mine.sum()), float(prior.p[mine].sum()), float(audit.wrong[mine].sum())
        spread = 2.6 * math.sqrt(wrong + said + 1) / 2
        low, high = max(wrong - spread, 0.0), wrong + spread
        far = max(said, 1.0) > UNSURE * max(wrong, 1.0) or max(wrong, 1.0) > UNSURE * max(said, 1.0)
        if n and far and not low <= said <= high:
            found.append(reason(label, "suspicion", mine, said / n, (wrong / n, low / n, min(high / n, 1.0))))
    return found


def reason(
    label: int | None, kind: str, rows: np.ndarray, expected: float, found: tuple[float, float, float]
) -> dict[str, Any]:
    share, low, high = (round(value, 6) for value in found)
    return {"label": label, "kind": kind, "items": int(rows.sum()), "expected": round(expected, 6),
            "found": share, "low": low, "high": high}  # fmt: skip
