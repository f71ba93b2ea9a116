"""The server-rendered pages: who sees which, what each says, and that none of them runs anything inline."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse

from review.models import Batch, Campaign, Dataset, Member, Project, Role, User, Verdict
from review.operations import campaigns, projects
from tests import make

PAGES = {
    "project": ("project", {Role.REVIEWER, Role.SUPERVISOR, Role.LEAD}),
    "dataset": ("dataset", {Role.REVIEWER, Role.SUPERVISOR, Role.LEAD}),
    "explore": ("dataset", {Role.SUPERVISOR, Role.LEAD}),
    "campaign": ("campaign", {Role.REVIEWER, Role.SUPERVISOR, Role.LEAD}),
    "review": ("campaign", {Role.REVIEWER, Role.SUPERVISOR, Role.LEAD}),
    "tutorial": ("campaign", {Role.REVIEWER, Role.SUPERVISOR, Role.LEAD}),
    "disputes": ("campaign", {Role.SUPERVISOR, Role.LEAD}),
    "fixes": ("campaign", {Role.SUPERVISOR, Role.LEAD}),
    "report": ("campaign", {Role.SUPERVISOR, Role.LEAD}),
}


@pytest.fixture
def person(project: Project, lead: User) -> Callable[[str], Client]:
    """A signed-in client: a role of the project, `stranger`, or `anonymous`."""

    def client(who: str) -> Client:
        browser = Client()
        if who == "anonymous":
            return browser
        user = lead if who == Role.LEAD else make.user(who)
        if who in {Role.REVIEWER, Role.SUPERVISOR}:
            projects.set_member(project=project, user=user, role=who, by=lead)
        browser.force_login(user)
        return browser

    return client


@pytest.fixture
def address(project: Project, dataset: Dataset, campaign: Campaign) -> Callable[[str], str]:
    things = {"project": project.pk, "dataset": dataset.pk, "campaign": campaign.pk}
    return lambda name: reverse(name, args=[things[PAGES[name][0]]])


@pytest.mark.parametrize("who", ["anonymous", "stranger", *Role.values])
def test_each_page_is_there_for_those_who_may_see_it(who: str, person: Callable, address: Callable) -> None:
    browser = person(who)
    for name, (_, allowed) in PAGES.items():
        response = browser.get(address(name))
        if who == "anonymous":
            assert response.status_code == 302 and response["Location"].startswith(reverse("login"))
        elif who == "stranger":
            assert response.status_code == 404
        else:
            assert response.status_code == (200 if who in allowed else 403), name


def test_a_foreign_thing_and_an_absent_one_look_the_same(person: Callable, address: Callable) -> None:
    browser = person("stranger")
    for name in PAGES:
        foreign, absent = browser.get(address(name)), browser.get(reverse(name, args=[987654]))
        assert foreign.status_code == absent.status_code == 404
        assert without_tokens(foreign) == without_tokens(absent)


def test_an_id_too_large_for_the_database_is_not_found(person: Callable) -> None:
    assert person("stranger").get(reverse("campaign", args=[10**30])).status_code == 404


def test_pages_refuse_to_be_posted_to(person: Callable, address: Callable) -> None:
    browser = person(Role.LEAD)
    assert all(browser.post(address(name)).status_code == 405 for name in PAGES)


def test_somebody_taken_out_sees_nothing_at_the_next_request(
    person: Callable, address: Callable, project: Project, lead: User
) -> None:
    browser = person(Role.SUPERVISOR)
    assert browser.get(address("disputes")).status_code == 200
    projects.remove_member(project=project, user=User.objects.get(username=Role.SUPERVISOR), by=lead)
    assert all(browser.get(address(name)).status_code == 404 for name in PAGES)


def test_reviewers_are_shown_no_tools_of_the_lead(person: Callable, address: Callable) -> None:
    reviewer, lead = person(Role.REVIEWER), person(Role.LEAD)
    for name, tools in {
        "project": ["dataset-upload", 'id="invite"', "members/"],
        "dataset": ['id="new-campaign"', "export-list"],
    }.items():
        mine, theirs = (browser.get(address(name)).content.decode() for browser in (reviewer, lead))
        assert all(tool in theirs and tool not in mine for tool in tools)


def test_no_page_runs_or_styles_anything_inline(person: Callable, address: Callable) -> None:
    browser = person(Role.LEAD)
    pages = [browser.get(reverse("home")), Client().get(reverse("login")), *(browser.get(address(n)) for n in PAGES)]
    for page in pages:
        Inline().feed(page.content.decode())
        assert "unsafe" not in page["Content-Security-Policy"]


def test_names_are_text_on_every_page(
    person: Callable, address: Callable, campaign: Campaign, project: Project
) -> None:
    browser = person(Role.LEAD)
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}</script>\u202e"
    Project.objects.filter(pk=project.pk).update(name=evil)
    Dataset.objects.update(name=evil)
    Campaign.objects.update(name=evil)
    for page in [browser.get(reverse("home")), *(browser.get(address(name)) for name in PAGES)]:
        text = page.content.decode()
        assert "<img src=x" not in text and "&lt;img src=x" in text and "{{7*7}}" in text
        Inline().feed(text)


def test_home_asks_the_database_as_often_for_many_campaigns_as_for_one(
    person: Callable, campaign: Campaign, lead: User, django_assert_num_queries: Callable
) -> None:
    browser = person(Role.LEAD)
    with django_assert_num_queries(10):
        browser.get(reverse("home"))
    for number in range(20):
        other = projects.create(name=f"Project {number}", by=lead)
        copy = Dataset.objects.create(project=other, name="Other", format="manifest")
        Campaign.objects.create(dataset=copy, name="Draft")
    with django_assert_num_queries(10):
        browser.get(reverse("home"))


def test_a_projects_page_asks_the_database_as_often_for_many_campaigns_and_batches_as_for_one(
    person: Callable, campaign: Campaign, project: Project, django_assert_num_queries: Callable
) -> None:
    browser, address = person(Role.LEAD), reverse("project", args=[project.pk])
    with django_assert_num_queries(12):
        browser.get(address)
    Batch.objects.bulk_create(Batch(campaign=campaign, number=number) for number in range(1000, 11000))
    for number in range(20):
        Campaign.objects.create(dataset=campaign.dataset, name=f"Draft {number}")
        projects.set_member(project=project, user=make.user(f"person-{number}"), role=Role.REVIEWER, by=None)
    with django_assert_num_queries(12):
        browser.get(address)


def test_home_says_what_to_do_next(person: Callable, campaign: Campaign, lead: User) -> None:
    assert "No project yet" in person("stranger").get(reverse("home")).content.decode()
    reviewer = person(Role.REVIEWER)
    text = reviewer.get(reverse("home")).content.decode()
    assert text.count("primary") == 1 and reverse("tutorial", args=[campaign.pk]) in text
    campaigns.set_state(campaign=campaign, state=Campaign.State.PAUSED, by=lead)
    assert reverse("review", args=[campaign.pk]) not in reviewer.get(reverse("home")).content.decode()


def test_supervisors_are_told_of_disputes_and_reviewers_are_not(person: Callable, campaign: Campaign) -> None:
    verdict = campaign.verdicts.first()
    Verdict.objects.filter(pk=verdict.pk).update(state=Verdict.State.DISPUTED)
    try:
        assert "Settle 1 dispute" in person(Role.SUPERVISOR).get(reverse("home")).content.decode()
        assert "dispute" not in person(Role.REVIEWER).get(reverse("home")).content.decode()
    finally:
        Verdict.objects.filter(pk=verdict.pk).update(state=verdict.state)


def test_signing_in_leads_back_and_a_wrong_password_says_nothing_of_the_name(db: None) -> None:
    make.user("ada")
    refused = [
        Client().post(reverse("login"), {"username": name, "password": "wrong"}).content.decode()
        for name in ("ada", "nobody")
    ]
    assert all("The name or the password is not right." in text for text in refused)
    assert without_tokens(refused[0]).replace("ada", "nobody") == without_tokens(refused[1])
    response = Client().post(reverse("login"), {"username": "ada", "password": make.PASSWORD, "next": "/projects/7/"})
    assert response["Location"] == "/projects/7/"


def test_signing_out_takes_a_post(person: Callable) -> None:
    browser = person("stranger")
    assert browser.get(reverse("logout")).status_code == 405
    browser.post(reverse("logout"))
    assert browser.get(reverse("home")).status_code == 302


def test_the_demo_buttons_are_only_on_a_demo(db: None) -> None:
    assert "Sign in as lead" not in Client().get(reverse("login")).content.decode()


def test_an_invitation_lets_one_new_person_in_once(project: Project, lead: User) -> None:
    _, token = projects.invite(project=project, role=Role.REVIEWER, by=lead)
    page = reverse("invitation", args=[token])
    browser = Client()
    assert "Signs" in browser.get(page).content.decode()
    response = browser.post(page, {"username": "newcomer", "password": "a-long-walk-home"})
    assert response["Location"] == reverse("project", args=[project.pk])
    assert get_user(browser).username == "newcomer"  # type: ignore[arg-type]
    assert Member.objects.get(user__username="newcomer").role == Role.REVIEWER
    assert Client().get(page).status_code == 404
    assert Client().post(page, {"username": "second", "password": "a-long-walk-home"}).status_code == 404
    assert not User.objects.filter(username="second").exists()


def test_a_bad_password_is_explained_and_spends_no_invitation(project: Project, lead: User) -> None:
    _, token = projects.invite(project=project, role=Role.REVIEWER, by=lead)
    page = reverse("invitation", args=[token])
    response = Client().post(page, {"username": "newcomer", "password": "123"})
    assert response.status_code == 400 and "too short" in response.content.decode()
    assert Client().get(page).status_code == 200


def test_somebody_signed_in_joins_as_themselves(project: Project, lead: User, person: Callable) -> None:
    _, token = projects.invite(project=project, role=Role.SUPERVISOR, by=lead)
    browser = person("stranger")
    assert "Join as stranger" in browser.get(reverse("invitation", args=[token])).content.decode()
    browser.post(reverse("invitation", args=[token]))
    assert Member.objects.get(user__username="stranger").role == Role.SUPERVISOR


def test_joining_needs_the_csrf_token(project: Project, lead: User) -> None:
    _, token = projects.invite(project=project, role=Role.REVIEWER, by=lead)
    browser = Client(enforce_csrf_checks=True)
    page = reverse("invitation", args=[token])
    assert browser.post(page, {"username": "newcomer", "password": "a-long-walk-home"}).status_code == 403


def without_tokens(page: object) -> str:
    text = page if isinstance(page, str) else page.content.decode()  # type: ignore[attr-defined]
    return re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="[^"]*"', r"\1", text)


class Inline(HTMLParser):
    """Fails on what the site's policy would block: inline scripts, handlers and styles."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag != "style", "an inline style sheet"
        assert tag != "script" or given.get("src"), "an inline script"
        assert not [name for name in given if name == "style" or name.startswith("on")], (tag, given)
