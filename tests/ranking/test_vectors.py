"""Projection, embedder, shapes and neighbours."""

import numpy as np
import pytest

from ranking import edges, embedder, families, inverted, neighbours, projection
from ranking.encoders.pixels import Pixels


def points(n: int, d: int = 40, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((n, d)) * 0.7 ** np.arange(d)).astype(np.float32)


def test_a_projection_to_all_directions_keeps_every_distance() -> None:
    wide = points(80)
    narrow = projection.fit(wide.copy(), 40).apply(wide)
    assert np.allclose(distances(wide), distances(narrow), rtol=1e-2, atol=1e-3)


def distances(vectors: np.ndarray) -> np.ndarray:
    return ((vectors[:, None].astype(np.float64) - vectors) ** 2).sum(axis=2)


def test_a_projection_of_equal_or_single_crops_is_zero() -> None:
    for n in (1, 5):
        same = np.full((n, 12), 3, np.float32)
        assert np.allclose(projection.fit(same.copy()).apply(same), 0)


def test_the_sample_is_the_same_whatever_the_order_of_ids() -> None:
    ids = np.arange(5000)
    assert np.array_equal(projection.choose(ids, 10), projection.choose(ids[::-1], 10))
    assert len(projection.choose(ids, 10)) == projection.SAMPLE
    assert len(projection.choose(ids, 2**24)) < 10


def test_a_stored_embedder_gives_the_same_vectors() -> None:
    rng = np.random.default_rng(1)
    crops = [rng.integers(0, 256, (30, side, side, 3), dtype=np.uint8) for side in embedder.sizes(Pixels())]
    made = embedder.fitted(Pixels(), *crops)
    again = embedder.restored(Pixels(), made.to_bytes())
    for a, b in zip(made.embed(*crops), again.embed(*crops), strict=True):
        assert np.array_equal(a, b)
    assert made.to_bytes() == again.to_bytes()


def test_shapes_are_blind_to_light_and_see_direction() -> None:
    ramp = np.linspace(40, 200, 40)
    across = np.broadcast_to(ramp[None, :, None], (40, 40, 3))
    down = across.transpose(1, 0, 2)
    one, dimmer, other = edges.encode(np.stack([across, across / 2, down]).astype(np.uint8))
    assert np.linalg.norm(one - dimmer) < 0.3 * np.linalg.norm(one - other)


def test_neighbours_are_those_of_all_pairs() -> None:
    vectors = points(70)
    rows, squares = neighbours.nearest(vectors, 5)
    apart = distances(vectors)
    np.fill_diagonal(apart, np.inf)
    assert np.allclose(np.sort(apart, axis=1)[:, :5], squares, rtol=1e-4, atol=1e-5)
    assert np.allclose(np.take_along_axis(apart, rows.astype(np.int64), axis=1), squares, rtol=1e-4, atol=1e-5)


def test_blocks_do_not_change_the_neighbours(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    whole = neighbours.nearest(points(70), 5)[0]
    monkeypatch.setattr(neighbours, "BLOCK", 70 * 9)
    assert np.array_equal(neighbours.nearest(points(70), 5)[0], whole)


def test_neighbours_within_a_label_are_of_that_label_and_padded() -> None:
    labels = np.array([7] * 6 + [9] * 3 + [4])
    rows, _ = neighbours.nearest_within(points(10), labels, 4)
    for k, near in enumerate(rows):
        found = near[near >= 0]
        assert len(found) == min(4, (labels == labels[k]).sum() - 1)
        assert (labels[found] == labels[k]).all() and k not in found


def test_families_join_what_shares_an_object_a_group_or_a_pair() -> None:
    objects, groups = np.array([1, 1, 2, 3, 4]), np.array([-1, 0, 0, -1, -1])
    found = families.families([objects, groups], (np.array([3]), np.array([4])))
    assert len(set(found[:3])) == 1 and found[3] == found[4] != found[0]


def test_near_duplicates_are_together_and_their_families_stay_small() -> None:
    vectors = points(200)
    copies = np.concatenate([vectors, vectors[:20] + 1e-4])
    found = families.near_duplicates(copies)
    assert len(found.tight) == len(families.AVERAGE)
    for together in (found.near, found.apart, *found.tight):
        assert all(together[k] == together[200 + k] for k in range(20))
        assert np.bincount(together).max() <= 11


def test_among_very_many_few_of_the_nearest_are_missed_and_none_is_oneself(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = points(5000, 24)
    vectors[10:60] = vectors[10]  # more copies than neighbours are asked for
    exact, squares = neighbours.nearest(vectors, 10)
    monkeypatch.setattr(neighbours, "EXACT", 1000)
    monkeypatch.setattr(inverted, "COMPARED", 700)
    ticks: list[int] = []
    found, distances_found = neighbours.nearest(vectors, 10, tick=lambda: ticks.append(1))
    assert not (found == np.arange(5000)[:, None]).any()
    others = np.setdiff1d(np.arange(5000), np.arange(10, 60))
    agree = [len(set(found[k]) & set(exact[k])) / 10 for k in others]
    assert np.mean(agree) > 0.95
    assert np.isclose(distances_found[others, 0], squares[others, 0], rtol=1e-3).mean() > 0.97 and len(ticks) > 1
    assert np.array_equal(neighbours.nearest(vectors, 10)[0], found)
