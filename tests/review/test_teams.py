"""Teams and quotas: who is lent what, and how much a day."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from review.models import Assignment, Campaign, Member, Team
from review.operations import claim, desk, projects, submit, teams
from review.queries import pages
from tests import make


@pytest.fixture
def ann(project):
    return make.member(project, "ann")


def members(lead, project, **given):
    return make.client(lead).post(f"/api/projects/{project.pk}/members/", given, format="json")


def make_team(lead, project, **given) -> dict:
    answer = make.client(lead).post(f"/api/projects/{project.pk}/teams/", given, format="json")
    assert answer.status_code == 201, answer.json()
    return answer.json()


def lent(campaign, member) -> Assignment:
    found = claim.claim(campaign=campaign, member=Member.objects.get(pk=member.pk))
    assert isinstance(found, Assignment), found
    return found


def refused(campaign, member) -> claim.Nothing:
    found = claim.claim(campaign=campaign, member=Member.objects.get(pk=member.pk))
    assert isinstance(found, claim.Nothing)
    return found


def hand_in(assignment) -> None:
    submit.submit(assignment=assignment, revision=0, flags=[], seen=make.everything(assignment))


def test_a_member_is_lent_no_more_than_their_looks_of_a_day(campaign, project, lead, ann):
    first = lent(campaign, ann)
    most = first.tiles.count() + 3
    assert members(lead, project, username="ann", daily_looks=most).json()["daily_looks"] == most
    second = lent(campaign, ann)
    assert second.tiles.count() == 3
    hand_in(first)
    found = refused(campaign, ann)
    assert f"{most} looks" in found.reason and 0 < found.retry_after <= 86_401
    hand_in(second)
    assert refused(campaign, ann).retry_after > 0
    members(lead, project, username="ann", daily_looks=None)
    assert lent(campaign, ann).tiles.count() > 3


def test_what_was_handed_in_yesterday_counts_no_more(campaign, project, lead, ann, monkeypatch):
    first = lent(campaign, ann)
    members(lead, project, username="ann", daily_looks=first.tiles.count())
    hand_in(first)
    refused(campaign, ann)
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    assert lent(campaign, ann)


def test_a_released_batch_gives_its_looks_back(campaign, project, lead, ann):
    first = lent(campaign, ann)
    members(lead, project, username="ann", daily_looks=first.tiles.count())
    refused(campaign, ann)
    submit.release(assignment=first)
    assert lent(campaign, ann)


def test_a_team_gives_its_members_labels_and_looks_that_their_own_go_before(campaign, project, lead, ann):
    team = make_team(lead, project, name="Round", labels=["disc"], daily_looks=5)
    assert team["labels"] == ["disc"] and team["members"] == []
    assert members(lead, project, username="ann", team="Round").json()["team"] == "Round"
    tiles = lent(campaign, ann).tiles
    assert tiles.count() == 5 and {t.label.name for t in tiles.select_related("label") if not t.planted} == {"disc"}
    members(lead, project, username="ann", labels=["bar"], daily_looks=9)
    tiles = lent(campaign, ann).tiles
    assert tiles.count() == 4 and {t.label.name for t in tiles.select_related("label")} == {"bar"}


def test_a_campaign_for_a_team_is_lent_to_it_and_to_who_supervises(dataset, project, lead, ann):
    make_team(lead, project, name="Early")
    campaign = make.campaign(dataset, lead, team="Early")
    path = f"/api/campaigns/{campaign.pk}/"
    assert make.client(lead).get(path).json()["team"] == "Early"
    assert "for others" in refused(campaign, ann).reason
    assert not pages.campaigns_of(project, ann) and not pages.home(ann.user)[0].campaigns
    sue = make.member(project, "sue", "supervisor")
    assert lent(campaign, sue) and pages.campaigns_of(project, sue)
    members(lead, project, username="ann", team="Early")
    ann.refresh_from_db()
    assert lent(campaign, ann) and pages.campaigns_of(project, ann)
    assert make.client(lead).patch(path, {"team": None}, format="json").json()["team"] is None
    event = campaign.events.get(verb="campaign changed")
    assert event.data["before"] == {"team": "Early"} and event.data["after"] == {"team": None}


def test_a_dissolved_team_leaves_its_people_and_campaigns(dataset, project, lead, ann):
    team = make_team(lead, project, name="Early")
    members(lead, project, username="ann", team="Early")
    campaign = make.campaign(dataset, lead, team="Early")
    assert make.client(lead).delete(f"/api/teams/{team['id']}/").status_code == 204
    ann.refresh_from_db()
    campaign.refresh_from_db()
    assert ann.team is None and campaign.team is None and lent(campaign, ann)
    assert not Team.objects.exists()


@pytest.mark.parametrize("given", [{"name": " "}, {}, {"name": "Early"}, {"name": "x", "daily_looks": 0},
                                   {"name": "x", "labels": ["no such"]}, {"name": "x" * 101}])  # fmt: skip
def test_what_is_no_team_is_refused(dataset, project, lead, given):
    make_team(lead, project, name="Early")
    answer = make.client(lead).post(f"/api/projects/{project.pk}/teams/", given, format="json")
    assert answer.status_code == 400 and answer.json()["errors"]
    assert Team.objects.count() == 1


def test_no_other_projects_team_can_be_named_or_stored(dataset, project, lead, ann):
    foreign = projects.create(name="Elsewhere", by=make.user("eve"))
    theirs = teams.create(project=foreign, given={"name": "Theirs"}, by=lead)
    for name in ("Theirs", "no such"):
        answer = members(lead, project, username="ann", team=name)
        assert answer.status_code == 400 and answer.json()["detail"] == f"team: The project has no team {name!r}."
        opened = {"name": "Review", "team": name}
        answer = make.client(lead).post(f"/api/datasets/{dataset.pk}/campaigns/", opened, format="json")
        assert answer.status_code == 400 and "team" in answer.json()["errors"]
    assert not Campaign.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=ann.pk).update(team=theirs)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_what_somebody_has_in_hand_stays_in_sight_whatever_team_they_are_in(dataset, project, lead, ann):
    campaign = make.campaign(dataset, lead)
    held = lent(campaign, ann)
    make_team(lead, project, name="Early")
    make.client(lead).patch(f"/api/campaigns/{campaign.pk}/", {"team": "Early"}, format="json")
    campaign.refresh_from_db()
    assert pages.campaigns_of(project, ann) and pages.home(ann.user)[0].campaigns
    hand_in(held)
    assert not pages.campaigns_of(project, ann)


def test_more_looks_are_asked_only_of_whom_the_campaign_is_for(dataset, project, lead, ann):
    make_team(lead, project, name="Early")
    for name in ("ben", "cid", "dot"):
        make.member(project, name)
    campaign = make.campaign(dataset, lead, team="Early")
    verdict = campaign.verdicts.first()
    # Of five only the lead, who supervises, may look.
    with pytest.raises(ValidationError, match="Only 1 of the project's members"):
        desk.ask_again(campaign=campaign, verdicts=[verdict.pk], looks=2, by=lead)
    members(lead, project, username="ann", team="Early")
    assert desk.ask_again(campaign=campaign, verdicts=[verdict.pk], looks=2, by=lead) == 1
