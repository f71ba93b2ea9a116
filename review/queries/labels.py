"""A label as people see it: its name, and the crops that show what it looks like."""

from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from ..models import Dataset, Guideline, Label
from .guidelines import heads, rules_of

SHOWN_EXEMPLARS = 4


def exemplar(label: Label, number: int) -> str:
    return reverse("api:label-exemplar", args=[label.pk, number])


def icon(label: Label) -> str | None:
    """Until a label is given an icon, its most typical crop. Another icon has another address."""
    if label.icon:
        return f"{reverse('api:label-icon', args=[label.pk])}?v={label.icon[-8:]}"
    return exemplar(label, 0) if label.exemplars else None


def described(dataset: Dataset) -> Any:
    """The labels with how many items each has."""
    return (
        Label.objects.filter(dataset=dataset)
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
