"""Real browsers on a real site. What a page throws or its policy blocks fails the test, whatever it looked for."""

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from mlfix_site import processes
from mlfix_site.embedded import free_port
from mlfix_site.running import wait_until_ready
from review.models import Campaign, Dataset, Member, Project, User
from review.operations import claim, decide, submit
from tests import live, make

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
WINDOW = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 640}
PATIENCE = 15_000  # milliseconds until something expected counts as missing
QUIET_LOOKS = 5
INSTEAD = {"square": "disc", "disc": "bar"}
BUSY = """SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""
SignIn = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests here: the system's Chromium, else Playwright's own."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright leaves its event loop set in this thread between its calls. The ORM is safe beside it, and what
        # this process itself would announce to sockets, they find at their own next look.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        patch.setattr(logging.getLogger("review.live"), "disabled", True)
        with closing(playwright.chromium.launch(executable_path=path, args=arguments)) as launched:
            yield launched


@dataclass(frozen=True)
class Site:
    url: str
    keeper: processes.Processes


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[Site]:
    port = free_port()
    with live.running(processes.web(port, DJANGO_ALLOW_ASYNC_UNSAFE="")) as keeper:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url)
        yield Site(url, keeper)


@pytest.fixture
def sign_in(browser: Browser, site: Site, project: Project) -> Iterator[SignIn]:
    """Opens a page for somebody, in a browser profile of their own, by the login form."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def sign_in(who: User | Member, path: str = "/", *, phone: bool = False, **window: int) -> Page:
        user = who.user if isinstance(who, Member) else who
        kind = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2} if phone else {}
        window = {**WINDOW, **(PHONE if phone else {}), **window}
        context = browser.new_context(base_url=site.url, viewport=window, **kind)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        listen(context, complaints)
        page = context.new_page()
        page.goto(f"/login/?next={quote(path)}")
        page.get_by_label("User name").fill(user.username)
        page.get_by_label("Password").fill(make.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(path)
        return page

    yield sign_in
    for context in contexts:
        context.close()
    live.wait_for(quiet)
    assert not complaints


def quiet() -> bool:
    """The web has done what the pages asked of it; else it and the emptying of the tables may block each other."""
    for _ in range(QUIET_LOOKS):
        with connection.cursor() as cursor:
            cursor.execute(BUSY)
            if cursor.fetchone() != (0,):
                return False
        time.sleep(0.02)
    return True


def listen(context: BrowserContext, complaints: list[str]) -> None:
    """Note errors that no script caught, and whatever the Content Security Policy blocked."""

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", heard)


@pytest.fixture
def ann(project: Project) -> Member:
    return make.member(project, "ann")


@pytest.fixture
def ben(project: Project) -> Member:
    return make.member(project, "ben")


@pytest.fixture
def disputed(dataset: Dataset, lead: User, ann: Member, ben: Member) -> Campaign:
    """Of each batch of two looks, one of two people flags the first five: squares as discs, discs as bars."""
    only = {"labels": ["square", "disc"]}
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, clean_below=0.0001, slice=only)
    for member, flags in ((ann, True), (ben, False)):
        while not isinstance(lent := claim.claim(campaign=campaign, member=member), claim.Nothing):
            tiles = list(lent.tiles.select_related("label").order_by("position"))
            said = [
                {"position": t.position, "reason": "wrong_label", "label": INSTEAD[t.label.name], "comment": ""}
                for t in tiles[:5]
            ]
            submit.submit(assignment=lent, revision=0, flags=said if flags else [], seen=make.everything(lent))
    flagged = campaign.looks.exclude(reason="").values("item")
    suspects = campaign.verdicts.filter(item__in=flagged)
    suspects.update(prior=0.6)  # rather wrong, so that the question is whether they are what was said
    decide.update(campaign, list(suspects.values_list("pk", flat=True)))
    return campaign
