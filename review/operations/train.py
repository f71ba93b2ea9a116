"""Have MLfix's own encoder go on learning on a dataset's crops, without labels, and the dataset ranked by it."""

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import Dataset, Job, User
from . import audit, jobs

FEWEST, STEPS, MOST = 10, 100, 100_000  # steps; the default takes some minutes on two cores


def start(*, dataset: Dataset, by: User | None, steps: int = STEPS) -> Job:
    """Queue it; the training under way where there is one. ValidationError where there are no crops yet."""
    if dataset.state != Dataset.State.READY:
        raise ValidationError(f"The dataset is {dataset.state}: there is nothing to learn from before it is ready.")
    with transaction.atomic():
        job = jobs.create(Job.Kind.TRAIN, project=dataset.project, by=by, dataset=dataset, parameters={"steps": steps})
        audit.record("training started", project=dataset.project, actor=by, dataset=dataset.pk, job=job.pk)
    return job


def trained(dataset: Dataset) -> str:
    """The storage key of the newest weights that were trained on this dataset and kept, "" for none."""
    done = dataset.jobs.filter(kind=Job.Kind.TRAIN, state=Job.State.DONE).exclude(result__weights="")
    newest = done.order_by("-pk").first()
    return newest.result["weights"] if newest and newest.result else ""
