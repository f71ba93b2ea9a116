"""Simulated people who sign in, claim, flag, save and hand in over HTTP like real ones."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.db import connection

from ..models import Campaign, Tile
from .minds import Mind

TRIES = 4
LONGEST_WAIT_SECONDS = 2.0
# Many people share a few connections while they read what their tiles hold.
READERS = threading.Semaphore(4)


class SiteError(Exception):
    """The site answered what it should not have: a sentence with the route and the answer."""


class Visitor:
    """Somebody signed in over HTTP, who tries again where the network failed or the site asked to wait."""

    def __init__(self, client: httpx.Client, username: str, password: str) -> None:
        self.client = client
        token = self.ask("POST", "/api/token/", json={"username": username, "password": password})["token"]
        client.headers["Authorization"] = f"Token {token}"

    def ask(self, method: str, path: str, *, accept: tuple[int, ...] = (), **options: Any) -> dict[str, Any]:
        """The JSON of a good answer, or of one whose status is in `accept`; SiteError else."""
        failures = 0
        while True:
            try:
                answer = self.client.request(method, path, **options)
            except httpx.TransportError as error:
                failures += 1
                if failures == TRIES:
                    raise SiteError(f"{method} {path}: {error or type(error).__name__}") from None
                time.sleep(0.2 * 2**failures)
                continue
            if answer.status_code == 429:
                time.sleep(float(answer.headers.get("Retry-After", 1)))
                continue
            if answer.is_success or answer.status_code in accept:
                return {"status": answer.status_code, **(answer.json() if answer.content else {})}
            raise SiteError(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """All results of a list, page after page."""
        following: str | None = path
        while following:
            page = self.ask("GET", following)
            yield from page["results"]
            following = page["next"]


@dataclass
class Tally:
    """What was done so far by all people together, and how many of them have tiles in hand."""

    assignments: int = 0
    looks: int = 0
    flags: int = 0
    resolutions: int = 0
    busy: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **amounts: int) -> None:
        with self.lock:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)

    def acts(self) -> int:
        return self.assignments + self.resolutions


class Reviewer:
    """One simulated person at the grid."""

    def __init__(self, number: int, visitor: Visitor, campaign: Campaign, mind: Mind, tally: Tally) -> None:
        self.number = number
        self.visitor = visitor
        self.campaign = campaign
        self.mind = mind
        self.tally = tally

    def work(self) -> None:
        """Review until told that nothing is left, or until everybody only waits for somebody else."""
        for lent in list(self.visitor.pages(f"/api/assignments/?mine&campaign={self.campaign.pk}")):
            self.review(self.visitor.ask("GET", f"/api/assignments/{lent['id']}/"))
        while assignment := self.claim():
            self.review(assignment)

    def claim(self) -> dict[str, Any] | None:
        """The next assignment; waits a little while other simulated people hold what is left."""
        path = f"/api/campaigns/{self.campaign.pk}/claim/"
        while True:
            answer = self.visitor.ask("POST", path, headers={"Idempotency-Key": str(uuid.uuid4())})
            if "sections" in answer:
                return answer
            if answer["retry_after"] is None or not self.tally.busy:
                return None
            time.sleep(min(answer["retry_after"], LONGEST_WAIT_SECONDS))

    def review(self, assignment: dict[str, Any]) -> None:
        """Look at all tiles, save half-way as the page does, hand in."""
        self.tally.add(busy=1)
        try:
            tiles = tiles_of(assignment["id"])
            flags = self.flags(tiles)
            self.hand_in(f"/api/assignments/{assignment['id']}", assignment["revision"], flags, len(tiles))
            self.tally.add(assignments=1, looks=len(tiles), flags=len(flags))
        finally:
            self.tally.add(busy=-1)

    def flags(self, tiles: list[tuple[int, str, str]]) -> list[dict[str, Any]]:
        said = [(position, self.mind.flag(self.number, item, shown)) for position, item, shown in tiles]
        return [{"position": position, **flag} for position, flag in said if flag]

    def hand_in(self, path: str, revision: int, flags: list[dict[str, Any]], tiles: int) -> None:
        self.visitor.ask("POST", f"{path}/extend/", accept=(409,))
        half = tiles // 2
        revision = self.save(path, revision, [f for f in flags if f["position"] < half], list(range(half)))
        self.save(path, revision, flags, list(range(tiles)))
        self.visitor.ask("POST", f"{path}/submit/")

    def save(self, path: str, revision: int, flags: list[dict[str, Any]], seen: list[int]) -> int:
        """Save the whole state and return its revision; a stale one is sent again upon the one that the site has."""
        body = {"flags": flags, "seen": seen}
        answer = self.visitor.ask("PUT", f"{path}/flags/", json={"revision": revision, **body}, accept=(409,))
        if answer["status"] == 409:
            answer = self.visitor.ask("PUT", f"{path}/flags/", json={"revision": answer["revision"], **body})
        return int(answer["revision"])


def tiles_of(assignment_id: int) -> list[tuple[int, str, str]]:
    """(position, key, label shown) of an assignment: the one thing that a simulated person looks up beside HTTP."""
    with READERS:
        try:
            tiles = Tile.objects.filter(assignment=assignment_id).order_by("position")
            return list(tiles.values_list("position", "item__key", "label__name"))
        finally:
            connection.close()


class Supervisor:
    """The simulated person at the desk."""

    def __init__(self, visitor: Visitor, campaign: Campaign, mind: Mind, tally: Tally) -> None:
        self.visitor = visitor
        self.campaign = campaign
        self.mind = mind
        self.tally = tally

    def work(self) -> None:
        """Settle disputes until none is left, question by question as the desk asks them: of one question, those of
        which the same is true with one decision."""
        met: set[int] = set()
        path = f"/api/campaigns/{self.campaign.pk}/desk/"
        while new := [c for c in self.clusters(path) if not met.issuperset(c)]:
            for cases in new:
                self.settle([case for case in cases if case not in met])
                met.update(cases)

    def clusters(self, path: str) -> list[list[int]]:
        return [cluster["cases"] for cluster in self.visitor.ask("GET", path)["clusters"]]

    def settle(self, verdicts: list[int]) -> None:
        path = f"/api/campaigns/{self.campaign.pk}"
        named = ",".join(map(str, verdicts))
        alike: dict[tuple[str, str | None], list[int]] = {}
        for dispute in self.visitor.pages(f"{path}/disputes/?verdicts={named}"):
            decision = self.mind.decision(dispute["item"]["key"], dispute["item"]["label"])
            alike.setdefault((decision["action"], decision.get("label")), []).append(dispute["id"])
        for (action, label), some in alike.items():
            body = {"action": action, "label": label, "cases": [{"verdict": pk} for pk in some]}
            done = self.visitor.ask("POST", f"{path}/resolutions/", json=body)
            self.tally.add(resolutions=len(done["settled"]))


def at_once(acts: list[Callable[[], None]], meanwhile: Callable[[], None]) -> None:
    """Do all of it side by side and `meanwhile` twice a second; the first error is raised once all have ended."""
    errors: list[Exception] = []

    def attempt(act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=attempt, args=[act], daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        meanwhile()
        threads[0].join(0.5) if threads[0].is_alive() else time.sleep(0.1)
    if errors:
        raise errors[0]
