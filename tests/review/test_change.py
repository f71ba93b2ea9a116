"""A running campaign may ask for more, or for less, or be decided by another rule; what is known is kept."""

import pytest
from django.db import IntegrityError, transaction

from review.models import Look
from review.operations import change, claim, submit
from tests import make


def look(campaign, member, flags=()) -> None:
    while not isinstance(lent := claim.claim(campaign=campaign, member=member), claim.Nothing):
        submit.submit(assignment=lent, revision=0, flags=list(flags), seen=make.everything(lent))


@pytest.fixture
def lead_browser(lead):
    return make.client(lead)


def patch(browser, campaign, **change):
    answer = browser.patch(f"/api/campaigns/{campaign.pk}/", change, format="json")
    campaign.refresh_from_db()
    return answer


def test_more_looks_open_spent_batches_again_and_keep_what_is_known(project, dataset, lead, lead_browser):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1)
    look(campaign, make.member(project, "ann"))
    campaign.batches.update(open=False)
    assert set(campaign.verdicts.values_list("state", flat=True)) == {"clean"}
    answer = patch(lead_browser, campaign, looks_max=2)
    assert answer.status_code == 200 and answer.json()["looks_min"] == 2
    assert set(campaign.verdicts.values_list("state", "counted", "wanted")) == {("open", 1, 2)}
    look(campaign, make.member(project, "ben"))
    assert set(campaign.verdicts.values_list("state", "counted")) == {("clean", 2)}


def test_another_policy_settles_by_its_own_rule_at_once(project, dataset, lead, lead_browser):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=3, looks_max=3)
    look(campaign, make.member(project, "ann"))
    assert set(campaign.verdicts.values_list("state", flat=True)) == {"open"}
    assert patch(lead_browser, campaign, policy="first_agree", looks_min=1, looks_max=3).status_code == 200
    assert set(campaign.verdicts.values_list("state", flat=True)) == {"clean"}
    assert Look.objects.filter(campaign=campaign).count() == campaign.verdicts.count()


def test_looks_without_a_flag_settle_items_as_soon_as_that_is_a_rule(project, dataset, lead, lead_browser):
    campaign = make.campaign(dataset, lead, policy="first_agree", looks_min=4, looks_max=9, clean_after=5)
    assert set(campaign.verdicts.values_list("wanted", flat=True)) == {5}
    flag = {"position": 0, "reason": "wrong_label", "label": None, "comment": ""}
    look(campaign, make.member(project, "ann"), [flag])
    for name in ("ben", "cleo"):
        look(campaign, make.member(project, name))
    assert set(campaign.verdicts.values_list("state", flat=True)) == {"open"}
    flagged = campaign.verdicts.filter(flags=1)
    batches = flagged.count()
    assert patch(lead_browser, campaign, clean_after=3).status_code == 200
    assert set(campaign.verdicts.filter(flags=0).values_list("state", "wanted")) == {("clean", 3)}
    assert batches and set(flagged.values_list("state", "wanted")) == {("open", 4)}
    assert patch(lead_browser, campaign, policy="evidence").json()["clean_after"] is None


@pytest.mark.parametrize(
    ("change", "field", "said", "constraint"),
    [
        ({"clean_after": 6}, "clean_after", "more than 5 looks", "campaign_clean_after"),
        ({"clean_after": 5, "looks_max": 4}, "clean_after", "more than 4 looks", "campaign_clean_after"),
        ({"policy": "evidence", "clean_after": 2}, "clean_after", "first_agree alone", "campaign_clean_after"),
        ({"looks_min": 6}, "looks_max", "At least 6 looks", "campaign_looks"),
        ({"policy": "fixed", "looks_min": 2, "looks_max": 3}, "looks_max", "A fixed number", "campaign_fixed"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_in_a_sentence(
    dataset, lead, lead_browser, change, field, said, constraint
):
    campaign = make.campaign(dataset, lead, policy="first_agree")
    answer = patch(lead_browser, campaign, **change)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field] and said in answer.json()["errors"][field][0]
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(campaign).objects.filter(pk=campaign.pk).update(**change)


def test_fewer_looks_never_take_back_what_is_lent(project, dataset, lead, lead_browser):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=3, looks_max=3)
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    assert patch(lead_browser, campaign, looks_max=1).status_code == 200
    done = submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    assert done.counted == lent.tiles.count()


def test_honeypots_may_begin_in_the_middle(project, dataset, lead, lead_browser):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1, honeypots=0)
    patch(lead_browser, campaign, honeypots=2)
    members = [make.member(project, name) for name in ("ann", "ben", "cleo", "dan")]
    for member in members:  # They take turns, since nothing is planted while few people are there.
        lent = claim.claim(campaign=campaign, member=member)
        submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    assert Look.objects.filter(campaign=campaign, planted=True).exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slice": {}}, "slice"),
        ({"batch_size": 50}, "batch_size"),
        ({"order": "random"}, "order"),
        ({"looks_max": 99}, "looks_max"),
        ({"clean_below": 0.5}, "clean_below"),
        ({}, "state"),
        ({"state": "planning"}, "state"),
    ],
)
def test_what_cannot_be_changed_is_said_by_its_name(campaign, lead_browser, change, field):
    answer = patch(lead_browser, campaign, **change)
    assert answer.status_code == 400 and field in answer.json()["errors"]


def test_a_setting_that_there_is_none_of_is_refused(dataset, campaign, lead_browser):
    answer = patch(lead_browser, campaign, look_max=3)
    assert answer.status_code == 400 and answer.json()["errors"] == {"look_max": ["There is no such setting."]}
    opened = lead_browser.post(f"/api/datasets/{dataset.pk}/campaigns/", {"name": "Two", "looks": 2}, format="json")
    assert opened.status_code == 400 and "looks" in opened.json()["errors"]
    assert not dataset.campaigns.filter(name="Two").exists()


def test_a_closed_campaign_does_not_change(campaign, lead_browser):
    patch(lead_browser, campaign, state="closed")
    assert patch(lead_browser, campaign, looks_max=3).status_code == 400


def test_a_state_and_settings_may_come_together(campaign, lead_browser):
    answer = patch(lead_browser, campaign, state="paused", looks_max=7).json()
    assert (answer["state"], answer["looks_max"]) == ("paused", 7)


def test_what_other_rules_would_change_is_foreseen_and_nothing_is_written(campaign, project, lead, monkeypatch):
    for name in ("ann", "ben"):
        member = make.member(project, name)
        while isinstance(lent := claim.claim(campaign=campaign, member=member), claim.Assignment):
            flags = [{"position": 0, "reason": "wrong_label", "label": None, "comment": ""}] if name == "ann" else []
            submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))
    campaign.refresh_from_db()
    before = list(campaign.verdicts.order_by("pk").values())
    browser, path = make.client(lead), f"/api/campaigns/{campaign.pk}/"
    other = {"policy": "fixed", "looks_max": 3}
    foreseen = browser.post(f"{path}foresee/", other, format="json").json()
    assert list(campaign.verdicts.order_by("pk").values()) == before
    assert foreseen["items"] == foreseen["judged"] == len(before)
    assert foreseen["now"] == states(campaign) and foreseen["then"] != foreseen["now"]
    assert foreseen["looks_then"] > foreseen["looks_now"]
    same = browser.post(f"{path}foresee/", {}, format="json").json()
    assert same["now"] == same["then"] and same["looks_now"] == same["looks_then"]
    assert browser.patch(path, other, format="json").status_code == 200
    assert states(campaign) == foreseen["then"]
    for wrong in ({"looks_max": 99}, {"batch_size": 20}, {"clean_below": "x"}):
        assert browser.post(f"{path}foresee/", wrong, format="json").status_code == 400
    monkeypatch.setattr(change, "MOST_JUDGED", 16)
    some = change.foresee(campaign=campaign, settings={})
    assert 8 <= some.judged <= 16 and abs(sum(some.now.values()) - some.items) <= 3


def states(campaign) -> dict[str, int]:
    found = list(campaign.verdicts.values_list("state", flat=True))
    return {state: found.count(state) for state in ("open", "clean", "fix", "disputed", "unclear")}
