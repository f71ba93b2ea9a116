"""The audit sample: drawn before any look, looked at by two people, and what it says of what is left."""

import pytest

from review.models import Assignment, AuditEvent, Campaign
from review.operations import claim, refit, submit
from tests import make


def look(campaign, member, truth=None) -> None:
    """Look at all there is; whoever knows the truth flags what is wrong."""
    while isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
        flags = make.flags_of_truth(lent, truth) if truth else []
        submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))


@pytest.fixture
def large(project, lead):
    """A dataset with one wrong label in ten of the squares, and its truth."""
    return make.dataset(project, lead, each=60, wrong=dict.fromkeys(range(1, 41, 4), "square"))


def audited(campaign: Campaign) -> dict:
    refit.refit(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.fit is not None
    return campaign.fit.audited


def share_of_sample(campaign: Campaign, truth: dict[str, str]) -> float:
    """How much of the campaign is wrong, were each label as wrong as its part of the sample."""
    verdicts = campaign.verdicts.select_related("item__object__image", "label")
    wrong = {v.pk: truth[v.item.object.image.path] != v.label.name for v in verdicts}
    errors = 0.0
    for name in make.LABELS:
        of_label = [v for v in verdicts if v.label.name == name]
        drawn = [v for v in of_label if v.audit is not None]
        errors += sum(wrong[v.pk] for v in drawn) / len(drawn) * len(of_label)
    return errors / len(verdicts)


def test_the_sample_is_drawn_from_each_label_and_two_people_look_at_it(project, lead, large):
    campaign = make.campaign(large[0], lead, audit_share=0.1)
    sample = campaign.verdicts.filter(audit__isnull=False)
    assert set(sample.values_list("wanted", flat=True)) == {2}
    assert set(sample.values_list("label__name", flat=True)) == set(make.LABELS)
    drawn = set(sample.values_list("item_id", flat=True))
    again = make.campaign(large[0], lead, audit_share=0.1)
    Campaign.objects.filter(pk=again.pk).update(seed=campaign.seed)
    assert drawn and len(drawn) < campaign.verdicts.count() / 4


def test_what_the_first_reviewer_overlooked_is_seen_in_the_sample(project, lead, large):
    dataset, truth = large
    campaign = make.campaign(dataset, lead, audit_share=0.2, clean_below=0.05)
    campaign.verdicts.update(prior=None)  # Nothing but people speaks here.
    overlooked = campaign.verdicts.filter(item__row__in=[2, 6])
    overlooked.update(audit=0.2, wanted=2)
    paths = overlooked.values_list("item__object__image__path", flat=True)
    look(campaign, make.member(project, "ann"), truth | dict.fromkeys(paths, "square"))
    look(campaign, make.member(project, "ben"), truth)
    look(campaign, make.member(project, "cleo"), truth)
    found = audited(campaign)
    assert found["done"] == found["sample"] >= 40
    before, left = found["before"], found["left"]
    assert before[0] == pytest.approx(share_of_sample(campaign, truth))
    assert before[1] <= before[0] <= before[2]
    assert left[1] <= left[0] <= left[2] and left[0] > 0


def test_a_campaign_pauses_itself_once_it_surely_leaves_less_than_was_wanted(project, lead, large):
    dataset, truth = large
    campaign = make.campaign(dataset, lead, audit_share=0.2, clean_below=0.05, target_rate=0.15)
    look(campaign, make.member(project, "ann"), truth)
    assert not audited(campaign)["below_target"] and campaign.state == "open"
    look(campaign, make.member(project, "ben"), truth)
    found = audited(campaign)
    assert found["below_target"] and found["left"][2] < 0.15
    assert campaign.state == "paused"
    assert AuditEvent.objects.filter(campaign=campaign, verb="target reached").exists()
    shown = make.numbers(lead, campaign)
    assert shown["audit"] == found


def test_without_a_sample_nothing_is_said(project, dataset, lead):
    campaign = make.campaign(dataset, lead, audit_share=0)
    look(campaign, make.member(project, "ann"))
    assert audited(campaign) == {}
