"""Follow a job to its end from the command line, and work on it here where no worker takes it."""

import importlib
import importlib.util
import threading
import time
from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from mlfix_site.running import running_url

from .. import tasks
from ..models import Job
from ..operations import jobs
from .progress import Progress

LOOK_SECONDS = 0.2
# How long the running site's workers may take to begin before we do; where none runs, we begin at once.
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 1.0
TITLES = {
    Job.Kind.CHECK: "Looking through",
    Job.Kind.IMPORT: "Importing",
    Job.Kind.RANK: "Ranking",
    Job.Kind.PLAN: "Planning",
    Job.Kind.EXPORT: "Exporting",
    Job.Kind.PREDICTIONS: "Taking in predictions",
    Job.Kind.ENCODER: "Taking in the encoder",
    Job.Kind.TRAIN: "Training",
    Job.Kind.RECUT: "Cutting anew",
}
WAITING = {Job.Kind.PLAN, Job.Kind.PREDICTIONS, Job.Kind.RECUT}
STOPPED = {Job.State.FAILED, Job.State.CANCELLED}


def follow(job: Job, progress: Progress, *, helping: bool = True) -> dict[str, Any]:
    """Show the job until it is done, and the ranking that it waits for; gives its result. Raises CommandError with its
    sentence where it failed or was cancelled. `helping`: work on it here where no worker takes it."""
    helper = Helper()
    while (current := now_due(job)).state != Job.State.DONE:
        if current.state in STOPPED:
            jobs.cancel(job=job)
            raise CommandError(current.message or f"{TITLES[Job.Kind(current.kind)]} was cancelled.")
        progress.show(TITLES[Job.Kind(current.kind)], current.done, current.total, current.message)
        if helping:
            helper.offer(current)
        time.sleep(LOOK_SECONDS)
    progress.show(TITLES[Job.Kind(current.kind)], current.done, current.total)
    return current.result or {}


def now_due(job: Job) -> Job:
    """The job as it stands, or the ranking that it came back from to wait for."""
    job.refresh_from_db()
    if job.kind in WAITING and job.state == Job.State.QUEUED and job.fence:
        rankings = Job.objects.filter(kind=Job.Kind.RANK, dataset=job.dataset_id, state__in=jobs.ACTIVE)
        return rankings.first() or job
    return job


def revive(job: Job) -> Job:
    """The job, sent again where it stopped before its end."""
    return jobs.resume(job=job) if job.state in STOPPED else job


class Helper:
    """Takes a waiting job in a thread of its own. Jobs are fenced: if a worker takes it too, one of us does nothing."""

    def __init__(self) -> None:
        self.thread: threading.Thread | None = None
        self.patience = PATIENCE_SECONDS if running_url() else 0.0
        self.waiting: tuple[int, float] = (0, 0.0)

    def offer(self, job: Job) -> None:
        if job.state != Job.State.QUEUED or (self.thread and self.thread.is_alive()) or not can_do(job):
            self.waiting = (0, 0.0)
            return
        now = time.monotonic()
        if self.waiting[0] != job.pk:
            pause = PAUSE_SECONDS if self.thread else 0.0
            self.waiting = (job.pk, now + max(self.patience, pause))
        if now >= self.waiting[1]:
            self.thread = threading.Thread(target=work, args=[job.pk, job.kind], daemon=True)
            self.thread.start()


def can_do(job: Job) -> bool:
    """Ranking and training need torch, which an image for the web does not have: there its own worker has to come."""
    return job.kind not in Job.PERCEIVING or importlib.util.find_spec("torch") is not None


def work(job_id: int, kind: str) -> None:
    try:
        if kind in Job.PERCEIVING:
            # By its name: review imports nothing that needs torch.
            importlib.import_module("ranking.tasks").run_job(job_id)
        else:
            tasks.run_job(job_id)
    finally:
        connection.close()
