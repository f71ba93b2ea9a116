"""Whether a prior can be believed where it calls items clean, by what the audit found there."""

from dataclasses import dataclass, replace
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
# A prior that says so many times too much, or too little, by so many standard deviations, is not what it says it is.
UNSURE, BLIND = 1.5, 3.0


@dataclass(frozen=True)
class Audited:
    """Of n items: float arrays `chance` (of being drawn into the sample, NaN where it was not), `ratio` (the log
    likelihood ratio of what people said), `elsewhere` (the probability to be wrong before they said it, recalibrated
    as for all labels together), `believed` (as for the item's own label),
    `wrong` (and after), and int `counted` looks."""

    chance: np.ndarray
    ratio: np.ndarray
    elsewhere: np.ndarray
    believed: np.ndarray
    wrong: np.ndarray
    counted: np.ndarray


def audited(votes: Votes, fit: Fit, prior: Prior, chance: np.ndarray, counted: np.ndarray) -> Audited:
    """What people's looks make of the items under a fit."""
    ratio, _ = Looks(votes.evidence(), len(chance), len(fit.reviewers)).weigh(fit)
    before = calibration.log_odds(fit, prior)
    elsewhere = calibration.log_odds(replace(fit, labels={}), prior)
    return Audited(chance, ratio, sigmoid(elsewhere), sigmoid(before), sigmoid(before + ratio), counted)


def judge(prior: Prior, audit: Audited, policy: Policy) -> tuple[list[int], list[dict[str, Any]]]:
    """(the labels in which nothing may pass for clean unseen, why).

    A reason is {label (None: all), kind, items, expected, found, low, high}, the last four shares of its items. Kind
    `calm`: the audit found more wrong than clean_below promises where the prior is calm. `unproven`: of the other
    labels together more than BOUND may be wrong there, for all that the audit can tell. `blind`: of this label's
    suspects (weighted by suspicion) far fewer are wrong than elsewhere, so what it takes for clean is no safer.
    `suspicion`: of all suspects another share is wrong than the prior said, which raises nothing, since the prior is
    recalibrated.
    """
    clean_below = policy.clean_below
    calm = prior.known & (prior.p <= clean_below)
    asked, drawn = prior.known & ~calm & (audit.counted > 0), calm & ~np.isnan(audit.chance)
    # An audit half done is no even sample; a few that nobody can be asked about any more do not hold it up.
    through = drawn & (audit.counted >= min(AUDIT_LOOKS, policy.looks_max))
    done = bool(drawn.any()) and through.sum() >= THROUGH * drawn.sum()
    raised: list[int] = []
    reasons: list[dict[str, Any]] = []
    for k, label in enumerate(prior.ids.tolist()):
        mine = prior.of == k
        if (blind := claim(audit.elsewhere, audit, asked & mine)) and blind[0] > BLIND:
            reasons.append(reason(label, "blind", asked & mine, *blind[1:]))
        if done and (through & mine).any() and (found := within(audit.ratio[through & mine]))[1] > clean_below:
            reasons.append(reason(label, "calm", through & mine, clean_below, found))
        raised += [label] if reasons and reasons[-1]["label"] == label else []
    # What the recalibrated prior suspects is asked about anyway.
    rest = through & (audit.believed <= clean_below) & ~np.isin(prior.label, raised)
    if (
        done
        and rest.any()
        and (found := within(audit.ratio[rest], 1 / audit.chance[rest]))[2] > max(clean_below, BOUND)
    ):
        raised = prior.ids.tolist()
        reasons.insert(0, reason(None, "unproven", rest, clean_below, found))
    if (whole := claim(prior.p, audit, asked)) and abs(whole[0]) > BLIND:
        reasons.append(reason(None, "suspicion", asked, *whole[1:]))
    return raised, reasons


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


def claim(
    said: np.ndarray, audit: Audited, asked: np.ndarray
) -> tuple[float, float, tuple[float, float, float]] | None:
    """Of the items asked, each weighing what is said of it: (by how many standard deviations more are said to be wrong
    than are; the share that is said; the share that is, low and high at 95 %); None where the two are of one size."""
    p, wrong = said[asked], audit.wrong[asked]
    whole, expected, found = float(p.sum()), float((p * p).sum()), float((p * wrong).sum())
    if max(expected, 1.0) < UNSURE * max(found, 1.0) and max(found, 1.0) < UNSURE * max(expected, 1.0):
        return None
    away = (expected - found) / max(float((p**3 * (1 - p)).sum()), 1e-9) ** 0.5
    spread = 1.96 * float((p * p * wrong).sum()) ** 0.5
    return away, expected / whole, (found / whole, max(found - spread, 0.0) / whole, min(found + spread, whole) / whole)


def reason(
    label: int | None, kind: str, rows: np.ndarray, expected: float, found: tuple[float, float, float]
) -> dict[str, Any]:
    share, low, high = (round(value, 6) for value in found)
    return {"label": label, "kind": kind, "items": int(rows.sum()), "expected": round(expected, 6),
            "found": share, "low": low, "high": high}  # fmt: skip
