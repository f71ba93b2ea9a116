"""Bring a source in: rows to labels, images, objects and items, with their crops packed into shards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from .. import formats
from ..formats import base
from ..models import Dataset, Job, Label, Project, User
from . import audit, jobs, predictions, window
from .packing import write_part
from .parts import cut_parts
from .sources import Opened, cutters, format_of, open_source, with_own_manifest


def start(
    *,
    project: Project,
    by: User | None,
    name: str,
    source: dict[str, Any],
    format: str = "auto",
    group_by: str = "",
    dry_run: bool = False,
    seen: dict[str, Any] | None = None,
) -> tuple[Dataset, Job]:
    """Register a dataset and queue its import, or with `dry_run` a look through it that brings nothing in. `source`
    names storage keys (`manifest`, `archive`) or a `folder`; `seen` is what the lead wishes of `crop_pixels`,
    `window_low` and `window_high`. Raises ValidationError."""
    source = with_own_manifest(source) if format not in formats.WITHOUT_MANIFEST else source
    kind = format_of(format, source)
    state = Dataset.State.CHECKING if dry_run else Dataset.State.IMPORTING
    with transaction.atomic():
        dataset = Dataset(
            project=project, name=name, format=kind, group_by=group_by, layout={"source": source}, state=state
        )
        see(dataset, seen or {})
        dataset.save()
        job = queue(dataset, by=by, kind=Job.Kind.CHECK if dry_run else Job.Kind.IMPORT)
    return dataset, job


def see(dataset: Dataset, wished: dict[str, Any]) -> None:
    """`window.see`. Raises ValidationError, also where some of the objects are cut already."""
    if not any(value is not None for value in wished.values()):
        return
    if dataset.pk and dataset.shards.exists():
        raise ValidationError("Some of the objects are cut already. Import all of them, then have them cut anew.")
    window.see(dataset, wished)


def begin(
    *, dataset: Dataset, by: User | None, dry_run: bool = False, seen: dict[str, Any] | None = None
) -> tuple[Dataset, Job]:
    """Import what was looked through, or what failed, from the source that is here already; with `dry_run` only look
    again. `seen` as in `start`. Raises ValidationError."""
    with transaction.atomic():
        # Whoever holds this row decides; a second request finds the import under way.
        dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        if dataset.state not in (Dataset.State.CHECKED, Dataset.State.FAILED):
            raise ValidationError(
                f"The dataset is {dataset.state}: only one that is checked or failed can be imported."
            )
        see(dataset, seen or {})
        dataset.state = Dataset.State.CHECKING if dry_run else Dataset.State.IMPORTING
        dataset.save()
        job = queue(dataset, by=by, kind=Job.Kind.CHECK if dry_run else Job.Kind.IMPORT)
    return dataset, job


def queue(dataset: Dataset, *, by: User | None, kind: str) -> Job:
    """The dataset's unfinished import goes on where there is one; parts that are in are not done again."""
    verb = "checked" if kind == Job.Kind.CHECK else "imported"
    audit.record(f"dataset {verb}", project=dataset.project, actor=by, dataset=dataset.pk, name=dataset.name)
    last = dataset.jobs.filter(kind=kind).order_by("-pk").first()
    if last and last.state != Job.State.DONE:
        return jobs.resume(job=last)
    return jobs.create(kind, project=dataset.project, by=by, dataset=dataset)


def run(run: jobs.Run) -> dict[str, Any]:
    """The import itself, part by part; a part that is done is not done again."""
    dataset = run.job.dataset
    assert dataset is not None
    if dataset.state == Dataset.State.READY:  # It was cut off after its last step.
        return counts(dataset)
    with failing(run, dataset, Dataset.State.IMPORTING):
        with open_source(dataset) as source:
            import_parts(run, dataset, source)
        return finish(run, dataset)


@contextmanager
def failing(run: jobs.Run, dataset: Dataset, state: str) -> Iterator[None]:
    """The dataset is in this state while its job is at work, and `failed` when the job fails for whatever reason."""
    Dataset.objects.filter(pk=dataset.pk).update(state=state)
    try:
        run.progress(run.job.done, None, "Reading the rows")
        yield
    except (jobs.Stop, jobs.Later):
        raise
    except Exception as error:
        # Not where another worker has taken the job over: the dataset is in its hands.
        if run.mine.exists():
            Dataset.objects.filter(pk=dataset.pk).update(state=Dataset.State.FAILED)
        if isinstance(error, base.SourceError):
            raise jobs.Refused(str(error)) from None
        raise


def import_parts(run: jobs.Run, dataset: Dataset, source: Opened) -> None:
    finished, total = run.finished_parts(), source.count()
    done = sum(finished.values())
    window.settle(run, dataset, source)
    run.progress(done, total, "Cutting out the objects")
    with cutters(dataset.view) as pool:
        for number, part in cut_parts(source.rows(), source.images, pool, finished):
            write_part(run, dataset, number, part)
            done += part.rows
            run.progress(done, total, "Cutting out the objects")


def finish(run: jobs.Run, dataset: Dataset) -> dict[str, Any]:
    """Count what came in, call the dataset ready and have it ranked."""
    if not dataset.items.exists():
        first = dataset.rejected.order_by("row").first()
        raise jobs.Refused(
            f"None of the {dataset.rejected.count():,} rows could be taken. The first: {first.reason if first else ''} "
            "All of them with their reasons are in rejected.csv."
        )
    if dataset.group_by and not dataset.items.exclude(group="").exists():
        raise jobs.Refused(f"No row has the attribute {dataset.group_by!r} that rows are to be grouped by.")
    with transaction.atomic():
        Dataset.objects.filter(pk=dataset.pk).update(state=Dataset.State.READY)
        choose_look_alike_stand_ins(dataset)
        jobs.create(Job.Kind.RANK, project=run.job.project, by=run.job.by, dataset=dataset)
        predictions.of_manifest(dataset, run.job.by)
    return counts(dataset)


def counts(dataset: Dataset) -> dict[str, Any]:
    return {
        "items": dataset.items.count(),
        "labels": dataset.labels.count(),
        "rejected": dataset.rejected.count(),
    }


def choose_look_alike_stand_ins(dataset: Dataset) -> None:
    """Until ranking knows what is typical of a label, its first items are shown."""
    for label in dataset.labels.all():
        first = list(dataset.items.filter(label=label).order_by("row").values_list("pk", flat=True)[:4])
        Label.objects.filter(pk=label.pk, exemplars=[]).update(exemplars=first)
