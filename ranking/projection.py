"""Wide vectors to 256 dimensions by principal components, fitted once on a sample and frozen from then on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from .encoders.base import Vectors

DIMS = 256
SAMPLE = 1000  # twice as many change nothing but the time: ranks within a class agree with the wide vectors at .99
LARGEST_SAMPLE = 2**27  # numbers in the sample, 512 MiB: very wide vectors are fitted on fewer crops


@dataclass(frozen=True)
class Projection:
    """`axes` [d, m] are orthonormal up to the half precision they are stored in; `offset` [m] is the mean's image."""

    axes: Vectors
    offset: Vectors

    def apply(self, vectors: Vectors) -> Vectors:
        """float32 [n, d] to float32 [n, m]; distances are kept as far as the sample's spread goes."""
        return product(vectors, self.axes) - self.offset


def choose(ids: npt.NDArray[np.int64], dim: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """Whose vectors of `dim` numbers to fit on, ascending: the same ids, dim and seed choose the same."""
    size = min(SAMPLE, max(2, LARGEST_SAMPLE // dim), len(ids))
    return np.sort(np.random.default_rng(seed).choice(np.sort(ids), size, replace=False))


def fit(sample: Vectors, dims: int = DIMS) -> Projection:
    """Principal components of float32 [n, d] by way of the n x n Gram matrix; `sample` is centred in place."""
    mean = sample.mean(axis=0)
    sample -= mean
    values, vectors = np.linalg.eigh(product(sample, sample.T).astype(np.float64))
    order = np.argsort(values)[::-1][: min(dims, sample.shape[1])]
    order = order[values[order] > max(values.max(), 0) * 1e-6]
    if not len(order):  # all crops are the same: one axis, on which all lie at zero
        axes = np.zeros((sample.shape[1], 1), np.float32)
    else:
        axes = product(sample.T, (vectors[:, order] / np.sqrt(values[order])).astype(np.float32))
        axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    axes = axes.astype(np.float16).astype(np.float32)
    return Projection(axes, mean @ axes)


def product(a: Vectors, b: Vectors) -> Vectors:
    """a @ b by torch's threads: a second pool of threads beside them, numpy's, would get in their way."""
    return (torch.from_numpy(a) @ torch.from_numpy(b)).numpy()
