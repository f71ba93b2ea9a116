"""An order is a permutation, the same each time, and never longer than the greedy path it starts from."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ranking import orders

vectors = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 40), st.integers(1, 4)),
    elements=st.floats(-100, 100, width=32),
)


@settings(max_examples=150, deadline=None)
@given(vectors, st.integers(0, 5))
def test_an_order_is_a_permutation_and_deterministic(points: np.ndarray, seed: int) -> None:
    order = orders.similarity(points, seed)
    assert np.array_equal(np.sort(order), np.arange(len(points)))
    assert np.array_equal(order, orders.similarity(points, seed))


@settings(max_examples=150, deadline=None)
@given(vectors, st.integers(0, 5))
def test_an_order_is_never_longer_than_greedy(points: np.ndarray, seed: int) -> None:
    start = int(np.random.default_rng(seed).integers(len(points)))
    greedy = orders.greedy(orders.Ground.of(points), start)
    assert orders.length(points, orders.similarity(points, seed)) <= orders.length(points, greedy) + 1e-9


def test_points_on_a_line_come_in_their_order() -> None:
    place = np.random.default_rng(2).permutation(60)
    order = orders.similarity(np.stack([place, place], axis=1).astype(np.float32))
    assert (np.abs(np.diff(place[order])) == 1).all()


def test_kinds_stay_together() -> None:
    rng = np.random.default_rng(4)
    kind = rng.integers(0, 5, 200)
    order = orders.similarity((rng.standard_normal((200, 8)) + 20 * np.eye(8)[kind]).astype(np.float32))
    assert (np.diff(kind[order]) != 0).sum() == 4


def test_a_path_without_a_table_of_distances_is_a_permutation_too(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    points = np.random.default_rng(5).standard_normal((300, 40)).astype(np.float32)
    with_table = orders.length(points, orders.similarity(points))
    monkeypatch.setattr(orders, "WIDE", 100)
    without = orders.similarity(points)
    assert np.array_equal(np.sort(without), np.arange(300))
    assert orders.length(points, without) < 1.1 * with_table
    monkeypatch.setattr(orders, "CHUNK", 120)
    in_chunks = orders.similarity(points)
    assert np.array_equal(np.sort(in_chunks), np.arange(300))
    assert orders.length(points, in_chunks) < 1.3 * with_table


def test_exemplars_are_typical_unsuspected_and_of_different_groups() -> None:
    rng = np.random.default_rng(6)
    points = rng.standard_normal((40, 6)).astype(np.float32)
    points[:4] += 30
    groups, suspicion = np.arange(40) // 2, rng.random(40)
    chosen = orders.exemplars(points, groups, suspicion)
    assert len(chosen) == 4 == len(set(groups[chosen]))
    assert chosen.min() >= 4 and (suspicion[chosen] <= np.median(suspicion)).all()
    assert orders.exemplars(points[:1], groups[:1], None).tolist() == [0]
