"""Vectors in which what tells labels counts most and what differs between pictures of one object counts least."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .encoders.base import Vectors
from .kinds import Ints
from .tables import Table

FLOOR = 0.5  # of the mean variance, added to each direction's own: in a small set those of little spread are but noise
LEARNED = 2**15  # items that teach at most
RIDGE = 0.05  # of the mean spread inside families, added to each direction's
Floats = npt.NDArray[np.float64]


def told(parts: list[Table], labels: Ints, families: Ints) -> Table:
    """The parts float32 [n, d] side by side, [n, all d], each by itself evened by the families [n] and then scaled by
    how well it tells the labels [n], the best to spread 1. Of more than LEARNED items whole families teach it."""
    parts = [part for part in parts if part.shape[1]]
    rows = taught(families)
    known, given = families[rows], labels[rows]
    maps = [evening(part[rows], known) for part in parts]
    strengths = np.array([strength(map.of(part[rows]), given, known) for map, part in zip(maps, parts, strict=True)])
    scales = strengths / strengths.max() if strengths.max() > 0 else np.ones(len(parts))
    scaled = [Affine(map.middle, map.matrix * np.float32(scale)) for map, scale in zip(maps, scales, strict=True)]
    table = Told(tuple(parts), tuple(scaled))
    return table[:] if len(families) <= LEARNED else table


def taught(families: Ints) -> Ints:
    """The rows that teach, ascending: all, or families drawn by chance until there are LEARNED."""
    if len(families) <= LEARNED:
        return np.arange(len(families))
    _, number, size = np.unique(families, return_inverse=True, return_counts=True)
    order = np.random.default_rng(0).permutation(len(size))
    drawn = order[: int(np.searchsorted(np.cumsum(size[order]), LEARNED)) + 1]
    return np.flatnonzero(np.isin(number, drawn))


@dataclass(frozen=True)
class Affine:
    """A map of vectors [d]: less `middle` [d], times `matrix` [d, d], both float32."""

    middle: Vectors
    matrix: Vectors

    def of(self, vectors: Vectors) -> Vectors:
        return np.asarray((vectors - self.middle) @ self.matrix, np.float32)


@dataclass(frozen=True)
class Told:
    """Tables side by side, each through its map, worked out for the rows that are asked for."""

    parts: tuple[Table, ...]
    maps: tuple[Affine, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.parts[0].shape[0], sum(len(map.middle) for map in self.maps)

    def __getitem__(self, rows: Ints | slice) -> Vectors:
        return np.concatenate([map.of(part[rows]) for map, part in zip(self.maps, self.parts, strict=True)], axis=1)


def evening(vectors: Vectors, families: Ints) -> Affine:
    """The map of float32 [n, d] to one in which a family's items differ as much in one direction as in any other, of
    spread 1.

    Within-class covariance normalisation (Hatch et al. 2006, "Within-Class Covariance Normalization for SVM-Based
    Speaker Recognition"), families for classes; the fewer pairs of one family there are, the more it is left as it is.
    """
    middle = vectors.mean(axis=0)
    spread = np.sqrt((variance := vectors.var(axis=0)) + FLOOR * variance.mean() + 1e-12)
    points = (vectors - middle) / spread
    number = np.unique(families, return_inverse=True)[1]
    apart = points - means(points, number).astype(np.float32)[number]
    inside = apart.T.astype(np.float64) @ apart
    d, free = len(inside), len(points) - int(number.max()) - 1
    inside *= d / max(float(np.trace(inside)), 1e-9)  # of mean spread 1
    inside *= free / (free + d)
    inside += (RIDGE + d / (free + d)) * np.eye(d)
    values, axes = np.linalg.eigh(inside)
    turn = (axes / np.sqrt(values)).astype(np.float32)
    whole = max(float((points @ turn).std()), 1e-6)
    return Affine(middle.astype(np.float32), np.asarray(turn / spread[:, None] / whole, np.float32))


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
