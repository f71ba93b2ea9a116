"""Long work: made in the database, sent to the queue, run by whoever takes it, resumed after any death."""

import datetime
import logging
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from mlfix_site.celery import app

from .. import live
from ..models import Job, Project, User
from . import audit

log = logging.getLogger(__name__)
HEARTBEATS = 6  # in the time after which a silent worker counts as dead
SEND_AGAIN_AFTER = datetime.timedelta(seconds=20)
MOST_ATTEMPTS = 5
TASK_OF_KIND = dict.fromkeys(Job.PERCEIVING, "ranking.run_job")
ACTIVE = (Job.State.QUEUED, Job.State.RUNNING, Job.State.INTERRUPTED)


class Stop(Exception):
    """The run must end now: it was cancelled, or another worker has taken the job over."""


class Later(Exception):
    """The job cannot go on yet; it goes back to the queue with this sentence."""


class Refused(Exception):
    """The job cannot be done; the sentence says why and what to do."""


def create(kind: str, *, project: Project, by: User | None = None, **fields: Any) -> Job:
    """A queued job, sent once its transaction commits. The same kind on the same thing is one job at a time."""
    job = Job(project=project, kind=kind, by=by, sent_at=timezone.now(), **fields)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        same = Job.objects.filter(kind=kind, state__in=ACTIVE, dataset=job.dataset, campaign=job.campaign).first()
        if same is None:
            raise
        return same
    transaction.on_commit(lambda: send(job))
    return job


def send(job: Job) -> None:
    """Hand the job's number to the queue. If the queue is away, the sweep sends it later."""
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now())
    try:
        app.send_task(TASK_OF_KIND.get(Job.Kind(job.kind), "review.run_job"), args=[job.pk])
    except Exception:
        log.warning("The queue is away; job %s will be sent again.", job.pk)


def take(job_id: int) -> Job | None:
    """Become the job's only runner, or None where it is not waiting for one."""
    now = timezone.now()
    taken = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, fence=F("fence") + 1, attempts=F("attempts") + 1, heartbeat_at=now, ended_at=None
    )
    return Job.objects.get(pk=job_id) if taken else None


class Run:
    """A job in the hands of one worker. Every write is fenced: a worker thought dead that comes back writes nothing."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.mine = Job.objects.filter(pk=job.pk, fence=job.fence, state=Job.State.RUNNING)
        self.ended = threading.Event()

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        """Say how far it is; raises Stop when the run must end."""
        values: dict[str, Any] = {"done": done, "total": total, "message": message, "heartbeat_at": timezone.now()}
        if not self.mine.filter(cancel_wanted=False).update(**values):
            raise Stop
        live.changed("jobs", self.job.pk, done)

    def hold(self) -> None:
        """Nobody else writes under this run until the transaction ends; raises Stop where it is no longer ours."""
        if not self.mine.select_for_update().exists():
            raise Stop

    def commit_part(self, number: int, done: int) -> None:
        """Mark a part as finished inside the caller's transaction; raises Stop where the run is no longer ours."""
        self.hold()
        self.job.parts.create(number=number, done=done)

    def commit_next(self, done: int) -> None:
        """`commit_part`, of a job whose parts are numbered as they come."""
        self.hold()
        self.commit_part(max(self.finished_parts(), default=-1) + 1, done)

    def finished_parts(self) -> dict[int, int]:
        return dict(self.job.parts.values_list("number", "done"))

    def end(self, state: str, message: str = "", result: Any = None) -> bool:
        changed = self.mine.update(
            state=state, message=message, result=result, ended_at=timezone.now(), heartbeat_at=timezone.now()
        )
        live.changed("jobs", self.job.pk, self.job.fence + 10**9)
        return bool(changed)

    def beat(self) -> None:
        while not self.ended.wait(settings.DEAD_SECONDS / HEARTBEATS):
            try:
                self.mine.update(heartbeat_at=timezone.now())
            except Exception:
                log.warning("No heartbeat for job %s this time.", self.job.pk)
            finally:
                connection.close()


def run(job_id: int, work: Callable[[Run], Any]) -> None:
    """Take the job and do `work`, whatever comes of it is written down. Twice at once or again later does no harm."""
    job = take(job_id)
    if job is None:
        return
    this = Run(job)
    heart = threading.Thread(target=this.beat, daemon=True)
    heart.start()
    try:
        result = work(this)
        with transaction.atomic():
            message = result.pop("message", "") if isinstance(result, dict) else ""
            if this.end(Job.State.DONE, message, result):
                audit.record(
                    f"{job.kind} done", project=job.project_id, campaign=job.campaign, actor=job.by, job=job.pk
                )
    except Stop:
        this.mine.filter(cancel_wanted=True).update(state=Job.State.CANCELLED, ended_at=timezone.now())
    except Later as reason:
        this.mine.update(state=Job.State.QUEUED, message=str(reason), attempts=F("attempts") - 1)
    except Refused as reason:
        this.end(Job.State.FAILED, str(reason))
    except Exception as error:
        log.exception("Job %s failed.", job_id)
        close_old_connections()
        this.end(Job.State.FAILED, f"It stopped on an error we did not foresee ({type(error).__name__}). Try again; "
                 "if it stops again, tell whoever runs this site: the log has the details.")  # fmt: skip
    finally:
        this.ended.set()
        heart.join()


def cancel(*, job: Job) -> Job:
    """Ask a job to stop; a waiting one stops at once, a running one at its next step."""
    Job.objects.filter(pk=job.pk, state__in=[Job.State.QUEUED, Job.State.INTERRUPTED]).update(
        state=Job.State.CANCELLED, ended_at=timezone.now()
    )
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_wanted=True)
    job.refresh_from_db()
    return job


def resume(*, job: Job) -> Job:
    """Send a stopped job again; what it had finished is kept. ValidationError where another has taken its place."""
    stopped = Q(state__in=[Job.State.FAILED, Job.State.CANCELLED, Job.State.INTERRUPTED])
    again = {"state": Job.State.QUEUED, "cancel_wanted": False, "attempts": 0, "message": "", "ended_at": None}
    try:
        with transaction.atomic():
            resumed = Job.objects.filter(stopped, pk=job.pk).update(**again)
    except IntegrityError:
        raise ValidationError(
            "Another job of this kind is at work on the same thing. Wait until it has ended."
        ) from None
    if resumed:
        transaction.on_commit(lambda: send(job))
    job.refresh_from_db()
    return job


def sweep() -> None:
    """Declare the silent dead, and send again what waits. An interrupted job is queued a moment after it was found, so
    that people can see what happened."""
    now = timezone.now()
    shown = now - datetime.timedelta(seconds=settings.DEAD_SECONDS / HEARTBEATS)
    Job.objects.filter(state=Job.State.INTERRUPTED, ended_at__lt=shown).update(state=Job.State.QUEUED, sent_at=None)
    silent = datetime.timedelta(seconds=settings.DEAD_SECONDS)
    dead = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - silent)
    dead.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=Job.State.FAILED,
        ended_at=now,
        message=f"Its worker died {MOST_ATTEMPTS} times. Look at the worker's log, then resume it.",
    )
    found = list(dead.values_list("pk", flat=True))
    dead.update(state=Job.State.INTERRUPTED, ended_at=now, message="Its worker died; it goes on from where it was.")
    for job_id in found:
        live.changed("jobs", job_id, int(now.timestamp()))
    waiting = Q(sent_at__isnull=True) | Q(sent_at__lt=now - SEND_AGAIN_AFTER)
    for job in Job.objects.filter(waiting, state=Job.State.QUEUED):
        send(job)


def send_waiting(**which: Any) -> None:
    """Send the waiting jobs of this description now instead of at the next sweep."""
    for job in Job.objects.filter(state=Job.State.QUEUED, **which):
        send(job)
