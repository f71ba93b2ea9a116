"""Pictures of each page of a running demo, light and dark, on a phone and on a desk, and of each state of the review
page, on a large screen too, into docs/screenshots.

make demo                               # in one terminal
.venv/bin/python scripts/screenshots.py [--url http://127.0.0.1:8000]
"""

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SIZES = {360: 740, 1280: 800}
LARGE = {2560: 1440}  # for what people review by
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
    url = parser.parse_args().url
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        for scheme in ("light", "dark"):
            for width, height in {**SIZES, **LARGE}.items():
                shoot(browser, url, scheme, width, height)
                shoot_states(browser, url, scheme, width, height)
        browser.close()


@contextmanager
def signed_in(browser: Browser, url: str, role: str, scheme: str, width: int, height: int) -> Iterator[Page]:
    """A page of somebody's home, in a fresh profile."""
    context = browser.new_context(
        base_url=url,
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": height},
    )
    page = context.new_page()
    page.goto("/login/")
    page.locator(f'#demo [value="{role}"]').click()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def shoot(browser: Browser, url: str, scheme: str, width: int, height: int) -> None:
    """All pages in one colour scheme and size."""
    addresses: dict[str, str] = {}
    for name, (role, where) in PAGES.items():
        with signed_in(browser, url, role, scheme, width, height) as page:
            page.goto(address(page, name, role, where, addresses))
            if act := ACTS.get(name):
                act(page)
            if width in SIZES or name in REVIEWING:
                keep(page, name, scheme, width)
            if name == "ask" and not page.request.get("/api/questions/").json()["results"]:
                page.locator("#send-question").click()  # so that the desk has one to answer
                page.wait_for_timeout(SETTLE)
            if name == "home" and width in SIZES:
                page.locator("#sign-out").click()
                keep(page, "login", scheme, width)


def shoot_states(browser: Browser, url: str, scheme: str, width: int, height: int) -> None:
    """The review page in whatever state it can be, each on a page of its own."""
    for name, bring_about in STATES.items():
        with signed_in(browser, url, "reviewer", scheme, width, height) as page:
            review = (page.locator("[data-campaign] a.name").first.get_attribute("href") or "") + "review/"
            bring_about(page, review)
            keep(page, f"review-{name}", scheme, width)
            after(page, name)


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
    with signed_in(page.context.browser, url, "lead", "light", 1280, 800) as lead:
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


def keep(page: Page, name: str, scheme: str, width: int) -> None:
    page.wait_for_timeout(SETTLE)
    page.screenshot(path=FOLDER / f"{name}-{scheme}-{width}.jpg", type="jpeg", quality=72)


if __name__ == "__main__":
    main()
