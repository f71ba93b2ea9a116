"""Guidelines as people read them: the version that holds, what is new in it for a person, and how it came about."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from ..models import Assignment, Guideline, GuidelineRead, Label, Ruling

Key = tuple[str, int | None, str]


def heads(labels: Iterable[int]) -> dict[int, Guideline]:
    """The version that holds of each of these labels, with its rulings; labels without one are left out."""
    rows = Guideline.objects.filter(label__in=list(labels)).order_by("label", "-number").distinct("label")
    return {row.label_id: row for row in rows.prefetch_related("rulings")}


def rulings_of(guideline: Guideline) -> list[Ruling]:
    return sorted(guideline.rulings.all(), key=lambda ruling: ruling.position)


def ruling_json(ruling: Ruling) -> dict[str, Any]:
    """`shows`: its picture is one (yes) or is none (no); null where there is no picture."""
    return {
        "id": ruling.pk,
        "asked": ruling.asked,
        "said": ruling.said,
        "shows": ruling.shows or None,
        "crop": reverse("api:ruling-crop", args=[ruling.pk]) if ruling.item_id else None,
    }


def rules_of(guideline: Guideline | None) -> dict[str, Any]:
    """What a label is judged by; version 0 where nobody has written anything yet."""
    return {
        "guideline": guideline.text if guideline else "",
        "guideline_version": guideline.number if guideline else 0,
        "rulings": [ruling_json(ruling) for ruling in rulings_of(guideline)] if guideline else [],
    }


def history(label: Label) -> QuerySet[Guideline]:
    return label.guidelines.select_related("by").prefetch_related("rulings")


def version_json(guideline: Guideline) -> dict[str, Any]:
    return {
        "version": guideline.number,
        "text": guideline.text,
        "cause": guideline.cause,
        "by": guideline.by.username if guideline.by else None,
        "at": guideline.at,
        "rulings": [ruling_json(ruling) for ruling in rulings_of(guideline)],
    }


def of_assignment(assignment: Assignment) -> list[dict[str, Any]]:
    """The guidelines of what an assignment asks, in display order, and what in each is news to its reviewer."""
    labels = asked_labels(assignment)
    found = heads(labels)
    read = dict(
        GuidelineRead.objects.filter(user=assignment.reviewer_id, label__in=labels).values_list("label", "number")
    )
    return [news(found[label], name, read.get(label, 0)) for label, name in labels.items() if label in found]


def asked_labels(assignment: Assignment) -> dict[int, str]:
    """{label id: name} of what an assignment's sections ask about, in display order: the label that its tiles carry, or
    the one asked for where the question is turned round."""
    rows = assignment.tiles.order_by("position").values_list(
        "label_id", "label__name", "group__asks_id", "group__asks__name"
    )
    return {asks or label: asked or name for label, name, asks, asked in rows}


def news(guideline: Guideline, name: str, read: int) -> dict[str, Any]:
    """`news`: new (this person was never shown one of this label), changed, or null; `before`: the text that they know
    where it differs; a ruling is `fresh` where the version that they know has it not."""
    old = None
    if 0 < read < guideline.number:
        old = Guideline.objects.prefetch_related("rulings").get(label=guideline.label_id, number=read)
    known = {key_of(ruling) for ruling in old.rulings.all()} if old else set()
    unread = read < guideline.number
    return {
        "label": name,
        "label_id": guideline.label_id,
        "version": guideline.number,
        "text": guideline.text,
        "at": guideline.at,
        "news": ("changed" if read else "new") if unread else None,
        "before": old.text if old and old.text != guideline.text else None,
        "rulings": [
            {**ruling_json(ruling), "fresh": unread and key_of(ruling) not in known} for ruling in rulings_of(guideline)
        ],
    }


def key_of(ruling: Ruling) -> Key:
    return ruling.said, ruling.item_id, ruling.shows
