"""The Celery task of the ranking queue, and its first work: a dataset's crops to vectors, orders and suspicion."""

import contextlib
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from celery import shared_task
from django.conf import settings
from django.db.models import Count

from review.models import Dataset, Item, Job, Ranking
from review.operations import jobs, train
from review.storage import store

from . import crops_reader, embedder, encoders, outcome, projection, record, sharing, train_task
from . import store as vectors

SECONDS_BETWEEN_REPORTS = 1.0
SECONDS_BETWEEN_LOOKS = 0.3


@shared_task(name="ranking.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    torch.set_num_threads(cores())
    kind = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    jobs.run(job_id, train_task.train if kind == Job.Kind.TRAIN else rank)


def rank(run: jobs.Run) -> dict[str, Any]:
    """Rank the job's dataset; what an earlier run embedded is not embedded again."""
    started = time.monotonic()
    dataset = run.job.dataset
    assert dataset is not None
    report = Report(run, dataset)
    encoder = choose_encoder(run.job)
    ranking, embed = ranking_of(dataset, encoder, report)
    embed_missing(run, ranking, embed, report)
    items = record.read_items(dataset, ranking)
    concluded = outcome.conclude(items, report.say, report.tick)
    report.say("Writing it down")
    record.write(run, ranking, items, concluded)
    jobs.send_waiting(kind=Job.Kind.PLAN, campaign__dataset=dataset)
    return {"items": len(items.ids), "encoder": encoder.name, "seconds": round(time.monotonic() - started, 1)}


def cores() -> int:
    """How many this process may use; macOS does not say, so there it is all of them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Report:
    """How many items are embedded and what is being done; at most one line a second, each a chance to stop."""

    def __init__(self, run: jobs.Run, dataset: Dataset) -> None:
        counts = Item.objects.filter(dataset=dataset, removed=False).values_list("object__shard").annotate(Count("pk"))
        self.of_shard: dict[int, int] = dict(counts.order_by())
        self.run, self.done, self.total = run, 0, sum(self.of_shard.values())
        if not self.total:
            raise jobs.Refused("The dataset holds no item that could be ranked.")
        self.message, self.said_at = "", 0.0

    def say(self, message: str) -> None:
        self.message, self.said_at = message, 0.0
        self.tick()

    def tick(self) -> None:
        """Raises jobs.Stop when the run must end."""
        if time.monotonic() - self.said_at >= SECONDS_BETWEEN_REPORTS:
            self.run.progress(min(self.done, self.total), self.total, self.message)
            self.said_at = time.monotonic()

    def embedded(self, ranking: Ranking) -> None:
        if time.monotonic() - self.said_at >= SECONDS_BETWEEN_REPORTS:
            self.count(ranking)
            self.tick()

    def count(self, ranking: Ranking) -> None:
        """What all workers have embedded."""
        self.done = sum(self.of_shard.get(shard, 0) for shard in ranking.embeddings.values_list("shard", flat=True))


def choose_encoder(job: Job) -> encoders.Encoder:
    """The encoder that the job names, else the one trained on this dataset, else the best that can be had."""
    assert job.dataset is not None
    name = job.parameters.get("encoder")
    weights = job.parameters.get("weights") or train.trained(job.dataset)
    try:
        if weights and name in (None, "sortnet"):
            return encoders.sortnet.Sortnet(encoders.sortnet.from_bytes(store().get(weights)))
        if name:
            return encoders.make(name, settings.WEIGHTS_FOLDER)
        return encoders.default(settings.WEIGHTS_FOLDER)
    except encoders.EncoderUnavailable as reason:
        raise jobs.Refused(str(reason)) from None


def ranking_of(dataset: Dataset, encoder: encoders.Encoder, report: Report) -> tuple[Ranking, embedder.Embedder]:
    """The dataset's ranking by this encoder: the one there is with its frozen projections, else a new one."""
    version = embedder.version(encoder)
    if ranking := vectors.latest(dataset, encoder.name, version):
        return ranking, embedder.restored(encoder, store().get(ranking.projection))
    report.say("Learning in what the crops differ")
    ids = np.array(dataset.objects_in.order_by("pk").values_list("pk", flat=True), np.int64)
    sample = crops_reader.places_of(projection.choose(ids, encoder.dim).tolist())
    embed = embedder.fitted(encoder, *crops_reader.read_scattered(sample, embedder.sizes(encoder)))
    key = store().put(embed.to_bytes())
    ranking, _ = Ranking.objects.get_or_create(
        dataset=dataset, encoder=encoder.name, version=f"{version}-{key[:16]}", defaults={"projection": key}
    )
    return ranking, embed


def embed_missing(run: jobs.Run, ranking: Ranking, embed: embedder.Embedder, report: Report) -> None:
    """Shard by shard, with other workers' help; a shard is done once its vectors are stored and its row is there."""
    share = sharing.Share(run, ranking)
    share.open()
    report.say("Looking at the crops")
    while True:
        embed_share(share, embed, lambda: report.embedded(ranking))
        report.count(ranking)
        if not vectors.missing(ranking).exists():
            break
        report.tick()
        time.sleep(SECONDS_BETWEEN_LOOKS)  # others are at the rest


def embed_share(share: sharing.Share, embed: embedder.Embedder, tick: Callable[[], object]) -> None:
    """All that is free for this worker."""
    for shard in share.shards():
        places = crops_reader.places_of_shard(shard)
        crops = crops_reader.read_shard(places, embedder.sizes(embed.encoder))
        share.hand_in(shard, [place.id for place in places], *embed.embed(*crops))
        tick()


@shared_task(name="ranking.help", ignore_result=True)
def help_embed(job_id: int, fence: int, ranking_id: int) -> None:
    """Embed shards of a ranking that another worker's run is at; whatever hinders this leaves them to that worker."""
    with contextlib.suppress(jobs.Stop, jobs.Refused):
        run, ranking = sharing.under_way(job_id, fence), Ranking.objects.get(pk=ranking_id)
        if not vectors.missing(ranking).exists():
            return
        torch.set_num_threads(cores())
        encoder = choose_encoder(run.job)
        if ranking.version.startswith(f"{embedder.version(encoder)}-"):
            embed = embedder.restored(encoder, store().get(ranking.projection))
            embed_share(sharing.Share(run, ranking), embed, lambda: sharing.under_way(job_id, fence))
