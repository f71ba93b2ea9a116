"""Who is let in: by a lead, or by a link that works once, runs out, and is bound to its project."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from review.models import Assignment, Invitation, Member, Project, Role, User
from review.operations import claim, projects
from tests import make

GOOD_PASSWORD = "a-long-walk-in-the-rain"


@pytest.fixture
def link(project, lead) -> str:
    answer = make.client(lead).post(f"/api/projects/{project.pk}/invitations/", {"role": "reviewer"}, format="json")
    assert answer.status_code == 201
    return answer.json()["url"].removeprefix("http://testserver")


def test_an_invitation_lets_one_new_person_into_its_project_alone(project, link):
    stranger = make.client()
    assert project.name in stranger.get(link).content.decode()
    answer = stranger.post(link, {"username": "newcomer", "password": GOOD_PASSWORD})
    assert answer.status_code == 302
    member = Member.objects.get(user__username="newcomer")
    assert (member.project, member.role) == (project, Role.REVIEWER)
    assert len(stranger.get("/api/projects/").json()["results"]) == 1


def test_an_invitation_works_once(link):
    make.client().post(link, {"username": "first", "password": GOOD_PASSWORD})
    second = make.client()
    assert second.get(link).status_code == 404
    assert second.post(link, {"username": "second", "password": GOOD_PASSWORD}).status_code == 404
    assert not User.objects.filter(username="second").exists()


def test_an_invitation_runs_out(link):
    Invitation.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert make.client().post(link, {"username": "late", "password": GOOD_PASSWORD}).status_code == 404
    assert not User.objects.filter(username="late").exists()


@pytest.mark.parametrize(
    ("name", "password"), [("new", "short"), ("new", "password123"), ("lead", GOOD_PASSWORD), ("", GOOD_PASSWORD)]
)
def test_a_bad_name_or_password_leaves_the_invitation_usable(link, name, password):
    assert make.client().post(link, {"username": name, "password": password}).status_code == 400
    assert Invitation.objects.get().used_at is None


def test_somebody_signed_in_joins_as_themselves(project, link):
    somebody = make.user("somebody")
    browser = make.client(somebody)
    assert browser.get("/api/projects/").json()["results"] == []
    assert browser.post(link).status_code == 302
    assert Member.objects.filter(project=project, user=somebody).exists()


def test_the_token_is_not_stored(link):
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert token not in str(list(Invitation.objects.values()))


def test_a_project_keeps_its_last_lead(project, lead):
    with pytest.raises(ValidationError, match="only lead"):
        projects.set_member(project=project, user=lead, role=Role.REVIEWER, by=lead)
    with pytest.raises(ValidationError, match="only lead"):
        projects.remove_member(project=project, user=lead, by=lead)


def test_somebody_removed_gives_back_what_they_hold(project, campaign, lead):
    member = make.member(project, "ann")
    lent = claim.claim(campaign=campaign, member=member)
    projects.remove_member(project=project, user=member.user, by=lead)
    lent.refresh_from_db()
    assert lent.state == Assignment.State.RELEASED
    assert not campaign.verdicts.filter(lent__gt=0).exists()


def test_a_token_is_given_for_the_right_password_alone(project, lead):
    ask = make.client()
    right = ask.post("/api/token/", {"username": "lead", "password": make.PASSWORD}, format="json")
    wrong = ask.post("/api/token/", {"username": "lead", "password": "no"}, format="json")
    nobody = ask.post("/api/token/", {"username": "nobody", "password": "no"}, format="json")
    assert (wrong.status_code, wrong.content) == (nobody.status_code, nobody.content) == (400, wrong.content)
    ask.credentials(HTTP_AUTHORIZATION=f"Token {right.json()['token']}")
    assert ask.get("/api/projects/").json()["results"][0]["id"] == Project.objects.get().pk


def test_nobody_signs_up_on_their_own():
    from django.urls import NoReverseMatch, reverse

    for name in ("signup", "register", "account_signup"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
