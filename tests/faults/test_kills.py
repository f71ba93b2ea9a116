"""kill -9 of the web, of the general worker and of PostgreSQL while people review: what was acknowledged is there."""

import contextlib
import random
import signal
import threading
import time
import uuid
from collections import Counter
from typing import Any

import httpx
import psutil
import pytest
from django.db import connection

from mlfix_site import embedded, processes
from review.models import Look, Tile
from review.queries.invariants import breaches
from tests import live, make

pytestmark = pytest.mark.django_db(transaction=True)
SEED = 26
KILLS_EACH = 4
GAP_SECONDS = (1.0, 3.0)
THINK_SECONDS = 0.15
LONGEST_SECONDS = 30.0  # for which one request is tried again

Marks = dict[int, str]  # position seen: reason, "" where it was left as it is


class Person:
    """Reviews over HTTP, and sends again what got no answer, as the page does."""

    def __init__(self, client: httpx.Client, campaign: int, seed: int, stop: threading.Event) -> None:
        self.client, self.campaign, self.stop = client, campaign, stop
        self.rng = random.Random(seed)
        self.sent: dict[int, Marks] = {}
        self.acknowledged: dict[int, dict[str, int]] = {}
        self.lost = 0
        self.failures: Counter[int] = Counter()  # by status
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self) -> None:
        try:
            while not self.stop.is_set() and self.review():
                time.sleep(self.rng.uniform(0, 2 * THINK_SECONDS))
        except Exception as error:
            self.error = error

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The first answer that is not a failure of the site."""
        end = time.monotonic() + LONGEST_SECONDS
        while True:
            try:
                answer = self.client.request(method, path, timeout=10, **options)
                if answer.status_code < 500:
                    return answer
                self.failures[answer.status_code] += 1
            except httpx.TransportError:
                pass
            self.lost += 1
            assert time.monotonic() < end, f"{method} {path} found no answer"
            time.sleep(0.2)

    def review(self) -> bool:
        """Claim, save half-way and hand in; False where nothing is left."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        lent = self.ask("POST", f"/api/campaigns/{self.campaign}/claim/", headers=key).json()
        if "sections" not in lent:
            return lent["retry_after"] is not None
        path = f"/api/assignments/{lent['id']}"
        positions = [tile["position"] for section in lent["sections"] for tile in section["tiles"]]
        marks = {p: self.rng.choice(["", "", "", "cant_tell", "bad_box"]) for p in positions if self.rng.random() < 0.9}
        self.sent[lent["id"]] = marks
        half = dict(list(marks.items())[: len(marks) // 2])
        saved = self.ask("PUT", f"{path}/flags/", json={"revision": lent["revision"], **body(half)}).json()
        done = self.ask("POST", f"{path}/submit/", json={"revision": saved["revision"], **body(marks)})
        assert done.status_code == 200, done.text
        self.acknowledged[lent["id"]] = done.json()
        return True


def body(marks: Marks) -> dict[str, Any]:
    flags = [{"position": p, "reason": r, "label": None, "comment": ""} for p, r in marks.items() if r]
    return {"flags": flags, "seen": list(marks)}


def kill_postgres(postgres: embedded.Postgres) -> None:
    """The server and every process of it, at one stroke; then start it again."""
    pid = postgres.running_pid()
    assert pid is not None
    server = psutil.Process(pid)
    server.send_signal(signal.SIGSTOP)  # so that it starts no further process
    for process in [*server.children(recursive=True), server]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    postgres.start()


def looks_of(assignment: int) -> Marks:
    """What the database has of a hand-in."""
    place = dict(Tile.objects.filter(assignment=assignment).values_list("item_id", "position"))
    looks = Look.objects.filter(assignment=assignment).values_list("item_id", "reason")
    return {place[item]: reason for item, reason in looks}


@pytest.mark.skipif("DATABASE_URL" not in embedded.served, reason="this PostgreSQL is not ours to kill")
def test_kills_at_random_points_lose_no_hand_in_and_make_none_up(transactional_db, project, lead, monkeypatch):
    monkeypatch.setenv("MLFIX_DEAD_SECONDS", "4")
    monkeypatch.setenv("MLFIX_SWEEP_SECONDS", "1")
    monkeypatch.setattr(processes, "WELL_SECONDS", 0)  # every restart after the first pause
    made, _ = make.dataset(project, lead, each=600)
    campaign = make.campaign(made, lead, policy="fixed", looks_min=3, looks_max=3, honeypots=1)
    names = [make.member(project, f"person-{n}").user.username for n in range(4)]
    postgres = embedded.Engines(embedded.var_folder()).postgres
    rng = random.Random(SEED)
    victims = ["web", "general", "postgres"] * KILLS_EACH
    rng.shuffle(victims)
    connection.close()
    stop = threading.Event()
    with live.site(processes.general_worker(), processes.beat()) as (url, keeper):
        people = [Person(live.signed_in(url, name), campaign.pk, seed, stop) for seed, name in enumerate(names)]
        for victim in victims:
            time.sleep(rng.uniform(*GAP_SECONDS))
            if victim == "postgres":
                kill_postgres(postgres)
            else:
                live.kill(keeper, victim)
        live.wait_for(lambda: live.is_ready(people[0].client), 30)
        time.sleep(1)
        stop.set()
        for person in people:
            person.thread.join()
    assert [person.error for person in people] == [None] * 4
    sent = {number: marks for person in people for number, marks in person.sent.items()}
    acknowledged = {number: answer for person in people for number, answer in person.acknowledged.items()}
    print(
        f"{len(victims)} kills {Counter(victims)}, {len(acknowledged)} hand-ins, {sum(p.lost for p in people)} retries"
    )
    assert len(acknowledged) > 40 and sum(person.lost for person in people) > 0
    # What the site answers while its database is away says so, and that one may try again.
    assert {status for person in people for status in person.failures} <= {503}
    for number, answer in acknowledged.items():
        assert looks_of(number) == sent[number]
        assert Look.objects.filter(assignment=number, counted=True).count() == answer["counted"]
    for number in Look.objects.values_list("assignment", flat=True).distinct():
        assert looks_of(number) == sent[number]
    assert not list(breaches())
