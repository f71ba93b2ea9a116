"""Pictures of each page of a running demo, light and dark, on a phone and on a desk, and of each state of the review
page, on a large screen too, into docs/screenshots. `--states` keeps other states of the other pages instead: empty,
waiting, done, refused.

make demo                               # in one terminal
.venv/bin/python scripts/screenshots.py [--url http://127.0.0.1:8000] [--states] [--folder FOLDER] [--widths 360 1440]
"""

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SIZES = {360: 740, 1280: 800}
LARGE = {2560: 1440}  # for what people review by
HEIGHTS = {**SIZES, 1440: 900, **LARGE}
SETTLE = 900  # milliseconds, for pictures to arrive
WHOLE_SITE = ("/", "/work/")
REVIEWING = ("ask", "explore", "tutorial", "work")
# The page that links to it, else home.
FROM = {"dataset": "project", "guideline": "project", "explore": "dataset", "item": "fixes", "reviewer": "board",
        "versions": "dataset", "log": "project"}  # fmt: skip
# name: (role, where a link on the way leads to it)
PAGES = {
    "home": ("lead", "/"),
    "project": ("lead", "[data-project] a"),
    "dataset": ("lead", "[data-dataset] a"),
    "explore": ("lead", "#explore"),
    "board": ("lead", "[data-campaign] a.name"),
    "guideline": ("lead", "[data-dataset] a"),
    "ask": ("reviewer", "/review/"),
    "tutorial": ("reviewer", "/tutorial/"),
    "work": ("reviewer", "/work/"),
    "disputes": ("supervisor", "/disputes/"),
    "fixes": ("supervisor", "/fixes/"),
    "item": ("supervisor", 'a[href^="/items/"]'),
    "reviewer": ("supervisor", 'a[href*="/reviewers/"]'),
    "versions": ("lead", 'a[href$="/changes/"]'),
    "log": ("supervisor", 'a[href$="/log/"]'),
    "report": ("lead", "/report/"),
    "review": ("reviewer", 'a[href$="/review/"]'),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--states", action="store_true")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--widths", type=int, nargs="+", choices=HEIGHTS, default=[*SIZES, *LARGE])
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=options)
        for scheme in ("light", "dark"):
            for width in arguments.widths:
                camera = Camera(browser, arguments.url, scheme, width, arguments.folder)
                if arguments.states:
                    shoot_others(camera)
                    continue
                shoot(camera)
                shoot_states(camera)
        browser.close()


@dataclass(frozen=True)
class Camera:
    """Takes pictures in one colour scheme and size."""

    browser: Browser
    url: str
    scheme: str = "light"
    width: int = 1280
    folder: Path = FOLDER

    def keep(self, page: Page, name: str) -> None:
        page.wait_for_timeout(SETTLE)
        page.screenshot(path=self.folder / f"{name}-{self.scheme}-{self.width}.jpg", type="jpeg", quality=72)


@contextmanager
def signed_in(camera: Camera, role: str) -> Iterator[Page]:
    """A page of somebody's home, in a fresh profile."""
    context = camera.browser.new_context(
        base_url=camera.url,
        color_scheme=camera.scheme,  # type: ignore[arg-type]
        viewport={"width": camera.width, "height": HEIGHTS[camera.width]},
    )
    page = context.new_page()
    page.goto("/login/")
    page.locator(f'#demo [value="{role}"]').click()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def shoot(camera: Camera) -> None:
    """All pages in one colour scheme and size."""
    addresses: dict[str, str] = {}
    for name, (role, where) in PAGES.items():
        with signed_in(camera, role) as page:
            page.goto(address(page, name, role, where, addresses))
            if act := ACTS.get(name):
                act(page)
            if camera.width not in LARGE or name in REVIEWING:
                camera.keep(page, name)
            if name == "ask" and not page.request.get("/api/questions/").json()["results"]:
                page.locator("#send-question").click()  # so that the desk has one to answer
                page.wait_for_timeout(SETTLE)
            if name == "home" and camera.width not in LARGE:
                page.locator("#sign-out").click()
                camera.keep(page, "login")


def shoot_states(camera: Camera) -> None:
    """The review page in whatever state it can be, each on a page of its own."""
    for name, bring_about in STATES.items():
        with signed_in(camera, "reviewer") as page:
            review = (page.locator("[data-campaign] a.name").first.get_attribute("href") or "") + "review/"
            bring_about(page, review)
            camera.keep(page, f"review-{name}")
            after(page, name)


def shoot_others(camera: Camera) -> None:
    """The other pages in states that a demo under way is not in."""
    for name, (role, bring_about) in OTHER_STATES.items():
        with signed_in(camera, role) as page:
            bring_about(page)
            camera.keep(page, name)


def address(page: Page, name: str, role: str, where: str, addresses: dict[str, str]) -> str:
    """Where a page is: a path, the campaign's with this ending, or behind such a link. Of several campaigns the oldest
    is shown on the board and at the desk, since it is the farthest, and the newest to reviewers."""
    if where in WHOLE_SITE:
        return where
    if where.startswith("/"):
        if role == "reviewer":
            page.goto("/")
        newest = page.locator("[data-campaign] a.name").first.get_attribute("href") if role == "reviewer" else None
        addresses[name] = (newest or addresses["board"]).rstrip("/") + where
        return addresses[name]
    page.goto(addresses[FROM[name]] if name in FROM else "/")
    links = page.locator(where)
    addresses[name] = (links.last if name == "board" else links.first).get_attribute("href") or "/"
    return addresses[name]


def mark_some(page: Page) -> None:
    """Flag a tile and leave its panel open, the pointer out of the way; an earlier picture may have flagged it."""
    tile = page.locator(".tile").nth(8)
    tile.click()
    if "flagged" not in (tile.get_attribute("class") or ""):
        tile.click()
    page.mouse.move(2, 2)


def ask(page: Page) -> None:
    page.locator(".tile").first.wait_for()
    page.locator("#ask").click()


def take_in_hand(page: Page) -> None:
    page.locator(".tile img").nth(3).wait_for()
    page.locator(".tile").nth(3).click()


def practise(page: Page) -> None:
    """A round with one tile flagged, and what is right."""
    page.locator(".tile").nth(2).click()
    page.keyboard.press("Escape")
    page.locator("#check").click()
    page.locator("#checked").wait_for()


def edit_guideline(page: Page) -> None:
    page.locator("label-table .edit:visible").first.click()


def take_all(page: Page) -> None:
    page.locator(".case").first.wait_for()
    page.keyboard.press("a")


ACTS = {
    "review": mark_some,
    "disputes": take_all,
    "ask": ask,
    "tutorial": practise,
    "guideline": edit_guideline,
    "explore": take_in_hand,
}


def open_review(page: Page, review: str) -> None:
    page.goto(review)
    page.locator(".tile img").nth(3).wait_for()


def plain(page: Page, review: str) -> None:
    open_review(page, review)
    unflag(page)


def unflag(page: Page) -> None:
    while page.locator(".tile.flagged").count():
        page.locator(".tile.flagged").first.click()
        page.keyboard.press("Escape")
    page.mouse.move(2, 2)


def pressed(*keys: str) -> Callable[[Page, str], None]:
    """After some were flagged."""

    def bring_about(page: Page, review: str) -> None:
        plain(page, review)
        for number in (2, 5, 7):
            page.locator(".tile").nth(number).click()
        page.keyboard.press("Escape")
        for key in keys:
            page.keyboard.press(key)
        page.mouse.move(2, 2)

    return bring_about


def arriving(page: Page, review: str) -> None:
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    line = {"offline": False, "latency": 20, "downloadThroughput": 12_000, "uploadThroughput": 60_000}
    client.send("Network.emulateNetworkConditions", line)
    page.goto(review, wait_until="commit")
    page.locator(".tile.coming").first.wait_for()


def nothing_flagged(page: Page, review: str) -> None:
    plain(page, review)
    page.keyboard.press("a")


def offline(page: Page, review: str) -> None:
    plain(page, review)
    page.context.set_offline(True)
    page.locator(".tile").nth(4).click()
    page.keyboard.press("Escape")
    page.locator("#trouble").wait_for()


def broken(page: Page, review: str) -> None:
    """Two pictures that cannot be shown, one of them flagged."""
    plain(page, review)
    for number in (1, 6):
        page.locator(".tile img").nth(number).dispatch_event("error")
    page.locator(".tile").nth(1).click()
    page.keyboard.press("Escape")


def unseen(page: Page, review: str) -> None:
    """What one sees who hands in with tiles below the window: what is lent anew, at the largest size, has some."""
    plain(page, review)
    for _ in range(8):
        page.keyboard.press("+")
    give_all_back(page, review)
    page.reload()
    page.locator(".tile img").nth(1).wait_for()
    page.keyboard.press("Enter")
    page.locator("#dialog-unseen").wait_for()


def give_all_back(page: Page, review: str) -> None:
    csrf = token(page)
    for held in page.request.get(f"/api/assignments/?mine&campaign={number_of(review)}").json()["results"]:
        page.request.post(f"/api/assignments/{held['id']}/release/", data={}, headers=csrf)


def nothing_to_do(page: Page, review: str) -> None:
    """All is given back, and the campaign is paused."""
    give_all_back(page, review)
    state(page, review, "paused")
    page.goto(review)
    page.locator("#nothing").wait_for()


def after(page: Page, name: str) -> None:
    """Leave the demo as the next state wants it."""
    page.context.set_offline(False)
    if name == "nothing":
        state(page, page.url, "open")


def token(page: Page) -> dict[str, str]:
    """Headers of a request that changes something."""
    value = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    return {"X-CSRFToken": value, "Referer": page.url}


def number_of(review: str) -> str:
    return review.split("/campaigns/")[1].split("/")[0]


def state(page: Page, review: str, to: str) -> None:
    """The lead pauses the campaign, or opens it again."""
    assert page.context.browser is not None
    url = page.url.split("/campaigns/")[0].rstrip("/")
    with signed_in(Camera(page.context.browser, url), "lead") as lead:
        lead.request.patch(f"/api/campaigns/{number_of(review)}/", data={"state": to}, headers=token(lead))


STATES: dict[str, Callable[[Page, str], None]] = {
    "plain": plain,
    "arriving": arriving,
    "flagged": pressed("a"),
    "none-flagged": nothing_flagged,
    "second-pass": pressed("p"),
    "view": pressed("w"),
    "keys": pressed("?"),
    "class": pressed("g"),
    "photo": pressed("f"),
    "whole": pressed("q", "o"),
    "even-light": pressed("e"),
    "offline": offline,
    "broken": broken,
    "unseen": unseen,
    "nothing": nothing_to_do,
}


def made(page: Page, url: str, **data: Any) -> dict[str, Any]:
    """What the API answers to something new."""
    answer: dict[str, Any] = page.request.post(url, data=data, headers=token(page)).json()
    return answer


def empty_project(page: Page) -> None:
    page.goto(f"/projects/{made(page, '/api/projects/', name='Nothing yet')['id']}/")


def to_campaign(ending: str, first: bool = False) -> Callable[[Page], None]:
    """A page of the newest campaign, or of the first."""

    def bring_about(page: Page) -> None:
        links = page.locator("[data-campaign] a.name")
        page.goto(((links.last if first else links.first).get_attribute("href") or "/") + ending)

    return bring_about


def new_campaign(page: Page) -> None:
    """One that was opened a moment ago."""
    for link in ("[data-project]", "[data-dataset]"):  # the demo's own are the oldest
        page.goto(page.locator(link).last.locator("a").first.get_attribute("href") or "/")
    page.locator("#new-campaign [name=name]").fill("Just opened")
    page.locator("#new-campaign button.primary").click()
    page.wait_for_url("**/campaigns/**")


def failed_import(page: Page) -> None:
    empty_project(page)
    page.locator("#new-dataset input[type=file]").first.set_input_files(
        {"name": "pictures.zip", "mimeType": "application/zip", "buffer": b"no zip at all"}
    )
    page.locator("#new-dataset button.primary").click()
    page.wait_for_url("**/datasets/**")
    page.locator(".state.failed").wait_for()


def to(path: str) -> Callable[[Page], None]:
    return lambda page: page.goto(path) and None


OTHER_STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "project-empty": ("lead", empty_project),
    "dataset-failed": ("lead", failed_import),
    "board-new": ("lead", new_campaign),
    "disputes-empty": ("supervisor", to_campaign("disputes/")),
    "fixes-empty": ("supervisor", to_campaign("fixes/")),
    "report-new": ("lead", to_campaign("report/")),
    "board-done": ("lead", to_campaign("", first=True)),
    "gone": ("reviewer", to("/campaigns/999999/")),
    "forbidden": ("reviewer", to_campaign("disputes/")),
    "invitation-gone": ("reviewer", to("/invitations/none/")),
}


if __name__ == "__main__":
    main()
