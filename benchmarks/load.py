"""People who review over HTTP: signed in, claiming and handing in as the page does."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

TILES = 100
SIDE_BY_SIDE = 8
THINKS = 2.0  # seconds between a claim's answer and its hand-in, on average, where people come by themselves
Headers = dict[str, str]
Ask = Callable[[int, httpx.AsyncClient], Awaitable[Any]]


def people(campaign: Any, count: int) -> list[Headers]:
    """Reviewers of the campaign's project, signed in: what each one's browser sends along."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils.crypto import get_random_string

    from review.models import Member, User

    names = (f"bench-{campaign.pk}-{k}" for k in range(count))
    users = User.objects.bulk_create(User(username=name, password="!") for name in names)
    Member.objects.bulk_create(Member(project=campaign.dataset.project, user=u, role="reviewer") for u in users)
    signed_in = []
    for user in users:
        session, token = SessionStore(), get_random_string(32)
        session["_auth_user_id"], session["_auth_user_hash"] = str(user.pk), user.get_session_auth_hash()
        session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        session.create()
        signed_in.append({"Cookie": f"sessionid={session.session_key}; csrftoken={token}", "X-CSRFToken": token})
    return signed_in


def marks(lent: dict[str, Any]) -> dict[str, Any]:
    """All seen, one flagged."""
    tiles = [tile["position"] for section in lent["sections"] for tile in section["tiles"]]
    return {"revision": 0, "seen": tiles, "flags": [{"position": tiles[0], "reason": "wrong_label"}]}


async def claim(http: httpx.AsyncClient, campaign: int, who: Headers) -> dict[str, Any]:
    answer = await http.post(f"/api/campaigns/{campaign}/claim/", headers=who)
    answer.raise_for_status()
    lent: dict[str, Any] = answer.json()
    if lent.get("assignment", lent) is None:
        raise SystemExit(f"Nothing was lent: {lent['reason']}")
    return lent


async def hand_in(http: httpx.AsyncClient, lent: dict[str, Any], who: Headers) -> None:
    answer = await http.post(f"/api/assignments/{lent['id']}/submit/", headers=who, json=marks(lent))
    answer.raise_for_status()


async def pair(http: httpx.AsyncClient, campaign: int, who: Headers) -> None:
    await hand_in(http, await claim(http, campaign, who), who)


def client(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=limits)


async def highest(ask: Ask, url: str, count: int, side_by_side: int = SIDE_BY_SIDE) -> float:
    """Answers a second with so many askers who never wait."""
    async with client(url) as http:
        began, numbers = time.perf_counter(), iter(range(count))

        async def asker() -> None:
            for number in numbers:
                await ask(number, http)

        await asyncio.gather(*(asker() for _ in range(side_by_side)))
        return count / (time.perf_counter() - began)


async def arriving(
    url: str, campaign: int, who: list[Headers], rate: float, count: int, seed: int = 1
) -> tuple[list[float], list[float]]:
    """(seconds of claims, seconds of hand-ins) of people who come as a Poisson process at `rate` a second, whether
    earlier ones were answered or not, and hand in after a while of chance. Seconds run from when each was due."""
    rng, claims, hand_ins = random.Random(seed), [], []
    async with client(url) as http:

        async def one(number: int, due: float, think: float) -> None:
            own = who[number % len(who)]
            lent = await claim(http, campaign, own)
            claims.append(time.perf_counter() - due)
            due = time.perf_counter() + think
            await asyncio.sleep(think)
            await hand_in(http, lent, own)
            hand_ins.append(time.perf_counter() - due)

        due, tasks = time.perf_counter(), []
        for number in range(count):
            due += rng.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(one(number, due, rng.expovariate(1 / THINKS))))
        await asyncio.gather(*tasks)
    return claims, hand_ins


class Processor:
    """CPU seconds of the web process at a port and of PostgreSQL, since the last time it was asked."""

    def __init__(self, url: str) -> None:
        import psutil

        from mlfix_site import embedded

        port = url.rsplit(":", 1)[1]
        self.web = next(p for p in psutil.process_iter(["cmdline"]) if port in (p.info["cmdline"] or []))
        pid = embedded.Engines(embedded.var_folder()).postgres.running_pid() if "DATABASE_URL" in embedded.served else 0
        self.database = psutil.Process(pid) if pid else None
        self.last = self.used()

    def used(self) -> tuple[float, float]:
        web = sum(self.web.cpu_times()[:2])
        if self.database is None:
            return web, 0.0
        live = [sum(child.cpu_times()[:2]) for child in self.database.children()]
        return web, sum(self.database.cpu_times()[:4]) + sum(live)

    def since(self) -> tuple[float, float]:
        before, self.last = self.last, self.used()
        return self.last[0] - before[0], self.last[1] - before[1]


def own_seconds() -> float:
    return sum(os.times()[:2])
