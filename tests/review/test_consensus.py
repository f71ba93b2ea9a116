"""The model on its own: finite, blind to order, and right where the truth is known."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.consensus import agreement, posterior, residual
from review.consensus import estimate as fitting
from review.consensus.calibration import Prior
from review.consensus.fit import Fit
from review.consensus.policy import Policy, State, Tally, states, wanted
from review.consensus.votes import AGAINST, FOR, NEITHER, Votes, sigmoid

PEOPLE, ITEMS = 12, 3000
NOTHING = Prior(np.full(ITEMS, np.nan))


def crowd(seed: int, sensitivity: float = 0.85, specificity: float = 0.98, looks: int = 3):
    """(votes, truth) of people of these mean rates, each item looked at by `looks` different ones."""
    rng = np.random.default_rng(seed)
    truth = rng.random(ITEMS) < 0.05
    a = np.clip(rng.normal(sensitivity, 0.05, PEOPLE), 0.5, 0.99)
    b = np.clip(rng.normal(specificity, 0.01, PEOPLE), 0.9, 0.999)
    item = np.repeat(np.arange(ITEMS), looks)
    who = np.concatenate([rng.permutation(PEOPLE)[:looks] for _ in range(ITEMS)])
    chance = np.where(truth[item], a[who], 1 - b[who])
    said = np.where(rng.random(len(item)) < chance, AGAINST, FOR).astype(np.int8)
    return Votes(item, who, said), truth, a, b


def fit_of(votes: Votes, **changes) -> Fit:
    known = {"reviewers": PEOPLE, "prior": NOTHING,
             "known": np.full(ITEMS, fitting.UNKNOWN), "planted": np.zeros(ITEMS, bool)}  # fmt: skip
    return fitting.estimate(votes, **{**known, **changes})


def test_the_fit_recovers_how_good_people_are():
    votes, _, a, b = crowd(1)
    fit = fit_of(votes)
    rates = np.array(fit.reviewers)
    assert abs(fit.prevalence - 0.05) < 0.01
    assert np.abs(rates[:, 0] - a).mean() < 0.06 and np.abs(rates[:, 1] - b).mean() < 0.01


def test_the_probabilities_are_calibrated():
    votes, truth, _, _ = crowd(2)
    p = sigmoid(posterior.log_odds(votes, fit_of(votes), NOTHING))
    assert abs(p.sum() - truth.sum()) < 0.15 * truth.sum()
    sure = p > 0.9
    assert abs(truth[sure].mean() - p[sure].mean()) < 0.05


def test_a_fit_does_not_depend_on_the_order_of_arrival():
    votes, _, _, _ = crowd(3)
    order = np.random.default_rng(0).permutation(len(votes.item))
    shuffled = Votes(votes.item[order], votes.reviewer[order], votes.said[order])
    assert fit_of(votes) == fit_of(shuffled)


def test_known_answers_move_a_reviewer_who_flags_nothing():
    votes, _, _, _ = crowd(4)
    lazy = Votes.of([(ITEMS + k, 0, FOR) for k in range(40)])
    both = Votes(*(np.concatenate(pair) for pair in zip(vars(votes).values(), vars(lazy).values(), strict=True)))
    known = np.r_[np.full(ITEMS, fitting.UNKNOWN), np.ones(40, int)]
    fit = fit_of(both, prior=Prior(np.full(ITEMS + 40, np.nan)), known=known, planted=np.arange(ITEMS + 40) >= ITEMS)
    assert fit.reviewers[0][0] < fit_of(votes).reviewers[0][0] - 0.15


KINDS = ["everything", "nothing", "random", "opposite", "first row", "all together", "one person", "nobody"]


@pytest.mark.parametrize("kind", KINDS)
def test_strange_reviewers_leave_the_model_finite(kind):
    votes, truth, _, _ = crowd(5)
    said, mine = votes.said.copy(), votes.reviewer == 0
    if kind in ("everything", "nothing"):
        said[mine] = AGAINST if kind == "everything" else FOR
    elif kind == "random":
        said[mine] = np.random.default_rng(0).integers(0, 2, mine.sum())
    elif kind == "opposite":
        said[mine] = np.where(truth[votes.item[mine]], FOR, AGAINST)
    elif kind == "first row":
        said[mine] = np.where(np.arange(mine.sum()) % 100 < 8, said[mine], FOR)
    elif kind == "all together":
        said[np.isin(votes.item, np.flatnonzero(truth)[:40])] = FOR
    odd = Votes(votes.item, votes.reviewer, said)
    if kind == "one person":
        odd = Votes(votes.item[mine], votes.reviewer[mine], said[mine])
    elif kind == "nobody":
        odd = Votes.of([])
    fit = fit_of(odd)
    p = sigmoid(posterior.log_odds(odd, fit, NOTHING))
    assert np.isfinite(p).all() and np.isfinite(np.array(fit.reviewers)).all()
    if kind in ("everything", "random", "opposite"):
        assert fit.reviewers[0][1] < 0.8  # Found out: this person's flag says little.
    if kind in ("nothing", "first row"):
        assert fit.reviewers[0][0] < fit.sensitivity - 0.2  # And here, that nothing was flagged.
    if kind in ("one person", "nobody"):
        assert p[np.setdiff1d(np.arange(ITEMS), odd.item)].max(initial=0) < 0.1  # Who saw nothing is sure of nothing.
        assert abs(fit.prevalence - 0.03) < 0.03


def test_a_few_looks_leave_a_person_near_everybody_else():
    votes, _, _, _ = crowd(8)
    few = np.flatnonzero(votes.reviewer == 0)[:5]
    keep = np.setdiff1d(np.arange(len(votes.item)), np.flatnonzero(votes.reviewer == 0)[5:])
    said = votes.said.copy()
    said[few] = AGAINST
    fit = fit_of(Votes(votes.item[keep], votes.reviewer[keep], said[keep]))
    assert 0.8 < fit.reviewers[0][1] < fit.specificity


def test_looks_at_one_item_are_alike_where_errors_differ_in_difficulty():
    """Two who saw nothing say less than twice what one says: the error may be a hard one."""
    once, twice = Votes.of([(0, 0, FOR)]), Votes.of([(0, 0, FOR), (0, 1, FOR)])
    for spread, alike in ((0.0, True), (0.8, False)):
        fit = Fit(spread=spread, reviewers=[(0.85, 0.98)] * 2)
        nothing = posterior.log_odds(Votes.of([]), fit, Prior([0.03]))[0]
        one, two = (nothing - posterior.log_odds(votes, fit, Prior([0.03]))[0] for votes in (once, twice))
        assert (two == pytest.approx(2 * one)) == alike and two <= 2 * one + 1e-9


def test_a_fit_is_the_same_when_it_is_read_again_and_an_older_one_is_read_as_it_was():
    fit = fit_of(crowd(9)[0], prior=Prior(np.full(ITEMS, 0.05), np.arange(ITEMS) % 3))
    assert Fit.from_json(json.loads(json.dumps(fit.as_json()))) == fit
    old = {"prevalence": 0.05, "intercept": 0.1, "slope": 0.9, "sensitivity": 0.8, "specificity": 0.97,
           "label_accuracy": 0.9, "reviewers": [[0.7, 0.99]]}  # fmt: skip
    odds = posterior.log_odds(Votes.of([(0, 0, AGAINST)]), Fit.from_json(old), Prior([0.2]))
    assert odds[0] == pytest.approx(0.1 + 0.9 * np.log(0.25) + np.log(0.7 / 0.01), abs=1e-9)


def test_somebody_who_cannot_tell_gives_no_evidence():
    fit = Fit(reviewers=[(0.8, 0.98)])
    none = posterior.log_odds(Votes.of([]), fit, Prior([0.03]))
    unable = posterior.log_odds(Votes.of([(0, 0, NEITHER)]), fit, Prior([0.03]))
    assert none == unable


@given(
    suggested=st.dictionaries(st.integers(-1, 8), st.integers(1, 5), max_size=4),
    prior=st.dictionaries(st.integers(0, 8), st.floats(0, 1), max_size=5),
    accuracy=st.floats(0.3, 0.99),
)
@settings(max_examples=200, deadline=None)
def test_label_probabilities_are_a_distribution_without_the_own_label(suggested, prior, accuracy):
    ranked = posterior.labels(suggested, prior, accuracy, 9, own=3)
    assert 3 not in dict(ranked)
    assert sum(p for _, p in ranked) <= 1 + 1e-9
    assert [p for _, p in ranked] == sorted((p for _, p in ranked), reverse=True)


def test_two_who_agree_on_a_label_are_certain_and_two_who_differ_are_not():
    assert posterior.labels({1: 2}, {}, 0.9, 40, own=0)[0][1] > 0.99
    assert posterior.labels({1: 1, 2: 1}, {}, 0.9, 40, own=0)[0][1] < 0.6


def tally(counted, against=0, unable=0, amiss=0, p=0.5, certainty=1.0, first=1) -> Tally:
    arrays = (np.array([v]) for v in (first, counted, against, unable, amiss))
    return Tally(*arrays, probability=np.array([p]), certainty=np.array([certainty]))


def state(policy: Policy, **said) -> State:
    return State(int(states(policy, tally(**said))[0]))


EVIDENCE = Policy("evidence", 1, 5, 0.003, 0.98)
FIXED = Policy("fixed", 3, 3, 0.003, 0.98)
FIRST = Policy("first_agree", 2, 5, 0.003, 0.98)
SOLO = Policy("solo", 1, 1, 0.003, 0.98)
# As crowd projects have it: the first 4 that agree or 9 in all, and 5 without a flag are clean; or 3.
FOUR = Policy("first_agree", 4, 9, 0.003, 0.98, clean_after=5)
QUICK = Policy("first_agree", 4, 9, 0.003, 0.98, clean_after=3)


@pytest.mark.parametrize(
    ("policy", "said", "then"),
    [
        (EVIDENCE, {"counted": 1, "p": 0.001}, State.CLEAN),
        (EVIDENCE, {"counted": 1, "p": 0.01}, State.OPEN),
        (EVIDENCE, {"counted": 2, "against": 2, "p": 0.99}, State.FIX),
        (EVIDENCE, {"counted": 2, "against": 2, "p": 0.99, "certainty": 0.5}, State.OPEN),
        (EVIDENCE, {"counted": 5, "against": 5, "p": 0.99, "certainty": 0.5}, State.DISPUTED),
        (EVIDENCE, {"counted": 5, "against": 2, "p": 0.5}, State.DISPUTED),
        (EVIDENCE, {"counted": 5, "unable": 3, "p": 0.03}, State.UNCLEAR),
        (EVIDENCE, {"counted": 3, "amiss": 2, "p": 0.001}, State.DISPUTED),
        (EVIDENCE, {"counted": 0, "first": 0, "p": 0.001}, State.CLEAN),
        (EVIDENCE, {"counted": 0, "first": 1, "p": 0.001}, State.OPEN),
        (FIXED, {"counted": 2, "against": 2, "first": 3}, State.OPEN),
        (FIXED, {"counted": 3, "against": 2, "first": 3}, State.FIX),
        (FIXED, {"counted": 3, "against": 2, "first": 3, "certainty": 0.5}, State.DISPUTED),
        (FIXED, {"counted": 3, "against": 1, "first": 3, "p": 0.2}, State.DISPUTED),
        (FIXED, {"counted": 3, "against": 1, "first": 3, "p": 0.001}, State.CLEAN),
        (FIXED, {"counted": 3, "first": 3, "p": 0.01}, State.CLEAN),
        (FIXED, {"counted": 3, "unable": 2, "first": 3}, State.UNCLEAR),
        (FIRST, {"counted": 2, "first": 2}, State.CLEAN),
        (FIRST, {"counted": 3, "against": 2, "first": 2}, State.FIX),
        (FIRST, {"counted": 3, "against": 1, "unable": 1, "first": 2}, State.OPEN),
        (FOUR, {"counted": 4, "first": 5}, State.OPEN),
        (FOUR, {"counted": 5, "first": 5}, State.CLEAN),
        (FOUR, {"counted": 4, "against": 4, "first": 5}, State.FIX),
        (FOUR, {"counted": 5, "against": 1, "first": 5}, State.OPEN),
        (FOUR, {"counted": 6, "against": 1, "first": 5}, State.CLEAN),
        (FOUR, {"counted": 9, "against": 3, "unable": 2, "first": 5}, State.DISPUTED),
        (QUICK, {"counted": 3, "first": 3}, State.CLEAN),
        (QUICK, {"counted": 3, "unable": 1, "first": 3}, State.OPEN),
        (QUICK, {"counted": 4, "amiss": 1, "first": 3}, State.CLEAN),
        (QUICK, {"counted": 3, "amiss": 1, "first": 3}, State.OPEN),
        (SOLO, {"counted": 1, "against": 1}, State.FIX),
        (SOLO, {"counted": 1, "against": 1, "certainty": 0.1}, State.DISPUTED),
        (SOLO, {"counted": 1}, State.CLEAN),
        (SOLO, {"counted": 1, "unable": 1}, State.UNCLEAR),
        (SOLO, {"counted": 0}, State.OPEN),
    ],
)
def test_what_follows_from_the_evidence(policy, said, then):
    assert state(policy, **said) == then


def test_as_many_looks_are_asked_at_first_as_settle_an_item_that_nobody_flags():
    none, sampled = np.array([np.nan]), np.array([True])
    assert [policy.first_looks(none, sampled)[0] for policy in (FIRST, FOUR, QUICK, FIXED, SOLO)] == [2, 5, 3, 3, 1]


def test_an_open_item_is_worth_one_more_look_and_a_settled_one_none():
    def more(state_now: State, counted: int, lent: int = 0, first: int = 1) -> int:
        return int(wanted(EVIDENCE, np.array([state_now]), tally(counted, first=first), np.array([lent]))[0])

    assert more(State.OPEN, 0) == 1
    assert more(State.OPEN, 0, lent=1) == 1
    assert more(State.OPEN, 1) == 2
    assert more(State.OPEN, 1, lent=1) == 2
    assert more(State.CLEAN, 1) == 1
    assert more(State.CLEAN, 1, lent=1) == 2  # A look on its way keeps its place.
    assert more(State.OPEN, 5) == 5


def test_the_residual_interval_covers_the_truth():
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p = rng.beta(0.05, 6, 2000)
        wrong = rng.random(2000) < p
        fixed = p > 0.9
        left = np.where(fixed, ~wrong, wrong).mean()
        _, low, high = residual.residual(p, fixed)
        hits += low <= left <= high
    assert hits >= 185


def test_items_that_stand_or_fall_together_widen_the_interval():
    p = np.full(1500, 0.02)
    alone = residual.residual(p, np.zeros(1500, bool))
    grouped = residual.residual(p, np.zeros(1500, bool), np.repeat(np.arange(100), 15))
    assert grouped[2] - grouped[1] > 3 * (alone[2] - alone[1])


def test_alpha_is_one_for_people_who_agree_and_none_where_nobody_can():
    both = Votes.of([(0, 0, AGAINST), (0, 1, AGAINST), (1, 0, FOR), (1, 1, FOR)])
    assert agreement.krippendorff_alpha(both, 2) == 1
    assert agreement.flag_agreement(both, 2) == 1
    assert agreement.krippendorff_alpha(Votes.of([(0, 0, AGAINST)]), 1) is None
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example B: two observers, binary data.
    pairs = zip([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0], strict=True)
    votes = Votes.of([row for k, (a, b) in enumerate(pairs) for row in ((k, 0, a), (k, 1, b))])
    assert agreement.krippendorff_alpha(votes, 10) == pytest.approx(0.095, abs=0.001)
