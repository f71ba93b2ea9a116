"""What a campaign covers: a slice of the dataset, in groups that are each of one label."""

import fnmatch
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from ..arrays import or_nan
from ..consensus import check_up
from ..models import Campaign, Dataset, Item, Label
from ..queries.labels import called

BY_LABEL, BY_PREDICTED, BY_ATTRIBUTE = "label", "label_predicted", "attribute"
CALM = 0.03  # an item suspected less than this passes for clean
LEAST_LEFT = 1e-9  # of a probability, before its logarithm is taken


@dataclass(frozen=True, slots=True)
class Fact:
    """What grouping and orders need to know of an item."""

    item: int
    object: int
    suspicion: float | None
    predicted: int | None
    suggestions: dict[int, float]
    attributes: dict[str, Any]
    pixels: float
    own_loss: float | None = None

    @property
    def loss(self) -> float:
        """The user's own where there is one, else what the label costs by our suspicion."""
        if self.own_loss is not None:
            return self.own_loss
        return -math.log(max(LEAST_LEFT, 1 - (self.suspicion or 0)))


@dataclass(frozen=True)
class Cut:
    """A group-to-be: items of one label, and of one predicted label or one value where the slice says so. Where `asks`
    is a label, the question is turned round: which of these ARE that?"""

    label: Label
    asks: Label | None
    value: str
    facts: list[Fact]


def by_predicted(slice: Any) -> bool:
    return isinstance(slice, dict) and slice.get("by") == BY_PREDICTED


def labels_in(dataset: Dataset, slice: dict[str, Any]) -> list[Label]:
    """By name: those that the slice names, with all below them where it says so, that its pattern fits."""
    labels = list(Label.objects.filter(dataset=dataset).order_by("name"))
    if names := slice.get("labels"):
        wanted = {label.pk for label in called(dataset.labels.all(), names).values()}
        wanted |= below(labels, wanted) if slice.get("subtree") else set()
        labels = [label for label in labels if label.pk in wanted]
    if pattern := slice.get("where", {}).get("label"):
        labels = [label for label in labels if fnmatch.fnmatchcase(label.name, pattern)]
    return labels


def below(labels: list[Label], roots: set[int]) -> set[int]:
    """All labels under these, however deep; a ring of parents does no harm."""
    children = defaultdict(list)
    for label in labels:
        children[label.parent_id].append(label.pk)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        fresh = [key for key in children[waiting.pop()] if key not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return found


def items_in(dataset: Dataset, slice: dict[str, Any], labels: Iterable[Label]) -> QuerySet[Item]:
    """The items of these labels that the slice's `where` lets through, but for a sample of them."""
    where = slice.get("where", {})
    items = Item.objects.filter(dataset=dataset, label__in=[label.pk for label in labels], removed=False)
    if "suspicion_min" in where:
        items = items.filter(suspicion__gte=where["suspicion_min"])
    if "suspicion_max" in where:
        items = items.filter(suspicion__lte=where["suspicion_max"])
    if "predicted" in where:
        items = items.filter(predicted__in=called(dataset.labels.all(), where["predicted"]).values())
    for place, (name, wanted) in enumerate(where.get("attributes", {}).items()):
        values = [text(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        items = items.annotate(**{f"value_{place}": KeyTextTransform(name, "attributes")})
        items = items.filter(**{f"value_{place}__in": values})
    return items


def sampled(campaign: Campaign, items: QuerySet[Item]) -> set[int] | None:
    """The items drawn where the slice asks for a sample, the same for the same seed; None where it asks for none."""
    where = campaign.slice.get("where", {})
    if "check_up" in where:
        rows = list(items.values_list("pk", "suspicion"))
        ids, suspicion = np.array([pk for pk, _ in rows], np.int64), or_nan([p for _, p in rows])
        return set(check_up.draw(ids, suspicion, where["check_up"], campaign.seed).tolist())
    if not {"sample_share", "sample_count"} & set(where):
        return None
    ids = np.array(items.order_by("pk").values_list("pk", flat=True), np.int64)
    count = where.get("sample_count") or math.ceil(where["sample_share"] * len(ids))
    return set(np.random.default_rng(where.get("sample_seed", campaign.seed)).permutation(ids)[:count].tolist())


def cuts(campaign: Campaign) -> Iterator[tuple[float, list[Cut]]]:
    """(the share of labels done, a label's groups), label by label."""
    labels = labels_in(campaign.dataset, campaign.slice)
    known = {label.pk: label for label in campaign.dataset.labels.all()}
    drawn = sampled(campaign, items_in(campaign.dataset, campaign.slice, labels))
    for done, label in enumerate(labels, 1):
        facts = [
            fact
            for fact in facts_of(items_in(campaign.dataset, campaign.slice, [label]))
            if drawn is None or fact.item in drawn
        ]
        yield done / len(labels), list(grouped(campaign, label, facts, known))


def facts_of(items: QuerySet[Item]) -> Iterator[Fact]:
    box, image = ("object__width", "object__height"), ("object__image__width", "object__image__height")
    said = items.values_list(
        "pk", "object_id", "suspicion", "predicted_id", "suggestions", "attributes", "loss", *box, *image
    )
    for pk, object, suspicion, predicted, suggestions, attributes, loss, *sides in said.iterator(5000):
        width, height, whole, tall = sides
        given = {int(label): float(p) for label, p in suggestions}
        pixels = float((width or whole or 0) * (height or tall or 0))
        yield Fact(pk, object, suspicion, predicted, given, attributes, pixels, loss)


def grouped(campaign: Campaign, label: Label, facts: list[Fact], known: dict[int, Label]) -> Iterator[Cut]:
    """One label's items in groups: of a rest label by what they may be instead, else as the slice says."""
    by = campaign.slice.get("by", BY_LABEL)
    if not facts:
        return
    if label.rest:
        for other, members in split(facts, lambda fact: instead(fact, label)):
            yield Cut(label, known.get(other), "", members)
    elif by == BY_PREDICTED:
        for other, members in accompanied(campaign, label, split(facts, lambda fact: fact.predicted or 0)):
            yield Cut(label, None, known[other].name if other in known else "", members)
    elif by == BY_ATTRIBUTE:
        name = campaign.slice["attribute"]
        for _, members in split(facts, lambda fact: sortable(fact.attributes.get(name))):
            yield Cut(label, None, text(members[0].attributes.get(name))[:300], members)
    else:
        yield Cut(label, None, "", facts)


def accompanied(campaign: Campaign, label: Label, groups: list[tuple[int, list[Fact]]]) -> list[tuple[int, list[Fact]]]:
    """For a crowd, as many items that look like their label as suspects, while there are such: a wrong one needs right
    ones to stand out from."""
    if campaign.policy == Campaign.Policy.SOLO:
        return groups
    rng = np.random.default_rng([campaign.seed, label.pk])
    calm = [fact for other, members in groups if other == label.pk for fact in members if (fact.suspicion or 0) < CALM]
    spare = [calm[k] for k in rng.permutation(len(calm))]
    mixed = []
    for other, members in groups:
        company = [spare.pop() for _ in members if spare] if other != label.pk else []
        mixed.append((other, members + company))
    moved = {fact.item for other, members in mixed if other != label.pk for fact in members}
    return [(other, members) for other, kept in mixed if (members := own(kept, moved) if other == label.pk else kept)]


def own(members: list[Fact], moved: set[int]) -> list[Fact]:
    return [fact for fact in members if fact.item not in moved]


def instead(fact: Fact, label: Label) -> int:
    """The label that an item of a rest class is asked about: what it is taken for, else what is most probable instead;
    0 where nothing is known."""
    if fact.predicted and fact.predicted != label.pk:
        return fact.predicted
    return max(fact.suggestions, key=lambda other: fact.suggestions[other], default=0)


def split(facts: list[Fact], key: Any) -> list[tuple[Any, list[Fact]]]:
    """The items by their key, in the keys' order."""
    parts: dict[Any, list[Fact]] = defaultdict(list)
    for fact in facts:
        parts[key(fact)].append(fact)
    return sorted(parts.items(), key=lambda pair: pair[0])


def text(value: Any) -> str:
    """An attribute's value as PostgreSQL writes it out of JSON: nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def number(value: Any) -> float:
    """A value as a number; nan where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def sortable(value: Any) -> tuple[int, float, tuple[Any, ...], str]:
    """Numbers by size, then words in the order in which people read them ("cam-2" before "cam-10"), none last."""
    written = text(value)
    if not written:
        return 2, 0.0, (), ""
    if math.isfinite(value := number(written)):
        return 0, value, (), written
    pieces = re.split(r"(\d+)", written)
    return 1, 0.0, tuple(int(piece) if k % 2 else piece for k, piece in enumerate(pieces)), written
