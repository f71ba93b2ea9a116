"""Families by average linkage are those of SciPy's, of pairs alone; a chain of links does not do."""

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from ranking.linkage import averaged, linked


def pairs(alike: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each in both directions, the most alike first."""
    a, b = np.nonzero(alike)
    order = np.argsort(-alike[a, b], kind="stable")
    return a[order], b[order], alike[a, b][order]


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one[:, None] == one, other[:, None] == other)


def test_families_are_those_of_a_dense_average_linkage() -> None:
    rng = np.random.default_rng(0)
    alike = np.triu(rng.random((60, 60)) * (rng.random((60, 60)) < 0.2), 1)
    alike += alike.T
    tree = linkage(squareform(1 - alike, checks=False), "average")
    levels = (0.5, 0.2, 0.12)
    for level, found in zip(levels, averaged(60, *pairs(alike), levels, 60), strict=True):
        assert same(found, fcluster(tree, 1 - level, "distance"))
        assert 1 < len(np.unique(found)) < 60


def test_a_chain_is_one_family_by_its_links_and_several_on_average() -> None:
    n = 12
    alike = np.eye(n, k=1) * np.linspace(0.9, 0.8, n)[:, None]
    alike += alike.T
    assert len(np.unique(linked(n, *pairs(alike)[:2], n))) == 1
    tight, loose = averaged(n, *pairs(alike), (0.6, 0.1), n)
    assert len(np.unique(tight)) == 6 and len(np.unique(loose)) < 6
    assert np.bincount(averaged(n, *pairs(alike), (0.01,), 4)[0]).max() <= 4


def test_no_pair_is_no_family() -> None:
    none = np.empty(0, np.int64)
    assert np.array_equal(averaged(3, none, none, np.empty(0), (0.1,), 3)[0], np.arange(3))
