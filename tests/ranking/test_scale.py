"""What is worked out in blocks, or from a sample where there is much, comes out as it would all at once."""

import tracemalloc

import numpy as np
import pytest

from ranking import embedder, evidence, families, logistic, neighbours, outcome, suspicion, tables, telling
from ranking.encoders import sortnet
from ranking.families import Kinship
from ranking.kinds import nothing
from tests.scores import average_precision


def blobs(n: int, k: int, d: int = 24, wrong: float = 0.04) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(vectors, true labels, labels as given), the last labels being small."""
    rng = np.random.default_rng(0)
    share = 1 / np.arange(1, k + 1)
    true = np.concatenate([np.arange(k).repeat(4), rng.choice(k, n - 4 * k, p=share / share.sum())])
    centres = rng.standard_normal((k, d))
    vectors = (centres[true] + 0.4 * rng.standard_normal((n, d))).astype(np.float32)
    given = np.where(rng.random(n) < wrong, (true + rng.integers(1, k, n)) % k, true)
    return vectors, true, given


def judged(vectors: tables.Table, given: np.ndarray) -> suspicion.Judgement:
    lone = np.arange(len(given))
    return suspicion.judge(vectors, given, Kinship(lone, lone))


def small_blocks(patch: pytest.MonkeyPatch) -> None:
    for module, numbers in ((tables, 4000), (evidence, 4000)):
        patch.setattr(module, "BLOCK", numbers)
    patch.setattr(evidence, "whole_families", lambda families, size, seed: np.arange(len(families)))


def test_suspicion_in_blocks_is_that_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _, given = blobs(900, 8)
    whole = judged(vectors, given)
    small_blocks(monkeypatch)
    parts = judged(vectors, given)
    assert np.allclose(parts.suspicion, whole.suspicion, atol=1e-4)
    assert np.allclose(parts.confused, whole.confused, atol=1e-4)
    assert (parts.predicted == whole.predicted).mean() > 0.99
    assert (parts.suggested[:, 0] == whole.suggested[:, 0]).mean() > 0.95


def test_no_table_of_all_items_by_all_labels_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _, given = blobs(20_000, 150)
    monkeypatch.setattr(logistic, "LEARNED", 2000)
    for module in (tables, evidence):
        monkeypatch.setattr(module, "BLOCK", 2**16)
    tracemalloc.start()
    judged(vectors, given)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000 * 150 * 4  # bytes of one such table of single precision


def test_a_classifier_taught_by_a_sample_finds_about_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, true, given = blobs(6000, 12)
    whole = average_precision(true != given, judged(vectors, given).suspicion)
    monkeypatch.setattr(logistic, "LEARNED", 1200)
    sampled = average_precision(true != given, judged(vectors, given).suspicion)
    assert whole > 0.9 and sampled > whole - 0.02


def test_a_sample_keeps_small_labels_whole_and_each_label_is_heeded_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    given = np.repeat([0, 1, 2], [5, 60, 900])
    weights = np.full(965, 0.5, np.float32)
    learned = np.flatnonzero(np.arange(965) % 7 > 0)
    monkeypatch.setattr(logistic, "LEARNED", 100)
    rows, heed = logistic.drawn(learned, given, weights, 0)
    sizes, kept = np.bincount(given[learned]), np.bincount(given[rows])
    assert len(rows) <= 100 and kept[0] == sizes[0] and kept[1] == kept[2] > 40
    assert np.isin(rows, learned).all() and len(set(rows)) == len(rows)
    assert np.allclose(np.bincount(given[rows], heed), 1, rtol=1e-5)
    monkeypatch.setattr(logistic, "LEARNED", 2000)
    weights[given == 2] = np.linspace(0.1, 1, 900)
    rows, heed = logistic.drawn(learned, given, weights, 0)
    assert np.array_equal(rows, learned) and np.allclose(np.bincount(given[rows], heed), 1, rtol=1e-5)
    last = given[rows] == 2
    assert np.allclose(heed[last] / heed[last].sum(), weights[rows][last] / weights[rows][last].sum(), rtol=1e-5)


def test_a_rare_label_is_not_taken_for_its_common_look_alike() -> None:
    rng = np.random.default_rng(2)
    given = np.repeat([0, 1, 2], [400, 20, 400])
    middles = np.zeros((3, 10))
    middles[1, 0], middles[2, 1] = 3, 6  # the rare one lies near the first
    vectors = (middles[given] + rng.standard_normal((820, 10))).astype(np.float32)
    found = logistic.out_of_fold(vectors, given, np.arange(820) % 5, np.ones(820, np.float32), nothing)[np.arange(820)]
    taken = found.argmax(axis=1) == given
    assert taken[given == 1].mean() > 0.8 and taken[given != 1].mean() > 0.9


def test_look_and_shapes_side_by_side_weigh_the_same_and_are_worked_out_by_rows() -> None:
    rng = np.random.default_rng(1)
    look, shapes = rng.normal(3, 5, (70, 4)).astype(np.float32), rng.normal(0, 0.1, (70, 6)).astype(np.float32)
    found = outcome.together(look, shapes)
    whole = np.concatenate([look / look.std(), shapes / shapes.std()], axis=1)
    assert found.shape == (70, 10) and np.allclose(found[:], whole, rtol=1e-4)
    rows = np.array([3, 60, 3])
    assert np.array_equal(found[rows], found[:][rows])
    assert outcome.together(look, np.empty((70, 0), np.float32))[rows].shape == (3, 4)


def test_evened_vectors_have_no_mean_and_one_spread_and_are_worked_out_by_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(1).normal(100, [1, 2, 9], (500, 3)).astype(np.float32)
    labels, families = np.arange(500) % 5, np.arange(500) // 4
    whole = telling.told([vectors, np.empty((500, 0), np.float32)], labels, families)[:]
    assert np.allclose(whole.mean(axis=0), 0, atol=1e-3) and np.isclose(whole.std(), 1, atol=1e-3)
    monkeypatch.setattr(telling, "LEARNED", 200)
    learned = telling.taught(families)
    assert 200 <= len(learned) < 204 and set(np.bincount(families[learned])) <= {0, 4}  # whole families
    found = telling.told([vectors], labels, families)
    rows = np.array([7, 3, 499])
    assert np.array_equal(found[rows], found[:][rows])
    assert np.allclose(found[:].std(), 1, atol=0.2)


def test_what_is_barred_holds_less_than_all_else_in_its_row() -> None:
    table = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
    rows, columns = np.array([4, 1, 4]), np.array([0, 2, 3])
    found = tables.less_than_all(table, rows, columns)
    asked = np.array([4, 0, 1, 4])
    assert np.array_equal(found[asked][1], table[0])
    assert found[asked][2].argmin() == 2 and set(found[asked][3].argsort()[:2]) == {0, 3}
    assert np.array_equal(found[:][[0, 2, 3, 5]], table[[0, 2, 3, 5]])


def test_near_duplicates_of_very_many_items_are_found_as_those_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    things = np.repeat(np.arange(400), 5)
    vectors = (3 * rng.standard_normal((400, 16))[things] + 0.2 * rng.standard_normal((2000, 16))).astype(np.float32)
    exact = families.near_duplicates(vectors)
    monkeypatch.setattr(neighbours, "EXACT", 1000)
    monkeypatch.setattr(families, "WIDEST", 12)
    monkeypatch.setattr(families, "SAMPLE", 500)
    monkeypatch.setattr(families, "PAIRS", 300)
    found = families.near_duplicates(vectors, nearest=neighbours.nearest(vectors))
    pairs = things[:, None] == things
    for large, small in ((found.apart, exact.apart), (found.near, exact.near)):
        together, before = large[:, None] == large, small[:, None] == small
        assert (together & pairs).sum() > 0.95 * pairs.sum()
        assert (together & ~pairs).sum() < 1.2 * (before & ~pairs).sum() + 0.01 * pairs.sum()


def test_sortnet_looks_at_a_crop_once_where_it_is_the_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, rng = sortnet.Sortnet(sortnet.load()), np.random.default_rng(0)
    crops, medium, small = (rng.integers(0, 256, (70, side, side, 3), np.uint8) for side in embedder.sizes(encoder))
    embed = embedder.fitted(encoder, crops, medium, small)
    seen: list[int] = []
    forward = sortnet.Net.forward
    monkeypatch.setattr(sortnet.Net, "forward", lambda net, part: seen.append(len(part)) or forward(net, part))
    _, shapes = embed.embed(crops, medium, small)
    assert sum(seen) == 70
    assert np.allclose(shapes[:, -sortnet.DIM :], encoder.encode(crops) * sortnet.DIM**0.5, atol=1e-4)
