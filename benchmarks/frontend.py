"""The review page in a real Chromium, production build, batches of 100 tiles of 128 pixels: how long a person waits.

    python -m benchmarks.frontend [--navigations 20] [--flags 200]

Each figure stands beside its target. A machine that is busy with something else shows in the milliseconds.
"""

import argparse
import gzip
import os
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import support

support.set_up()

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from benchmarks import grid_site  # noqa: E402
from tests import make  # noqa: E402
from tests.e2e.axe import violations  # noqa: E402

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
PROBE = (Path(__file__).parent / "frontend_probe.js").read_text()
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
HAND_INS = 6
# A cheap phone on a poor line: bits a second down and up, milliseconds there and back, times slower than this machine.
DOWN, UP, ROUND_TRIP, SLOWER = 1.6e6, 0.75e6, 150, 4


@dataclass
class Row:
    what: str
    target: str
    figure: str
    good: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--navigations", type=int, default=20)
    parser.add_argument("--flags", type=int, default=200)
    arguments = parser.parse_args()
    campaign, truth = grid_site.campaign(100 * (HAND_INS + 4) // len(grid_site.NAMES))
    hundred = grid_site.hundred(campaign)
    path = f"/campaigns/{campaign.pk}/review/"
    asked = argparse.Namespace(**vars(arguments), truth=truth, hundred=f"/campaigns/{hundred.pk}/review/")
    with support.serving() as url, chromium() as browser:
        print(f"The review page, Chromium {browser.version}; {support.machine()}, load {os.getloadavg()[0]:.1f}")
        for part in (loading, working, accessible, on_a_phone, effort):
            for row in part(browser, url + path, asked):
                print(
                    f"{row.what:62}  {row.target:>8}  {row.figure:>12}  {'' if row.good else 'missed'}".rstrip(),
                    flush=True,
                )


@contextmanager
def chromium() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright leaves its event loop set in this thread
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        yield playwright.chromium.launch(executable_path=path, args=sandbox)


@contextmanager
def reviewer(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """A signed-in page of a fresh browser profile, with the probe in it."""
    context = browser.new_context(**{"viewport": DESK, **options})
    context.add_init_script(PROBE)
    page = context.new_page()
    site = url.split("/campaigns/")[0]
    page.goto(f"{site}/login/")
    page.get_by_label("User name").fill("ann")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/")
    yield page
    context.close()


def milliseconds(what: str, values: list[float], most: float, share: float = 0.5) -> Row:
    ordered = sorted(values)
    figure = statistics.median(ordered) if share == 0.5 else ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return Row(what, f"{most:.0f} ms", f"{figure:.0f} ms", figure <= most)


def loading(browser: Browser, url: str, asked: argparse.Namespace) -> Iterator[Row]:
    with reviewer(browser, url) as page:
        navigations = asked.navigations
        page.goto(url)
        page.evaluate("probe.painted()")
        warm = [painted(page, url) for _ in range(navigations)]
        yield milliseconds(f"first full paint of the grid, median of {navigations}", warm, 400)
        client = page.context.new_cdp_session(page)
        client.send("Network.setCacheDisabled", {"cacheDisabled": True})
        cold = [painted(page, url) for _ in range(navigations)]
        yield milliseconds("the same with nothing in the browser's cache", cold, 400)
        scripts = page.evaluate(
            "performance.getEntriesByType('resource').map(r => r.name).filter(n => n.endsWith('.js'))"
        )
        size = sum(len(gzip.compress(page.request.get(script).body(), 9)) for script in scripts)
        yield Row("JavaScript of the review page, gzipped", "60.0 KB", f"{size / 1000:.1f} KB", size <= 60_000)


def painted(page: Page, url: str) -> float:
    """Milliseconds from the navigation until every tile's picture was painted."""
    page.goto(url, wait_until="commit")
    return float(page.evaluate("probe.painted()"))


def working(browser: Browser, url: str, asked: argparse.Namespace) -> Iterator[Row]:
    """A long sitting in one page: flags, sweeps, sizes, filters, light, hand-ins."""
    with reviewer(browser, url) as page:
        page.goto(url)
        page.evaluate("probe.painted()")
        page.wait_for_timeout(800)
        page.evaluate("probe.watchLongTasks()")
        waits = [flagged(page, turn) for turn in range(asked.flags)]
        yield milliseconds(f"flag to painted change, 95 % of {asked.flags}", waits, 33, 0.95)
        for key in ("e", "o", "+", "+", "-", "-", "a", "a", "a", "e", "o"):
            page.keyboard.press(key)
            page.wait_for_timeout(120)
        page.keyboard.press("Escape")
        turns = [handed_in(page) for _ in range(HAND_INS)]
        yield milliseconds(f"the next batch painted after a hand-in, median of {HAND_INS}", turns, 100)
        longest = page.evaluate("probe.longTasks()")
        worst = max(longest, default=0)
        yield Row(
            "longest task after the load (none over 50 ms)", "50 ms", f"{worst:.0f} ms" if worst else "none", not worst
        )


def flagged(page: Page, turn: int) -> float:
    """Milliseconds from the pointer going down on a tile to its change on the screen."""
    box = page.locator(".tile").nth(turn * 7 % 60).bounding_box()
    assert box is not None
    page.keyboard.press("Escape")  # no panel over the next tile
    page.evaluate("probe.awaitFlag()")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return float(page.evaluate("probe.flagShown()"))


def handed_in(page: Page) -> float:
    see_all(page)
    page.wait_for_timeout(1500)  # the next batch is in the browser by now
    page.evaluate("probe.awaitNext()")
    page.keyboard.press("Enter")
    return float(page.evaluate("probe.nextShown()"))


def see_all(page: Page) -> None:
    while page.locator(".tile.unseen").count():
        page.keyboard.press("n")
        page.wait_for_timeout(450)


def accessible(browser: Browser, url: str, _: argparse.Namespace) -> Iterator[Row]:
    """What axe says of each state, light and dark, wide and narrow."""
    found: set[str] = set()
    for scheme in ("light", "dark"):
        for viewport in (DESK, PHONE):
            with reviewer(browser, url, color_scheme=scheme, viewport=viewport) as page:
                page.goto(url)
                page.evaluate("probe.painted()")
                for state, keys in {"grid": [], "panel": [" "], "help": ["Escape", "?"]}.items():
                    for key in keys:
                        page.keyboard.press(key)
                    page.wait_for_timeout(300)
                    found |= {f"{scheme} {viewport['width']} {state}: {line}" for line in violations(page)}
                page.keyboard.press("Escape")
                page.keyboard.press("z")
                page.wait_for_timeout(900)
    for line in sorted(found):
        print(f"axe: {line}")
    yield Row("findings of axe, light and dark, 1280 and 360 px", "0", str(len(found)), not found)


def on_a_phone(browser: Browser, url: str, _: argparse.Namespace) -> Iterator[Row]:
    with reviewer(browser, url, viewport=PHONE, device_scale_factor=2, has_touch=True, is_mobile=True) as page:
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        line = {"offline": False, "latency": ROUND_TRIP, "downloadThroughput": DOWN / 8, "uploadThroughput": UP / 8}
        client.send("Network.emulateNetworkConditions", line)
        client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        sizes: dict[str, float] = {}
        names: dict[str, str] = {}
        client.on("Network.requestWillBeSent", lambda e: names.__setitem__(e["requestId"], e["request"]["url"]))
        client.on("Network.loadingFinished", lambda e: sizes.__setitem__(e["requestId"], e["encodedDataLength"]))
        page.goto(url, wait_until="commit")
        early = page.evaluate("probe.flagEarly()")
        complete = float(page.evaluate("probe.painted()"))
        size = sum(sizes.get(k, 0) for k, name in names.items() if "/crops" in name)
        everything = sum(sizes.values())
    yield Row("phone: crops of a batch of 100", "250 KB", f"{size / 1000:.0f} KB", 0 < size <= 250_000)
    yield Row("phone: all bytes of a first visit", "", f"{everything / 1000:.0f} KB", True)
    yield Row("phone: complete and flaggable, nothing cached", "3.0 s", f"{complete / 1000:.1f} s", complete <= 3000)
    told = f"{early['missing']} missing" if early["flagged"] else "no"
    yield Row("phone: a flag taken while crops still arrive", "yes", told, early["flagged"] and early["missing"] > 0)


def effort(browser: Browser, url: str, asked: argparse.Namespace) -> Iterator[Row]:
    """Acts of the hand that an expert needs for a hundred items, three of them wrong, counted by the browser."""
    from review.models import Assignment

    url = url.split("/campaigns/")[0] + asked.hundred
    with reviewer(browser, url) as page:
        page.goto(url)
        page.evaluate("probe.painted()")
        see_all(page)
        lent = Assignment.objects.filter(state="lent", opened_at__isnull=False).latest("pk")
        page.locator(".tile").first.wait_for()
        wrong = make.flags_of_truth(lent, asked.truth)
        page.evaluate("probe.countActs()")
        for mark in wrong:
            page.locator(f'.tile[data-position="{mark["position"]}"]').click()
            name_it(page, str(mark["label"]))
            page.keyboard.press("Escape") if page.locator("say-panel").count() else None
        page.keyboard.press("Enter")
        page.locator(".toast").wait_for()
        acts = int(page.evaluate("probe.acts()")) - len(
            wrong
        )  # the Escapes are this script's, so that no panel is in its way
        lent.refresh_from_db()
    items, errors = lent.tiles.count(), len(wrong)
    right = {mark["position"] for mark in wrong} == set(
        lent.tiles.filter(item__looks__assignment=lent, item__looks__reason="wrong_label").values_list(
            "position", flat=True
        )
    )
    least = 2 * errors + 1
    yield Row(
        f"acts for {items} items, {errors} wrong: flag, label, hand in", str(least), str(acts), right and acts <= least
    )
    yield Row("one by one: one act an item, one more for each right label", "", str(items + errors), True)


def name_it(page: Page, label: str) -> None:
    """By the digit of its suggestion."""
    option = page.locator(f'say-panel .option[data-label="{label}"]')
    option.wait_for()
    options = page.locator("say-panel .option")
    at = [option.get_attribute("data-label") for option in options.all()].index(label)
    page.keyboard.press(str(at + 1))


if __name__ == "__main__":
    main()
