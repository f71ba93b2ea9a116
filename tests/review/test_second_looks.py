"""Whoever reviews alone looks at a small random share a second time, and is not told."""

import pytest
from django.db import IntegrityError, transaction

from review.models import Assignment, Look, Tile
from review.operations import claim, quality, refit, submit, sweep
from review.queries import assignments
from review.queries.quality import scores
from tests import make


@pytest.fixture
def alone(project, lead, wrong):
    """(a campaign for one person, the truth)."""
    dataset, truth = make.dataset(project, lead, each=30, wrong=wrong)
    return make.campaign(dataset, lead, policy="solo", batch_size=10, honeypots=1, audit_share=0.1), truth


def review(campaign, project, truth, again=None) -> list[Assignment]:
    """The lead looks at everything and is right; at what they see a second time they flag `again` of the truth."""
    lent = []
    while isinstance(found := claim.claim(campaign=campaign, member=project.members.get()), Assignment):
        second = set(found.tiles.filter(second=True).values_list("position", flat=True))
        flags = [flag for flag in make.flags_of_truth(found, truth) if again is None or flag["position"] not in second]
        submit.submit(assignment=found, revision=0, flags=flags, seen=make.everything(found))
        lent.append(found)
    return lent


def test_the_whole_sample_is_looked_at_twice_and_no_item_counts_twice(project, lead, alone):
    campaign, truth = alone
    lent = review(campaign, project, truth)
    second = Look.objects.filter(campaign=campaign, second=True)
    twice = list(second.values_list("item_id", flat=True))
    assert len(twice) == len(set(twice))
    sample = set(campaign.verdicts.filter(audit__isnull=False).values_list("item_id", flat=True))
    fixed = set(campaign.verdicts.filter(state="fix").values_list("item_id", flat=True))
    assert sample <= set(twice) <= sample | fixed
    assert set(campaign.verdicts.values_list("counted", flat=True)) == {1}
    for look in second.select_related("item"):
        first = Look.objects.get(campaign=campaign, item=look.item, planted=False)
        assert first.assignment_id < look.assignment_id and first.label_id == look.label_id
    # Some come among ordinary tiles of their class, and are never taken for planted errors.
    mixed = [one for one in lent if one.tiles.filter(second=True).exists() and one.tiles.filter(planted=False).exists()]
    assert mixed
    planted = Look.objects.filter(campaign=campaign, planted=True, second=False)
    assert scores(campaign).get(lead.pk).seen == planted.count()
    assert not any(quality.missed(one) for one in lent)


def test_once_all_is_looked_at_one_more_fit_is_the_last(project, alone):
    campaign, truth = alone
    review(campaign, project, truth)
    assert Look.objects.filter(campaign=campaign, second=True).exists()
    for _ in range(3):
        sweep.sweep()
    assert campaign.fits.count() == 2 and not sweep.due_for_refit()  # the one it began with, and the last


def test_a_second_look_cannot_be_told_from_a_first(project, alone):
    campaign, truth = alone
    for one in review(campaign, project, truth):
        tiles = [tile for section in assignments.whole(one)["sections"] for tile in section["tiles"]]
        assert len({frozenset(tile) for tile in tiles}) == 1 and not {"second", "planted"} & set(tiles[0])


def test_the_board_says_what_one_person_leaves_wrong_and_what_they_do_not_repeat(project, lead, alone):
    campaign, truth = alone
    fixed = campaign.verdicts.filter(item__object__image__path__in=[p for p, _ in wrong_ones(campaign, truth)])
    fixed.update(audit=0.5)
    review(campaign, project, truth, again=())
    refit.refit(campaign.pk)
    shown = make.numbers(lead, campaign)["audit"]
    said = shown["second_looks"]
    assert said["looked"] == campaign.verdicts.count() and said["left"][0] == said["left"][1] > 0
    assert said["repeated"][0] == 0
    assert shown["left"] == said["both"] and said["both"][2] >= said["mistaken"][2] > 0


def wrong_ones(campaign, truth) -> list[tuple[str, str]]:
    rows = campaign.verdicts.values_list("item__object__image__path", "label__name")
    return [(path, label) for path, label in rows if truth[path] != label]


def test_without_a_sample_nothing_is_looked_at_twice(project, lead, alone):
    campaign, truth = alone
    type(campaign).objects.filter(pk=campaign.pk).update(audit_share=0)
    review(campaign, project, truth)
    assert not Tile.objects.filter(assignment__campaign=campaign, second=True).exists()


def test_a_second_look_is_never_a_look_of_the_item(project, alone):
    campaign, truth = alone
    review(campaign, project, truth)
    ordinary = Look.objects.filter(campaign=campaign, planted=False).first()
    with pytest.raises(IntegrityError, match="look_second"), transaction.atomic():
        Look.objects.filter(pk=ordinary.pk).update(second=True)
