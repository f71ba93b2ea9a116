"""What the looks add up to for an item: how probably its label is wrong, and what it is instead."""

import numpy as np

from .fit import Fit
from .votes import AGAINST, Votes, logit

# What a supervisor's word weighs: it is right 99 times in a hundred.
RESOLUTION_LOG_ODDS = float(np.log(99.0))
# The share of a suggestion's prior that is left to labels the classifier did not name.
UNNAMED = 0.1
TINY = 1e-12  # no label is impossible
REMOVE = -1  # stands for "not an object" among the labels


def prior_log_odds(fit: Fit, prior: np.ndarray) -> np.ndarray:
    """float [n]: log odds before any look; prior is NaN where an item has none."""
    known = fit.intercept + fit.slope * logit(np.where(np.isnan(prior), 0.5, prior))
    return np.where(np.isnan(prior), logit(fit.prevalence), known)


def log_odds(votes: Votes, fit: Fit, prior: np.ndarray, items: int) -> np.ndarray:
    """float [items]: log odds that each item's label is wrong, looks taken as independent given the truth."""
    votes = votes.evidence()
    rates = np.array([*fit.reviewers, (fit.sensitivity, fit.specificity)])
    who = np.where(votes.reviewer < len(fit.reviewers), votes.reviewer, len(fit.reviewers))
    a, b = rates[who, 0], rates[who, 1]
    weight = np.where(votes.said == AGAINST, np.log(a) - np.log1p(-b), np.log1p(-a) - np.log(b))
    return prior_log_odds(fit, prior) + np.bincount(votes.item, weights=weight, minlength=items)


def labels(
    suggested: dict[int, int], prior: dict[int, float], accuracy: float, count: int, own: int
) -> list[tuple[int, float]]:
    """The labels an item may have instead of its own, most probable first, given that its own is wrong.

    suggested: how many flags named each label (REMOVE among them). prior: a classifier's probabilities. accuracy: how
    often a named label is right, its errors falling evenly on the other count - 2 labels. own: never among them.
    """
    others = max(count - 2, 1)
    named = {label: p for label, p in prior.items() if label != own and p > 0}
    total = sum(named.values())
    spread = UNNAMED / max(count - 1 - len(named), 1) if named else 1 / max(count - 1, 1)
    gain = np.log(accuracy) - np.log((1 - accuracy) / others)
    candidates = {label for label in {*named, *suggested} if label != own}
    scores = {
        label: np.log(max((1 - UNNAMED) * named[label] / total, TINY) if label in named else spread)
        + gain * suggested.get(label, 0)
        for label in candidates
    }
    rest = max(count - 1 - len(candidates), 0) * spread
    top = max(scores.values(), default=0.0)
    weights = {label: float(np.exp(score - top)) for label, score in scores.items()}
    whole = sum(weights.values()) + rest * float(np.exp(-top))
    ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(label, weight / whole) for label, weight in ranked]
