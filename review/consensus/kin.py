"""Things that belong together (frames of one sign, a stack, a patient): what people found of some tells of the others.

With probability `together` a whole group stands or falls as one, else each of its items alone. What one person said of
several items of a group is one look at one thing, so it counts once, as the mean of what they said; and it tells
nothing of an item that the same person looked at, whose own verdict has that look already. What is found wrong raises
doubt of its siblings; what is found right lowers it of nobody, since a group may hold one that strayed into it.
"""

import numpy as np

from . import calibration
from .calibration import Prior
from .fit import Fit
from .posterior import RESOLUTION_LOG_ODDS, Looks
from .votes import Votes, logit, sigmoid

TOGETHER = 0.5  # believed before any look, and how many wrong groups that is worth
TOGETHER_GROUPS, TOGETHER_MOST = 5.0, 0.95
ALONE, UNKNOWN = -1, -1


def doubts(votes: Votes, fit: Fit, prior: Prior, group: np.ndarray, known: np.ndarray) -> np.ndarray:
    """float [items]: what each item's siblings add to its log odds of being wrong.

    group: int [items], ALONE where an item belongs to none. known: int [items], 1 wrong or 0 right by a supervisor's
    word, which counts as somebody's look, or UNKNOWN.
    """
    votes = votes.evidence()
    odds = calibration.log_odds(fit, prior)
    grouped = group != ALONE
    if not grouped.any():
        return np.zeros(len(group))
    together = kinship(votes, fit, odds, group, known)
    weight = weights(votes, fit)
    decided = np.flatnonzero(known != UNKNOWN)
    supervisor = int(votes.reviewer.max(initial=0)) + 1
    item = np.concatenate([votes.item, decided])
    who = np.concatenate([votes.reviewer, np.full(len(decided), supervisor)])
    weight = np.concatenate([weight, (2 * known[decided] - 1) * RESOLUTION_LOG_ODDS])
    use = grouped[item]
    item, who, weight = item[use], who[use], weight[use]
    # A person's word on a group, and for each item the word of those who did not see it themselves.
    _, pair, size = np.unique(group[item] * (supervisor + 1) + who, return_inverse=True, return_counts=True)
    word = np.bincount(pair, weights=weight) / size if len(size) else np.zeros(0)
    count = int(group.max()) + 1
    whole = np.bincount(group[item], weights=word[pair] / size[pair], minlength=count)
    own = np.bincount(item, weights=word[pair], minlength=len(group))
    p = sigmoid(odds)
    sizes = np.maximum(np.bincount(group[grouped], minlength=count), 1)
    mean = np.bincount(group[grouped], weights=p[grouped], minlength=count) / sizes
    of = np.where(grouped, group, 0)
    fallen = sigmoid(logit(mean[of]) + whole[of] - own)
    raised = p + together * np.maximum(fallen - p, 0)
    return np.where(grouped & (sizes[of] > 1), np.maximum(logit(raised) - logit(p), 0), 0.0)


def weights(votes: Votes, fit: Fit) -> np.ndarray:
    """float [n]: the log likelihood ratio of each look alone."""
    alone = Votes(np.arange(len(votes.item)), votes.reviewer, votes.said)
    return Looks(alone, len(votes.item), len(fit.reviewers)).weigh(fit)[0]


def kinship(votes: Votes, fit: Fit, odds: np.ndarray, group: np.ndarray, known: np.ndarray) -> float:
    """How far groups stand or fall as one: the intraclass correlation of what was looked at (Fleiss & Cuzick 1979),
    by each item's own looks, held to TOGETHER."""
    looked = np.zeros(len(group), bool)
    looked[votes.item] = True
    use = (looked | (known != UNKNOWN)) & (group != ALONE)
    if not use.any():
        return TOGETHER
    ratio, _ = Looks(votes, len(group), len(fit.reviewers)).weigh(fit)
    wrong = np.where(known == UNKNOWN, sigmoid(odds + ratio), known)[use]
    n = np.bincount(group[use])
    once, square = np.bincount(group[use], weights=wrong), np.bincount(group[use], weights=wrong**2)
    many = n >= 2
    if not many.any():
        return TOGETHER
    n, once, square = n[many], once[many], square[many]
    pairs, mean = ((once**2 - square) / (n * (n - 1))).mean(), (once / n).mean()
    alike = np.clip((pairs - mean**2) / max(mean * (1 - mean), 1e-9), 0, 1)
    groups = float((once / n).sum())
    found = (groups * alike + TOGETHER_GROUPS * TOGETHER) / (groups + TOGETHER_GROUPS)
    return float(min(found, TOGETHER_MOST))
