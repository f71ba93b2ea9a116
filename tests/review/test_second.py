"""A sample of decisions goes to a second supervisor, who is not told."""

import datetime

import pytest
from django.utils import timezone

from review.models import Resolution, SecondOpinion
from review.operations import claim, decide, resolve, second, submit
from tests import make


@pytest.fixture
def decided(project, dataset, lead, monkeypatch):
    """A campaign whose two disputes a first supervisor has settled a while ago: one relabelled, one left as it is."""
    monkeypatch.setattr(second, "SHARE", 1.0)
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2)
    for name, some in (("ann", True), ("ben", False)):
        member = make.member(project, name)
        while not isinstance(lent := claim.claim(campaign=campaign, member=member), claim.Nothing):
            tiles = make.everything(lent)
            flags = [{"position": p, "reason": "wrong_label", "label": None, "comment": ""} for p in tiles[:2] if some]
            submit.submit(assignment=lent, revision=0, flags=flags, seen=tiles)
    first = make.member(project, "sue", "supervisor").user
    one, other = campaign.verdicts.filter(state="disputed").order_by("pk")[:2]
    label = dataset.labels.exclude(pk=one.label_id).first()
    resolve.resolve(verdict=one, by=first, action="relabel", label=label)
    resolve.resolve(verdict=other, by=first, action="clean")
    Resolution.objects.update(at=timezone.now() - datetime.timedelta(hours=1))
    return campaign, first, one, other, label


def on_the_desk(browser, campaign) -> dict[int, dict]:
    rows = browser.get(f"/api/campaigns/{campaign.pk}/disputes/").json()["results"]
    return {row["id"]: row for row in rows}


def test_a_decided_case_looks_like_any_other_to_the_second_supervisor_and_is_gone_for_the_first(project, decided):
    campaign, first, one, other, _ = decided
    assert not {one.pk, other.pk} & set(on_the_desk(make.client(first), campaign))
    second_browser = make.client(make.member(project, "tom", "supervisor").user)
    rows = on_the_desk(second_browser, campaign)
    assert {one.pk, other.pk} <= set(rows)
    open_case = next(row for key, row in rows.items() if key not in (one.pk, other.pk))
    for verdict in (one, other):  # as they were read before they were decided
        row = rows[verdict.pk]
        assert set(row) == set(open_case)
        assert row["item"]["state"] == "disputed" and row["item"]["suspicion"] is not None
        assert row["probability"] == pytest.approx(verdict.probability)
    assert rows[one.pk]["item"]["label"] == one.label.name


def test_the_place_in_the_desks_list_does_not_tell_that_a_case_is_decided(project, decided):
    campaign, _, one, other, _ = decided
    campaign.verdicts.update(prior=None)  # Then nothing but their ids orders cases of which the same was said.
    decide.update(campaign, list(campaign.verdicts.values_list("pk", flat=True)))
    open_cases = campaign.verdicts.filter(state="disputed").values_list("probability", flat=True)
    one.refresh_from_db()
    other.refresh_from_db()
    assert other.probability < min(open_cases) <= max(open_cases) < one.probability
    browser = make.client(make.member(project, "tom", "supervisor").user)
    rows = browser.get(f"/api/campaigns/{campaign.pk}/disputes/").json()["results"]
    assert len({row["probability"] for row in rows}) == 1
    assert [row["id"] for row in rows] == sorted(
        [one.pk, other.pk, *campaign.verdicts.filter(state="disputed").values_list("pk", flat=True)]
    )


def test_a_second_opinion_that_agrees_leaves_all_as_it_is(project, decided):
    campaign, _, one, _, label = decided
    browser = make.client(make.member(project, "tom", "supervisor").user)
    answer = browser.post(
        f"/api/verdicts/{one.pk}/resolution/", {"action": "relabel", "label": label.name}, format="json"
    )
    assert answer.status_code == 200 and answer.json()["state"] == "fix"
    assert SecondOpinion.objects.get().agrees
    assert one.pk not in on_the_desk(browser, campaign)
    assert second.agreement(campaign) == {"given": 1, "agreed": 1}


def test_a_second_opinion_that_differs_brings_the_case_back_for_a_last_word(project, decided):
    campaign, first, one, _, label = decided
    browser = make.client(make.member(project, "tom", "supervisor").user)
    browser.post(f"/api/verdicts/{one.pk}/resolution/", {"action": "clean"}, format="json")
    one.refresh_from_db()
    assert one.state == "disputed" and one.item.label_id == one.label_id
    assert one.pk in on_the_desk(make.client(first), campaign)
    resolve.resolve(verdict=one, by=first, action="relabel", label=label)
    Resolution.objects.update(at=timezone.now() - datetime.timedelta(hours=1))
    assert one.pk not in on_the_desk(browser, campaign)  # A third word is not asked for.


def test_who_comes_late_to_a_fresh_decision_is_told_so(project, decided):
    _, _, one, _, _ = decided
    Resolution.objects.update(at=timezone.now())
    browser = make.client(make.member(project, "tom", "supervisor").user)
    answer = browser.post(f"/api/verdicts/{one.pk}/resolution/", {"action": "clean"}, format="json")
    assert answer.status_code == 409 and "sue has settled this meanwhile" in answer.json()["detail"]


def test_few_decisions_are_drawn(campaign):
    drawn = sum(second.drawn(campaign, verdict) for verdict in range(4000))
    assert 140 <= drawn <= 260
