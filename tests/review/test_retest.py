"""What one person leaves wrong, by planted errors and second looks of their own."""

import numpy as np
import pytest

from review.consensus.audit import Audit
from review.consensus.retest import Leaves, leaves

ITEMS, SAMPLE, WRONG = 2000, 100, 0.03


def audit(wrong: np.ndarray) -> Audit:
    n = len(wrong)
    return Audit(wrong, np.zeros(n, int), np.array([ITEMS]), np.array([n]))


def somebody(rng, sensitivity: float, specificity: float, alike: float) -> tuple[Leaves, float, float]:
    """What is said of a person who answers as before with probability `alike`; what they overlooked, and mistook."""
    truth = rng.random(ITEMS) < WRONG
    chance = np.where(truth, sensitivity, 1 - specificity)
    first = rng.random(ITEMS) < chance
    second = np.where(rng.random(ITEMS) < alike, first, rng.random(ITEMS) < chance)
    again = np.flatnonzero(first & (rng.random(ITEMS) < 0.2))
    sampled = rng.permutation(ITEMS)[:SAMPLE]
    found = int((rng.random(80) < sensitivity).sum())
    said = leaves(first, (found, 80), (int(second[again].sum()), len(again)), audit(second[sampled] & ~first[sampled]))
    return said, float((truth & ~first).mean()), float((first & ~truth).mean())


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.9, 0.999), (0.9, 0.98), (0.7, 0.99)])
@pytest.mark.parametrize("alike", [0.0, 0.3])
def test_the_interval_holds_what_one_person_leaves_wrong_also_where_they_err_alike_twice(
    sensitivity, specificity, alike
):
    rng = np.random.default_rng(7)
    held = []
    for _ in range(8):
        said, missed, mistaken = somebody(rng, sensitivity, specificity, alike)
        assert said.both.low <= said.both.rate <= said.both.high
        held.append(said.both.low <= missed + mistaken <= said.both.high)
    assert all(held)


def test_a_flag_that_is_not_repeated_counts_as_a_mistake_and_what_planted_errors_show_as_overlooked():
    flagged = np.arange(ITEMS) < 60
    none = audit(np.zeros(SAMPLE, bool))
    sure = leaves(flagged, (80, 80), (12, 12), none)
    unsure = leaves(flagged, (80, 80), (6, 12), none)
    blind = leaves(flagged, (40, 80), (12, 12), none)
    assert sure.both.high < 0.02
    assert unsure.mistaken.rate == pytest.approx(0.015) and unsure.mistaken.high > 1.5 * sure.mistaken.high
    assert blind.missed.rate == pytest.approx(0.03) and blind.missed.high > 2 * sure.missed.high


def test_what_was_left_and_is_flagged_the_second_time_was_overlooked_whatever_planted_errors_say():
    flagged = np.arange(ITEMS) < 60
    said = leaves(flagged, (80, 80), (12, 12), audit(np.arange(SAMPLE) < 20))
    assert said.missed.rate > 0.1


def test_without_planted_errors_and_second_looks_all_may_be_wrong():
    nothing = leaves(np.arange(ITEMS) < 60, (0, 0), (0, 0), audit(np.zeros(0, bool)))
    assert nothing.missed.high > 0.9 and nothing.mistaken.high == pytest.approx(0.03)
    assert leaves(np.zeros(0, bool), (0, 0), (0, 0), audit(np.zeros(0, bool))).both.low == 0
