"""Which items must never stand on both sides of a fold: one object's, one group's, near duplicates."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .encoders.base import Vectors
from .neighbours import Ints, Rows

# Of the usual squared distance to the last neighbour. At the first, 97 % of the pairs of GTSRB crops show one sign;
# where families grow large with it, a label's items are simply much alike, and a nearer one is tried.
NEAR = (0.2, 0.1, 0.05, 0.025)
LARGEST = 50  # items of a family, and no more than a twentieth of all


def families(parts: list[Ints], pairs: tuple[Ints, Ints] | None = None) -> Ints:
    """A number for each item [n], the same for items that are paired or share a number in any of `parts` [n].

    A number below 0 in a part is shared with nobody.
    """
    n = len(parts[0])
    ends: list[tuple[Ints, Ints]] = [pairs] if pairs else []
    nodes = n
    for part in parts:
        named = np.flatnonzero(part >= 0)
        _, hub = np.unique(part[named], return_inverse=True)
        ends.append((named, hub + nodes))
        nodes += int(hub.max()) + 1 if len(hub) else 0
    a, b = (np.concatenate(side) for side in zip(*ends, strict=True))
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(nodes, nodes))
    numbers: npt.NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return numbers[:n].astype(np.int64)


def near_duplicates(rows: Rows, squares: Vectors) -> tuple[Ints, Ints]:
    """Pairs of items so near that they show one thing, from `neighbours.nearest`; rather too few than too many."""
    found = rows >= 0
    if not found.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    usual = float(np.median(squares[:, int(found.sum(axis=1).max()) - 1]))
    pairs = np.empty(0, np.int64), np.empty(0, np.int64)
    for share in NEAR:
        near = found & (squares < share * usual)
        pairs = np.nonzero(near)[0], rows[near].astype(np.int64)
        if np.bincount(families([np.arange(len(rows))], pairs)).max() <= max(2, min(LARGEST, len(rows) // 20)):
            break
    return pairs
