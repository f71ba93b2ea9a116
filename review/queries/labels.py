"""A label as people see it: its name, and the crops that show what it looks like."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from ..models import Dataset, Guideline, Label, LabelAlias
from .guidelines import heads, rules_of

SHOWN_EXEMPLARS = 4


def exemplar(label: Label, number: int) -> str:
    return reverse("api:label-exemplar", args=[label.pk, number])


def icon(label: Label) -> str | None:
    """Until a label is given an icon, its most typical crop. Another icon has another address."""
    if label.icon:
        return f"{reverse('api:label-icon', args=[label.pk])}?v={label.icon[-8:]}"
    return exemplar(label, 0) if label.exemplars else None


def label_count(dataset_id: int) -> int:
    """How many labels an item of the dataset may have."""
    return Label.objects.filter(dataset=dataset_id, merged_into=None).count()


def called(labels: QuerySet[Label], names: Iterable[str]) -> dict[str, Label]:
    """The labels that go by these names, of those given: by their own, or by another that they have. One that was
    merged is what it is a part of now."""
    wanted = set(names)
    found = {label.name: label for label in labels.filter(name__in=wanted)}
    if others := wanted - found.keys():
        aliases = LabelAlias.objects.filter(name__in=others, label__in=labels).select_related("label")
        found |= {alias.name: alias.label for alias in aliases}
    return {name: standing(label) for name, label in found.items()}


def ids_by_name(dataset: Dataset) -> dict[str, int]:
    """By all names that labels go by, the ids of what they stand for."""
    wholes = merged(dataset.pk)
    aliases = LabelAlias.objects.filter(dataset=dataset).values_list("name", "label_id")
    names = {**dict(aliases), **dict(Label.objects.filter(dataset=dataset).values_list("name", "pk"))}
    return {name: wholes.get(pk, pk) for name, pk in names.items()}


def merged(dataset_id: int) -> dict[int, int]:
    """The ids of labels that were merged, each with that of the one that it is a part of now."""
    labels = Label.objects.filter(dataset=dataset_id, merged_into__isnull=False)
    parts = dict(labels.values_list("pk", "merged_into_id"))

    def whole(pk: int) -> int:
        return whole(parts[pk]) if pk in parts else pk

    return {pk: whole(pk) for pk in parts}


def standing(label: Label) -> Label:
    """What a label is a part of since it was merged: itself, where it never was."""
    while label.merged_into:
        label = label.merged_into
    return label


def described(dataset: Dataset) -> Any:
    """The labels that items may have, with how many items each has."""
    return (
        Label.objects.filter(dataset=dataset, merged_into=None)
        .select_related("parent")
        .annotate(size=Count("items", filter=Q(items__removed=False)))
    )


def all_json(labels: list[Label], names: dict[int, str]) -> list[dict[str, Any]]:
    """`labels` as described() gives them; names: label names by id, for their look-alikes."""
    guidelines = heads([label.pk for label in labels])
    return [as_json(label, names, guidelines.get(label.pk)) for label in labels]


def as_json(label: Label, names: dict[int, str], guideline: Guideline | None) -> dict[str, Any]:
    return {
        "id": label.pk,
        "name": label.name,
        "readable_name": label.readable_name,
        **rules_of(guideline),
        "rest": label.rest,
        "rest_proposed": label.rest_proposal == Label.RestProposal.PROPOSED,
        "parent": label.parent.name if label.parent else None,
        "items": label.size,  # type: ignore[attr-defined]
        "icon": icon(label),
        "exemplars": [exemplar(label, k) for k in range(min(len(label.exemplars), SHOWN_EXEMPLARS))],
        "look_alikes": [names[key] for key in label.look_alikes if key in names],
    }
