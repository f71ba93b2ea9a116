"""The training job: sortnet goes on learning on a dataset's own crops, and the dataset is then ranked by it.

Several times in the span after which a silent worker is taken for dead, all that the rest depends on goes into storage
and its key into the job's row. Whatever ends the worker costs seconds, and a resumed training ends at the weights that
it would have come to.
"""

import contextlib
import time
from typing import Any

import numpy as np
import torch
from django.conf import settings

from review.models import Dataset, Job
from review.operations import jobs
from review.storage import store

from . import crops_reader, training
from .encoders import sortnet
from .encoders.base import Crops

CROP_PIXELS = 48  # a little more than the network sees, since views zoom in
CHECKPOINTS = 4  # in the time after which a silent worker counts as dead
MOST_CROPS = 20_000  # 132 MiB; more teach little in the time there is
BATCH, RATE, SEED = 256, 3e-4, 1
FEWEST_CROPS = 16


def train(run: jobs.Run) -> dict[str, Any]:
    """Train, keep the weights, ask for a ranking by them."""
    dataset = run.job.dataset
    assert dataset is not None
    run.progress(0, run.job.parameters["steps"], "Fetching the crops")
    course = begin(run.job, read_crops(dataset))
    teach(run, course)
    key = store().put(sortnet.to_bytes(course.net, described(run.job)))
    rank_by(run, dataset, key)
    store().discard(run.job.parameters["checkpoint"])
    return {"weights": key, "version": sortnet.Sortnet(sortnet.from_bytes(store().get(key))).version}


def read_crops(dataset: Dataset) -> Crops:
    """At most MOST_CROPS of the dataset's crops uint8 [n, s, s, 3], the same ones each time."""
    ids = np.array(dataset.objects_in.order_by("pk").values_list("pk", flat=True), np.int64)
    if len(ids) < FEWEST_CROPS:
        raise jobs.Refused(f"{len(ids)} crops are too few to learn from; {FEWEST_CROPS} are the least.")
    chosen = np.random.default_rng(SEED).permutation(ids)[:MOST_CROPS]
    return crops_reader.read_scattered(crops_reader.places_of(chosen.tolist()), (CROP_PIXELS,))[0]


def begin(job: Job, crops: Crops) -> training.Training:
    """The training where the job left it, else at its start: the weights that we ship. Two trainings of the same crops
    may have had the same checkpoint, and the first to end discards it."""
    steps, batch = job.parameters["steps"], min(BATCH, len(crops))
    plan = training.Plan(steps=steps, batch=batch, rate=RATE, warm_up=min(50, steps // 4), seed=SEED)
    course = training.Training(sortnet.load(), training.Photos(crops), plan)
    if key := job.parameters.get("checkpoint"):
        with contextlib.suppress(FileNotFoundError):
            course.restore(store().get(key))
    return course


def teach(run: jobs.Run, course: training.Training) -> None:
    """To the last step; raises Stop, with all kept that was learnt, when the run must end."""
    saved, loss = time.monotonic(), 0.0
    try:
        while not course.done:
            message = f"Learning, loss {loss:.2f}" if loss else "Learning"
            run.progress(course.step, course.plan.steps, message)
            loss = course.advance()
            if time.monotonic() - saved > settings.DEAD_SECONDS / CHECKPOINTS:
                save(run, course)
                saved = time.monotonic()
    finally:
        save(run, course)


def save(run: jobs.Run, course: training.Training) -> None:
    """A fenced write: a worker that comes back from the dead changes nothing."""
    last, key = run.job.parameters.get("checkpoint"), store().put(course.to_bytes())
    parameters = {**run.job.parameters, "checkpoint": key}
    if run.mine.update(parameters=parameters):
        run.job.parameters = parameters
        if last and last != key:
            store().discard(last)


def rank_by(run: jobs.Run, dataset: Dataset, key: str) -> None:
    wish = {"encoder": "sortnet", "weights": key}
    asked = jobs.create(Job.Kind.RANK, project=dataset.project, by=run.job.by, dataset=dataset, parameters=wish)
    if asked.parameters != wish:
        raise jobs.Later("Learnt; waiting for the ranking that is under way.")


def described(job: Job) -> dict[str, str]:
    return {
        "images": f"the crops of dataset {job.dataset_id}", "from": sortnet.version_of(sortnet.load()),
        "steps": str(job.parameters["steps"]), "seed": str(SEED), "torch": torch.__version__,
    }  # fmt: skip
