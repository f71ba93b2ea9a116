"""What a lead's board costs as items and watchers grow: its numbers, its answers, its sockets, and the project's page.

    python -m benchmarks.board [--items 20000 1000000] [--looks 3] [--watchers 200] [--rate 50] [--seconds 15]

A campaign is written in bulk: every item looked at so often by some of 200 reviewers in the last 30 days, batches of
100, two planted looks a batch, 2 % fixed, 400 labels of a million items, groups of five. Then the numbers are reckoned
(as a worker does), asked for over HTTP by a lead while nothing moves and while the campaign moves five times a second,
and watched by sockets while so many hand-ins a second are announced: each is an event in the audit log and a message,
as a hand-in writes them, without its looks. A hand-in is told when a message is there that is of it or of a later one;
messages are at least a second apart, and late is what comes after the second since the one before. Each size runs in a
process of its own.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from benchmarks import support

ASKED = 40  # times each
MOVERS = 5  # who announce side by side


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[20_000])
    parser.add_argument("--looks", type=int, default=3)
    parser.add_argument("--watchers", type=int, default=200)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        measure(arguments)
        return
    print(f"The board; {support.machine()}", flush=True)
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-bench-"))
    for n in arguments.items:
        own = [f"--{name}={getattr(arguments, name)}" for name in ("looks", "watchers", "rate", "seconds")]
        subprocess.run([sys.executable, "-m", "benchmarks.board", "--here", f"--items={n}", *own], check=True)


def measure(arguments: argparse.Namespace) -> None:
    support.set_up()
    from benchmarks import board_rows, load

    began = time.perf_counter()
    campaign = board_rows.written(arguments.items[0], arguments.looks)
    print(f"\n{arguments.items[0]:,} items, {campaign.looks.count():,} looks, {campaign.batches.count():,} batches; "
          f"written in {time.perf_counter() - began:.0f} s", flush=True)  # fmt: skip
    reckon(campaign)
    lead = signed_in_lead(campaign)
    with support.serving(whole=True) as url:
        address = f"/api/campaigns/{campaign.pk}/progress/?recent=true"
        cpu = load.Processor(url)
        waits, size = asked(url, address, lead)
        web = 1000 * cpu.since()[0] / ASKED
        print(
            f"progress, at rest     {support.milliseconds(waits)}; {size / 1024:.0f} kB; web CPU {web:.1f} ms",
            flush=True,
        )
        stop = threading.Event()
        mover = threading.Thread(target=move, args=(campaign, 5.0, stop, []))
        mover.start()
        waits, _ = asked(url, address, lead, pause=0.1)
        stop.set()
        mover.join()
        print(f"progress, on the move {support.milliseconds(waits)}; longest {1000 * max(waits):.0f} ms", flush=True)
        waits, _ = asked(url, f"/projects/{campaign.dataset.project_id}/", lead)
        print(f"project's page        {support.milliseconds(waits)}; {queries(campaign)} queries", flush=True)
        cpu.since()
        watch(url, campaign, lead, arguments)
        web, database = (seconds / arguments.seconds for seconds in cpu.since())
        print(f"                      web {web:.0%} of a processor, database {database:.0%}", flush=True)


def reckon(campaign: Any) -> None:
    from review.operations import snapshots
    from review.queries import tallies
    from review.queries.agreement import COMMON

    parts = {
        "verdicts": lambda: tallies.rows(tallies.CELLS, {"campaign": campaign.pk, **tallies.calibrated(campaign)}),
        "groups": lambda: tallies.rows(tallies.GROUPS, {"campaign": campaign.pk, **tallies.calibrated(campaign)}),
        "looks": lambda: tallies.looks(campaign),
        "items": lambda: tallies.items(campaign),
        "pairs": lambda: tallies.pairs(campaign, COMMON),
    }
    said = []
    for name, part in parts.items():
        began = time.perf_counter()
        part()
        said.append(f"{name} {time.perf_counter() - began:.2f}")
    kept = snapshots.refresh(campaign)
    assert kept is not None
    print(f"numbers reckoned in   {kept.seconds:7.2f} s (of it: {', '.join(said)})", flush=True)


def signed_in_lead(campaign: Any) -> dict[str, str]:
    from benchmarks import load
    from review.models import Member

    lead = load.people(campaign, 1)[0]
    Member.objects.filter(project=campaign.dataset.project, user__username=f"bench-{campaign.pk}-0").update(role="lead")
    return lead


def asked(url: str, address: str, who: dict[str, str], pause: float = 0.0) -> tuple[list[float], int]:
    """(seconds of each answer, the last one's bytes)."""
    from benchmarks import load

    async def ask() -> tuple[list[float], int]:
        waits, size = [], 0
        async with load.client(url) as http:
            for number in range(ASKED + 1):
                began = time.perf_counter()
                answer = await http.get(address, headers=who)
                answer.raise_for_status()
                size = len(answer.content)
                if number:  # the first one opens the connections
                    waits.append(time.perf_counter() - began)
                await asyncio.sleep(pause)
        return waits, size

    return asyncio.run(ask())


def queries(campaign: Any) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from review.models import Member

    browser = Client(headers={"host": "localhost"})
    browser.force_login(Member.objects.filter(project=campaign.dataset.project, role="lead").first().user)
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert browser.get(f"/projects/{campaign.dataset.project_id}/").status_code == 200
    return len(found)


def move(campaign: Any, rate: float, stop: threading.Event, log: list[tuple[int, float]]) -> None:
    """Announce hand-ins at this rate, and note of each the version that it made and when it was there."""
    from django.db import close_old_connections

    from review.operations import audit
    from review.queries.version import version

    due = time.perf_counter()
    while not stop.is_set():
        audit.record("handed in", project=campaign.dataset.project_id, campaign=campaign)
        log.append((version(campaign), time.time()))
        due += 1 / rate
        time.sleep(max(0.0, due - time.perf_counter()))
    close_old_connections()


def watch(url: str, campaign: Any, who: dict[str, str], arguments: argparse.Namespace) -> None:
    """Watchers in a process of their own, while hand-ins are announced here."""
    watchers = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.watchers", url,
         *map(str, (campaign.pk, arguments.watchers, arguments.seconds))],
        env={**os.environ, "COOKIE": who["Cookie"]}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert watchers.stdout is not None
    assert watchers.stdout.readline() == "ready\n"
    log: list[tuple[int, float]] = []
    stop = threading.Event()
    movers = [threading.Thread(target=move, args=(campaign, arguments.rate / MOVERS, stop, log)) for _ in range(MOVERS)]
    for mover in movers:
        mover.start()
    heard = json.loads(watchers.stdout.readline())
    stop.set()
    for mover in movers:
        mover.join()
    watchers.wait()
    # The last second's may be told after the end.
    told = sorted((number, at) for number, at in log if at < heard["end"] - 2)
    waits, late, apart = [], [], []
    for messages in heard["messages"]:
        apart += [after[1] - before[1] for before, after in zip(messages, messages[1:], strict=False)]
        k = 0
        for number, at in told:
            while k < len(messages) and messages[k][0] < number:
                k += 1
            there = messages[k][1] if k < len(messages) else float("inf")
            waits.append(there - at)
            late.append(there - max(at, messages[k - 1][1] + 1 if k else at))
    rate = len(log) / arguments.seconds
    most = max(len(messages) for messages in heard["messages"]) / arguments.seconds
    print(f"{arguments.watchers} sockets           {rate:.0f} hand-ins a second; each told at most {most:.2f} times a "
          f"second, {statistics.median(apart):.2f} s apart")  # fmt: skip
    print(f"                      told after {support.milliseconds(waits)}, {1000 * max(waits):.0f} ms at most")
    print(
        f"                      late by    {support.milliseconds(late)}, {1000 * max(late):.0f} ms at most", flush=True
    )


if __name__ == "__main__":
    main()
