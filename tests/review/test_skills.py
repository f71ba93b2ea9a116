"""Reviewers who are good at some labels and poor at others: rates of their own where they have looked enough."""

import dataclasses

import numpy as np
import pytest

from review.consensus import posterior, skills
from review.consensus.calibration import Prior
from review.consensus.estimate import UNKNOWN, estimate
from review.consensus.skills import apart, groups_of, homes, raters
from review.consensus.votes import AGAINST, FOR, Votes, sigmoid
from review.models import Assignment
from review.operations import claim, refit, submit
from review.queries.quality import rates_of
from tests import make
from tests.scores import calibration_error

ITEMS, REVIEWERS = 16_000, 6
GOOD, POOR = 0.92, 0.35


def looks(seed: int) -> tuple[Votes, np.ndarray, np.ndarray]:
    """(three looks an item, its group, whether it is wrong): the first three people find few errors of group 1."""
    rng = np.random.default_rng(seed)
    group, wrong = rng.integers(0, 2, ITEMS), rng.random(ITEMS) < 0.05
    item = np.repeat(np.arange(ITEMS), 3)
    who = (rng.integers(0, REVIEWERS, ITEMS)[:, None] + np.array([0, 2, 3])).ravel() % REVIEWERS
    finds = np.where((who < 3) & (group[item] == 1), POOR, GOOD)
    flagged = rng.random(len(item)) < np.where(wrong[item], finds, 0.01)
    return Votes(item, who, np.where(flagged, AGAINST, FOR).astype(np.int8)), group, wrong


def fitted(votes: Votes, group: np.ndarray, known: list):
    rater = raters(votes.reviewer, group[votes.item], known, REVIEWERS)
    prior, nothing = Prior(np.full(ITEMS, np.nan)), np.full(ITEMS, UNKNOWN)
    by_rater = Votes(votes.item, rater, votes.said)
    fit = estimate(
        by_rater, reviewers=REVIEWERS, prior=prior, known=nothing, planted=np.zeros(ITEMS, bool), skills=known
    )
    return fit, sigmoid(posterior.log_odds(by_rater, fit, prior))


def test_whoever_is_poor_in_one_group_is_taken_for_poor_there_alone():
    votes, group, wrong = looks(1)
    known = apart(votes.reviewer, group[votes.item])
    assert known == [(who, part) for who in range(REVIEWERS) for part in (0, 1)]
    fit, p = fitted(votes, group, known)
    assert fit.people == REVIEWERS and len(fit.reviewers) == 3 * REVIEWERS
    rates = {skill: fit.reviewers[fit.rater(*skill)][0] for skill in known}
    for who in range(REVIEWERS):
        poor = who < 3
        assert rates[(who, 1)] < 0.55 if poor else rates[(who, 1)] > 0.8
        assert rates[(who, 0)] > 0.8
    plain, q = fitted(votes, group, [])
    assert log_loss(p, wrong) < 0.97 * log_loss(q, wrong)
    assert calibration_error(wrong, p) <= calibration_error(wrong, q) + 0.001
    assert len(plain.mean_rates()) == len(fit.mean_rates()) == REVIEWERS


def log_loss(p: np.ndarray, wrong: np.ndarray) -> float:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return float(-np.where(wrong, np.log(p), np.log1p(-p)).mean())


def test_where_everybody_is_alike_everywhere_nothing_is_lost_by_it():
    rng = np.random.default_rng(4)
    votes, group, wrong = looks(4)
    flagged = rng.random(len(votes.item)) < np.where(wrong[votes.item], GOOD, 0.01)
    votes = Votes(votes.item, votes.reviewer, np.where(flagged, AGAINST, FOR).astype(np.int8))
    _, p = fitted(votes, group, apart(votes.reviewer, group[votes.item]))
    _, q = fitted(votes, group, [])
    assert log_loss(p, wrong) < 1.02 * log_loss(q, wrong)


def test_the_order_of_looks_changes_nothing():
    votes, group, _ = looks(2)
    known = apart(votes.reviewer, group[votes.item])
    order = np.random.default_rng(0).permutation(len(votes.item))
    shuffled = Votes(votes.item[order], votes.reviewer[order], votes.said[order])
    one, other = fitted(votes, group, known)[0], fitted(shuffled, group, known)[0]
    assert dataclasses.asdict(one) == dataclasses.asdict(other)


def test_only_where_enough_was_looked_at_there_and_elsewhere(monkeypatch):
    monkeypatch.setattr(skills, "ENOUGH", 3)
    reviewer = np.array([0] * 6 + [1] * 4 + [2] * 2)
    group = np.array([7, 7, 7, 9, 9, 9, 7, 7, 7, 9, 7, 9])
    assert apart(reviewer, group) == [(0, 7), (0, 9)]
    assert raters(reviewer, group, [(0, 7), (0, 9)], 3).tolist() == [3, 3, 3, 4, 4, 4, 1, 1, 1, 1, 2, 2]
    assert homes([(0, 7), (0, 9)], 3).tolist() == [0, 1, 2, 0, 0]
    assert apart(np.array([], int), np.array([], int)) == []
    assert raters(np.array([0, 1]), np.array([5, 5]), [(0, 7)], 2).tolist() == [0, 1]


def test_labels_of_one_tree_are_one_group_and_a_ring_ends():
    assert groups_of({1: None, 2: 1, 3: 2, 4: None}) == {1: 1, 2: 1, 3: 1, 4: 4}
    assert set(groups_of({1: 2, 2: 1})) == {1, 2}


def test_a_fit_is_kept_with_its_groups_and_verdicts_go_by_them(project, dataset, lead, monkeypatch):
    monkeypatch.setattr(skills, "ENOUGH", 8)
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2)
    for name in ("ann", "ben"):
        member = make.member(project, name)
        while isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
            flags = [{"position": 0, "reason": "wrong_label", "label": None, "comment": ""}]
            submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))
    fit = refit.refit(campaign.pk)
    parameters = fit.parameters
    assert parameters["skills"] and len(parameters["reviewers"]) == len(fit.reviewers) + len(parameters["skills"])
    assert set(rates_of(fit)) == set(fit.reviewers)


@pytest.mark.parametrize("lacking", ["skills", "groups"])
def test_a_fit_of_an_earlier_release_has_no_groups(lacking):
    from review.consensus.fit import Fit

    data = Fit(reviewers=[(0.8, 0.9)]).as_json()
    data.pop(lacking)
    fit = Fit.from_json(data)
    assert (fit.rater(0, 5), fit.rater(None, 5), fit.people) == (0, 1, 1)
