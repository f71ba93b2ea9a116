"""Whether a slice can be cut from a dataset; every wrong part of it is answered by a sentence that names it."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError

from ..models import Dataset, Item
from ..queries.labels import called
from . import slices

PARTS = ("by", "labels", "subtree", "attribute", "pinned", "where")
BY = (slices.BY_LABEL, slices.BY_PREDICTED, slices.BY_ATTRIBUTE)
WHERE = ("label", "attributes", "predicted", "suspicion_min", "suspicion_max", "sample_share", "sample_count",
         "sample_seed", "check_up")  # fmt: skip


def check(dataset: Dataset, cut: Any, order: str) -> None:
    """Raises ValidationError. What is not known before an import or a ranking is done is left to the planning."""
    if not isinstance(cut, dict) or not isinstance(cut.get("where", {}), dict):
        raise ValidationError({"slice": f"A slice is an object of {', '.join(PARTS)}; its where is an object too."})
    if said := [*shape(cut, order), *values(cut.get("where", {}))]:
        raise ValidationError({"slice": said})
    if said := [*known(dataset, cut)]:
        raise ValidationError({"slice": said})
    if dataset.state == Dataset.State.READY and dataset.ranking_id and empty(dataset, cut):
        raise ValidationError({"slice": "No item is in this slice: no item fits all of what it asks for."})


def shape(cut: dict[str, Any], order: str) -> Iterator[str]:
    where = cut.get("where", {})
    if unknown := sorted(set(cut) - set(PARTS)):
        yield f"A slice has no part {unknown[0]!r}. It takes {', '.join(PARTS)}."
    if unknown := sorted(set(where) - set(WHERE)):
        yield f"A slice's where has no part {unknown[0]!r}. It takes {', '.join(WHERE)}."
    if cut.get("by", BY[0]) not in BY:
        yield f"by: a slice is cut by {', '.join(BY[:-1])} or {BY[-1]}, not {cut['by']!r}."
    if not names(cut.get("labels", [])):
        yield "labels: a list of names."
    if not isinstance(cut.get("subtree", False), bool):
        yield "subtree: true or false."
    if cut.get("subtree") and not cut.get("labels"):
        yield "subtree: name the labels whose trees you mean in labels."
    if (cut.get("by") == slices.BY_ATTRIBUTE or order == "attribute") and not filled(cut.get("attribute")):
        yield "attribute: name the attribute to cut or order by."
    if order == "like" and not filled(cut.get("pinned")):
        yield "pinned: give the key of the item that the others are laid out around."


def values(where: dict[str, Any]) -> Iterator[str]:
    for name in ("suspicion_min", "suspicion_max", "sample_share"):
        if name in where and not (real(where[name]) and 0 <= where[name] <= 1):
            yield f"where.{name}: a number from 0 to 1, not {where[name]!r}."
    low, high = where.get("suspicion_min"), where.get("suspicion_max")
    if low is not None and high is not None and real(low) and real(high) and low > high:
        yield f"where.suspicion_min: {low:g} is above suspicion_max, {high:g}."
    if "sample_count" in where and not (whole(where["sample_count"]) and where["sample_count"] >= 1):
        yield f"where.sample_count: a whole number of items from 1 up, not {where['sample_count']!r}."
    if "sample_seed" in where and not (whole(where["sample_seed"]) and where["sample_seed"] >= 0):
        yield f"where.sample_seed: a whole number from 0 up, not {where['sample_seed']!r}."
    if len({"sample_share", "sample_count", "check_up"} & set(where)) > 1:
        yield "where.sample_count: a sample is either a share, a count or a check-up."
    if "check_up" in where and not (whole(where["check_up"]) and where["check_up"] >= 1):
        yield f"where.check_up: a whole number of items from 1 up, not {where['check_up']!r}."
    if "label" in where and not filled(where["label"]):
        yield "where.label: a pattern such as speed-limit-*."
    if not names(where.get("predicted", [])):
        yield "where.predicted: a list of label names."
    if not isinstance(where.get("attributes", {}), dict):
        yield "where.attributes: an object of attribute names and the value, or list of values, that each must have."


def known(dataset: Dataset, cut: dict[str, Any]) -> Iterator[str]:
    """What the dataset must have: labels, attributes, the pinned item."""
    where = cut.get("where", {})
    for part, wanted in (("labels", cut.get("labels", [])), ("where.predicted", where.get("predicted", []))):
        there = called(dataset.labels.all(), wanted)
        if missing := [name for name in wanted if name not in there]:
            yield f"{part}: the dataset has no label {missing[0]!r}."
    if dataset.state != Dataset.State.READY:
        return
    attributes = [("attribute", cut["attribute"])] if "attribute" in cut else []
    for part, name in attributes + [("where.attributes", name) for name in where.get("attributes", {})]:
        if not Item.objects.filter(dataset=dataset, attributes__has_key=str(name)).exists():
            yield f"{part}: no item has an attribute {name!r}."
    if "pinned" in cut and not Item.objects.filter(dataset=dataset, key=str(cut["pinned"]), removed=False).exists():
        yield f"pinned: there is no item with the key {cut['pinned']!r}."


def empty(dataset: Dataset, cut: dict[str, Any]) -> bool:
    return not slices.items_in(dataset, cut, slices.labels_in(dataset, cut)).exists()


def names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def real(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
