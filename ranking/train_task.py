"""The training job: sortnet goes on learning on a dataset's own crops. The dataset is ranked by what it learnt where
crops that it did not learn from then lie nearer to others of their label; else all stays as it was.

Several times in the span after which a silent worker is taken for dead, all that the rest depends on goes into storage
and its key into the job's row. Whatever ends the worker costs seconds, and a resumed training ends at the weights that
it would have come to.
"""

import contextlib
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from django.conf import settings

from review.models import Dataset, Item, Job
from review.operations import jobs
from review.operations.train import trained
from review.storage import store

from . import crops_reader, lessons, training
from .encoders import sortnet
from .kinds import Ints

CHECKPOINTS = 4  # in the time after which a silent worker counts as dead
MOST_CROPS = 20_000  # 220 MiB at both sizes; more teach little in the time there is
FEWEST_CROPS = 16


def train(run: jobs.Run) -> dict[str, Any]:
    """Train; keep the weights and ask for a ranking by them where they are better."""
    dataset, steps = run.job.dataset, run.job.parameters["steps"]
    assert dataset is not None
    run.progress(0, steps, "Fetching the crops")
    lesson = read_lesson(dataset)
    if not lesson.held.any():
        raise jobs.Refused("The crops are of too few groups: none can be held out to judge what was learnt.")
    course = begin(run.job, lesson)
    teach(run, course)
    run.progress(steps, steps, "Comparing it with what there was")
    made = sortnet.to_bytes(course.net, described(run.job))
    found = lessons.judge(lesson, in_use(dataset), sortnet.from_bytes(made))
    key = store().put(made) if found.better else ""
    if key:
        rank_by(run, dataset, key)
    store().discard(run.job.parameters["checkpoint"])
    version = sortnet.version_of(sortnet.from_bytes(made)) if key else ""
    shares = {"before": round(found.before, 4), "after": round(found.after, 4)}
    return {"weights": key, "version": version, **shares, "message": lessons.sentence(found)}


def in_use(dataset: Dataset) -> sortnet.Net:
    """The weights by which it is ranked, or would be, without these."""
    last = trained(dataset)
    return sortnet.from_bytes(store().get(last)) if last else sortnet.load()


def read_lesson(dataset: Dataset) -> lessons.Lesson:
    """Of at most MOST_CROPS of the dataset's objects, the same ones each time."""
    ids = np.array(dataset.objects_in.order_by("pk").values_list("pk", flat=True), np.int64)
    if len(ids) < FEWEST_CROPS:
        raise jobs.Refused(f"{len(ids)} crops are too few to learn from; {FEWEST_CROPS} are the least.")
    chosen = np.sort(np.random.default_rng(lessons.SEED).permutation(ids)[:MOST_CROPS]).tolist()
    crops, small = crops_reader.read_scattered(crops_reader.places_of(chosen), lessons.sides())
    rows = Item.objects.filter(dataset=dataset, removed=False).values_list("object_id", "label_id", "group")
    known = {of: (label, group) for of, label, group in rows.order_by("-row", "-pk")}
    labels, groups = zip(*(known.get(of, (-1, "")) for of in chosen), strict=True)
    return lessons.lesson(crops, small, np.array(labels, np.int64), numbered(groups))


def numbered(groups: Sequence[str]) -> Ints:
    """Groups as numbers; -1 for none."""
    names, numbers = np.unique(np.array(groups, dtype=np.str_), return_inverse=True)
    return np.where(names[numbers] == "", -1, numbers).astype(np.int64)


def begin(job: Job, lesson: lessons.Lesson) -> training.Training:
    """The training where the job left it, else at its start. Two trainings of the same crops may have had the same
    checkpoint, and the first to end discards it."""
    course = lessons.course(lesson, job.parameters["steps"])
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
        "steps": str(job.parameters["steps"]), "seed": str(lessons.SEED), "torch": torch.__version__,
    }  # fmt: skip
