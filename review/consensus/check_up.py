"""A check-up: how wrong a dataset is, where, and what it would take to mend it, from a few hundred items.

Items are in buckets by their suspicion, and buckets in bands: what passes for clean, what is a little doubtful, and so
on up to the suspects. Of each band some are drawn by chance, of the doubtful ones many (the allocation of Neyman 1934,
Journal of the Royal Statistical Society 97), so that three grids say more than a random sample of as many. The rate and
its interval are those of the sample alone, each band weighted by its size (audit.error_rate): suspicion decides which
items are looked at, and never what is concluded.
"""

from dataclasses import dataclass

import numpy as np

from . import audit, sample
from .audit import Audit, Interval
from .policy import AUDIT_LOOKS

# Upper ends of the buckets; the last ends at 1.
BUCKETS = np.array([0.0003, 0.001, 0.003, 0.006, 0.01, 0.02, 0.03, 0.06, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])
BANDS = np.array([0.003, 0.03, 0.3])
UNKNOWN = 0.03  # what is taken for the suspicion of an item of which nothing is known
LEAST = 20  # drawn of each band, or all of it
CALM = 0.005  # a band is taken to be at least this wrong, so that nothing passes for clean unseen
HOLD = 1.0  # errors' worth of belief in the suspicion of a band
MOST_OF_IT = 0.8  # of the errors, in the classes that are called the worst
FOUND = 0.95  # of the errors among the items that a campaign looks at
AUDIT_SHARE = 0.01  # of a campaign as it is opened
LOOKS = 2.0  # on average, at an item that it looks at at all


@dataclass(frozen=True)
class Frame:
    """The dataset in buckets: how many items each label has in each, and the sum of their suspicions; both
    float [labels, buckets]."""

    items: np.ndarray
    suspected: np.ndarray

    @property
    def band(self) -> np.ndarray:
        """int [buckets]: the band of each bucket."""
        return np.searchsorted(BANDS, BUCKETS.tolist() + [1.0])

    def per_band(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.band, weights=values.sum(axis=0), minlength=len(BANDS) + 1)


@dataclass(frozen=True)
class Looked:
    """The items that were drawn and looked at, arrays [n]: whether wrong, their suspicion, what belongs together."""

    wrong: np.ndarray
    suspicion: np.ndarray
    cluster: np.ndarray | None = None


@dataclass(frozen=True)
class Forecast:
    """What a campaign would take that looks at the most suspected items until no more than a target is left wrong: so
    many items, besides those of the audit sample that shows it; looks at both; and the share of wrong labels left."""

    items: float
    audited: float
    looks: float
    left: float


def bucket_of(suspicion: np.ndarray, edges: np.ndarray = BUCKETS) -> np.ndarray:
    """int [n]: which of the parts that the edges make, a part's lower end its own; as PostgreSQL's width_bucket."""
    return np.searchsorted(edges, np.where(np.isnan(suspicion), UNKNOWN, suspicion), side="right")


def allocated(count: int, sizes: np.ndarray, suspected: np.ndarray) -> np.ndarray:
    """int [bands]: how many items to draw of each, `count` in all or as many as there are."""
    mean = np.clip(suspected / np.maximum(sizes, 1), CALM, 0.5)
    drawn = np.minimum(sizes, LEAST)
    worth = sizes * np.sqrt(mean * (1 - mean))
    for _ in sizes:  # a band that is drawn whole leaves its share to the others
        free = drawn < sizes
        left = count - drawn.sum()
        if left <= 0 or not free.any():
            break
        more = np.where(free, left * worth / max(worth[free].sum(), 1e-12), 0)
        drawn = np.minimum(sizes, drawn + more.astype(int))
    for band in np.argsort(-worth, kind="stable"):  # what rounding left
        drawn[band] += np.clip(count - drawn.sum(), 0, sizes[band] - drawn[band])
    return drawn


def draw(item: np.ndarray, suspicion: np.ndarray, count: int, seed: int) -> np.ndarray:
    """The ids of the items drawn, of item (ids, int [n]) by suspicion (float [n], NaN where nothing is known). The same
    seed draws the same items in whatever order they come."""
    band = bucket_of(suspicion, BANDS)
    known = np.where(np.isnan(suspicion), UNKNOWN, suspicion)
    sizes = np.bincount(band, minlength=len(BANDS) + 1)
    sizes_drawn = allocated(count, sizes, np.bincount(band, weights=known, minlength=len(BANDS) + 1))
    parts = [
        np.random.default_rng([seed, k]).permutation(np.sort(item[band == k]))[:n] for k, n in enumerate(sizes_drawn)
    ]
    return np.sort(np.concatenate(parts))


def rate(frame: Frame, looked: Looked) -> Interval:
    """The share of wrong labels in the dataset, with 95 % of where it lies, by what was looked at."""
    band = bucket_of(looked.suspicion, BANDS)
    sizes = frame.per_band(frame.items)
    planned = np.bincount(band, minlength=len(sizes))
    return audit.error_rate(Audit(looked.wrong, band, sizes, planned, looked.cluster))


def believed(frame: Frame, looked: Looked) -> np.ndarray:
    """float [labels, buckets]: the errors to expect in each, its suspicions scaled by what was found in its band."""
    band = bucket_of(looked.suspicion, BANDS)
    known = np.where(np.isnan(looked.suspicion), UNKNOWN, looked.suspicion)
    bands = len(BANDS) + 1
    found = np.bincount(band, weights=looked.wrong, minlength=bands)
    expected = np.bincount(band, weights=known, minlength=bands)
    factor = (found + HOLD) / (expected + HOLD)
    return np.minimum(frame.suspected * factor[frame.band], frame.items)


def worst(expected: np.ndarray) -> np.ndarray:
    """The labels, those with most errors first, that hold MOST_OF_IT of them. expected: float [labels, buckets]."""
    by_label = expected.sum(axis=1)
    order = np.argsort(-by_label, kind="stable")
    needed = int(np.searchsorted(np.cumsum(by_label[order]), MOST_OF_IT * by_label.sum())) + 1
    return order[:needed]


def forecast(frame: Frame, expected: np.ndarray, target: float, labels: np.ndarray | None = None) -> Forecast:
    """Look at the most suspected items until no more than `target` of the whole dataset is left wrong, or at all; with
    `labels` only at those of them that are of these. Of the errors that are looked at FOUND are found."""
    own = np.arange(len(frame.items)) if labels is None else labels
    share = depth(frame, expected, target)
    items, found = (float((share * values[own].sum(axis=0)).sum()) for values in (frame.items, FOUND * expected))
    total = frame.items.sum()
    sizes = frame.items[own].sum(axis=1)
    drawn = sample.planned(sizes[sizes > 0], AUDIT_SHARE, int(sizes.sum() - items)).sum() if items else 0
    looks = items * LOOKS + drawn * AUDIT_LOOKS
    return Forecast(items, float(drawn), looks, float(expected.sum() - found) / total if total else 0.0)


def depth(frame: Frame, expected: np.ndarray, target: float) -> np.ndarray:
    """float [buckets]: the share of each that is to be looked at for no more than `target` to be left wrong."""
    wrong = FOUND * expected.sum(axis=0)
    above = float(expected.sum()) - target * frame.items.sum()
    share = np.zeros(len(wrong))
    for k in reversed(range(len(wrong))):
        share[k] = np.clip(above / wrong[k], 0, 1) if wrong[k] > 0 else float(above > 0)
        above -= share[k] * wrong[k]
    return share
