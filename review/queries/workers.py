"""Whether somebody is there to do the work."""

import datetime

from django.core.cache import cache
from django.utils import timezone

from ..models import Job

SEEN_SECONDS = 60


def present(queue: str) -> None:
    """A worker of this queue says that it is there."""
    cache.set(f"worker.{queue}", True, SEEN_SECONDS)


def worker_seen(job: Job) -> bool:
    """True where the job is being worked on, or a worker of its queue was seen in the last minute."""
    fresh = timezone.now() - datetime.timedelta(seconds=SEEN_SECONDS)
    if job.state == Job.State.RUNNING and job.heartbeat_at and job.heartbeat_at > fresh:
        return True
    return bool(cache.get(f"worker.{'ranking' if job.kind == Job.Kind.RANK else 'general'}"))
