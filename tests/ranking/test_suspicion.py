"""Suspicion finds planted errors, is a probability, and says nothing where nothing can be known."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ranking import demo_signs, embedder, evidence, folds, network, suspicion, telling
from ranking.encoders.pixels import Pixels
from ranking.families import Kinship, near_duplicates
from tests.scores import average_precision


def blobs(n: int, k: int, wrong: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(vectors, true labels, labels as given)."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    vectors = (rng.standard_normal((n, 20)) + 4 * np.eye(20)[true]).astype(np.float32)
    given = np.where(rng.random(n) < wrong, (true + rng.integers(1, k, n)) % k, true)
    return vectors, true * 10, given * 10


def kin(families: np.ndarray) -> Kinship:
    return Kinship(families, families)


def test_wrong_labels_are_the_most_suspicious_and_the_right_ones_are_suggested() -> None:
    vectors, true, given = blobs(1500, 6, 0.05)
    found = suspicion.judge(vectors, given, kin(np.arange(1500)))
    bad = true != given
    assert average_precision(bad, found.suspicion) > 0.9
    assert (found.suggested[bad, 0] == true[bad]).mean() > 0.9
    assert (found.predicted == true).mean() > 0.95


@pytest.mark.parametrize("wrong", [0.02, 0.1])
def test_suspicion_adds_up_to_about_the_wrong_labels_there_are(wrong: float) -> None:
    vectors, true, given = blobs(3000, 6, wrong)
    total = suspicion.judge(vectors, given, kin(np.arange(3000))).suspicion.sum()
    assert 0.6 < total / (true != given).sum() < 1.5


def test_a_clean_set_is_hardly_suspected() -> None:
    vectors, true, _ = blobs(1500, 6, 0)
    assert suspicion.judge(vectors, true, kin(np.arange(1500))).suspicion.mean() < 0.01


def test_suggestions_share_out_the_suspicion_and_leave_out_the_own_label() -> None:
    vectors, _, given = blobs(400, 4, 0.1)
    found = suspicion.judge(vectors, given, kin(np.arange(400)))
    assert np.allclose(np.nansum(found.probabilities, axis=1), found.suspicion)
    assert not (found.suggested == given[:, None]).any()
    assert (np.sort(found.suggested, axis=1)[:, -3:] >= 0).all() and (found.suggested[:, 3:] == -1).all()


def test_one_fixed_frame_tells_of_the_others_of_its_object() -> None:
    rng = np.random.default_rng(0)
    objects = np.arange(1200) // 6
    true = rng.integers(0, 4, 200)[objects] * 10
    vectors = (rng.standard_normal((1200, 20)) + 1.1 * np.eye(20)[true // 10]).astype(np.float32)
    first = np.where(np.isin(objects, np.arange(0, 200, 20)), (true + 10) % 40, true)
    given = np.where(np.arange(1200) % 6 == 0, true, first)  # of each wrong object one frame was fixed
    settled = suspicion.Settled(first, given != first)
    told, untold = (suspicion.judge(vectors, given, kin(objects), settled=known) for known in (settled, None))
    left = given != true
    assert left.sum() == 50
    assert average_precision(left, told.suspicion) > average_precision(left, untold.suspicion) + 0.1
    assert (told.suggested[left, 0] == true[left]).mean() > 0.9
    assert (told.suspicion[settled.known] <= suspicion.SETTLED).all()
    assert (told.suggested[settled.known] == -1).all()


def test_fixing_most_errors_does_not_make_the_rest_look_right() -> None:
    vectors, true, first = blobs(1500, 6, 0.06)
    wrong = np.flatnonzero(first != true)
    given = first.copy()
    given[wrong[5:]] = true[wrong[5:]]
    settled = suspicion.Settled(first, given != first)
    told, untold = (
        suspicion.judge(vectors, given, kin(np.arange(1500)), settled=known).suspicion[wrong[:5]].mean()
        for known in (settled, None)
    )
    assert told > untold


def test_a_first_label_that_no_item_has_any_more_is_no_evidence() -> None:
    vectors, true, given = blobs(300, 4, 0.1)
    settled = suspicion.Settled(np.where(given != true, 990, given), given != true)
    found = suspicion.judge(vectors, true, kin(np.arange(300)), settled=settled)
    assert np.isfinite(found.suspicion).all() and set(found.suggested.ravel()) <= {-1, *true}


def test_the_same_input_is_judged_the_same() -> None:
    vectors, _, given = blobs(300, 4, 0.1)
    one, other = (suspicion.judge(vectors, given, kin(np.arange(300))).suspicion for _ in range(2))
    assert np.array_equal(one, other)


def test_a_family_is_never_split_between_folds() -> None:
    rng = np.random.default_rng(0)
    families = rng.integers(0, 60, 500)
    dealt = folds.deal(rng.integers(0, 5, 500), families, 0)
    assert all(len(set(dealt[families == f])) == 1 for f in range(60))
    assert np.bincount(dealt, minlength=folds.FOLDS).min() > 50


def test_how_many_families_of_a_label_a_fold_learns_from_is_counted_by_how_far_they_are_trusted() -> None:
    given, families = np.array([0, 0, 0, 0, 1, 1]), np.array([7, 7, 8, 9, 9, 3])
    trusted = np.array([0.2, 0.5, 1.0, 0.9, 1.0, 1.0])
    taught = folds.taught(given, families, np.array([0, 0, 1, 2, 2, 0]), trusted)
    assert taught.shape == (folds.FOLDS, 2)
    assert np.allclose(taught[:4], [[1.9, 1], [1.4, 2], [1.5, 1], [2.4, 2]])


def test_nothing_is_known_of_a_single_label() -> None:
    found = suspicion.judge(np.ones((5, 3), np.float32), np.zeros(5, np.int64), kin(np.arange(5)))
    assert np.isnan(found.suspicion).all() and (found.predicted == -1).all() and (found.suggested == -1).all()


def test_nothing_is_known_of_a_label_with_one_item() -> None:
    vectors, _, given = blobs(100, 3, 0)
    given[0] = 77
    found = suspicion.judge(vectors, given, kin(np.arange(100)))
    assert np.isnan(found.suspicion[0]) and np.isfinite(found.suspicion[1:]).all()


@pytest.mark.parametrize("n", [1, 2, 3, 9])
def test_a_handful_of_equal_items_does_no_harm(n: int) -> None:
    found = suspicion.judge(np.ones((n, 4), np.float32), np.arange(n) % 2, kin(np.arange(n)))
    assert len(found.suspicion) == n
    known = found.suspicion[np.isfinite(found.suspicion)]
    assert ((known >= 0) & (known <= 1)).all()


def test_another_label_of_the_same_object_does_not_speak_against_this_one() -> None:
    vectors, true, _ = blobs(300, 3, 0)
    vectors, labels = np.concatenate([vectors, vectors[:40]]), np.concatenate([true, np.full(40, 50)])
    same = np.concatenate([np.arange(300), np.arange(40)])
    rows = np.concatenate([np.arange(300, 340), np.arange(40)])
    barred = rows, np.concatenate([true[:40], np.full(40, 50)])
    with_bar, without = (suspicion.judge(vectors, labels, kin(same), b).suspicion[300:].mean() for b in (barred, None))
    assert with_bar < without


def framed(by_family: bool, weak: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(log-probabilities, labels as given, true labels, families of eight frames); it errs by families."""
    rng = np.random.default_rng(1)
    families, k = np.repeat(np.arange(300), 8), 6
    true = rng.integers(0, k, 300)[families]
    unit = families if by_family else np.arange(2400)
    wrong = (rng.random(unit.max() + 1) < 0.05)[unit]
    given = np.where(wrong, (true + rng.integers(1, k, unit.max() + 1)[unit]) % k, true)
    scores = 3.5 * weak * np.eye(k)[true] + rng.normal(0, 1, (300, k))[families] + rng.normal(0, 0.7, (2400, k))
    return folds.log_softmax(scores.astype(np.float32)), given, true, families


@dataclass(frozen=True)
class Weighed:
    suspicion: np.ndarray
    instead: np.ndarray


ENOUGH = np.full((1, 6), np.inf)


def weighed(
    thought: list[np.ndarray], given: np.ndarray, ways: list[np.ndarray], taught: np.ndarray = ENOUGH
) -> Weighed:
    """All that the model says where nothing is settled."""
    heard = evidence.Heard(thought, given, np.full(len(given), -1), np.zeros(len(given), np.int64), taught)
    found = evidence.explain(heard, ways)
    instead = np.zeros(thought[0].shape)
    for rows, part in found.judge(lambda: None):
        instead[rows] = part
    return Weighed(instead.sum(axis=1), instead)


@pytest.mark.parametrize("by_family", [False, True])
def test_whether_errors_come_singly_or_by_families_is_learned_from_the_labels(by_family: bool) -> None:
    thought, given, true, families = framed(by_family)
    lone = np.arange(len(given))
    pooled, alone = (weighed([thought], given, ways) for ways in ([families, lone], [lone]))
    wrong = given != true
    assert average_precision(wrong, pooled.suspicion) > max(0.97, average_precision(wrong, alone.suspicion) + 0.02)
    assert (pooled.instead.argmax(axis=1) == true)[wrong].mean() > 0.95
    assert 0.7 < pooled.suspicion.sum() / wrong.sum() < 1.3


def test_groups_whose_items_have_little_in_common_do_not_speak_for_each_other() -> None:
    thought, given, true, _ = framed(False)
    mixed = np.random.default_rng(2).permutation(len(given)) // 8
    pooled, alone = (weighed([thought], given, ways) for ways in ([mixed, np.arange(2400)], [np.arange(2400)]))
    assert np.allclose(pooled.suspicion, alone.suspicion)


def test_a_weak_classifiers_own_mistakes_do_not_pass_for_wrong_labels() -> None:
    thought, given, true, families = framed(False, weak=0.4)
    found = weighed([thought], given, [families, np.arange(2400)]).suspicion
    assert 0.5 < found.sum() / (given != true).sum() < 1.5
    assert average_precision(given != true, found) > 0.9


def test_a_family_that_looks_like_none_of_the_few_that_its_label_was_learned_from_is_suspected_the_less() -> None:
    rng = np.random.default_rng(3)
    families, k = np.repeat(np.arange(330), 6), 16  # six labels of fifty families, ten of three
    label = np.concatenate([np.arange(300) % 6, 6 + np.arange(30) % 10])
    looks = label.copy()
    looks[300:310] = rng.integers(0, 6, 10)  # of each rare label one sign looks like another label's
    given = label[families]
    planted = np.isin(np.arange(1980), rng.permutation(1800)[:40])
    given[planted] = (given[planted] + rng.integers(1, 6, 40)) % 6
    scores = 4 * np.eye(k)[looks] + rng.normal(0, 0.7, (330, k))
    thought = [folds.log_softmax(scores[families].astype(np.float32))]
    few = np.where(np.arange(k) < 6, 40.0, 2.0)[None]
    told, untold = (weighed(thought, given, [families], taught).suspicion for taught in (few, few * np.inf))
    odd = np.isin(families, np.arange(300, 310))
    assert told[odd].mean() < untold[odd].mean() / 2
    assert told[planted].min() > 0.9
    assert average_precision(planted, told) > average_precision(planted, untold) + 0.1


def test_a_large_set_is_judged_in_blocks_as_a_small_one_is_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    thought, given, _, families = framed(True)
    whole = weighed([thought], given, [families])
    rows = evidence.blocks(families, 100)
    assert sorted(np.concatenate(rows)) == list(range(2400)) and len(rows) > 20
    monkeypatch.setattr(evidence, "whole_families", lambda families, size, seed: np.arange(len(families)))
    monkeypatch.setattr(evidence, "BLOCK", 600)
    assert np.allclose(weighed([thought], given, [families]).suspicion, whole.suspicion, atol=1e-6)


def test_vectors_that_are_not_finite_are_refused_by_a_sentence() -> None:
    vectors, _, given = blobs(50, 3, 0)
    vectors[7, 2] = np.nan
    with pytest.raises(suspicion.Unusable, match="1 of 50 items"):
        suspicion.judge(vectors, given, kin(np.arange(50)))


def test_two_labels_are_enough() -> None:
    vectors, true, given = blobs(400, 2, 0.05)
    found = suspicion.judge(vectors, given, kin(np.arange(400)))
    assert average_precision(true != given, found.suspicion) > 0.9
    assert (found.suggested[true != given, 0] == true[true != given]).all() and (found.suggested[:, 1:] == -1).all()


def test_items_that_are_all_the_same_are_told_apart_by_nothing() -> None:
    same = np.ones((60, 4), np.float32)
    assert len(set(near_duplicates(same).apart)) == 60
    found = suspicion.judge(same, np.arange(60) % 3, kin(np.arange(60)))
    assert np.ptp(found.suspicion) < 0.05


def stripes(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(crops, true labels, labels as given): noisy stripes across, down or aslant."""
    rng = np.random.default_rng(0)
    true, phase = rng.integers(0, 3, n), rng.uniform(0, 6, n)
    y, x = np.mgrid[0:48, 0:48] / 48
    along = np.stack([x, y, (x + y) / 1.5])[true]
    light = 128 + 60 * np.sin(25 * along + phase[:, None, None]) + rng.normal(0, 30, (n, 48, 48))
    given = np.where(rng.random(n) < 0.08, (true + rng.integers(1, 3, n)) % 3, true)
    return np.repeat(np.clip(light, 0, 255).astype(np.uint8)[..., None], 3, axis=3), true, given


def test_the_network_finds_what_the_vectors_do_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "LEAST_STEPS", 30)
    monkeypatch.setattr(network, "LEAST_ITEMS", 300)
    crops, true, given = stripes(300)
    blind = np.random.default_rng(1).standard_normal((300, 5)).astype(np.float32)
    said: list[str] = []
    found = suspicion.judge(blind, given, kin(np.arange(300)), crops=lambda: crops, say=said.append)
    assert average_precision(true != given, found.suspicion) > 0.9
    assert found.judged_by == "vectors and crops"
    assert said == [f"Learning the labels from the crops, {fold} of {folds.FOLDS}" for fold in range(1, 6)]


def test_a_processor_is_spared_the_network_where_the_vectors_tell_the_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "device", lambda: torch.device("cpu"))
    vectors, _, given = blobs(1500, 6, 0.05)

    def fetched() -> np.ndarray:
        raise AssertionError("the crops are not wanted")

    found = suspicion.judge(vectors, given, kin(np.arange(1500)), crops=fetched)
    assert found.judged_by.startswith("vectors (they mistake ")


def test_the_network_thinks_the_same_twice_and_can_be_stopped_at_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "LEAST_STEPS", 3)
    monkeypatch.setattr(network, "EPOCHS", 1)
    crops, _, given = stripes(90)
    ticks: list[int] = []
    fold, weights = np.arange(90) % folds.FOLDS, np.ones(90, np.float32)
    one, other = (network.out_of_fold(crops, given, fold, weights, 0, lambda: ticks.append(1)) for _ in range(2))
    assert np.array_equal(one, other) and len(ticks) >= 2 * folds.FOLDS * 3
    assert np.allclose(np.exp(one).sum(axis=1), 1, atol=1e-5)


def test_a_network_is_used_where_it_is_worth_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def reason(n: int, k: int, mistaken: float = 0.3) -> str:
        return network.not_worth_it(n, k, lambda: mistaken)

    monkeypatch.setattr(network, "device", lambda: torch.device("cpu"))
    assert reason(5000, 40) == "" and "mistake 3%" in reason(5000, 40, 0.03) and "too many" in reason(10**6, 400)
    monkeypatch.setattr(network, "device", lambda: torch.device("cuda"))
    assert reason(5000, 40) == reason(5000, 40, 0.0) == reason(10**6, 400) == ""
    assert "too few" in reason(500, 40) and "too few" in reason(5000, 400)
    assert "too many" in reason(10**7, 400)


def test_a_processor_learns_from_many_crops_in_so_many_steps_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "device", lambda: torch.device("cpu"))
    monkeypatch.setattr(network, "MOST_STEPS", 4)
    crops, _, given = stripes(400)
    steps: list[int] = []
    network.fit(crops, np.arange(400), given, np.ones(400, np.float32), 3, torch.Generator(), lambda: steps.append(1))
    assert len(steps) == 4


@pytest.fixture(scope="module")
def signs(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(vectors, labels as given, signs, planted) of drawn traffic signs."""
    folder: Path = demo_signs.draw(tmp_path_factory.mktemp("signs"), count=500, wrong=0.06)
    rows = list(csv.DictReader((folder / "manifest.csv").open()))
    planted = np.array([int(row["planted"]) for row in csv.DictReader((folder / "truth.csv").open())])
    cut = [Image.open(folder / r["image"]).crop(box(r)) for r in rows]
    sizes = [np.stack([np.asarray(c.resize((side, side))) for c in cut]) for side in embedder.sizes(Pixels())]
    labels, groups = (np.unique([r[name] for r in rows], return_inverse=True)[1] for name in ("label", "sign"))
    vectors = telling.told(list(embedder.fitted(Pixels(), *sizes).embed(*sizes)), labels, groups)
    return vectors, labels, groups, planted


def box(row: dict[str, str]) -> tuple[int, int, int, int]:
    x, y, width, height = (int(row[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def test_planted_errors_in_drawn_signs_are_found(signs: tuple[np.ndarray, ...]) -> None:
    vectors, labels, groups, planted = signs
    found = suspicion.judge(vectors, labels, kin(groups))
    assert average_precision(planted, np.nan_to_num(found.suspicion)) > 8 * planted.mean()


def frames(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(vectors, labels, objects): ten frames of each of 60 objects, most apart in what tells no label."""
    rng = np.random.default_rng(seed)
    objects, labels = np.repeat(np.arange(60), 10), np.repeat(np.arange(60) % 3, 10)
    vectors = rng.standard_normal((60, 12))[objects] + 0.2 * rng.standard_normal((600, 12))
    vectors[:, :3] += 2 * np.eye(3)[labels]
    vectors[:, 3:6] += 6 * rng.standard_normal((600, 3))
    return vectors.astype(np.float32), labels, objects


def test_what_differs_between_pictures_of_one_object_counts_for_less() -> None:
    vectors, _, objects = frames()
    plain, evened = (telling.evening(vectors, families).of(vectors) for families in (np.arange(600), objects))
    differ = [part - telling.means(part, objects)[objects] for part in (plain, evened)]
    shares = [inside.var() / part.var() for inside, part in zip(differ, (plain, evened), strict=True)]
    assert shares[1] < shares[0] / 2


def test_vectors_that_tell_labels_count_for_more_than_those_that_do_not() -> None:
    vectors, labels, objects = frames()
    blind = np.random.default_rng(1).standard_normal((600, 12)).astype(np.float32)
    both = telling.told([blind, vectors], labels, objects)
    assert both[:, 12:].std() > 5 * both[:, :12].std()
    assert np.isfinite(telling.told([np.ones((600, 4), np.float32)], labels, objects)).all()
