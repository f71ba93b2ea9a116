"""When it will be done: the range holds the truth as often as it says."""

import numpy as np
import pytest

from review.consensus.pace import finish, student


def test_students_quantiles_are_those_of_the_tables():
    assert [round(student(k), 3) for k in (1, 4, 7, 30)] == [12.706, 2.776, 2.365, 2.042]


def test_an_even_pace_gives_a_sharp_end_and_none_gives_none():
    at, low, high = finish(100, np.full(7, 10.0))
    assert (at, low) == (10, pytest.approx(10, rel=0.01)) and high == pytest.approx(10, rel=0.01)
    assert finish(100, np.zeros(7)) is None
    assert finish(100, np.array([0.0, 0, 0, 0, 0, 0, 80]))[2] is None  # it may as well have been the last


@pytest.mark.parametrize("windows", [4, 7])
def test_the_range_holds_the_end_in_nineteen_of_twenty(windows):
    """Days of people's work: a mean that is unknown, days that differ by more than chance."""
    rng = np.random.default_rng(3)
    inside = tried = 0
    for _ in range(800):
        mean = rng.uniform(200, 2000)
        days = rng.gamma(6, mean / 6, windows + 200)
        missing = rng.uniform(2, 20) * mean
        said = finish(missing, days[:windows])
        end = np.interp(missing, np.concatenate([[0], np.cumsum(days[windows:])]), np.arange(201))
        tried += 1
        inside += said[1] <= end <= (said[2] if said[2] is not None else np.inf)
    assert 0.92 <= inside / tried <= 0.985
