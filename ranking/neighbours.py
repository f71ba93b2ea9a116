"""Nearest neighbours: exact by blocked matrix products, on the accelerator where there is one; of very many items by an
inverted file (inverted.py)."""

import numpy as np
import torch

from .accelerator import BLOCK, device
from .encoders.base import Vectors
from .kinds import Ints, Rows, Tick, nothing

NEAREST = 32
EXACT = 50_000  # items up to which all are compared with all


def nearest(vectors: Vectors, k: int = NEAREST, tick: Tick = nothing) -> tuple[Rows, Vectors]:
    """For each of float32 [n, d] its k nearest others, nearest first: rows int32 [n, k] and squared distances [n, k].

    Padded with -1 and infinity where there are fewer than k others. `tick` is called after each block. Above EXACT
    items a few of the nearest may be missed.
    """
    n = len(vectors)
    rows, squares = np.full((n, k), -1, np.int32), np.full((n, k), np.inf, np.float32)
    found = min(k, n - 1)
    if found < 1:
        return rows, squares
    if n > EXACT:
        from . import inverted

        return inverted.nearest(vectors, k, tick)
    place = device()
    # Centred first: squared lengths far above the distances would eat the float's digits.
    points = torch.from_numpy(vectors - vectors.mean(axis=0)).to(place)
    lengths = (points * points).sum(dim=1)
    step = max(1, BLOCK // n)
    for start in range(0, n, step):
        block = points[start : start + step]
        distances = lengths - 2 * (block @ points.T)
        here = torch.arange(len(block), device=place)
        distances[here, here + start] = torch.inf
        values, columns = distances.topk(found, dim=1, largest=False)
        values += lengths[start : start + step, None]
        rows[start : start + step, :found] = columns.cpu().numpy()
        squares[start : start + step, :found] = values.clamp(min=0).cpu().numpy()
        tick()
    return rows, squares


def nearest_within(vectors: Vectors, labels: Ints, k: int = NEAREST, tick: Tick = nothing) -> tuple[Rows, Vectors]:
    """As `nearest`, among the others of the same label [n]."""
    rows, squares = np.full((len(vectors), k), -1, np.int32), np.empty((len(vectors), k), np.float32)
    for members in groups(labels):
        local, squares[members] = nearest(vectors[members], k, tick)
        rows[members] = np.where(local >= 0, members[local], -1)
    return rows, squares


def renumbered(rows: Rows, chosen: Ints, n: int) -> Rows:
    """Neighbours [m, k] of some of n items by their places among the chosen ones; -1 for those that are not chosen."""
    place = np.full(n + 1, -1, np.int32)
    place[chosen] = np.arange(len(chosen))
    return place[rows]


def groups(labels: Ints) -> list[Ints]:
    """The rows of each label, ascending, labels ascending."""
    order = np.argsort(labels, kind="stable")
    _, starts = np.unique(labels[order], return_index=True)
    return np.split(order, starts[1:]) if len(order) else []
