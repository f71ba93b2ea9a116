"""Whether somebody is there to do the work."""

import datetime

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from ..models import Job


def present(queue: str) -> None:
    """A worker of this queue says that it is there."""
    cache.set(f"worker.{queue}", True, settings.SEEN_SECONDS)


def worker_seen(job: Job) -> bool:
    """True where a worker of the job's queue was seen lately, be it by its heart, since one at work may not answer."""
    ranks = job.kind in Job.OF_RANKING
    fresh = timezone.now() - datetime.timedelta(seconds=settings.SEEN_SECONDS)
    at_work = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__gt=fresh)
    at_work = at_work.filter(kind__in=Job.OF_RANKING) if ranks else at_work.exclude(kind__in=Job.OF_RANKING)
    return bool(cache.get(f"worker.{'ranking' if ranks else 'general'}")) or at_work.exists()
