"""What a label's items look like among themselves: laid out by likeness, the outliers first, the most typical ones.

Orders that go by more than looks (suspicion, loss, size, an attribute) are made where a campaign is planned.
"""

import numpy as np
import numpy.typing as npt

from . import paths
from .encoders.base import Vectors
from .kinds import Ints

similarity = paths.shortest
NEIGHBOURS = 5  # an item that looks like so many others is no outlier


def outliers(squares: Vectors) -> Ints:
    """A permutation int64 [n] by squared distances to the nearest [n, k], ascending: those first that are farthest from
    them (Ramaswamy, Rastogi & Shim 2000, "Efficient Algorithms for Mining Outliers from Large Data Sets", by the mean
    distance to all of them)."""
    some = squares[:, : max(1, min(NEIGHBOURS, len(squares) - 1))]
    return np.argsort(-np.sqrt(some).mean(axis=1), kind="stable")


def exemplars(vectors: Vectors, groups: Ints, suspicion: npt.NDArray[np.float64] | None = None, count: int = 4) -> Ints:
    """Up to `count` typical rows of one label's float32 [n, d], most typical first, each of another group [n].

    Typical is near the mean of the half that is nearest to the coordinatewise median. Where suspicion [n] is known, the
    less suspicious half alone is chosen from.
    """
    centre = np.median(vectors, axis=0)
    for _ in range(3):
        away = np.linalg.norm(vectors - centre, axis=1)
        centre = vectors[away <= np.median(away)].mean(axis=0)
    away = np.linalg.norm(vectors - centre, axis=1)
    if suspicion is not None and np.isfinite(suspicion).all():
        away = np.where(suspicion <= np.median(suspicion), away, np.inf)
    by_typical = np.argsort(away, kind="stable")
    _, firsts = np.unique(groups[by_typical], return_index=True)
    chosen = by_typical[np.sort(firsts)]
    return chosen[np.isfinite(away[chosen])][:count]
