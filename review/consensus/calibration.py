"""What a prior is worth: the classifier's suspicion, recalibrated on what people found.

An item of prior p and label l is wrong with the probability `floor_l + (1 - floor_l) * sigmoid(u)`, where with
x = logit(p) `u = intercept + slope * x + shift_l + tilt_l * (x - MIDDLE)`. Intercept and slope are Platt's logistic
recalibration (Platt 1999). The floor is the share of errors that the prior is blind to, wherever it is calm. Shift,
tilt and floor of a label are held to 0, 0 and the pooled floor by priors that a single strange label can leave (a
Student distribution of NU degrees), so that a class the classifier never learned does not spoil the others.

Which items were looked at depends on prior, label and earlier looks alone, all of which the model conditions on,
so looked-at items need no weights; that the form holds where it is calm is what the audit sample is there to see.
"""

from dataclasses import replace

import numpy as np

from .fit import FLOOR, PREVALENCE, Fit
from .votes import logit, sigmoid

MIDDLE = -4.0  # log odds about which a label's tilt turns
# Standard deviations of the beliefs, and how many items those in shares are worth.
INTERCEPT_SD, SLOPE_SD, SHIFT_SD, TILT_SD, NU = 0.5, 0.16, 0.4, 0.15, 3.0
PREVALENCE_ITEMS, FLOOR_ITEMS, LABEL_FLOOR_ITEMS = 50.0, 1000.0, 200.0
STEP = 0.5  # the longest that one Newton step may be
NO_LABEL = -1


class Prior:
    """What is known of n items before anybody looks. p: float [n], NaN where nothing is. label: int [n], any ids."""

    def __init__(self, p: np.ndarray, label: np.ndarray | None = None) -> None:
        self.p = np.asarray(p, float)
        self.known = ~np.isnan(self.p)
        self.x = logit(np.where(self.known, self.p, 0.5))
        self.label = np.full(len(self.p), NO_LABEL) if label is None else np.asarray(label)
        self.ids, self.of = np.unique(self.label, return_inverse=True)

    def __getitem__(self, rows: np.ndarray) -> "Prior":
        return Prior(self.p[rows], self.label[rows])

    def per_label(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.of, weights=values, minlength=len(self.ids))


def by_label(fit: Fit, prior: Prior) -> np.ndarray:
    """float [3, labels]: shift, tilt and floor of each of the prior's labels."""
    return np.array([fit.labels.get(int(label), (0.0, 0.0, fit.floor)) for label in prior.ids]).reshape(-1, 3).T


def scores(fit: Fit, prior: Prior) -> np.ndarray:
    """float [n]: the log odds of the errors that the prior is not blind to."""
    shift, tilt, _ = by_label(fit, prior)
    seen = fit.intercept + fit.slope * prior.x + tilt[prior.of] * (prior.x - MIDDLE)
    return np.where(prior.known, seen, logit(fit.prevalence)) + shift[prior.of]


def blind(fit: Fit, prior: Prior) -> np.ndarray:
    """float [n]: the floor under each item."""
    return np.where(prior.known, by_label(fit, prior)[2][prior.of], 0.0)


def log_odds(fit: Fit, prior: Prior) -> np.ndarray:
    """float [n]: log odds that each item is wrong before any look."""
    seen, floor = scores(fit, prior), blind(fit, prior)
    return seen + np.log1p(floor / (1 - floor) * (1 + np.exp(-seen)))


def maximise(before: Fit, prior: Prior, wrong: np.ndarray) -> Fit:
    """The M step: the fit with its prior calibrated anew by one Newton step towards `wrong`, float [n], the items'
    probabilities to be wrong."""
    p, floor = sigmoid(scores(before, prior)), blind(before, prior)
    missed = wrong * floor / (floor + (1 - floor) * p)
    gap = (wrong - missed) - (1 - missed) * p
    weight = (1 - missed) * np.maximum(p * (1 - p), 1e-9)
    intercept, slope = pooled(before, prior, gap, weight)
    # What all labels move by together is no label's own.
    gap = gap - weight * np.where(prior.known, intercept - before.intercept + (slope - before.slope) * prior.x, 0.0)
    pooled_floor, floors = floors_of(prior, missed)
    shift, tilt = moved(before, prior, gap, weight)
    free = ~prior.known
    share = (wrong[free].sum() + PREVALENCE * PREVALENCE_ITEMS) / (free.sum() + PREVALENCE_ITEMS)
    rows = zip(prior.ids.tolist(), shift.tolist(), tilt.tolist(), floors.tolist(), strict=True)
    return replace(
        before,
        prevalence=float(share) if free.any() else before.prevalence,
        intercept=intercept,
        slope=slope,
        floor=pooled_floor,
        labels={label: (a, b, c) for label, a, b, c in rows if label != NO_LABEL},
    )


def pooled(before: Fit, prior: Prior, gap: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Intercept and slope."""
    use = prior.known
    if not use.any():
        return before.intercept, before.slope
    x, gap, weight = prior.x[use], gap[use], weight[use]
    hold = np.diag([INTERCEPT_SD**-2, SLOPE_SD**-2])
    gradient = np.array([gap.sum(), gap @ x]) - hold @ np.array([before.intercept, before.slope - 1.0])
    bend = np.array([[weight.sum(), weight @ x], [weight @ x, weight @ (x * x)]]) + hold
    step = np.clip(np.linalg.solve(bend, gradient), -STEP, STEP)
    return float(np.clip(before.intercept + step[0], -6, 6)), float(np.clip(before.slope + step[1], 0.0, 2.0))


def floors_of(prior: Prior, missed: np.ndarray) -> tuple[float, np.ndarray]:
    """The pooled floor, and each label's."""
    n, found = prior.per_label(prior.known), prior.per_label(missed)
    everywhere = float((found.sum() + FLOOR * FLOOR_ITEMS) / (n.sum() + FLOOR_ITEMS)) if n.any() else 0.0
    return everywhere, (found + everywhere * LABEL_FLOOR_ITEMS) / (n + LABEL_FLOOR_ITEMS)


def moved(before: Fit, prior: Prior, gap: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each label's shift and tilt. A Newton step, with the Student's curvature at where the label stands now."""
    shift, tilt, _ = by_label(before, prior)
    x = np.where(prior.known, prior.x - MIDDLE, 0.0)
    tight = (NU + 2) / (NU + (shift / SHIFT_SD) ** 2 + (tilt / TILT_SD) ** 2)
    hold, hold_tilt = tight / SHIFT_SD**2, tight / TILT_SD**2
    g, g_tilt = prior.per_label(gap) - hold * shift, prior.per_label(gap * x) - hold_tilt * tilt
    a, b = prior.per_label(weight) + hold, prior.per_label(weight * x)
    c = prior.per_label(weight * x * x) + hold_tilt
    step, turn = (c * g - b * g_tilt) / (a * c - b * b), (a * g_tilt - b * g) / (a * c - b * b)
    return (
        np.clip(shift + np.clip(step, -STEP, STEP), -6, 6),
        np.clip(tilt + np.clip(turn, -STEP, STEP), -1.5, 1.5),
    )
