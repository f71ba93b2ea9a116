"""What a classifier's word is worth, where the audit can tell, and what belongs together."""

import itertools

import numpy as np
import pytest

from review.consensus import calibration, kin, posterior, sample, trust, value
from review.consensus import estimate as fitting
from review.consensus.calibration import Prior
from review.consensus.fit import Fit
from review.consensus.policy import Policy
from review.consensus.votes import AGAINST, FOR, Votes, logit, sigmoid

ITEMS, PEOPLE, LABELS = 20_000, 20, 10
POLICY = Policy("evidence", 0, 5, 0.003, 0.98)


def campaign(seed: int, blind: int | None = None, looks: int = 2):
    """(prior's log odds, label, truth, votes on all that the prior suspects and on the audit, the audit's chances):
    a calibrated prior, except that it never suspects an error of the label `blind`."""
    rng = np.random.default_rng(seed)
    truth, label = rng.random(ITEMS) < 0.03, rng.integers(LABELS, size=ITEMS)
    odds = logit(0.03) + 3 * (3 * (truth & (label != blind)) + rng.standard_normal(ITEMS)) - 4.5
    chance = sample.draw(np.arange(ITEMS), label, share=0.1, unseen=ITEMS, seed=seed)
    asked = np.flatnonzero((sigmoid(odds) > 0.003) | ~np.isnan(chance))
    item = np.repeat(asked, looks)
    who = (rng.integers(PEOPLE, size=len(asked))[:, None] + np.arange(looks)).ravel() % PEOPLE
    said = np.where(rng.random(len(item)) < np.where(truth[item], 0.88, 0.02), AGAINST, FOR).astype(np.int8)
    return odds, label, truth, Votes(item, who, said), chance


def fitted(votes: Votes, p: np.ndarray, label: np.ndarray) -> Fit:
    return fitting.estimate(
        votes,
        reviewers=PEOPLE,
        prior=Prior(p, label),
        known=np.full(ITEMS, fitting.UNKNOWN),
        planted=np.zeros(ITEMS, bool),
    )


@pytest.mark.parametrize("times", [1.0, 2.0])
def test_a_prior_that_claims_too_much_is_cut_back_to_what_people_found(times):
    odds, label, _, votes, _ = campaign(1)
    p = sigmoid(times * odds)
    fit = fitted(votes, p, label)
    assert fit.slope == pytest.approx(1 / times, abs=0.12)
    believed = sigmoid(calibration.log_odds(fit, Prior(p, label)))
    assert believed.mean() == pytest.approx(0.03, abs=0.004)


def test_a_class_that_the_prior_is_blind_to_is_found_and_spoils_no_other():
    odds, label, truth, votes, _ = campaign(20, blind=4)
    prior = Prior(sigmoid(odds), label)
    believed = sigmoid(calibration.log_odds(fitted(votes, prior.p, label), prior))
    calm = prior.p <= POLICY.clean_below
    blind, other = calm & (label == 4), calm & (label != 4)
    assert truth[blind].mean() > 0.02 and believed[blind].mean() > 2 * POLICY.clean_below
    assert (believed[blind] > POLICY.clean_below).mean() > 0.9  # Nearly all of it will be looked at.
    assert (believed[other] > POLICY.clean_below).mean() < 0.25


def judged(seed: int, blind: int | None = None, policy: Policy = POLICY, audit: slice = slice(None)):
    odds, label, _, votes, chance = campaign(seed, blind)
    prior = Prior(sigmoid(odds), label)
    kept = np.full(ITEMS, np.nan)
    kept[audit] = chance[audit]
    counted = np.bincount(votes.item, minlength=ITEMS)
    return trust.judge(prior, trust.audited(votes, fitted(votes, prior.p, label), prior, kept, counted), policy)


def test_the_audit_raises_the_label_in_which_the_prior_cannot_be_believed_and_says_why():
    times = np.zeros(LABELS, int)
    for seed in range(20, 30):
        raised, reasons = judged(seed, blind=4)
        times[raised] += 1
        assert set(raised) == {reason["label"] for reason in reasons if reason["kind"] in ("calm", "blind")}
        for why in (reason for reason in reasons if reason["kind"] == "calm"):
            assert why["expected"] == POLICY.clean_below < why["low"] < why["found"] < why["high"]
    assert times[4] >= 8 and times.sum() - times[4] <= 9  # Of 90 that are right, a tenth at most.


def test_a_label_whose_suspects_are_clean_is_not_believed_where_it_is_calm_either():
    for seed in range(20, 30):
        raised, (why,) = judged(seed, blind=4, audit=slice(0, 0))
        assert raised == [why["label"]] == [4] and why["kind"] == "blind"
        assert why["low"] < why["found"] < why["high"] < why["expected"]


def test_a_prior_that_is_right_is_believed():
    assert judged(5) == ([], [])


def test_an_audit_too_small_to_prove_anything_raises_every_label():
    raised, reasons = judged(5, audit=slice(0, 600))
    assert raised == list(range(LABELS))
    assert [(reason["label"], reason["kind"]) for reason in reasons] == [(None, "unproven")]


def test_an_audit_that_is_not_done_decides_nothing():
    odds, label, _, votes, chance = campaign(3, blind=4)
    prior, counted = Prior(sigmoid(odds), label), np.ones(ITEMS, int)
    found = trust.audited(votes, fitted(votes, prior.p, label), prior, chance, counted)
    assert {reason["kind"] for reason in trust.judge(prior, found, POLICY)[1]} <= {"blind"}


def test_the_audits_interval_covers_the_share_though_people_miss_and_mistake():
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        wrong = rng.random(400) < 0.02
        flags = rng.binomial(2, np.where(wrong, 0.85, 0.02))
        ratio = flags * np.log(0.85 / 0.02) + (2 - flags) * np.log(0.15 / 0.98)
        _, low, high = trust.within(ratio)
        hits += low <= 0.02 <= high
    assert hits >= 170  # of 200, at 90 %


def test_the_sample_is_the_seeds_whatever_the_order_and_each_label_has_its_share():
    item, label = np.arange(5000), np.repeat([7, 8, 9], [4900, 90, 10])
    chance = sample.draw(item, label, share=0.01, unseen=0, seed=3)
    order = np.random.default_rng(0).permutation(5000)
    assert np.array_equal(
        sample.draw(item[order], label[order], share=0.01, unseen=0, seed=3), chance[order], equal_nan=True
    )
    drawn = ~np.isnan(chance)
    assert [int(drawn[label == one].sum()) for one in (7, 8, 9)] == [49, 5, 2]
    assert chance[drawn & (label == 8)] == pytest.approx(5 / 90)
    assert (1 / chance[drawn]).sum() == pytest.approx(5000)
    unseen = sample.draw(item, label, share=0.01, unseen=4000, seed=3)
    assert 590 <= (~np.isnan(unseen)).sum() < 600  # 474 of the 4,000: one find among them means less than 1 %.
    assert np.isnan(sample.draw(item, label, share=0.0, unseen=4000, seed=3)).all()


def test_what_is_audited_gets_two_looks_and_what_is_calm_none():
    prior, audited = np.array([0.001, 0.001, 0.2, np.nan]), np.array([True, False, False, False])
    assert POLICY.first_looks(prior, audited).tolist() == [2, 0, 1, 1]
    assert Policy("solo", 0, 1, 0.003, 0.98).first_looks(prior, audited).tolist() == [1, 1, 1, 1]
    assert Policy("fixed", 3, 3, 0.003, 0.98).first_looks(prior, audited).tolist() == [3, 3, 3, 3]


FIT = Fit(reviewers=[(0.85, 0.98)] * 3, spread=0.8)
SIGN = np.zeros(15, int)  # fifteen frames of one sign


def doubts(rows: list[tuple[int, int, int]], group: np.ndarray = SIGN, known: int | None = None) -> np.ndarray:
    word = np.full(15, kin.UNKNOWN)
    if known is not None:
        word[0] = known
    return kin.doubts(Votes.of(rows), FIT, Prior(np.full(15, 0.03)), group, word)


def test_a_frame_that_is_found_wrong_raises_the_doubt_of_its_siblings_and_a_clean_one_lowers_it_of_none():
    flagged = doubts([(0, 0, AGAINST)])
    assert flagged[0] == 0 and (flagged[1:] > 1.5).all()
    assert (doubts([(0, 0, AGAINST), (1, 1, AGAINST)])[2:] > flagged[2:]).all()
    assert (doubts([(0, 0, FOR)]) == 0).all()
    assert (doubts([], known=1)[1:] > 2).all()
    assert (doubts([(0, 0, AGAINST)], group=np.arange(15)) == 0).all()


def test_a_stack_flagged_as_one_is_one_look_at_one_thing():
    whole = doubts([(frame, 0, AGAINST) for frame in range(15)])
    assert (whole == 0).all()  # The same person's word on its siblings tells nothing new of a frame.
    most = doubts([(frame, 0, AGAINST) for frame in range(14)])
    assert most[14] == pytest.approx(doubts([(0, 0, AGAINST)])[14], abs=0.7)
    other = doubts([(frame, 0, AGAINST) for frame in range(14)] + [(0, 1, AGAINST), (14, 2, FOR)])
    assert other[14] > most[14]


def test_a_look_is_worth_most_where_it_may_turn_the_verdict_and_nothing_where_all_is_known():
    p = np.array([1e-6, 0.003, 0.03, 0.3, 0.5, 0.99, 1 - 1e-6])
    worth = value.removed(p, Fit())
    assert (worth >= 0).all() and worth[[0, -1]].max() < 1e-4
    assert worth.argmax() in (3, 4) and worth[1] < worth[2] < worth[3]


def test_the_value_of_a_look_is_the_best_that_looks_to_come_can_do():
    fit, p = Fit(spread=0.0), 0.1
    a, b, best = fit.sensitivity, fit.specificity, 0.0
    for looks in range(1, value.FARTHEST + 1):
        after = 0.0
        for said in itertools.product((0, 1), repeat=looks):
            flags = sum(said)
            after += min(p * a**flags * (1 - a) ** (looks - flags), (1 - p) * (1 - b) ** flags * b ** (looks - flags))
        best = max(best, (p - after) / looks)
    assert value.removed(np.array([p]), fit)[0] == pytest.approx(best, rel=0.02)


def test_the_looks_to_come_are_those_that_people_then_need():
    fit, policy = Fit(spread=0.0), Policy("evidence", 1, 8, 0.003, 0.98)
    expected = value.to_come(np.array([0.03, 0.001, 0.999, 0.03]), np.array([0, 1, 2, 8]), policy, fit)
    assert expected[1:].tolist() == [0, 0, 0]
    rng = np.random.default_rng(1)
    wrong = rng.random(4000) < 0.03
    odds, looks = np.full(4000, logit(0.03)), np.zeros(4000)
    for _ in range(8):
        asked = (sigmoid(odds) > 0.003) & (sigmoid(odds) < 0.98)
        flag = rng.random(4000) < np.where(wrong, fit.sensitivity, 1 - fit.specificity)
        weight = np.where(flag, np.log(fit.sensitivity / (1 - fit.specificity)),
                          np.log((1 - fit.sensitivity) / fit.specificity))  # fmt: skip
        odds, looks = odds + asked * weight, looks + asked
    assert expected[0] == pytest.approx(looks.mean(), rel=0.05)


def test_a_fit_with_priors_and_labels_does_not_depend_on_the_order_of_arrival():
    odds, label, _, votes, _ = campaign(6)
    order = np.random.default_rng(0).permutation(len(votes.item))
    shuffled = Votes(votes.item[order], votes.reviewer[order], votes.said[order])
    fit = fitted(votes, sigmoid(odds), label)
    assert fitted(shuffled, sigmoid(odds), label) == fit
    assert np.isfinite(posterior.log_odds(votes, fit, Prior(sigmoid(odds), label))).all()
