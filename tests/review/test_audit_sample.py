"""The audit sample and what belongs together, in a campaign's verdicts."""

import pytest

from review.models import Campaign, Fit, Item, Resolution, Verdict
from review.operations import claim, refit, resolve, submit
from tests import make

CALM = 0.001


@pytest.fixture
def calm(dataset):
    """The dataset, of which a classifier calls everything clean."""
    Item.objects.filter(dataset=dataset).update(suspicion=CALM, suggestions=[])
    return dataset


def planned(dataset, lead, **settings) -> Campaign:
    return make.campaign(dataset, lead, **{"policy": "evidence", "looks_min": 0, "looks_max": 4, **settings})


def look_at_all(campaign: Campaign, names: str, project, truth=None) -> None:
    for name in names.split():
        member = make.member(project, name)
        while not isinstance(found := claim.claim(campaign=campaign, member=member), claim.Nothing):
            flags = make.flags_of_truth(found, truth) if truth else []
            submit.submit(assignment=found, revision=0, flags=flags, seen=make.everything(found))


def test_of_what_passes_for_clean_only_the_sample_is_looked_at_and_by_two_people(calm, lead, project):
    campaign = planned(calm, lead)
    drawn = campaign.verdicts.filter(audit__isnull=False)
    assert 0 < drawn.count() < campaign.verdicts.count()
    assert set(drawn.values_list("wanted", "state")) == {(2, "open")}
    assert set(campaign.verdicts.filter(audit=None).values_list("wanted", "state")) == {(0, "clean")}
    look_at_all(campaign, "ann", project)
    assert set(drawn.values_list("counted", "state")) == {(1, "open")}  # One person alone is not believed.
    look_at_all(campaign, "ben", project)
    assert set(drawn.values_list("counted", "state")) == {(2, "clean")}


def test_the_inverse_chances_of_the_sample_add_up_to_the_dataset(calm, lead):
    campaign = planned(calm, lead, looks_min=1)
    weights = [1 / chance for chance in campaign.verdicts.exclude(audit=None).values_list("audit", flat=True)]
    assert sum(weights) == pytest.approx(campaign.verdicts.count())


def test_where_the_audit_cannot_prove_the_prior_looks_rise_by_themselves_and_the_fit_says_why(calm, lead, project):
    campaign = planned(calm, lead)
    look_at_all(campaign, "ann ben", project)
    fit = refit.refit(campaign.pk)
    assert fit is not None
    (why,) = [reason for reason in fit.parameters["reasons"] if reason["label"] is None]
    # Nothing was found in so small a sample, so nothing is proved.
    assert (why["kind"], why["expected"]) == ("unproven", campaign.clean_below)
    assert why["items"] == campaign.verdicts.exclude(audit=None).count() and why["high"] > 0.01
    assert (
        campaign.verdicts.filter(audit=None, state="open", wanted=1).count()
        == campaign.verdicts.filter(audit=None).count()
    )
    campaign.refresh_from_db()
    look_at_all(campaign, "cem", project)
    assert not campaign.verdicts.filter(state="open").exists()


def test_frames_of_one_sign_belong_together_where_they_carry_one_label():
    rows = [
        (1, "sign 7", 4, None),
        (1, "sign 7", 4, 2),
        (2, "sign 7", 4, None),
        (1, "", 4, 2),
        (1, "", 4, 2),
        (1, "", 4, None),
    ]
    assert refit.families(rows).tolist() == [0, 0, 1, 2, 2, -1]


def test_a_frame_that_is_settled_as_wrong_raises_the_doubt_of_the_others_of_its_sign(dataset, lead, project):
    one, *others = Item.objects.filter(dataset=dataset, label__name="disc").order_by("pk")[:4]
    Item.objects.filter(pk__in=[one.pk, *(item.pk for item in others)]).update(group="sign 7")
    campaign = make.campaign(dataset, lead, looks_min=1, audit_share=0)
    look_at_all(campaign, "ann", project)
    before = dict(campaign.verdicts.values_list("item_id", "probability"))
    resolve.resolve(verdict=campaign.verdicts.get(item=one), by=lead, action=Resolution.Action.REMOVE)
    refit.refit(campaign.pk)
    for item in others:
        verdict = campaign.verdicts.get(item=item)
        assert verdict.kin > 0 and verdict.probability > before[item.pk]
        assert verdict.state == Verdict.State.OPEN and verdict.wanted == 2
    assert not campaign.verdicts.exclude(item__group="sign 7").exclude(kin=0).exists()
    assert Fit.objects.filter(campaign=campaign).count() == 2
