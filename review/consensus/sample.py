"""Which items are audited: a random sample of each label, drawn before any look."""

import math

import numpy as np

LEAST = 5  # of each label, if that is no more than MOST of it
# Where nobody looks at what passes for clean: that finding nothing wrong means fewer than this, with 95 % confidence.
BOUND, MISSED = 0.01, 0.05
MOST = 0.2  # of the items


def draw(item: np.ndarray, label: np.ndarray, *, share: float, unseen: bool, seed: int) -> np.ndarray:
    """float [n]: for each item of the sample the probability that it was drawn into it, NaN for all others. None are
    drawn where share is 0.

    item, label: int [n], ids. Each label gives `share` of its items, or LEAST of them; where some items may
    be settled `unseen`, enough of all that an audit without a find bounds their errors by BOUND. The same seed draws
    the same items in whatever order they come.
    """
    chance = np.full(len(item), np.nan)
    if share == 0:
        return chance
    if unseen:
        share = max(share, min(math.log(1 / MISSED) / -math.log1p(-BOUND) / max(len(item), 1), MOST))
    for one in np.unique(label):
        rows = np.flatnonzero(label == one)
        rows = rows[np.argsort(item[rows])]
        size = max(math.ceil(share * len(rows)), min(LEAST, math.ceil(MOST * len(rows))))
        chosen = np.random.default_rng([seed, int(one)]).permutation(len(rows))[:size]
        chance[rows[chosen]] = size / len(rows)
    return chance
