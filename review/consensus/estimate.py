"""How good everyone is: the two-coin model of binary crowd labels, fitted by EM to its posterior mode.

Each reviewer flags a wrong label with probability `sensitivity` and leaves a right one with probability `specificity`
(Dawid & Skene 1979 for two classes; the two-coin model of Raykar et al. 2010, section 2). Both are shrunk towards the
pooled values of all reviewers by Beta priors of fixed strength, so that somebody with few looks counts as an average
person, and nobody's estimate reaches 0 or 1.
"""

import numpy as np

from .fit import LABEL_ACCURACY, PREVALENCE, SENSITIVITY, SPECIFICITY, Fit
from .posterior import log_odds, prior_log_odds
from .votes import AGAINST, Votes, sigmoid

# How many looks, or items, each belief is worth.
SENSITIVITY_LOOKS, SPECIFICITY_LOOKS, LABEL_LOOKS = 20.0, 200.0, 20.0
PREVALENCE_ITEMS = 50.0
# How many looks the pooled value weighs in one reviewer's estimate.
SHRINK_SENSITIVITY, SHRINK_SPECIFICITY = 8.0, 60.0
ITERATIONS, TOLERANCE = 200, 1e-7
UNKNOWN = -1


def estimate(
    votes: Votes,
    *,
    items: int,
    reviewers: int,
    prior: np.ndarray,
    known: np.ndarray,
    planted: np.ndarray,
    label_accuracy: float = LABEL_ACCURACY,
) -> Fit:
    """Estimate all reviewers and the prior's calibration.

    prior: float [items], NaN where an item has none. known: int [items], 1 wrong, 0 right, UNKNOWN. planted: bool
    [items], items whose share of wrong labels says nothing of the dataset. The same votes in any order give the same.
    """
    votes = votes.evidence()
    order = np.lexsort((votes.said, votes.reviewer, votes.item))
    votes = Votes(votes.item[order], votes.reviewer[order], votes.said[order])
    now = Fit(label_accuracy=label_accuracy, reviewers=[(SENSITIVITY, SPECIFICITY)] * reviewers)
    for _ in range(ITERATIONS):
        wrong = sigmoid(log_odds(votes, now, prior, items))
        wrong = np.where(known == UNKNOWN, wrong, known)
        after = maximise(votes, wrong, reviewers, prior, ~planted, label_accuracy, now)
        moved = distance(now, after)
        now = after
        if moved < TOLERANCE:
            break
    return now


def maximise(
    votes: Votes,
    wrong: np.ndarray,
    reviewers: int,
    prior: np.ndarray,
    counted: np.ndarray,
    label_accuracy: float,
    before: Fit,
) -> Fit:
    """The M step: posterior modes given each item's probability to be wrong."""
    w = wrong[votes.item]
    against = (votes.said == AGAINST).astype(float)

    def per(values: np.ndarray) -> np.ndarray:
        return np.bincount(votes.reviewer, weights=values, minlength=reviewers)

    hits, wrongs, passes, rights = per(w * against), per(w), per((1 - w) * (1 - against)), per(1 - w)
    pooled_a = (hits.sum() + SENSITIVITY * SENSITIVITY_LOOKS) / (wrongs.sum() + SENSITIVITY_LOOKS)
    pooled_b = (passes.sum() + SPECIFICITY * SPECIFICITY_LOOKS) / (rights.sum() + SPECIFICITY_LOOKS)
    a = (hits + pooled_a * SHRINK_SENSITIVITY) / (wrongs + SHRINK_SENSITIVITY)
    b = (passes + pooled_b * SHRINK_SPECIFICITY) / (rights + SHRINK_SPECIFICITY)
    share = (wrong[counted].sum() + PREVALENCE * PREVALENCE_ITEMS) / (counted.sum() + PREVALENCE_ITEMS)
    intercept, slope = calibrate(prior, wrong, counted, before)
    return Fit(
        prevalence=float(share),
        intercept=intercept,
        slope=slope,
        sensitivity=float(pooled_a),
        specificity=float(pooled_b),
        label_accuracy=label_accuracy,
        reviewers=list(zip(np.clip(a, 0.01, 0.999).tolist(), np.clip(b, 0.01, 0.9999).tolist(), strict=True)),
    )


def calibrate(prior: np.ndarray, wrong: np.ndarray, counted: np.ndarray, before: Fit) -> tuple[float, float]:
    """One Newton step of Platt's logistic recalibration (Platt 1999) of the prior on the soft labels `wrong`, held to
    (0, 1) by a Gaussian prior worth some items, so that little evidence changes little."""
    use = counted & ~np.isnan(prior)
    if not use.any():
        return 0.0, 1.0
    x = prior_log_odds(Fit(), prior[use])
    p = sigmoid(before.intercept + before.slope * x)
    weight = np.maximum(p * (1 - p), 1e-9)
    hold = np.diag([4.0, 40.0])
    gradient = np.array([(wrong[use] - p).sum(), ((wrong[use] - p) * x).sum()])
    gradient -= hold @ np.array([before.intercept, before.slope - 1.0])
    cross = (weight * x).sum()
    hessian = np.array([[weight.sum(), cross], [cross, (weight * x * x).sum()]]) + hold
    step = np.clip(np.linalg.solve(hessian, gradient), -0.5, 0.5)
    return float(np.clip(before.intercept + step[0], -6, 6)), float(np.clip(before.slope + step[1], 0.0, 2.0))


def distance(one: Fit, other: Fit) -> float:
    def flat(fit: Fit) -> np.ndarray:
        pooled = [fit.prevalence, fit.intercept, fit.slope, fit.sensitivity, fit.specificity]
        return np.concatenate([np.array(pooled), np.array(fit.reviewers).ravel()])

    return float(np.abs(flat(one) - flat(other)).max())


def label_accuracy(agreeing: float, suggestions: float) -> float:
    """How often a suggested label is the right one: the mode given `agreeing` of `suggestions` that hit it."""
    return (agreeing + LABEL_ACCURACY * LABEL_LOOKS) / (suggestions + LABEL_LOOKS)
