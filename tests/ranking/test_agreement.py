"""The judgement of other vectors: neighbours that agree more with the labels, beyond what chance gives."""

import numpy as np

from ranking import agreement, lessons


def scene(noise: float, seed: int, classes: int = 5, families: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(vectors, labels, families) of three frames each; frames of a family are all but the same."""
    rng = np.random.default_rng(seed)
    middles = np.random.default_rng(0).normal(0, 1, (classes, 16))
    family = np.repeat(np.arange(families), 3)
    things = middles[np.arange(families) % classes] + rng.normal(0, noise, (families, 16))
    vectors = (things[family] + rng.normal(0, 0.01, (len(family), 16))).astype(np.float32)
    return vectors, (np.arange(families) % classes)[family], family


def test_neighbours_of_the_same_family_do_not_count() -> None:
    vectors, labels, families = scene(50.0, 1)
    shares = agreement.agreement(vectors, labels, families, np.arange(len(labels)))
    assert shares.mean() < 0.4  # with their own frames two in ten more would agree
    alone = agreement.agreement(vectors, labels, np.zeros(len(labels), np.int64), np.arange(len(labels)))
    assert (alone == 0).all()  # nobody is of another family


def test_what_tells_the_labels_better_is_better_and_chance_is_not() -> None:
    good, labels, families = scene(0.5, 1)
    rough, rows = scene(2.0, 2)[0], np.arange(len(labels))
    found = agreement.compare(rough, good, labels, families, rows)
    assert found.better and found.after > found.before + 0.2
    assert not agreement.compare(good, rough, labels, families, rows).better
    assert not agreement.compare(good, good, labels, families, rows).better
    lucky = [
        agreement.compare(scene(2.0, seed)[0], scene(2.0, seed + 100)[0], labels, families, rows).better
        for seed in range(40)
    ]
    assert sum(lucky) <= 4


def test_one_family_alone_proves_nothing() -> None:
    good, labels, families = scene(0.5, 1)
    assert not agreement.compare(-good, good, labels, families, np.flatnonzero(families == 3)).better


def test_a_fifth_of_the_families_is_held_out_and_groups_are_never_torn() -> None:
    rng = np.random.default_rng(3)
    crops = rng.integers(0, 255, (60, 48, 48, 3), dtype=np.uint8)
    groups = np.arange(60) // 3
    made = lessons.lesson(crops, crops[:, 8:40, 8:40], np.zeros(60, np.int64), groups)
    assert made.held.sum() == 12
    assert all(len(set(made.held[groups == group])) == 1 for group in range(20))
    without = lessons.lesson(crops, crops[:, 8:40, 8:40], np.zeros(60, np.int64), np.full(60, -1))
    assert 3 <= without.held.sum() <= 24
    unlabelled = lessons.lesson(crops, crops[:, 8:40, 8:40], np.full(60, -1), groups)
    net = lessons.sortnet.load()
    assert not lessons.judge(unlabelled, net, net).better
