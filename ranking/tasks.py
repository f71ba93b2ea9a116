"""The Celery task of the ranking queue: a dataset's crops to vectors, orders, neighbours and suspicion."""

import os
import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from celery import shared_task
from django.conf import settings
from django.db.models import Count

from review.models import Dataset, Item, Job, Ranking
from review.operations import jobs
from review.storage import store

from . import crops_reader, embedder, encoders, network, outcome, projection, record, suspicion
from . import store as vectors
from .encoders.base import Crops

SECONDS_BETWEEN_REPORTS = 1.0


@shared_task(name="ranking.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    jobs.run(job_id, rank)


def rank(run: jobs.Run) -> dict[str, Any]:
    """Rank the job's dataset; what an earlier run embedded is not embedded again."""
    started = time.monotonic()
    torch.set_num_threads(cores())
    dataset = run.job.dataset
    assert dataset is not None
    report = Report(run, dataset)
    encoder = choose_encoder(run.job)
    ranking, embed = ranking_of(dataset, encoder, report)
    embed_missing(run, ranking, embed, report)
    items, judged_by = with_crops(record.read_items(dataset, ranking), dataset, report)
    concluded = conclude(items, report)
    report.say("Writing it down")
    record.write(run, ranking, items, concluded)
    jobs.send_waiting(kind=Job.Kind.PLAN, campaign__dataset=dataset)
    seconds = round(time.monotonic() - started, 1)
    return {"items": len(items.ids), "encoder": encoder.name, "judged_by": judged_by, "seconds": seconds}


def with_crops(items: outcome.Items, dataset: Dataset, report: "Report") -> tuple[outcome.Items, str]:
    """The items with their crops at hand where a network is worth its time, and which classifiers judge them, why."""
    n, k = len(items.ids), len(np.unique(items.labels))
    if reason := network.not_worth_it(n, k):
        return items, f"vectors ({reason})"

    def fetch() -> Crops:
        report.say("Learning the labels from the crops")
        return crops_reader.read_all(dataset, items.objects, network.SIDE, report.tick)

    return replace(items, crops=fetch), "vectors and crops"


def conclude(items: outcome.Items, report: "Report") -> outcome.Outcome:
    try:
        return outcome.conclude(items, report.say, report.tick)
    except suspicion.Unusable as reason:
        raise jobs.Refused(str(reason)) from None


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

    def embedded(self, shard_id: int) -> None:
        self.done += self.of_shard.get(shard_id, 0)
        self.tick()


def choose_encoder(job: Job) -> encoders.Encoder:
    """The encoder that the job names, else the best that can be had."""
    try:
        if name := job.parameters.get("encoder"):
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
    """Shard by shard; a shard counts as done once its vectors are in storage and its row is committed."""
    for shard_id in ranking.embeddings.values_list("shard", flat=True):
        report.done += report.of_shard.get(shard_id, 0)
    report.say("Looking at the crops")
    for shard in vectors.missing(ranking):
        places = crops_reader.places_of_shard(shard)
        if places:
            crops = crops_reader.read_shard(places, embedder.sizes(embed.encoder))
            vectors.save(run, ranking, shard, [place.id for place in places], *embed.embed(*crops))
        report.embedded(shard.pk)
