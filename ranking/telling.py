"""Vectors in which what tells labels counts most and what differs between pictures of one object counts least."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .encoders.base import Vectors
from .neighbours import Ints

FLOOR = 0.5  # of the mean variance, added to each direction's own: in a small set those of little spread are but noise
RIDGE = 0.05  # of the mean spread inside families, added to each direction's
Floats = npt.NDArray[np.float64]


def told(parts: list[Vectors], labels: Ints, families: Ints) -> Vectors:
    """The parts float32 [n, d] side by side, [n, all d], each by itself `evened` by the families [n] and then scaled by
    how well it tells the labels [n], the best to spread 1."""
    evened = [even(part, families) for part in parts]
    strengths = np.array([strength(part, labels, families) for part in evened])
    scales = strengths / strengths.max() if strengths.max() > 0 else np.ones(len(parts))
    return np.concatenate([part * np.float32(s) for part, s in zip(evened, scales, strict=True)], axis=1)


def even(vectors: Vectors, families: Ints) -> Vectors:
    """Float32 [n, d] in which a family's items differ as much in one direction as in any other, of spread 1.

    Within-class covariance normalisation (Hatch et al. 2006, "Within-Class Covariance Normalization for SVM-Based
    Speaker Recognition"), families for classes; the fewer pairs of one family there are, the more it is left as it is.
    """
    spread = np.sqrt((variance := vectors.var(axis=0)) + FLOOR * variance.mean() + 1e-12)
    points = (vectors - vectors.mean(axis=0)) / spread
    number = np.unique(families, return_inverse=True)[1]
    apart = points - means(points, number).astype(np.float32)[number]
    inside = apart.T.astype(np.float64) @ apart
    d, free = len(inside), len(points) - int(number.max()) - 1
    inside *= d / max(float(np.trace(inside)), 1e-9)  # of mean spread 1
    inside *= free / (free + d)
    inside += (RIDGE + d / (free + d)) * np.eye(d)
    values, axes = np.linalg.eigh(inside)
    points = points @ (axes / np.sqrt(values)).astype(np.float32)
    return np.asarray(points / max(float(points.std()), 1e-6), np.float32)


def strength(vectors: Vectors, labels: Ints, families: Ints) -> float:
    """How far labels lie apart, beside how far a label's families do: the F of an analysis of variance, less 1."""
    _, first, number = np.unique(families, return_index=True, return_inverse=True)
    middles = means(vectors, number)
    label = np.unique(labels[first], return_inverse=True)[1]
    centres, sizes = means(middles, label), np.bincount(label)
    k, f = len(centres), len(middles)
    between = (sizes[:, None] * (centres - middles.mean(axis=0)) ** 2).sum() / max(k - 1, 1)
    within = ((middles - centres[label]) ** 2).sum() / max(f - k, 1)
    return max(float(between / within) - 1, 0.0) if within > 0 else 0.0


def means(vectors: npt.NDArray[np.floating[Any]], number: Ints) -> Floats:
    """The mean [f, d] of the vectors [n, d] of each number 0..f-1 [n]."""
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    totals = np.add.reduceat(vectors[order], starts, axis=0, dtype=np.float64)
    return np.asarray(totals / np.bincount(number)[:, None])
