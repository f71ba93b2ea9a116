"""Claim and hand in 100 tiles of 100,000 items over HTTP, beside a bare Django view with one SELECT and one INSERT.

    python -m benchmarks.lending [--items 100000] [--pairs 200]

One web process each, the same engine, the load from the same machine: read the ratios, not the milliseconds.
"""

import argparse
import asyncio
import time

from benchmarks import support

support.set_up()

import httpx  # noqa: E402
from django.db import connection  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

from review.models import Member, User  # noqa: E402
from review.queries.invariants import breaches  # noqa: E402

PEOPLE = 50
TILES = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=200)
    arguments = parser.parse_args()
    print(f"Lending, {arguments.items:,} items, batches of {TILES}; {support.machine()}")
    campaign = support.made_up(arguments.items, 100, TILES, looks_min=3, looks_max=3, policy="fixed", honeypots=0)
    tokens = people(campaign)
    with support.serving() as url:
        idle = asyncio.run(pairs(url, campaign.pk, tokens, arguments.pairs))
        print(f"claim, idle           {support.milliseconds([c for c, _ in idle])}")
        print(f"hand in, idle         {support.milliseconds([s for _, s in idle])}")
        top = asyncio.run(highest(lambda k, http: pair(http, campaign.pk, tokens[k % PEOPLE]), url, arguments.pairs))
        print(f"claim + hand in       {top:7.1f} pairs a second at most ({top * TILES:,.0f} items)")
        waits = asyncio.run(loaded(url, campaign.pk, tokens, 0.6 * top, arguments.pairs))
        print(f"at 60 % of it, Poisson {support.milliseconds(waits)} a pair")
    bare = measure_bare(arguments.pairs * 5)
    print(f"bare view             {bare:7.1f} a second at most")
    print(f"ratio                 {bare / top:7.1f} bare answers for one claim + hand in of {TILES} tiles")
    found = list(breaches())
    print(f"invariants            {len(found)} breaches")


def people(campaign) -> list[str]:  # type: ignore[no-untyped-def]
    users = User.objects.bulk_create(User(username=f"bench-{campaign.pk}-{k}", password="!") for k in range(PEOPLE))
    project = campaign.dataset.project
    Member.objects.bulk_create(Member(project=project, user=user, role="reviewer") for user in users)
    return [Token.objects.create(user=user).key for user in users]


async def pair(http: httpx.AsyncClient, campaign: int, token: str) -> tuple[float, float]:
    """Seconds of a claim and of handing it in, all seen and one flagged."""
    headers = {"Authorization": f"Token {token}"}
    began = time.perf_counter()
    lent = (await http.post(f"/api/campaigns/{campaign}/claim/", headers=headers)).json()
    claimed = time.perf_counter()
    tiles = [tile["position"] for section in lent["sections"] for tile in section["tiles"]]
    marks = {"revision": 0, "seen": tiles, "flags": [{"position": tiles[0], "reason": "wrong_label"}]}
    answer = await http.post(f"/api/assignments/{lent['id']}/submit/", headers=headers, json=marks)
    answer.raise_for_status()
    return claimed - began, time.perf_counter() - claimed


def client(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=limits)


async def pairs(url: str, campaign: int, tokens: list[str], count: int) -> list[tuple[float, float]]:
    async with client(url) as http:
        await pair(http, campaign, tokens[0])
        return [await pair(http, campaign, tokens[k % PEOPLE]) for k in range(count)]


async def highest(ask, url: str, count: int, side_by_side: int = 8) -> float:  # type: ignore[no-untyped-def]
    """Answers a second with so many askers who never wait."""
    async with client(url) as http:
        began, numbers = time.perf_counter(), iter(range(count))

        async def asker() -> None:
            for number in numbers:
                await ask(number, http)

        await asyncio.gather(*(asker() for _ in range(side_by_side)))
        return count / (time.perf_counter() - began)


async def loaded(url: str, campaign: int, tokens: list[str], rate: float, count: int) -> list[float]:
    async with client(url) as http:

        async def ask(number: int) -> None:
            await pair(http, campaign, tokens[number % PEOPLE])

        return await support.open_loop(rate, count, ask)


def measure_bare(count: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_scratch (id bigserial PRIMARY KEY, note text)")

    async def ask(number: int, http: httpx.AsyncClient) -> None:
        (await http.get("/")).raise_for_status()

    with support.serving("benchmarks.bare:application", DJANGO_SETTINGS_MODULE="benchmarks.bare_settings") as url:
        return asyncio.run(highest(ask, url, count))


if __name__ == "__main__":
    main()
