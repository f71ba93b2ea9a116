"""Nearest neighbours of very many items by an inverted file: each item is compared with the items of those cells whose
centres are nearest to it (Jégou et al. 2011, "Product Quantization for Nearest Neighbor Search", section IV, without
the quantisation). The cost grows with n, but for that of finding the cells, which grows with n to the power of 1.5.

Cell by cell, all items that ask for a cell are compared with it by one matrix product: a tenth of the time that faiss
takes, which goes through the cells item by item.
"""

import faiss
import numpy as np
import torch
from torch import Tensor

from .accelerator import BLOCK, device
from .encoders.base import Vectors
from .kinds import Rows, Tick

CELLS = 2  # times the root of n
COMPARED = 8000  # items that an item is compared with, about: those of so many cells
TAUGHT = 40  # items a cell that its centre is learned from
ROUNDS = 8  # of k-means


def nearest(vectors: Vectors, k: int, tick: Tick) -> tuple[Rows, Vectors]:
    """For each of float32 [n, d] its k nearest others as far as they are found: rows int32 [n, k], squares [n, k]."""
    n = len(vectors)
    points = torch.from_numpy(vectors)
    middle = points[:: max(1, n // 10_000)].mean(dim=0)
    centres = learned(points, middle, tick)
    probes = probed(points, middle, centres, tick)
    home = probes[:, 0]
    members, asking = listed(home[:, None], len(centres)), listed(probes, len(centres))
    rows, squares = torch.full((n, k), -1, dtype=torch.int32), torch.full((n, k), torch.inf)
    place = torch.empty(n, dtype=torch.int64)
    for cell, (inside, askers) in enumerate(zip(members, asking, strict=True)):
        if not len(inside):
            continue
        tick()
        place[inside] = torch.arange(len(inside))
        here = (points[inside] - middle).to(device())
        lengths = (here * here).sum(dim=1)
        for some in askers.split(max(1, BLOCK // len(here))):
            own = torch.nonzero(home[some] == cell)[:, 0]
            compare(points, middle, some, here, lengths, (own, place[some[own]]), inside, rows, squares)
    return ascending(rows, squares)


def learned(points: Tensor, middle: Tensor, tick: Tick) -> Tensor:
    """The cells' centres, by k-means on some of the points."""
    n, d = points.shape
    cells = int(CELLS * n**0.5)
    sample = np.sort(np.random.default_rng(0).choice(n, min(n, cells * TAUGHT), replace=False))
    faiss.omp_set_num_threads(torch.get_num_threads())
    tick()
    means = faiss.Kmeans(d, cells, niter=ROUNDS, seed=0, min_points_per_centroid=1, max_points_per_centroid=TAUGHT)
    means.train((points[torch.from_numpy(sample)] - middle).numpy())
    return torch.from_numpy(means.centroids).to(device())


def probed(points: Tensor, middle: Tensor, centres: Tensor, tick: Tick) -> Tensor:
    """The cells nearest to each point [n, p], the nearest first."""
    count = min(len(centres), max(1, round(COMPARED * len(centres) / len(points))))
    found = torch.empty(len(points), count, dtype=torch.int32)
    lengths = (centres * centres).sum(dim=1)
    step = max(1, BLOCK // len(centres))
    for start in range(0, len(points), step):
        tick()
        block = (points[start : start + step] - middle).to(device())
        found[start : start + step] = torch.addmm(lengths, block, centres.T, alpha=-2).topk(count, largest=False)[1]
    return found


def listed(probes: Tensor, cells: int) -> list[Tensor]:
    """The points that name each cell among their probes [n, p]."""
    order = torch.from_numpy(np.argsort(probes.numpy().ravel(), kind="stable")) // probes.shape[1]
    counts = torch.bincount(probes.reshape(-1).long(), minlength=cells)
    return list(order.split(counts.tolist()))


def compare(
    points: Tensor, middle: Tensor, some: Tensor, here: Tensor, lengths: Tensor, own: tuple[Tensor, Tensor],
    inside: Tensor, rows: Tensor, squares: Tensor,
) -> None:  # fmt: skip
    """Bring the nearest of some points up to date with the points inside a cell; `own` are the pairs of a point with
    itself."""
    block = (points[some] - middle).to(here.device)
    away = torch.addmm(lengths, block, here.T, alpha=-2)
    away[own] = torch.inf
    k = squares.shape[1]
    near, which = away.topk(min(k, len(here)), dim=1, largest=False, sorted=False)
    near = (near + (block * block).sum(dim=1)[:, None]).clamp(min=0).cpu()
    both = torch.cat([squares[some], near], dim=1)
    names = torch.cat([rows[some], inside.to(torch.int32)[which.cpu()]], dim=1)
    squares[some], best = both.topk(k, dim=1, largest=False, sorted=False)
    rows[some] = names.gather(1, best)


def ascending(rows: Tensor, squares: Tensor) -> tuple[Rows, Vectors]:
    """Each row's nearest first; -1 where there is none."""
    step = max(1, BLOCK // 8 // rows.shape[1])
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        squares[part], order = squares[part].sort(dim=1, stable=True)
        rows[part] = rows[part].gather(1, order)
    rows[torch.isinf(squares)] = -1
    return rows.numpy(), squares.numpy()
