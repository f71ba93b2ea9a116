"""What a campaign would take and leave, before it is opened."""

import numpy as np
import pytest
from django.utils import timezone

from review.consensus.calibration import Prior
from review.consensus.fit import SPREAD, Fit
from review.consensus.outlook import Outlook, outlook
from review.consensus.policy import Policy
from review.models import Campaign
from review.operations import claim, submit
from review.queries import outlook as foreseen
from tests import make

N = 20_000


def seen(rules: Policy, suspicion: np.ndarray | None = None, audited: float = 0.0, labels: int = 40) -> Outlook:
    rng = np.random.default_rng(3)
    p = np.full(N, np.nan) if suspicion is None else suspicion
    return outlook(Prior(p, rng.integers(0, labels, N)), rng.random(N) < audited, rules, Fit(spread=SPREAD), labels, 1)


def sharp() -> np.ndarray:
    """Suspicions of which three in a hundred are wrong, most of them plainly so."""
    rng = np.random.default_rng(4)
    return np.where(rng.random(N) < 0.03, 0.85, 0.002)


def test_a_fixed_number_is_what_is_looked_and_what_most_miss_is_left():
    three = seen(Policy("fixed", 3, 3, 0.003, 0.98))
    assert three.looks == 3 and three.before == pytest.approx(0.03, abs=1e-6)
    five = seen(Policy("fixed", 5, 5, 0.003, 0.98))
    assert five.looks == 5
    assert five.left < three.left < 0.2 * three.before
    one = seen(Policy("solo", 1, 1, 0.003, 0.98))
    assert one.looks == 1 and one.left > 5 * three.left


def test_the_evidence_asks_for_more_where_more_is_wanted_and_less_where_the_prior_knows():
    plain = seen(Policy("evidence", 1, 5, 0.003, 0.98))
    assert 1.1 < plain.looks < 3
    strict = seen(Policy("evidence", 1, 5, 0.0005, 0.98))
    assert strict.looks > plain.looks + 0.3 and strict.left < plain.left
    known = seen(Policy("evidence", 1, 5, 0.003, 0.98), sharp())
    assert known.looks < plain.looks and known.left < plain.left
    unseen = seen(Policy("evidence", 0, 5, 0.003, 0.98), sharp(), audited=0.02)
    assert unseen.looks < 0.2 < known.looks
    assert unseen.looks > seen(Policy("evidence", 0, 5, 0.003, 0.98), sharp()).looks + 0.03


def test_it_is_the_same_each_time_and_bears_one_item():
    rules = Policy("first_agree", 2, 5, 0.003, 0.98)
    assert seen(rules) == seen(rules)
    one = outlook(Prior(np.array([0.5])), np.array([False]), rules, Fit(), 2, 0)
    assert 2 <= one.looks <= 5


@pytest.fixture
def path(dataset) -> str:
    return f"/api/datasets/{dataset.pk}/outlook/"


def test_a_lead_is_told_before_opening_and_nothing_is_opened(dataset, lead, path):
    browser = make.client(lead)
    settings = {"policy": "fixed", "looks_max": 3, "honeypots": 2, "batch_size": 20}
    told = browser.post(path, settings, format="json").json()
    items = dataset.items.count()
    assert told["items"] == items and told["looks"] == 3 * items
    assert told["planted"] == round(3 * items * 2 / 20)
    assert told["hours"] is None and told["seconds_a_look"] is None
    assert told["covered"] == 1 and told["left"] < told["before"]
    poor = browser.post(path, {"policy": "fixed", "budget": items}, format="json").json()
    assert poor["covered"] == pytest.approx(1 / 3)
    part = browser.post(path, {"slice": {"by": "label", "where": {"sample_count": 5}}}, format="json").json()
    assert part["items"] == 5
    assert not Campaign.objects.exists()


def test_what_cannot_be_opened_is_not_foreseen(lead, path):
    browser = make.client(lead)
    for wrong in (
        {"looks_max": 99},
        {"order": "suspicion"},
        {"slice": {"labels": ["no such"]}},
        {"slice": {"where": {"sample_share": 0}}},
    ):
        answer = browser.post(path, wrong, format="json")
        assert answer.status_code == 400, wrong
        assert answer.json()["errors"]


def test_it_is_near_what_a_campaign_then_asks_for(dataset, project, lead):
    settings = {"policy": "evidence", "batch_size": 20, "audit_share": 0.1}
    told = make.client(lead).post(f"/api/datasets/{dataset.pk}/outlook/", settings, format="json").json()
    campaign = make.campaign(dataset, lead, **settings)
    wanted = sum(campaign.verdicts.values_list("wanted", flat=True))
    assert wanted <= told["looks"] <= 2.5 * wanted
    assert told["audited"] == campaign.verdicts.filter(audit__isnull=False).count()


def test_hours_go_by_the_pace_of_the_project(campaign, dataset, project, lead):
    lent = claim.claim(campaign=campaign, member=project.members.get())
    lent.active_seconds, lent.sign_at = 24.0, timezone.now()
    lent.save()
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    pace = foreseen.pace(project)
    assert pace == pytest.approx(24 / lent.tiles.count(), rel=0.1)
    told = make.client(lead).post(f"/api/datasets/{dataset.pk}/outlook/", {}, format="json").json()
    assert told["seconds_a_look"] == pace
    assert told["hours"] == pytest.approx((told["looks"] + told["planted"]) * pace / 3600, rel=0.05)
