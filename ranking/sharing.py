"""Several workers at one dataset: each leases a crop shard, embeds it and hands its vectors in, exactly once a shard.

The worker that runs the job asks the others to help. Vectors are taken only under the run that the lease was given in,
and only from who holds the lease. Whoever dies leaves a lease that ends, or that the job's next run clears away.
"""

import datetime
import logging
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from mlfix_site.celery import app
from review.models import EmbeddingLease, Job, Ranking, Shard
from review.operations import jobs

from . import store as vectors
from .encoders.base import Vectors

log = logging.getLogger(__name__)
MOST_HELPERS = 15
LEASES_A_DEATH = 4  # a lease lasts so many times as long as the silence that is taken for a worker's death
TAKE = """
    INSERT INTO review_embeddinglease AS lease (ranking_id, shard_id, holder, fence, until)
    SELECT %(ranking)s, shard.id, %(holder)s, %(fence)s, %(until)s FROM review_shard AS shard
    WHERE shard.dataset_id = %(dataset)s AND shard.kind = 'crops'
        AND EXISTS (SELECT FROM review_object o WHERE o.shard_id = shard.id)
        AND NOT EXISTS (SELECT FROM review_embeddingshard e WHERE e.ranking_id = %(ranking)s AND e.shard_id = shard.id)
        AND NOT EXISTS (SELECT FROM review_embeddinglease l
                        WHERE l.ranking_id = %(ranking)s AND l.shard_id = shard.id AND l.until > %(now)s)
    ORDER BY shard.id LIMIT 1
    ON CONFLICT (ranking_id, shard_id) DO UPDATE
        SET holder = excluded.holder, fence = excluded.fence, until = excluded.until WHERE lease.until <= %(now)s
    RETURNING shard_id
"""


class Share:
    """One worker's part in embedding a ranking's shards, under one run of its job."""

    def __init__(self, run: jobs.Run, ranking: Ranking) -> None:
        self.run, self.ranking, self.holder = run, ranking, uuid.uuid4()

    def open(self) -> None:
        """Clear away the leases of earlier runs and ask for help; where no other worker is, nothing comes of it."""
        self.ranking.leases.filter(fence__lt=self.run.job.fence).delete()
        for _ in range(min(MOST_HELPERS, vectors.missing(self.ranking).count() - 1)):
            try:
                app.send_task("ranking.help", args=[self.run.job.pk, self.run.job.fence, self.ranking.pk])
            except Exception:
                log.warning("The queue is away; job %s goes on without help.", self.run.job.pk)
                return

    def shards(self) -> Iterator[Shard]:
        """Shards that are this worker's to embed, until none is free."""
        while (shard_id := self.take()) is not None:
            yield Shard.objects.get(pk=shard_id)

    def take(self) -> int | None:
        """Lease a shard without vectors; None where none is free. Who was a moment slower than another looks again."""
        now = timezone.now()
        until = now + datetime.timedelta(seconds=LEASES_A_DEATH * settings.DEAD_SECONDS)
        names: dict[str, Any] = {"ranking": self.ranking.pk, "dataset": self.ranking.dataset_id, "holder": self.holder,
                 "fence": self.run.job.fence, "until": until, "now": now}  # fmt: skip
        while self.free():
            with connection.cursor() as cursor:
                cursor.execute(TAKE, names)
                if found := cursor.fetchone():
                    return int(found[0])
        return None

    def free(self) -> bool:
        held = self.ranking.leases.filter(until__gt=timezone.now()).values("shard")
        return vectors.missing(self.ranking).exclude(pk__in=held).exists()

    def hand_in(self, shard: Shard, objects: list[int], look: Vectors, shapes: Vectors) -> bool:
        """Keep a shard's vectors. False, with nothing written, where somebody else holds it by now; raises Stop where
        the run is over."""
        with transaction.atomic():
            mine = EmbeddingLease.objects.filter(ranking=self.ranking, shard=shard, holder=self.holder)
            if not mine.delete()[0]:
                return False
            vectors.save(self.run, self.ranking, shard, objects, look, shapes)
        return True


def under_way(job_id: int, fence: int) -> jobs.Run:
    """That run of the job; raises Stop where it is over or nobody wants it any more."""
    job = Job.objects.filter(pk=job_id, fence=fence, state=Job.State.RUNNING, cancel_wanted=False).first()
    if job is None:
        raise jobs.Stop
    return jobs.Run(job)
