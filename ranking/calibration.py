"""From a classifier's scores to the probability that a label is wrong.

What wrong labels score can be seen without knowing a single one: give each item a label that is not its own, drawn from
its look-alikes and at large, and take the score it would have had. Labels as given are a mixture of right ones and a
share of such wrong ones. The share is at most the smallest ratio of the two above any score (Scott 2015, "A Rate of
Convergence for Mixture Proportion Estimation"), and with it the two parts are told apart by EM, their odds being
logistic in the score (Platt scaling).
"""

import numpy as np
import numpy.typing as npt

from .neighbours import Ints

Floats = npt.NDArray[np.float64]
LOOK_ALIKE = 0.8  # share of the planted labels that go to a look-alike
SCORED_ABOVE = np.linspace(0.2, 0.9, 15)  # quantiles of the planted scores at which the share is read
MOST_WRONG = 0.4  # beyond it the labels teach nothing that could judge them
ROUNDS = 25


def lead(scores: Floats, labels: Ints) -> Floats:
    """By how much the best other label leads over this one: scores [n, k] and labels [n] to [n]."""
    rows = np.arange(len(labels))
    others = scores.copy()
    others[rows, labels] = -np.inf
    return others.max(axis=1) - scores[rows, labels]


def temperature(scores: Floats, labels: Ints) -> float:
    """What to divide scores [n, k] by so that their softmax is as likely as can be of labels [n]."""
    if not len(labels):
        return 1.0
    tried = np.geomspace(0.05, 20, 61)
    mine, top = scores[np.arange(len(labels)), labels], scores.max(axis=1)
    losses = [
        np.mean(np.log(np.exp((scores - top[:, None]) / t).sum(axis=1)) + (top - mine) / t) for t in tried.tolist()
    ]
    return float(tried[int(np.argmin(losses))])


def suspicion(scores: Floats, labels: Ints, seed: int = 0) -> Floats:
    """The probability [n] that each label is wrong, from scores out of fold [n, k] of labels 0..k-1 as given [n]."""
    if len(labels) < 2:
        return np.full(len(labels), np.nan)
    given = lead(scores, labels)
    wrong = lead(scores, plant(scores, labels, np.random.default_rng(seed)))
    share = share_wrong(given, wrong)
    return separate(given, wrong, share)


def plant(scores: Floats, labels: Ints, rng: np.random.Generator) -> Ints:
    """A label for each item that is not its own, as people mistake them: mostly a look-alike of it, else any."""
    n, k = scores.shape
    alike = np.zeros((k, k))
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    np.add.at(alike, labels, exponents / exponents.sum(axis=1, keepdims=True))
    np.fill_diagonal(alike, 0)
    alike /= np.maximum(alike.sum(axis=1, keepdims=True), 1e-30)
    chances = LOOK_ALIKE * alike + (1 - LOOK_ALIKE) / (k - 1)
    np.fill_diagonal(chances, 0)
    steps = np.cumsum(chances, axis=1)
    drawn = rng.random(n) * steps[labels, -1]
    return np.minimum((steps[labels] <= drawn[:, None]).sum(axis=1), k - 1)


def share_wrong(given: Floats, wrong: Floats) -> float:
    """The largest share of wrong labels that the scores as given leave room for."""
    above = np.quantile(wrong, SCORED_ABOVE)
    ratios = [((given > a).sum() + 1) / ((wrong > a).sum() + 1) for a in above.tolist()]
    return float(np.clip(min(ratios), 0.5 / len(given), MOST_WRONG))


def separate(given: Floats, wrong: Floats, share: float) -> Floats:
    """The probability [n] of being wrong: logistic in the lead, wrong labels making up `share` of the given.

    All nan where wrong labels do not lead by more than the given ones: such scores tell nothing.
    """
    scale = max(float(np.std(np.concatenate([given, wrong]))), 1e-9)
    x = np.concatenate([given, wrong]) / scale
    target = np.concatenate([np.zeros(len(given)), np.ones(len(wrong))])
    chance = np.full(len(given), share)
    line = np.zeros(2)
    for _ in range(ROUNDS):
        weight = np.concatenate([1 - chance, np.full(len(wrong), share * len(given) / len(wrong))])
        line = logistic_line(x, target, weight, line)
        chance = 1 / (1 + np.exp(-np.clip(line[0] + line[1] * x[: len(given)], -30, 30)))
    return chance if line[1] > 0 else np.full(len(given), np.nan)


def logistic_line(x: Floats, target: Floats, weight: Floats, start: Floats) -> Floats:
    """Intercept and slope (never negative) of a weighted logistic regression: damped Newton steps, a slight ridge."""
    line = start.copy()
    design = np.stack([np.ones_like(x), x], axis=1)
    for _ in range(8):
        p = 1 / (1 + np.exp(-np.clip(design @ line, -30, 30)))
        slope = design.T @ (weight * (p - target)) + 1e-2 * line * [0, 1]
        curve = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag([1e-6, 1e-2])
        line -= np.clip(np.linalg.solve(curve, slope), -2, 2)
    line[1] = max(line[1], 0)
    return line
