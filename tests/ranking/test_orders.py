"""An order is a permutation, the same each time, and never longer than what it starts from; stacks, outliers, rests."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ranking import orders, paths, rest, stacks
from ranking.kinds import nothing
from ranking.neighbours import nearest
from ranking.suspicion import Judgement

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
def test_an_order_is_never_longer_than_the_chains_it_starts_from(points: np.ndarray, seed: int) -> None:
    if len(points) < 3:
        return
    near, squares = nearest(points, min(paths.LISTED, len(points) - 1))
    chains = paths.joined(points, near, squares, nothing)
    assert np.array_equal(np.sort(chains), np.arange(len(points)))
    scale = 1 + paths.length(points, chains)
    assert paths.length(points, orders.similarity(points, seed)) <= paths.length(points, chains) + 1e-4 * scale


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.float32, st.tuples(st.integers(2, 8), st.just(2)), elements=st.floats(-9, 9, width=32)))
def test_no_path_through_a_few_items_is_shorter(points: np.ndarray) -> None:
    best = min(paths.length(points, np.array(order)) for order in itertools.permutations(range(len(points))))
    assert paths.length(points, orders.similarity(points)) <= 1.02 * best + 1e-3


def test_points_on_a_line_come_in_their_order() -> None:
    place = np.random.default_rng(2).permutation(60)
    order = orders.similarity(np.stack([place, place], axis=1).astype(np.float32))
    assert (np.abs(np.diff(place[order])) == 1).all()


def test_kinds_stay_together() -> None:
    rng = np.random.default_rng(4)
    kind = rng.integers(0, 5, 200)
    order = orders.similarity((rng.standard_normal((200, 8)) + 20 * np.eye(8)[kind]).astype(np.float32))
    assert (np.diff(kind[order]) != 0).sum() == 4


def test_a_path_in_windows_and_in_chunks_is_a_permutation_too(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    points = np.random.default_rng(5).standard_normal((300, 40)).astype(np.float32)
    at_once = paths.length(points, orders.similarity(points))
    monkeypatch.setattr(paths, "WINDOW", 100)
    in_windows = orders.similarity(points)
    assert np.array_equal(np.sort(in_windows), np.arange(300))
    assert paths.length(points, in_windows) < 1.06 * at_once
    monkeypatch.setattr(paths, "CHUNK", 120)
    in_chunks = orders.similarity(points)
    assert np.array_equal(np.sort(in_chunks), np.arange(300))
    assert paths.length(points, in_chunks) < 1.2 * at_once


@settings(max_examples=100, deadline=None)
@given(vectors, st.integers(0, 5))
def test_a_window_keeps_its_ends(points: np.ndarray, seed: int) -> None:
    part = np.random.default_rng(seed).permutation(len(points))
    if len(part) < 2:
        return
    after = paths.window(points, part, seed, nothing)
    assert (after[0], after[-1]) == (part[0], part[-1]) and np.array_equal(np.sort(after), np.sort(part))
    assert paths.length(points, after) <= paths.length(points, part) * 1.0001 + 1e-2


def test_what_lies_apart_from_all_others_is_the_first_outlier() -> None:
    points = np.random.default_rng(7).standard_normal((50, 6)).astype(np.float32)
    points[17] += 40
    order = orders.outliers(nearest(points)[1])
    assert order[0] == 17 and np.array_equal(np.sort(order), np.arange(50))
    assert orders.outliers(nearest(points[:1])[1]).tolist() == [0]


def test_a_stack_holds_near_duplicates_of_one_group_and_no_chain_of_them() -> None:
    rng = np.random.default_rng(8)
    points = np.repeat(10 * rng.standard_normal((12, 8)), 5, axis=0).astype(np.float32)
    points += 0.01 * rng.standard_normal(points.shape).astype(np.float32)
    found = stacks.stacks(*nearest(points), usual=100.0)
    assert found.tolist() == np.repeat(np.arange(12), 5).tolist()
    apart = stacks.stacks(*nearest(points), usual=100.0, kin=np.arange(60) % 2)
    assert all(len(set((np.arange(60) % 2)[apart == number])) == 1 for number in set(apart.tolist()))
    line = np.stack([np.arange(40.0), np.zeros(40)], axis=1).astype(np.float32)
    for number in set((chain := stacks.stacks(*nearest(line), usual=2.5**2 / stacks.NEAR)).tolist()):
        members = line[chain == number, 0]
        assert members.max() - members.min() <= 5
    assert stacks.stacks(*nearest(points[:1]), usual=1.0).tolist() == [0]


def test_a_label_taken_for_many_others_is_proposed_as_a_rest_and_one_mixed_up_with_one_other_is_not() -> None:
    labels, families = np.repeat(np.arange(8), 40), np.arange(320)
    predicted = labels.copy()
    predicted[:30] = 1 + np.arange(30) % 7
    predicted[40:70] = 2
    nothing_known = np.zeros((320, 5))
    judged = Judgement(np.zeros(320), predicted, nothing_known.astype(np.int64), nothing_known, np.arange(8), np.eye(8))
    assert rest.scattered(judged, labels, families) == {0}
    assert rest.scattered(judged, labels, labels) == set()  # one family each: too little was seen of any


def test_exemplars_are_typical_unsuspected_and_of_different_groups() -> None:
    rng = np.random.default_rng(6)
    points = rng.standard_normal((40, 6)).astype(np.float32)
    points[:4] += 30
    groups, suspicion = np.arange(40) // 2, rng.random(40)
    chosen = orders.exemplars(points, groups, suspicion)
    assert len(chosen) == 4 == len(set(groups[chosen]))
    assert chosen.min() >= 4 and (suspicion[chosen] <= np.median(suspicion)).all()
    assert orders.exemplars(points[:1], groups[:1], None).tolist() == [0]
