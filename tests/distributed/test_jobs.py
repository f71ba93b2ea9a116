"""Long work as people see it over HTTP, on a running site: stopped, resumed, failed, without a worker, interrupted."""

import dataclasses
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from playwright.sync_api import Page, sync_playwright

from mlfix_site import processes
from review.models import Dataset, Item, Job
from review.operations import import_, jobs
from review.queries.workers import worker_seen
from review.storage import store
from tests import live, make

pytestmark = pytest.mark.django_db(transaction=True)
EACH = 700
PAGE_ASKS_EVERY = 4  # job-progress's POLL, in seconds


@pytest.fixture(autouse=True)
def _impatient(monkeypatch, settings):
    """The same as by default, some times faster; the processes under test read the same variables."""
    for name, seconds in {"DEAD": 4, "SWEEP": 1, "PRESENT": 1}.items():
        monkeypatch.setenv(f"MLFIX_{name}_SECONDS", str(seconds))
    cache.clear()  # the workers of other tests are gone
    settings.DEAD_SECONDS, settings.PRESENT_SECONDS, settings.SEEN_SECONDS = 4, 1, 3


def upload(client: httpx.Client, project, *, each: int = 12, manifest: bytes | None = None) -> int:
    """Send a dataset; its import job."""
    archive, table, _ = make.source(each=each)
    answer = client.post(
        f"/api/projects/{project.pk}/datasets/",
        data={"name": "Sent"},
        files={"archive": ("images.zip", archive), "manifest": ("m.csv", manifest or table)},
    )
    assert answer.status_code == 202, answer.text
    return answer.json()["job"]


class Watched:
    """One job over HTTP, and all states that it was seen in."""

    def __init__(self, client: httpx.Client, number: int) -> None:
        self.client, self.number = client, number
        self.states: list[str] = []

    def look(self) -> dict:
        found = self.client.get(f"/api/jobs/{self.number}/").json()
        if self.states[-1:] != [found["state"]]:
            self.states.append(found["state"])
        return found

    def until(self, state: str, seconds: float = 60) -> dict:
        live.wait_for(lambda: self.look()["state"] == state, seconds)
        return self.look()

    def post(self, verb: str) -> dict:
        return self.client.post(f"/api/jobs/{self.number}/{verb}/").json()

    def parts(self) -> set[int]:
        return set(Job.objects.get(pk=self.number).parts.values_list("pk", flat=True))


def test_a_cancelled_job_stops_within_seconds_resumes_from_its_parts_and_a_failed_one_says_why(
    transactional_db, project, lead
):
    with live.web(processes.general_worker(), processes.beat()) as url:
        client = live.signed_in(url, "lead")
        job = Watched(client, upload(client, project, each=EACH))
        live.wait_for(lambda: len(job.parts()) >= 2)
        assert job.look().items() >= {"state": "running", "worker": True, "total": 4 * EACH}.items()
        asked = time.monotonic()
        job.post("cancel")
        job.until("cancelled", 5)
        assert time.monotonic() - asked < 5
        finished = job.parts()
        here = Item.objects.count()
        assert 0 < here < 4 * EACH
        assert job.post("resume")["state"] == "queued"
        done = job.until("done")
        assert done["result"]["items"] == Item.objects.count() == 4 * EACH
        assert finished < job.parts()
        assert Item.objects.values("key").distinct().count() == 4 * EACH

        bad = Watched(client, upload(client, project, manifest=b"image,label\nnowhere.jpg,sign\n"))
        said = bad.until("failed")["message"]
        assert said.startswith("None of the 1 rows could be taken. The first: There is no image nowhere.jpg")
        assert bad.post("resume")["state"] == "queued"
        assert bad.until("failed")["message"] == said


def test_a_killed_worker_is_seen_as_interrupted_and_the_job_goes_on_by_itself(transactional_db, project, lead):
    with live.site(processes.general_worker(), processes.beat()) as (url, keeper):
        client = live.signed_in(url, "lead")
        job = Watched(client, upload(client, project, each=EACH))
        live.wait_for(lambda: len(job.parts()) >= 2)
        job.look()
        live.kill(keeper, "general")
        assert job.until("interrupted", 30)["message"] == "Its worker died; it goes on from where it was."
        job.until("done", 90)
        assert job.states[:2] == ["running", "interrupted"] and job.states[-1] == "done"
        assert Item.objects.values("key").distinct().count() == Item.objects.count() == 4 * EACH


def test_that_no_worker_is_there_is_said_within_a_minute_and_so_is_that_one_came(transactional_db, project, lead):
    assert settings.SEEN_SECONDS == 3 * settings.PRESENT_SECONDS
    assert 3 * 15 + PAGE_ASKS_EVERY < 60  # by default
    with live.web() as url:
        client = live.signed_in(url, "lead")
        job = Watched(client, upload(client, project))
        assert job.look().items() >= {"state": "queued", "worker": False}.items()
        with live.running(processes.general_worker(), processes.beat()):
            job.until("done")
            rank = Watched(client, Job.objects.get(kind=Job.Kind.RANK).pk)
            assert rank.look()["worker"] is False  # nobody ranks
            other = Job(kind=Job.Kind.IMPORT)
            live.wait_for(lambda: worker_seen(other), 20)
        ended = time.monotonic()
        live.wait_for(lambda: not worker_seen(other), 10)
        assert time.monotonic() - ended <= settings.SEEN_SECONDS + 1


@contextmanager
def page_of(url: str, cookie: str) -> Iterator[Page]:
    """A real browser, signed in. The browser's loop runs in this thread, so no database within the block."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
        yield context.new_page()
        browser.close()


def test_the_page_says_that_no_worker_runs_and_takes_it_back_when_one_does(transactional_db, project, lead):
    made, _ = make.dataset(project, lead, ranked=False)
    cookie = make.client(lead).cookies[settings.SESSION_COOKIE_NAME].value
    with live.web() as url, page_of(url, cookie) as page:
        page.goto(f"{url}/datasets/{made.pk}/")
        page.wait_for_selector("#no-worker")
        assert "No worker is running" in page.inner_text("#no-worker")
        with live.running(processes.ranking_worker(), processes.beat()):
            page.wait_for_selector("#no-worker", state="detached", timeout=40_000)


def test_two_beats_give_one_run_and_an_emptied_queue_loses_nothing(transactional_db, project, lead):
    beat = processes.beat()
    other = dataclasses.replace(
        beat, name="beat2", arguments=[a.replace("beat-schedule", "beat-schedule-2") for a in beat.arguments]
    )
    queue = redis.Redis.from_url(settings.REDIS_URL)
    archive, table, truth = make.source(each=100)
    source = {"archive": store().put(archive), "manifest": store().put(table)}

    def begin(name: str) -> Job:
        return import_.start(project=project, by=lead, name=name, source=source)[1]

    def ended(job: Job) -> bool:
        job.refresh_from_db()
        return job.state in (Job.State.DONE, Job.State.FAILED)

    with live.running(processes.general_worker(), beat, other):
        with transaction.atomic():
            first = begin("First")
            time.sleep(2.5)
            assert Job.objects.get(pk=first.pk).attempts == 0 and queue.llen("general") == 0
        live.wait_for(lambda: ended(first), 60)

        queue.flushall()
        second = begin("Second")
        queue.flushall()
        Job.objects.filter(pk=second.pk).update(sent_at=None)
        live.wait_for(lambda: ended(second), 60)
        third = begin("Third")
        live.wait_for(lambda: ended(third), 60)
    for job in (first, second, third):
        assert (job.state, job.attempts, job.fence) == (Job.State.DONE, 1, 1), job.message
        assert Item.objects.filter(dataset=job.dataset_id).count() == len(truth)
    assert Dataset.objects.filter(state="ready").count() == 3
    assert jobs.resume(job=third).state == Job.State.DONE
