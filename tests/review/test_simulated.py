"""A whole campaign in memory, by the functions that a real one is run by."""

import numpy as np
import pytest

from benchmarks.consensus import needed
from benchmarks.crowd import Crowd, answers, f1, oracle
from benchmarks.simulated import Campaign, labels
from review.consensus.policy import Policy
from review.consensus.votes import sigmoid

LOWS = (0.03, 0.01, 0.005, 0.0025, 0.001)


@pytest.mark.parametrize(("strength", "looks_min", "low", "slack"), [(0.0, 1, 0.004, 1.2), (3.0, 1, 0.01, 1.2),
                                                                     (3.0, 0, 0.01, 1.4)])  # fmt: skip
def test_a_campaign_needs_few_more_looks_than_one_that_knows_everybody(strength, looks_min, low, slack):
    crowd = Crowd(21, items=20_000, reviewers=40)
    prior = sigmoid(crowd.prior(strength)) if strength else np.full(crowd.items, np.nan)
    campaign = Campaign(crowd, Policy("evidence", looks_min, 8, low, 0.98), prior, labels(21, crowd.items, 10), 0.01)
    campaign.run()
    assert set(campaign.state.tolist()) <= {1, 2, 3}  # clean, to be fixed, disputed: nothing stays open
    score, spent = f1(campaign.found(), crowd.truth), campaign.spent()
    best = np.array([oracle(crowd, strength, looks_min, each) for each in LOWS])
    assert spent["people"] + spent["planted"] < slack * needed(best, score)
    said = answers(crowd, np.repeat(np.arange(3), crowd.items), np.tile(np.arange(crowd.items), 3))
    majority = 2 * said.reshape(3, -1).sum(0) > 3
    assert score > f1(majority, crowd.truth) and sum(spent.values()) < 2.3


@pytest.mark.parametrize(("strength", "looks_min", "gain"), [(0.0, 1, 0.04), (3.0, 1, 0.1), (3.0, 0, 0.05)])
def test_a_budget_that_does_not_reach_for_all_finds_more_by_the_most_valuable_looks_first(strength, looks_min, gain):
    crowd = Crowd(22, items=6000, reviewers=40)
    prior = sigmoid(crowd.prior(strength)) if strength else np.full(crowd.items, np.nan)

    def run(budget: int | None, by_value: bool = True) -> Campaign:
        policy = Policy("evidence", looks_min, 8, 0.005, 0.98)
        made = Campaign(crowd, policy, prior, labels(22, crowd.items, 10), 0.01, budget, by_value)
        made.run()
        return made

    budget = int(run(None).counted.sum()) // 2
    in_turn, by_value = run(budget, by_value=False), run(budget)
    assert in_turn.counted.sum() == by_value.counted.sum() == budget
    assert f1(by_value.found(), crowd.truth) > f1(in_turn.found(), crowd.truth) + gain
