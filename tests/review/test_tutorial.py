"""The tutorial: rounds out of what everybody is shown anyway; nothing of it counts, and nothing of it is planted."""

import struct

import pytest

from review.models import Assignment, AuditEvent, Item, Label, Look, Tile, Tutorial
from review.operations import claim, guidelines, teams
from review.queries import tutorial
from tests import make


@pytest.fixture
def ann(project):
    return make.member(project, "ann")


@pytest.fixture
def browser(ann):
    return make.client(ann.user)


def rounds_of(browser, campaign, turn=0):
    return browser.get(f"/api/campaigns/{campaign.pk}/tutorial/?turn={turn}").json()["rounds"]


def checked(browser, campaign, number, flags, turn=0):
    body = {"round": number, "flags": flags, "turn": turn}
    return browser.post(f"/api/campaigns/{campaign.pk}/tutorial/check/", body, format="json").json()["results"]


def test_each_round_holds_right_tiles_and_wrong_ones_of_the_campaigns_own_classes(campaign, ann, browser):
    sent = rounds_of(browser, campaign)
    made = tutorial.rounds(campaign, ann)
    assert [one["label"] for one in sent] == [one.label.name for one in made] and len(sent) == tutorial.ROUNDS
    for number, one in enumerate(made):
        results = checked(browser, campaign, number, [0])
        assert [r["position"] for r in results] == list(range(sent[number]["tiles"]))
        assert [r["flagged"] for r in results] == [k == 0 for k in range(len(results))]
        wrong = [r for r in results if r["wrong"]]
        assert len(wrong) == tutorial.WRONG and len(results) >= tutorial.WRONG + tutorial.FEWEST_RIGHT
        assert all((r["label"] == one.label.name) != r["wrong"] for r in results)
        for tile, result in zip(one.tiles, results, strict=True):
            assert Item.objects.get(pk=tile.item).label.name == result["label"]


def test_only_what_everybody_is_shown_is_practised_on(campaign, ann):
    typical = {item for shown in Label.objects.values_list("exemplars", flat=True) for item in shown}
    assert {
        tile.item for turn in range(5) for one in tutorial.rounds(campaign, ann, turn) for tile in one.tiles
    } <= typical


def test_what_was_practised_on_is_never_planted(dataset, lead, project, ann):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, honeypots=4)
    seen = {tile.item for turn in range(5) for one in tutorial.rounds(campaign, ann, turn) for tile in one.tiles}
    people = [make.member(project, f"p{k}") for k in range(8)]
    for member in [*people, ann, ann]:
        claim.claim(campaign=campaign, member=member)
    planted = set(Tile.objects.filter(planted=True).values_list("item", flat=True))
    assert planted and seen and not planted & seen


def test_before_the_check_nothing_tells_which_are_right(campaign, browser):
    text = browser.get(f"/api/campaigns/{campaign.pk}/tutorial/").content.decode()
    assert set(rounds_of(browser, campaign)[0]) == {"label", "tiles"} and "wrong" not in text
    answer = browser.get(f"/api/campaigns/{campaign.pk}/tutorial/crops?round=0")
    (count,) = struct.unpack_from("<I", answer.content)
    assert count == rounds_of(browser, campaign)[0]["tiles"]
    assert browser.get(f"/api/campaigns/{campaign.pk}/tutorial/crops?round=99").status_code == 404
    assert browser.get(f"/api/campaigns/{campaign.pk}/tutorial/?turn=x").status_code == 400


def test_the_same_turn_is_the_same_and_another_one_differs(campaign, ann):
    assert tutorial.rounds(campaign, ann) == tutorial.rounds(campaign, ann)
    assert any(tutorial.rounds(campaign, ann) != tutorial.rounds(campaign, ann, turn) for turn in range(1, 4))


def test_nothing_of_it_counts(campaign, browser):
    before = AuditEvent.objects.count()
    for number in range(len(rounds_of(browser, campaign))):
        checked(browser, campaign, number, [0, 1, 2])
    browser.post(f"/api/campaigns/{campaign.pk}/tutorial/", {"skipped": False}, format="json")
    assert not Look.objects.exists() and not Assignment.objects.exists() and AuditEvent.objects.count() == before
    assert set(campaign.verdicts.values_list("lent", "counted")) == {(0, 0)}


def test_examples_of_the_guideline_are_practised_on_too(campaign, dataset, ann, lead):
    label = Label.objects.get(name="disc")
    yes, no = dataset.items.filter(label=label).last(), dataset.items.filter(label__name="bar").last()
    guidelines.rule(label=label, said=guidelines.Said("This too.", item=yes.pk, shows="yes"), by=lead)
    guidelines.rule(label=label, said=guidelines.Said("Not this.", item=no.pk, shows="no"), by=lead)
    tiles = {t for turn in range(40) for r in tutorial.rounds(campaign, ann, turn) if r.label == label for t in r.tiles}
    by_item = {tile.item: tile for tile in tiles}
    assert not by_item[yes.pk].wrong and by_item[no.pk].wrong


def test_people_practise_on_their_own_classes(campaign, ann, lead):
    teams.place(member=ann, given={"labels": ["disc"]}, by=lead)
    assert [one.label.name for one in tutorial.rounds(campaign, ann)] == ["disc"]


def test_a_class_without_typical_items_or_a_look_of_its_own_has_no_round(campaign, ann):
    Label.objects.exclude(name__in=["disc", "bar"]).update(exemplars=[])
    Label.objects.filter(name="bar").update(rest=True)
    assert tutorial.rounds(campaign, ann) == []


def test_it_is_offered_until_it_was_seen_skipped_or_something_was_lent(campaign, project, ann, browser):
    url = f"/api/campaigns/{campaign.pk}/tutorial/"
    assert browser.get(url).json()["new"]
    browser.post(url, {"skipped": True}, format="json")
    assert not browser.get(url).json()["new"] and Tutorial.objects.get().skipped
    browser.post(url, {"skipped": False}, format="json")
    browser.post(url, {"skipped": True}, format="json")
    assert not Tutorial.objects.get().skipped
    other = make.member(project, "ben")
    assert tutorial.is_new(campaign, other.user)
    claim.claim(campaign=campaign, member=other)
    assert not tutorial.is_new(campaign, other.user)


def test_whoever_reviews_alone_is_not_sent_there(dataset, lead):
    assert not tutorial.is_new(make.campaign(dataset, lead, policy="solo"), lead)
