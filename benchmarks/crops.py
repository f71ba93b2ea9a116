"""Tiles a second out of one web process: the bundle of an assignment's crops, beside a bare ASGI function that serves
one crop a request.

    python -m benchmarks.crops [--bundles 300]
"""

import argparse
import asyncio

from benchmarks import support

support.set_up()

import httpx  # noqa: E402

from benchmarks.load import TILES, Headers, client, highest, people  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundles", type=int, default=300)
    count = parser.parse_args().bundles
    print(f"Crops, bundles of {TILES}; {support.machine()}")
    campaign = support.made_up(10_000, 10, TILES, looks_min=1, looks_max=1, policy="fixed", honeypots=0)
    with support.serving() as url:
        bundles = asyncio.run(bundle_rate(url, campaign.pk, people(campaign, 1)[0], count))
    with support.serving("benchmarks.bare_crop:application") as url:
        bare = asyncio.run(highest(single, url, count * 10))
    print(f"bundles               {bundles:7.1f} a second: {bundles * TILES:,.0f} tiles a second")
    print(f"bare ASGI, one a time {bare:7.1f} tiles a second")
    print(f"ratio                 {bundles * TILES / bare:7.1f} times as many tiles")


async def bundle_rate(url: str, campaign: int, headers: Headers, count: int) -> float:
    async with client(url) as http:
        lent = (await http.post(f"/api/campaigns/{campaign}/claim/", headers=headers)).json()["id"]

    async def ask(number: int, http: httpx.AsyncClient) -> None:
        (await http.get(f"/api/assignments/{lent}/crops?size=128", headers=headers)).raise_for_status()

    return await highest(ask, url, count)


async def single(number: int, http: httpx.AsyncClient) -> None:
    (await http.get("/")).raise_for_status()


if __name__ == "__main__":
    main()
