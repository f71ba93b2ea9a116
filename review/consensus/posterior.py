"""What the looks add up to for an item: how probably its label is wrong, and what it is instead."""

import numpy as np

from . import calibration
from .calibration import Prior
from .fit import NODE_WEIGHTS, NODES, Fit
from .votes import AGAINST, Votes

# What a supervisor's word weighs: it is right 99 times in a hundred.
RESOLUTION_LOG_ODDS = float(np.log(99.0))
# The share of a suggestion's prior that is left to labels the classifier did not name.
UNNAMED = 0.1
TINY = 1e-12  # no label is impossible
REMOVE = -1  # stands for "not an object" among the labels


def log_odds(votes: Votes, fit: Fit, prior: Prior) -> np.ndarray:
    """float [items]: log odds that each item's label is wrong. Looks at one item are taken as independent given the
    truth and how hard it is to see."""
    votes = votes.evidence()
    ratio, _ = Looks(votes, len(prior.p), len(fit.reviewers)).weigh(fit)
    return calibration.log_odds(fit, prior) + ratio


class Looks:
    """Votes for or against, by what was said and who said it. A reviewer whom the fit does not know is one more."""

    def __init__(self, votes: Votes, items: int, reviewers: int) -> None:
        self.item, self.items, self.reviewers = votes.item, items, reviewers
        self.code = 2 * np.minimum(votes.reviewer, reviewers) + (votes.said == AGAINST)

    def weigh(self, fit: Fit) -> tuple[np.ndarray, np.ndarray]:
        """(log likelihood ratio of being wrong [items], how hard each item is if it is wrong [nodes, items])."""
        hit, passed = fit.rates()
        wrong = np.stack([np.log1p(-hit), np.log(hit)], 1).reshape(-1, len(NODES))
        right = np.stack([np.log(passed), np.log1p(-passed)], 1).ravel()
        each = [self.per_item((wrong[:, node] - right)[self.code]) for node in range(len(NODES))]
        scores = np.stack(each) + np.log(NODE_WEIGHTS)[:, None]
        top = scores.max(0)
        parts = np.exp(scores - top)
        whole = parts.sum(0)
        return top + np.log(whole), parts / whole

    def per_item(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.item, weights=values, minlength=self.items)

    def expected(self, wrong: np.ndarray, nodes: np.ndarray) -> tuple[np.ndarray, ...]:
        """How many looks are expected, given what items are: at wrong ones that were flagged, and not, [reviewers,
        nodes]; at right ones that were flagged, and not, [reviewers]."""

        def count(weights: np.ndarray) -> np.ndarray:
            found = np.bincount(self.code, weights=weights[self.item], minlength=2 * self.reviewers + 2)
            return found.reshape(-1, 2)[: self.reviewers]

        by_node = np.stack([count(wrong * node) for node in nodes], 2)
        right = count(1 - wrong)
        return by_node[:, 1], by_node[:, 0], right[:, 1], right[:, 0]


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
