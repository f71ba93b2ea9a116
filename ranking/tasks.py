"""The Celery tasks of the ranking queue: crops to vectors, orders and suspicion; encoders trained or sent."""

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from celery import shared_task
from django.db.models import Count

from review.models import Dataset, Item, Job, Ranking
from review.operations import jobs, relearning
from review.storage import store

from . import (
    choice,
    crops_reader,
    device,
    embedder,
    encoders,
    network,
    outcome,
    own,
    own_model,
    projection,
    record,
    sharing,
    suspicion,
    train_task,
)
from . import store as vectors
from .encoders.base import Crops

SECONDS_BETWEEN_REPORTS = 1.0
SECONDS_BETWEEN_LOOKS = 0.3


@shared_task(name="ranking.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    torch.set_num_threads(cores())
    kind = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    work = WORK[Job.Kind(kind)] if kind in WORK else rank
    jobs.run(job_id, lambda run: with_sentences(work, run))


def with_sentences(work: Callable[[jobs.Run], dict[str, Any]], run: jobs.Run) -> dict[str, Any]:
    """What an encoder lacks, or a device, ends the job with a sentence."""
    try:
        with device.failures():
            return work(run)
    except encoders.EncoderUnavailable as reason:
        raise jobs.Refused(str(reason)) from None
    except torch.OutOfMemoryError:
        raise jobs.Refused("The device ran out of memory. Free some, and resume the job.") from None


def rank(run: jobs.Run) -> dict[str, Any]:
    """Rank the job's dataset; what an earlier run embedded is not embedded again."""
    started = time.monotonic()
    dataset = run.job.dataset
    assert dataset is not None
    report = Report(run, dataset)
    encoder = choice.encoder_of(run.job)
    ranking, embed = ranking_of(dataset, encoder, report)
    embed_missing(run, ranking, embed, report)
    fixes = relearning.fixes(dataset)
    items = with_crops(record.read_items(dataset, ranking), dataset, report)
    concluded, model = with_own_model(dataset, items, conclude(items, report))
    report.say("Writing it down")
    record.write(run, ranking, items, concluded)
    renewed = relearning.renew(dataset) if run.job.parameters.get("relearn") else 0
    jobs.send_waiting(kind=Job.Kind.PLAN, campaign__dataset=dataset)
    seconds = round(time.monotonic() - started, 1)
    told = {"encoder": encoder.name, "judged_by": concluded.judgement.judged_by, "suspicion_from": model}
    return {"items": len(items.ids), **told, "fixes": fixes, "renewed": renewed, "seconds": seconds}


def with_crops(items: outcome.Items, dataset: Dataset, report: "Report") -> outcome.Items:
    """The items with their crops at hand, for when a network shall learn from them."""

    def fetch() -> Crops:
        report.say("Fetching the crops")
        return crops_reader.read_all(dataset, items.objects, network.SIDE, report.tick)

    return dataclasses.replace(items, crops=fetch)


def conclude(items: outcome.Items, report: "Report") -> outcome.Outcome:
    try:
        return outcome.conclude(items, report.say, report.tick)
    except suspicion.Unusable as reason:
        raise jobs.Refused(str(reason)) from None


def with_own_model(
    dataset: Dataset, items: outcome.Items, concluded: outcome.Outcome
) -> tuple[outcome.Outcome, str | None]:
    """The outcome with the word of the model that the lead chose, and its name."""
    dataset.refresh_from_db(fields=["predictions"])
    chosen = dataset.predictions
    if chosen is None or not chosen.values:
        return concluded, None
    judgement = own_model.judge(concluded.judgement, items.labels, record.read_said(chosen, items.ids))
    return dataclasses.replace(concluded, judgement=judgement), chosen.name


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


def ranking_of(dataset: Dataset, encoder: encoders.Encoder, report: Report) -> tuple[Ranking, embedder.Embedder]:
    """The dataset's ranking by this encoder: the one there is with its frozen projections, else a new one."""
    version = embedder.version(encoder)
    if ranking := vectors.latest(dataset, encoder.name, version):
        return ranking, embedder.restored(encoder, store().get(ranking.projection))
    report.say("Learning in what the crops differ")
    ids = np.array(dataset.objects_in.order_by("pk").values_list("pk", flat=True), np.int64)
    sample = crops_reader.places_of(projection.choose(ids, encoder.dim).tolist())
    embed = embedder.fitted(encoder, *choice.inputs(encoder, sample, crops_reader.read_scattered))
    key = store().put(embed.to_bytes())
    ranking, _ = Ranking.objects.update_or_create(
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
        crops = choice.inputs(embed.encoder, places, crops_reader.read_shard)
        share.hand_in(shard, [place.id for place in places], *embed.embed(*crops))
        tick()


@shared_task(name="ranking.help", ignore_result=True)
def help_embed(job_id: int, fence: int, ranking_id: int) -> None:
    """Embed shards of a ranking that another worker's run is at; whatever hinders this leaves them to that worker."""
    with contextlib.suppress(jobs.Stop, encoders.EncoderUnavailable):
        run, ranking = sharing.under_way(job_id, fence), Ranking.objects.get(pk=ranking_id)
        if not vectors.missing(ranking).exists():
            return
        torch.set_num_threads(cores())
        encoder = choice.encoder_of(run.job)
        if ranking.version.startswith(f"{embedder.version(encoder)}-"):
            embed = embedder.restored(encoder, store().get(ranking.projection))
            embed_share(sharing.Share(run, ranking), embed, lambda: sharing.under_way(job_id, fence))


WORK = {Job.Kind.ENCODER: own.take, Job.Kind.TRAIN: train_task.train}
