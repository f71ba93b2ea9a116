"""The audit's intervals: as exact as they say, honest about clusters, labels nobody sampled and auditors who miss."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from review.consensus import betting
from review.consensus.audit import (
    Audit,
    Auditors,
    anytime,
    error_rate,
    error_rates,
    falls_below,
    interval_of,
    sample_to_measure,
    sample_to_show,
)
from review.consensus.distributions import beta_cdf, beta_quantile

TRACK = 15


def plain(wrong: int, right: int, size: int = 100_000) -> Audit:
    """One label, no clusters."""
    n = wrong + right
    return Audit(np.arange(n) < wrong, np.zeros(n, int), np.array([size]), np.array([n]))


def sampled(seed: int, rate: float, *, together: bool, count: int = 400) -> tuple[Audit, float]:
    """(an audit, the true share of wrong labels) of five labels of very different sizes and error rates, a tenth of
    the sample for each and the rest by size, in an order of chance; tracks of 15 that are wrong as one, or not."""
    rng = np.random.default_rng(seed)
    sizes = np.array([9000, 3000, 1200, 450, 150])
    label = np.repeat(np.arange(5), sizes)
    chance = np.minimum(rate * np.array([0.5, 1.0, 2.0, 0.0, 6.0]), 1)
    track = np.arange(len(label)) // TRACK
    wrong = (rng.random(len(label))[track] if together else rng.random(len(label))) < chance[label]
    planned = (count * (0.1 + 0.5 * sizes / sizes.sum())).astype(int)
    drawn = np.concatenate([rng.choice(np.flatnonzero(label == k), planned[k], replace=False) for k in range(5)])
    rng.shuffle(drawn)
    return Audit(wrong[drawn], label[drawn], sizes, planned, track[drawn]), float(wrong.mean())


@given(a=st.floats(0.05, 5000), b=st.floats(0.05, 5000), x=st.floats(0, 1), q=st.floats(0.001, 0.999))
@settings(max_examples=100, deadline=None)
def test_the_beta_distribution_is_that_of_the_books(a, b, x, q):
    assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-8)
    assert beta_quantile(q, a, b) == pytest.approx(stats.beta.ppf(q, a, b), abs=1e-8)


@given(wrong=st.integers(0, 60), right=st.integers(0, 500))
@settings(max_examples=60, deadline=None)
def test_one_label_without_clusters_is_clopper_and_pearson(wrong, right):
    if wrong + right == 0:
        return
    found = error_rate(plain(wrong, right))
    exact = stats.binomtest(wrong, wrong + right).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-6)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("rate", [0.004, 0.03, 0.1])
def test_the_interval_covers_the_true_share(rate, together):
    runs = [(error_rate(audit), truth) for audit, truth in (sampled(s, rate, together=together) for s in range(100))]
    assert sum(i.low <= truth <= i.high for i, truth in runs) >= 94


@pytest.mark.parametrize("together", [False, True])
def test_whoever_looks_again_and_again_is_misled_by_no_more_than_one_in_twenty(together):
    missed = 0
    for seed in range(60):
        audit, truth = sampled(seed, 0.03, together=together)
        looks = (first(audit, n) for n in range(10, len(audit.wrong) + 1, 20))
        missed += any(not i.low <= truth <= i.high for i in map(anytime, looks))
    assert missed <= 3


def first(audit: Audit, n: int) -> Audit:
    assert audit.cluster is not None
    return Audit(audit.wrong[:n], audit.stratum[:n], audit.sizes, audit.planned, audit.cluster[:n])


def test_a_campaign_that_stops_when_it_may_is_seldom_above_its_target():
    target, wrongly = 0.03, 0
    for seed in range(60):
        audit, truth = sampled(seed, 0.027, together=False)
        stops = any(falls_below(first(audit, n), target) for n in range(20, len(audit.wrong) + 1, 20))
        wrongly += stops and truth >= target
    assert wrongly <= 3
    assert falls_below(plain(0, 400), 0.01)
    assert not falls_below(plain(0, 100), 0.01)


def test_a_few_items_in_one_cluster_are_not_a_hair_surer_than_alone():
    wrong, stratum = np.array([False, True, True, False]), np.array([1, 1, 1, 0])
    audits = (Audit(wrong, stratum, np.array([700, 90]), np.array([1, 3]), c) for c in (None, np.array([0, 0, 0, 1])))
    alone, grouped = (error_rate(audit) for audit in audits)
    assert grouped.low <= alone.low and grouped.high >= alone.high


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_clusters_never_make_an_interval_narrower(data):
    n = data.draw(st.integers(1, 60))
    row = st.lists(st.booleans(), min_size=n, max_size=n)
    wrong = np.array(data.draw(row))
    stratum = np.array(data.draw(row)).astype(int)
    cluster = np.array(data.draw(st.lists(st.integers(0, 8), min_size=n, max_size=n)))
    planned = np.bincount(stratum, minlength=2)
    alone, grouped = (Audit(wrong, stratum, np.array([700, 90]), planned, c) for c in (None, cluster))
    for interval in (error_rate, error_rates):
        narrow, wide = interval(alone), interval(grouped)
        assert np.all(np.asarray(wide.low) <= np.asarray(narrow.low) + 1e-9)
        assert np.all(np.asarray(wide.high) >= np.asarray(narrow.high) - 1e-9)


def test_whole_tracks_count_as_one_item_each():
    wrong = np.repeat(np.arange(40) < 2, TRACK)
    tracks = Audit(wrong, np.zeros(600, int), np.array([9000]), np.array([600]), np.repeat(np.arange(40), TRACK))
    exact = stats.binomtest(2, 40).proportion_ci(0.95, "exact")
    found = error_rate(tracks)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-6)


def test_a_label_that_nobody_sampled_may_be_all_wrong():
    audit = Audit(np.zeros(500, bool), np.zeros(500, int), np.array([900, 100]), np.array([500, 0]))
    assert error_rate(audit).high > 0.1
    assert anytime(audit).high > 0.1
    rates = error_rates(audit)
    assert np.isnan(rates.rate[1]) and (rates.low[1], rates.high[1]) == (0, 1)


def test_large_labels_weigh_more_than_their_share_of_the_sample():
    wrong, label = np.r_[np.ones(10, bool), np.zeros(190, bool)], np.repeat([0, 1], 100)
    big, small = (
        error_rate(Audit(wrong, label, np.array(s), np.array([100, 100]))).rate for s in ([9000, 1000], [1000, 9000])
    )
    assert (big, small) == (pytest.approx(0.09), pytest.approx(0.01))


def test_what_auditors_miss_is_added_and_what_is_not_known_of_them_widens():
    audit = plain(20, 980)
    bare, sure, unsure = (error_rate(audit, Auditors(s)) for s in (None, (4000, 5000), (8, 10)))
    assert sure.rate == unsure.rate == pytest.approx(bare.rate / 0.8)
    assert sure.high == pytest.approx(bare.high / 0.8, rel=0.01)
    assert unsure.high > 1.1 * sure.high


def test_the_corrected_interval_covers_the_truth():
    covered = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        wrong = rng.random(800) < 0.06
        flagged = np.where(wrong, rng.random(800) < 0.8, rng.random(800) < 0.02)
        audit = Audit(flagged, np.zeros(800, int), np.array([50_000]), np.array([800]))
        known = Auditors((rng.binomial(40, 0.8), 40), (rng.binomial(300, 0.98), 300))
        found = error_rate(audit, known)
        covered += found.low <= 0.06 <= found.high
    assert covered >= 38


@pytest.mark.parametrize("auditors", [Auditors((1, 50), (2, 100)), Auditors((0, 9), (0, 9))])
def test_auditors_no_better_than_chance_tell_nothing(auditors):
    for interval in (error_rate, anytime):
        found = interval(plain(3, 50), auditors)
        assert (found.low, found.high) == (0, 1)


def test_auditors_of_whom_nothing_is_known_may_have_missed_everything():
    assert error_rate(plain(3, 50), Auditors((0, 0))).high == anytime(plain(3, 50), Auditors((0, 0))).high == 1


def test_false_alarms_of_auditors_never_make_the_result_surer_than_it_was():
    bare = error_rate(plain(2, 998))
    found = error_rate(plain(2, 998), Auditors(None, (970, 1000)))
    assert found.rate == 0 and found.high >= bare.high - bare.rate


def test_before_the_first_look_everything_is_possible():
    none = Audit(np.zeros(0, bool), np.zeros(0, int), np.array([50, 60]), np.array([5, 5]))
    assert (error_rate(none).low, error_rate(none).high) == (anytime(none).low, anytime(none).high) == (0, 1)
    assert error_rates(none).high.tolist() == [1, 1]


@given(wrong=st.integers(0, 50), right=st.integers(1, 2000))
@settings(max_examples=60, deadline=None)
def test_looking_at_any_time_costs_width_and_never_the_estimate(wrong, right):
    low, high = betting.bounds(np.ones(wrong), right, 1.0, 0.025)
    narrow = interval_of(wrong / (wrong + right), wrong + right, 0.025)
    assert low <= narrow[0] + 1e-9 and high >= narrow[1] - 1e-9
    assert low <= wrong / (wrong + right) <= high


def test_a_sample_of_the_size_that_was_asked_for_is_just_enough():
    n = sample_to_measure(0.03, 0.01)
    widths = [np.subtract(*interval_of(0.03, size, 0.025)[::-1]) for size in (n - 1, n)]
    assert widths[0] > 0.01 >= widths[1]
    assert sample_to_show(0.0, 0.003) == 998  # the rule of three: 3 / .003
    assert sample_to_measure(0.03, 0.01, lump=15) == 15 * n
    with pytest.raises(ValueError, match="aim at a target above"):
        sample_to_show(0.003, 0.003)
