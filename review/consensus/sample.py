"""Which items are audited: a random sample of each label, drawn before any look."""

import numpy as np

LEAST = 5  # of each label, if that is no more than MOST of it
# Where nobody looks at what passes for clean: that a single find there still means fewer wrong than this, with 95 %
# confidence (ONE_FIND is how many a Poisson variable may stand for that came out as one).
BOUND, ONE_FIND = 0.01, 4.744
MOST = 0.2  # of the items


def planned(sizes: np.ndarray, share: float, unseen: int) -> np.ndarray:
    """int [labels]: how many items are drawn of each label, of its size."""
    if unseen:
        share = max(share, min(ONE_FIND / BOUND / unseen, MOST))
    least = np.minimum(LEAST, np.ceil(MOST * sizes))
    return np.maximum(np.ceil(share * sizes), least).astype(int)


def draw(item: np.ndarray, label: np.ndarray, *, share: float, unseen: int, seed: int) -> np.ndarray:
    """float [n]: for each item of the sample the probability that it was drawn into it, NaN for all others. None are
    drawn where share is 0.

    item, label: int [n], ids. Each label gives `share` of its items, or LEAST of them; where `unseen` items may be
    settled without a look, enough of all to bound their errors by BOUND. The same seed draws the same items in whatever
    order they come.
    """
    chance = np.full(len(item), np.nan)
    if share == 0:
        return chance
    labels, sizes = np.unique(label, return_counts=True)
    for one, size in zip(labels, planned(sizes, share, unseen), strict=True):
        rows = np.flatnonzero(label == one)
        rows = rows[np.argsort(item[rows])]
        chosen = np.random.default_rng([seed, int(one)]).permutation(len(rows))[:size]
        chance[rows[chosen]] = size / len(rows)
    return chance
