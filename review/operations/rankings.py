"""Have a dataset ranked again: by another encoder, or with the suspicion taken from a user's own model."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import Dataset, Job, Predictions, User
from . import audit, jobs

KEEP: Any = object()


def under_way(dataset: Dataset) -> bool:
    return dataset.jobs.filter(kind=Job.Kind.RANK, state__in=jobs.ACTIVE).exists()


def start(
    *,
    dataset: Dataset,
    by: User | None,
    encoder: str = "",
    predictions: Predictions | None = KEEP,
    relearn: bool = False,
) -> Job:
    """Queue a ranking. `encoder`: "" for the one that the dataset has by choice, else the best; `predictions`: whose
    values become the suspicion, None for our own classifier's; `relearn`: what is open in campaigns goes by it then.
    Raises ValidationError."""
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update(no_key=True).select_related("project").get(pk=dataset.pk)
        if dataset.state != Dataset.State.READY:
            raise ValidationError(f"The dataset is {dataset.state}: only one that is ready can be ranked.")
        if under_way(dataset):
            raise ValidationError("A ranking of this dataset is under way. Wait until it is done, or cancel it.")
        if predictions is not KEEP:
            if predictions is not None and not (predictions.dataset_id == dataset.pk and predictions.values):
                raise ValidationError("There is nothing in of this model that the suspicion could be taken from.")
            Dataset.objects.filter(pk=dataset.pk).update(predictions=predictions)
        audit.record("ranking asked for", project=dataset.project, actor=by, dataset=dataset.pk, encoder=encoder)
        wish: dict[str, Any] = {"encoder": encoder} if encoder else {}
        wish |= {"relearn": True} if relearn else {}
        return jobs.create(Job.Kind.RANK, project=dataset.project, by=by, dataset=dataset, parameters=wish)


def wait_for_none(dataset: Dataset) -> None:
    """Raise Later while a ranking is under way: what a job takes in is to be ranked by after it."""
    if under_way(dataset):
        raise jobs.Later("Waiting until the ranking under way has ended.")


def go_on(run: jobs.Run, dataset: Dataset, **wish: Any) -> None:
    """`start` for a job that has taken something in; Later, with all of it undone, where a ranking began meanwhile."""
    try:
        start(dataset=dataset, by=run.job.by, **wish)
    except ValidationError:
        wait_for_none(dataset)
        raise
