"""What a dataset is called, and whether lists show it. Nothing is thrown away: looks, fixes and pay hang on it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from ..models import Campaign, Dataset, Job, User
from . import audit


def rename(*, dataset: Dataset, name: str, by: User | None) -> Dataset:
    dataset.name = name.strip()
    dataset.clean_fields(exclude=[field.name for field in Dataset._meta.fields if field.name != "name"])
    with transaction.atomic():
        dataset.save(update_fields=["name"])
        audit.record("dataset renamed", project=dataset.project_id, actor=by, dataset=dataset.pk, name=dataset.name)
    return dataset


def archive(*, dataset: Dataset, by: User | None) -> Dataset:
    """Leave it out of lists; one that is archived stays so. Raises ValidationError while work on it is under way."""
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        if dataset.archived_at:
            return dataset
        if names := list(
            dataset.campaigns.filter(state__in=Campaign.UNDER_WAY).order_by("pk").values_list("name", flat=True)
        ):
            raise ValidationError(f"People still work on it. Close first: {', '.join(names)}.")
        if dataset.jobs.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
            raise ValidationError("A job is at work on it. Cancel that first, or wait for it.")
        set_archived(dataset, by, archived=True)
    return dataset


def unarchive(*, dataset: Dataset, by: User | None) -> Dataset:
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        if dataset.archived_at:
            set_archived(dataset, by, archived=False)
    return dataset


def set_archived(dataset: Dataset, by: User | None, *, archived: bool) -> None:
    dataset.archived_at = timezone.now() if archived else None
    dataset.save(update_fields=["archived_at"])
    verb = "dataset archived" if archived else "dataset unarchived"
    audit.record(verb, project=dataset.project_id, actor=by, dataset=dataset.pk, name=dataset.name)


def check_shown(dataset: Dataset) -> None:
    """Raises ValidationError for one that is archived: what is begun on it would be in no list."""
    if dataset.archived_at:
        raise ValidationError("The dataset is in the archive. Take it out first.")
