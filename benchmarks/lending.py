"""Claims and hand-ins of 100 tiles over HTTP as items grow, beside a bare view that executes the same statements.

    python -m benchmarks.lending [--items 20000] [--reviewers 200] [--pairs 200]

For each number of items a dataset is written in bulk and its campaign planned by the site's own code; then reviewers
who are signed in claim and hand in. Highest rates are of one web process each, the same engine, the load from the same
machine. At 60 % of it people come as a Poisson process, and the whole site runs: worker, clock, refits. Read the
ratios where other work shares the machine. Each size runs in a process of its own on one data folder.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import support

LABELS = 400  # of a million items; fewer of fewer
SHARE = 0.6  # of the highest rate, at which people come by themselves
PROVED = 50  # pairs whose verdicts are held against their looks
WORK = {"looks_min": 3}  # so that a small campaign lasts as long


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[20_000])
    parser.add_argument("--reviewers", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        measure(arguments.items[0], arguments.reviewers, arguments.pairs)
        return
    from benchmarks.load import TILES

    print(f"Lending, batches of {TILES}, {arguments.reviewers} reviewers; {support.machine()}", flush=True)
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-bench-"))
    for n in arguments.items:
        options = ["--here", "--items", str(n), "--reviewers", str(arguments.reviewers)]
        subprocess.run(
            [sys.executable, "-m", "benchmarks.lending", *options, "--pairs", str(arguments.pairs)], check=True
        )


def measure(n: int, reviewers: int, pairs: int) -> None:
    support.set_up()
    from benchmarks import load

    began = time.perf_counter()
    campaign = planned(n)
    who = load.people(campaign, reviewers)
    print(
        f"\n{n:,} items, {campaign.batches.count():,} batches planned; {time.perf_counter() - began:.0f} s", flush=True
    )
    with support.serving() as url:
        ask = asker(campaign.pk, who)
        asyncio.run(load.highest(ask, url, 20))
        rate = said("claim + hand in", url, ask, pairs)
    with support.serving(whole=True) as url:
        measure_arrivals(url, campaign.pk, who, SHARE * rate, pairs)
        prove(url, campaign, who)
    from review.queries.invariants import breaches

    began = time.perf_counter()
    print(f"invariants            {len(list(breaches())):7} breaches; {time.perf_counter() - began:.0f} s", flush=True)
    # Last, since the bare view writes what others' looks make of a verdict in whatever order it comes.
    bare = measure_bare(campaign.pk, who, pairs)
    print(f"ratio                 {bare / rate:7.2f} bare pairs for one")


def planned(n: int) -> Any:
    """An open campaign of n items, planned by the site's own code on a made-up ranking."""
    import numpy as np

    from benchmarks import rows, scale_site
    from ranking import record
    from ranking.outcome import Items
    from review.models import Dataset, Job, Ranking
    from review.operations import jobs, plan

    dataset = rows.dataset_of(n, max(40, n * LABELS // 10**6))
    ranking = Ranking.objects.create(dataset=dataset, encoder="none", version="1")
    job = Job.objects.create(project=dataset.project, kind=Job.Kind.RANK, dataset=dataset)

    def rank(run: jobs.Run) -> dict[str, Any]:
        nothing = np.empty((n, 0), np.float32)
        items = Items(*record.read_rows(dataset), nothing, nothing)
        record.write(run, ranking, items, scale_site.drawn(items))
        return {}

    jobs.run(job.pk, rank)
    campaign, job = plan.start(dataset=Dataset.objects.get(pk=dataset.pk), by=None, name=f"{n:,}", settings=WORK)
    jobs.run(job.pk, plan.run)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    campaign.refresh_from_db()
    return campaign


def asker(campaign: int, who: list[Any]) -> Any:
    from benchmarks import load

    async def ask(number: int, http: Any) -> None:
        await load.pair(http, campaign, who[number % len(who)])

    return ask


def said(name: str, url: str, ask: Any, pairs: int) -> float:
    """The highest rate, printed with what it costs the web process and the database."""
    from benchmarks import load

    cpu = load.Processor(url)
    rate = asyncio.run(load.highest(ask, url, pairs))
    web, database = (1000 * seconds / pairs for seconds in cpu.since())
    print(f"{name:21} {rate:7.1f} pairs a second at most; CPU ms a pair: web {web:.1f}, database {database:.1f}",
          flush=True)  # fmt: skip
    return rate


def measure_bare(campaign: int, who: list[Any], pairs: int) -> float:
    from benchmarks import statements
    from mlfix_site.embedded import var_folder

    path, failed = Path(var_folder()) / "statements.json", []
    count = statements.record(campaign, who, pairs, path)

    async def ask(number: int, http: Any) -> None:
        for half in (0, 1):
            # What one pair flags another is lent: where they change places, a constraint refuses the second.
            if (await http.post(f"/{number}/{half}/")).is_error:
                failed.append(number)

    settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.bare_settings", "BARE_STATEMENTS": str(path)}
    with support.serving("benchmarks.bare:application", **settings) as url:
        rate = said("bare, same statements", url, ask, pairs)
    print(f"                      {count:7.0f} statements a pair; {len(failed)} of {2 * pairs} refused the second time")
    return rate


def measure_arrivals(url: str, campaign: int, who: list[Any], rate: float, pairs: int) -> None:
    from benchmarks import load
    from review.models import Fit

    fits = Fit.objects.filter(campaign=campaign)
    before = fits.count()
    claims, hand_ins = asyncio.run(load.arriving(url, campaign, who, rate, pairs))
    print(f"claim, at {SHARE:.0%} of it   {support.milliseconds(claims)}")
    print(f"hand in, at {SHARE:.0%} of it {support.milliseconds(hand_ins)}; {fits.count() - before} refits meanwhile",
          flush=True)  # fmt: skip


def prove(url: str, campaign: Any, who: list[Any]) -> None:
    """Hand in, and look from outside how long after the answer each verdict is what the looks make of it."""
    from benchmarks import load
    from review.models import Tile
    from review.queries.invariants import stale_verdicts

    async def hand_in_one(own: Any) -> int:
        async with load.client(url) as http:
            lent = await load.claim(http, campaign.pk, own)
            await load.hand_in(http, lent, own)
            return int(lent["id"])

    waits = []
    for number in range(PROVED):
        assignment = asyncio.run(hand_in_one(who[number % len(who)]))
        items = Tile.objects.filter(assignment=assignment, planted=False).values_list("item_id", flat=True)
        answered = asked = time.perf_counter()
        while list(stale_verdicts(campaign, campaign.verdicts.filter(item__in=list(items)))):
            asked = time.perf_counter()
        waits.append(asked - answered)
    print(f"verdicts up to date   {support.milliseconds(waits)} after the answer", flush=True)


if __name__ == "__main__":
    main()
