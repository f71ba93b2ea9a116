"""What one more look is worth, and how many are still to come, for somebody of middling quality."""

from functools import lru_cache
from math import comb

import numpy as np

from .fit import NODE_WEIGHTS, Fit
from .policy import AUDIT_LOOKS, Policy
from .votes import logit, sigmoid

# Log odds on which both are worked out; between them they are read off straight lines.
GRID = np.linspace(-14.0, 14.0, 561)
FARTHEST = 6  # looks ahead
AUDITED = 1.0  # more than any look removes


def removed(probability: np.ndarray, fit: Fit) -> np.ndarray:
    """float [n]: how much error one more look at each item removes in expectation, in items.

    An item of probability p is taken for what is more probable, so its expected error is min(p, 1 - p). A single look
    often cannot turn that, and several can: the value is the best of what 1 to FARTHEST looks remove, a look.
    """
    return np.interp(logit(probability), GRID, table(*middling(fit)))


def worth(probability: np.ndarray, counted: np.ndarray, audited: np.ndarray, policy: Policy, fit: Fit) -> np.ndarray:
    """float [n]: by what items are lent where not all that are wanted can be. What an audit still needs comes first,
    since it alone tells what the rest is worth. counted: int [n], looks; audited: bool [n]."""
    due = audited & (counted < min(AUDIT_LOOKS, policy.looks_max)) & (policy.kind == "evidence")
    return np.where(due, AUDITED, removed(probability, fit))


def middling(fit: Fit) -> tuple[float, float]:
    """(sensitivity over all difficulties, specificity) of somebody who is not known."""
    hits, passes = fit.rates()
    return float(hits[-1] @ NODE_WEIGHTS), float(passes[-1])


@lru_cache(maxsize=8)
def table(sensitivity: float, specificity: float) -> np.ndarray:
    p = sigmoid(GRID)
    now = np.minimum(p, 1 - p)
    best = np.zeros(len(GRID))
    for looks in range(1, FARTHEST + 1):
        after = np.zeros(len(GRID))
        for flags in range(looks + 1):
            ways = comb(looks, flags)
            wrong = p * ways * sensitivity**flags * (1 - sensitivity) ** (looks - flags)
            right = (1 - p) * ways * (1 - specificity) ** flags * specificity ** (looks - flags)
            after += np.minimum(wrong, right)
        best = np.maximum(best, (now - after) / looks)
    return best


def to_come(probability: np.ndarray, counted: np.ndarray, policy: Policy, fit: Fit) -> np.ndarray:
    """float [n]: how many more looks each item is expected to get until the evidence settles it or looks_max is
    reached. Of the policies, `evidence` alone asks by probability; the others' looks are counted by their own rules."""
    a, b = middling(fit)
    p = sigmoid(GRID)
    asked = (p > policy.clean_below) & (p < policy.fix_above)
    flag = p * a + (1 - p) * (1 - b)
    up, down = GRID + np.log(a / (1 - b)), GRID + np.log((1 - a) / b)
    tables = [np.zeros(len(GRID))]
    for _ in range(policy.looks_max):
        after = flag * np.interp(up, GRID, tables[-1]) + (1 - flag) * np.interp(down, GRID, tables[-1])
        tables.append(np.where(asked, 1 + after, 0.0))
    left = np.clip(policy.looks_max - counted, 0, policy.looks_max)
    at = np.clip(np.round((logit(probability) - GRID[0]) / (GRID[1] - GRID[0])), 0, len(GRID) - 1).astype(int)
    return np.stack(tables)[left, at]
