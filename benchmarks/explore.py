"""Explore in a real Chromium, production build: frames a second while one scrolls through 10,000 tiles of 128 pixels,
beside a plain page of the same images that load lazily.

    python -m benchmarks.explore [--tiles 10000] [--seconds 8] [--turns 3] [--items 100000 1000000]

Both are scrolled by the same wheel at the same speeds, turn about. A frame counts when the page's own clock of frames
ticks; `pictures` is the share of the tiles in sight that show theirs while it scrolls, looked at every sixth frame.
"""

import argparse
import gzip
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import support

support.set_up()

from playwright.sync_api import Browser, Page  # noqa: E402

from benchmarks.frontend import DESK, Row, chromium  # noqa: E402
from tests import make  # noqa: E402

SPEEDS = (1000, 4000)  # CSS pixels a second: looking, and looking for something
TARGET = 55
STORED_ORDERS = """
    INSERT INTO review_labelorder (ranking_id, label_id, items, stacks, outliers)
    SELECT %s, label_id, array_agg(id ORDER BY random()), '{}', array_agg(id ORDER BY random())
    FROM review_item WHERE dataset_id = %s GROUP BY label_id
"""
PLAIN = """<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; padding: 14px; background: #f4f4f1;
         display: grid; grid-template-columns: repeat(auto-fill, 128px); gap: 5px; }
  img { width: 128px; height: 128px; object-fit: cover; border-radius: 5px; background: #e1e1dc; }
</style>"""
PROBE = (Path(__file__).parent / "explore_probe.js").read_text()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiles", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--items", type=int, nargs="*", default=[100_000])
    asked = parser.parse_args()
    for items in asked.items:
        print(f"The whole order of {items:,} items in 50 labels; {support.machine()}, load {os.getloadavg()[0]:.1f}")
        for line in orders(items):
            print(line, flush=True)
    dataset = drawn(asked.tiles)
    with support.serving() as url, chromium() as browser:
        print(f"Explore, Chromium {browser.version}; {support.machine()}, load {os.getloadavg()[0]:.1f}")
        for row in scrolling(browser, url, dataset, asked):
            print(
                f"{row.what:70}  {row.target:>8}  {row.figure:>26}  {'' if row.good else 'missed'}".rstrip(), flush=True
            )


def drawn(tiles: int) -> Any:
    """A dataset of so many pictures of its own, none twice, with the supervisor `sue`."""
    from review.operations import import_, projects
    from review.storage import store

    lead = make.user("lead")
    project = projects.create(name="Shapes", by=lead)
    make.member(project, "sue", "supervisor")
    archive, manifest, _ = make.source(-(-tiles // len(make.LABELS)), side=144)
    source = {"archive": store().put(archive), "manifest": store().put(manifest)}
    dataset, job = import_.start(project=project, by=lead, name="Shapes", source=source)
    make.work(job)
    dataset.refresh_from_db()
    return dataset


def scrolling(browser: Browser, url: str, dataset: Any, asked: argparse.Namespace) -> Iterator[Row]:
    found: dict[tuple[str, int], list[dict[str, float]]] = {}
    for _ in range(asked.turns):
        for which, open_page in (("ours", explorer), ("plain", lazy)):
            for speed in SPEEDS:
                context = browser.new_context(viewport=DESK)
                page = context.new_page()
                where = open_page(page, url, dataset)
                page.wait_for_timeout(1500)
                result = page.evaluate(PROBE, [*where, speed, asked.seconds])
                found.setdefault((which, speed), []).append(result)
                if which == "ours" and speed == SPEEDS[0] and len(found[which, speed]) == 1:
                    yield scripts(page)
                context.close()
    for speed in SPEEDS:
        for which in ("ours", "plain"):
            results = found[which, speed]
            frames = statistics.median(one["frames"] for one in results)
            pictures = statistics.median(one["pictures"] for one in results)
            slow = statistics.median(one["slow"] for one in results)
            name = "explore" if which == "ours" else "plain lazy-loading grid"
            figure = f"{frames:.1f}, {slow:.0f} ms, {100 * pictures:.0f} % pictures"
            target = f">= {TARGET}" if which == "ours" else ""
            what = f"{name}: frames a second at {speed} px/s, 99 % of gaps, in sight"
            yield Row(what, target, figure, which == "plain" or frames >= TARGET)


def orders(items: int) -> Iterator[str]:
    """How long the whole order of so many items takes, and a window of it by ids at its start and at its end."""
    from django.db import connection

    from review.queries import explore

    dataset = support.made_up(items, 50, 100).dataset
    dataset.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE review_item SET suspicion = random() WHERE dataset_id = %s", [dataset.pk])
        cursor.execute(STORED_ORDERS, [dataset.ranking_id, dataset.pk])
        cursor.execute("ANALYZE")
    for ordering in explore.ORDERINGS:
        seconds, order = timed(lambda ordering=ordering: explore.laid_out(dataset, explore.Slice(ordering=ordering)))
        yield f"{ordering:12} {len(order.ids):9,} ids of {order.count:9,}  {1000 * seconds:7.0f} ms"
    for name, part in (("start", order.ids[:128]), ("end", order.ids[-128:])):
        seconds, _ = timed(lambda part=part: (explore.details(dataset, part), explore.objects(dataset, part)))
        yield f"128 items at its {name}, with where their crops lie: {1000 * seconds:.0f} ms"


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """The median of three, in seconds, and what came of it."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        made = act()
        found.append(time.perf_counter() - start)
    return statistics.median(found), made


def signed_in(page: Page, url: str) -> None:
    page.goto(f"{url}/login/")
    page.get_by_label("User name").fill("sue")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/")
    page.evaluate("localStorage.setItem('mlfix.tile', '128')")


def explorer(page: Page, url: str, dataset: Any) -> list[Any]:
    signed_in(page, url)
    page.goto(f"{url}/datasets/{dataset.pk}/explore/?ordering=row")
    page.locator("#wall-0 .tile img").first.wait_for()
    return [["dataset-explorer", "tile-wall", ".scroll"], ".tile"]


def lazy(page: Page, url: str, dataset: Any) -> list[Any]:
    """The same images in the same order, each by its own address, as a page without any script."""
    signed_in(page, url)
    ids = dataset.items.order_by("row").values_list("pk", flat=True)
    images = "".join(f'<img loading="lazy" alt="" src="/api/items/{key}/crop/?size=128">' for key in ids)
    page.route("**/plain", lambda route: route.fulfill(content_type="text/html", body=PLAIN + images))
    page.goto(f"{url}/plain")
    page.locator("img").first.wait_for()
    return [[], "img"]


def scripts(page: Page) -> Row:
    names = page.evaluate("performance.getEntriesByType('resource').map(r => r.name).filter(n => n.endsWith('.js'))")
    size = sum(len(gzip.compress(page.request.get(name).body(), 9)) for name in names)
    return Row("JavaScript of the explore page, gzipped", "60.0 KB", f"{size / 1000:.1f} KB", size <= 60_000)


if __name__ == "__main__":
    main()
