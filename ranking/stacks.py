"""Near duplicates of one label, such as frames of one sign: what may be shown as one tile.

A stack is a star: all its items are near its middle one. Chains of near items would drift from one thing to another.
"""

import numpy as np

from .encoders.base import Vectors
from .kinds import Ints, Rows

# Of the usual squared distance to the last of an item's neighbours of any label.
NEAR = 0.3
LARGEST = 50


def stacks(rows: Rows, squares: Vectors, usual: float, kin: Ints | None = None) -> Ints:
    """A stack's number for each of one label's items, from 0 in their order; one's own where alone.

    rows, squares: their nearest among one another [n, k], as `neighbours.nearest` gives them; usual: the squared
    distance at which items are neighbours; kin: numbers [n] that a stack's items must share.
    """
    near = (rows >= 0) & (squares < NEAR * usual)
    if kin is not None:
        near &= kin[rows] == kin[:, None]
    middle = np.full(len(rows), -1)
    for item in np.argsort(-near.sum(axis=1), kind="stable").tolist():
        if middle[item] >= 0:
            continue
        fellows = rows[item][near[item]]
        fellows = fellows[middle[fellows] < 0][: LARGEST - 1]
        middle[fellows] = middle[item] = item
    return np.unique(middle, return_inverse=True)[1].astype(np.int64)
