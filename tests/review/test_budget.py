"""A budget that does not reach for all that is wanted is spent on the most valuable looks."""

import pytest

from review.models import Assignment
from review.operations import change, claim, decide, submit
from tests import make

CALM, DOUBTFUL = 0.02, 0.4


def doubt(campaign, items: list[int]) -> None:
    """As if the classifier had thought so when the campaign was planned."""
    campaign.verdicts.update(prior=CALM)
    campaign.verdicts.filter(item__in=items).update(prior=DOUBTFUL)
    decide.update(campaign, list(campaign.verdicts.values_list("pk", flat=True)))


def shown(lent) -> set[int]:
    assert isinstance(lent, Assignment)
    return set(lent.tiles.filter(planted=False).values_list("item_id", flat=True))


def hand_in(lent, flagged=()) -> None:
    marks = [
        {"position": position, "reason": "wrong_label", "label": None, "comment": ""}
        for position, item in lent.tiles.values_list("position", "item_id") if item in flagged
    ]  # fmt: skip
    submit.submit(assignment=lent, revision=0, flags=marks, seen=make.everything(lent))


@pytest.fixture
def scarce(dataset, lead):
    """(a campaign of 48 items with 20 looks and no audit, the items of the last class that are in doubt)."""
    campaign = make.campaign(dataset, lead, budget=20, audit_share=0)
    last = campaign.batches.order_by("-number").first()
    items = list(last.verdicts.order_by("-place").values_list("item_id", flat=True)[:5])
    doubt(campaign, items)
    return campaign, items


def test_the_most_doubtful_come_first_wherever_they_were_planned(project, scarce):
    campaign, items = scarce
    first = campaign.batches.order_by("number").first()
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"), tiles=5)
    assert shown(lent) == set(items)
    assert not set(items) & set(first.verdicts.values_list("item_id", flat=True))


def test_what_was_flagged_is_asked_about_again_before_anything_calm_and_never_of_the_same_person(project, scarce):
    campaign, items = scarce
    ann, ben = make.member(project, "ann"), make.member(project, "ben")
    hand_in(claim.claim(campaign=campaign, member=ann, tiles=5), items[:2])
    again = claim.claim(campaign=campaign, member=ben, tiles=5)
    assert set(items[:2]) <= shown(again)
    assert not set(items) & shown(claim.claim(campaign=campaign, member=ann, tiles=5))


def test_the_looks_are_spent_to_the_last_and_no_further(project, scarce):
    campaign, _ = scarce
    for name in ("ann", "ben", "cleo"):
        member = make.member(project, name)
        while isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
            hand_in(lent)
    assert campaign.looks.filter(planted=False).count() == 20


def test_a_budget_that_reaches_for_all_is_lent_batch_by_batch(project, dataset, lead):
    campaign = make.campaign(dataset, lead, budget=1000)
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    assert lent.batch == campaign.batches.order_by("number").first()


def test_what_an_audit_needs_comes_before_all_doubt(project, scarce):
    campaign, items = scarce
    sampled = campaign.verdicts.exclude(item__in=items).order_by("place").first()
    campaign.verdicts.filter(pk=sampled.pk).update(audit=0.1, wanted=2)
    decide.update(campaign, [sampled.pk])
    assert sampled.item_id in shown(claim.claim(campaign=campaign, member=make.member(project, "ann"), tiles=5))


def test_a_budget_may_begin_and_end_while_a_campaign_runs(project, dataset, lead):
    campaign = make.campaign(dataset, lead)
    assert not campaign.verdicts.exclude(value=None).exists()
    campaign = change.change(campaign=campaign, settings={"budget": 20}, by=lead)
    assert not campaign.verdicts.filter(value=None).exists()
    assert isinstance(claim.claim(campaign=campaign, member=make.member(project, "ann")), Assignment)
    campaign = change.change(campaign=campaign, settings={"budget": None}, by=lead)
    assert not campaign.verdicts.exclude(value=None).exists()
