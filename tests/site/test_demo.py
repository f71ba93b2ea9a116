"""The demo: its people, its one-click sign-in, and data that outlives a restart."""

import json
import time
from pathlib import Path

import httpx
import pytest
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse

from mlfix_site import demo_people, demo_sign_in
from mlfix_site import urls as site_urls
from review.models import User

from .conftest import Site

urlpatterns = [*site_urls.urlpatterns, *demo_sign_in.urlpatterns]
in_demo = override_settings(ROOT_URLCONF=__name__)
ADDRESS = "/demo/sign-in/"


@pytest.fixture
def people(db: None) -> dict[str, str]:
    demo_people.path().unlink(missing_ok=True)
    return demo_people.make()


def test_outside_the_demo_the_one_click_sign_in_does_not_exist(client: Client) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("demo-sign-in")
    assert client.post(ADDRESS, {"role": "lead"}).status_code == 404


@in_demo
@pytest.mark.parametrize(("role", "name"), [("reviewer", "reviewer1"), ("supervisor", "supervisor"), ("lead", "lead")])
def test_one_click_signs_in_from_this_machine(client: Client, people: dict[str, str], role: str, name: str) -> None:
    assert client.post(ADDRESS, {"role": role}, headers={"host": "localhost:8000"}).status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(username=name).pk)


@in_demo
@pytest.mark.parametrize(
    "header", ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "via", "x-real-ip"]
)
def test_a_forwarded_request_is_refused(client: Client, people: dict[str, str], header: str) -> None:
    assert client.post(ADDRESS, {"role": "lead"}, headers={"host": "localhost", header: "127.0.0.1"}).status_code == 403


@in_demo
@override_settings(ALLOWED_HOSTS=["*"])
def test_a_foreign_host_or_peer_is_refused(client: Client, people: dict[str, str]) -> None:
    for host in ("demo.example.org", "localhost.example.org", "10.0.0.1"):
        assert client.post(ADDRESS, {"role": "lead"}, headers={"host": host}).status_code == 403
    peer = client.post(ADDRESS, {"role": "lead"}, headers={"host": "localhost"}, REMOTE_ADDR="192.0.2.7")
    assert peer.status_code == 403


@in_demo
def test_the_sign_in_wants_a_post_with_a_token_and_a_person_of_the_demo(people: dict[str, str]) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert strict.get(ADDRESS).status_code == 405
    assert strict.post(ADDRESS, {"role": "lead"}).status_code == 403
    User.objects.create_user("somebody", password="x")
    relaxed = Client(headers={"host": "localhost"})
    for role in ("somebody", "", "root"):
        assert relaxed.post(ADDRESS, {"role": role}).status_code == 404
    away = relaxed.post(ADDRESS, {"role": "lead", "next": "https://example.org/"})
    assert away["Location"] == "/"


def sign_in(client: httpx.Client, role: str) -> None:
    client.get("/login/")
    data = {"role": role, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    assert client.post(ADDRESS, data=data).status_code == 302


def seen_by_lead(client: httpx.Client) -> tuple[int, list, list]:
    """What the lead finds: the project's number, its datasets and campaigns."""
    sign_in(client, "lead")
    (project,) = client.get("/api/projects/").json()["results"]
    whole = client.get(f"/api/projects/{project['id']}/").json()
    return project["id"], whole["datasets"], whole["campaigns"]


def test_two_starts_of_the_demo_keep_people_and_data(site: Site, signs: Path) -> None:
    client = site.start("demo", "--data", str(signs / "manifest.csv"))
    first, people = seen_by_lead(client), json.loads((site.var / "demo-people.json").read_text())
    assert [campaign["state"] for campaign in first[2]] == ["open"]
    assert (site.var / "demo-people.json").stat().st_mode & 0o777 == 0o600
    site.stop()
    start = time.monotonic()
    client = site.start("demo", "--data", str(signs / "manifest.csv"))
    assert time.monotonic() - start < 20
    assert seen_by_lead(client) == first
    assert json.loads((site.var / "demo-people.json").read_text()) == people
    for name, password in people.items():
        assert f"{name} / {password}" in site.out.read_text()
        answer = client.post("/api/token/", json={"username": name, "password": password})
        assert answer.status_code == 200
    site.stop()
