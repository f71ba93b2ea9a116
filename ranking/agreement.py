"""Whether other vectors of the same items agree better with their labels, by neighbours that each finds elsewhere."""

from dataclasses import dataclass

import numpy as np
import torch

from .accelerator import device
from .encoders.base import Vectors
from .kinds import Ints

NEAREST = 10
BLOCK = 512
LEAST, SURE = 0.0, 2.0  # the gain that there must be, and by how many standard errors it must be above that


@dataclass(frozen=True)
class Compared:
    """The share of neighbours that have an item's label, on the mean over families, and whether it has surely grown."""

    before: float
    after: float
    better: bool


def compare(before: Vectors, after: Vectors, labels: Ints, families: Ints, judged: Ints) -> Compared:
    """Of items with labels [n] and families [n] those in rows `judged`, by vectors [n, d] and [n, e]. Families weigh
    alike and are taken for independent."""
    of = families[judged]
    old, new = (by_family(agreement(vectors, labels, families, judged), of) for vectors in (before, after))
    gains = new - old
    error = gains.std(ddof=1) / len(gains) ** 0.5 if len(gains) > 1 else np.inf
    return Compared(float(old.mean()), float(new.mean()), bool(gains.mean() - SURE * error > LEAST))


def by_family(values: np.ndarray, families: Ints) -> np.ndarray:
    _, numbers, counts = np.unique(families, return_inverse=True, return_counts=True)
    return np.bincount(numbers, values) / counts


def agreement(vectors: Vectors, labels: Ints, families: Ints, judged: Ints) -> np.ndarray:
    """For each of rows `judged` [m] the share of its nearest of other families that have its label, float64 [m]."""
    here = device()
    points, kin = torch.from_numpy(vectors - vectors.mean(axis=0)).to(here), torch.from_numpy(families).to(here)
    lengths, shares = (points * points).sum(dim=1), []
    for start in range(0, len(judged), BLOCK):
        rows = torch.from_numpy(judged[start : start + BLOCK]).to(here)
        squares = lengths - 2 * points[rows] @ points.T
        squares[kin[rows, None] == kin] = torch.inf
        found = squares.topk(min(NEAREST, len(points)), dim=1, largest=False)
        same = labels[found.indices.cpu().numpy()] == labels[judged[start : start + BLOCK], None]
        there = found.values.isfinite().cpu().numpy()
        shares.append((same & there).sum(axis=1) / np.maximum(there.sum(axis=1), 1))
    return np.concatenate(shares)
