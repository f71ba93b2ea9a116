"""In which order a group's items are shown, and where it is cut into stretches.

Two kinds of order: by likeness alone, which is all that a crowd may see, and by what an item is worth looking at, for
one person alone. Where a stretch comes among the others may follow suspicion for everybody (docs/RANKING.md).
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..models import Campaign, Item, LabelOrder, Ranking
from ..storage import store
from . import jobs
from .slices import Cut, Fact, by_predicted, sortable

CROWD = ("similarity", "like", "random")
ALONE = ("blend", "suspicion", "loss", "outliers", "size", "attribute")
URGENT = ("blend", "suspicion", "loss")  # the stretches that matter most come first, whatever their label
FAR = 1e9

Unit = list[Fact]  # what keeps together: a stack, its cover first, or an item alone


@dataclass(frozen=True)
class Laid:
    """A stretch of a group in display order, its items' stacks, and how early it should be looked at."""

    facts: list[Fact]
    stacks: list[int | None]
    urgency: float


class Layout:
    """What a campaign's order needs to know beyond the items themselves."""

    def __init__(self, campaign: Campaign, ranking: Ranking) -> None:
        self.campaign, self.ranking = campaign, ranking
        self.away = distances(campaign, ranking) if campaign.order == "like" else {}

    def stretches(self, cut: Cut) -> list[Laid]:
        """The group in stretches of about the batch size, none much shorter than the others; no stack is divided."""
        known = LabelOrder.objects.filter(ranking=self.ranking, label=cut.label).first()
        place = {item: k for k, item in enumerate(known.items)} if known else {}
        stack = dict(zip(known.items, known.stacks, strict=False)) if known and self.campaign.stacks else {}
        alike = {fact.item: place.get(fact.item, len(place) + k)
                 for k, fact in enumerate(sorted(cut.facts, key=lambda fact: fact.item))}  # fmt: skip
        units = stacked(cut.facts, stack, alike)
        worth = self.worth(cut, known)
        first = sorted(units, key=lambda unit: alike[unit[0].item])
        if self.campaign.order == "random":
            shuffled = np.random.default_rng([self.campaign.seed, cut.label.pk]).permutation(len(units))
            ids = sorted(units, key=lambda unit: unit[0].item)
            first = [ids[k] for k in shuffled]
        elif self.campaign.order != "similarity":
            first.sort(key=lambda unit: worth(max(unit, key=worth)), reverse=True)
        parts = divided(first, self.campaign.batch_size)
        if self.campaign.order == "blend":
            parts = [turned(sorted(part, key=lambda unit: alike[unit[0].item]), alike, worth) for part in parts]
        return [self.laid(part, stack, worth, cut.asks is not None) for part in parts]

    def worth(self, cut: Cut, known: LabelOrder | None) -> Callable[[Fact], float]:
        """How early an item is to be looked at, by the campaign's order."""
        order, name = self.campaign.order, self.campaign.slice.get("attribute", "")
        asks = cut.asks
        if asks is not None and order in (*URGENT, "similarity"):
            return lambda fact: fact.suggestions.get(asks.pk, 0.0)
        if order == "loss" or (order == "similarity" and by_predicted(self.campaign.slice)):
            return lambda fact: fact.loss
        if order == "outliers":
            late = {item: -k for k, item in enumerate(known.outliers)} if known else {}
            return lambda fact: late.get(fact.item, -FAR)
        if order == "size":
            return lambda fact: fact.pixels
        if order == "like":
            return lambda fact: -self.away.get(fact.object, FAR)
        if order == "attribute":
            ranks = sorted({sortable(fact.attributes.get(name)) for fact in cut.facts})
            late_by_value = {value: -k for k, value in enumerate(ranks)}
            return lambda fact: late_by_value[sortable(fact.attributes.get(name))]
        return lambda fact: fact.suspicion or 0.0

    def laid(self, part: list[Unit], stack: dict[int, int], worth: Callable[[Fact], float], asks: bool) -> Laid:
        facts = [fact for unit in part for fact in unit]
        stacks = [stack.get(unit[0].item) if len(unit) > 1 else None for unit in part for _ in unit]
        if self.campaign.order == "like":
            return Laid(facts, stacks, max(worth(fact) for fact in facts))
        if self.campaign.order in URGENT or asks or by_predicted(self.campaign.slice):
            return Laid(facts, stacks, sum(worth(fact) for fact in facts) / len(facts))
        return Laid(facts, stacks, 0.0)


def stacked(facts: list[Fact], stack: dict[int, int], alike: dict[int, int]) -> list[Unit]:
    """Items in stacks, the most suspected on top, so that a wrong one is not hidden under a clean one."""
    units: dict[tuple[bool, int], Unit] = {}
    for fact in sorted(facts, key=lambda fact: alike[fact.item]):
        key = (True, stack[fact.item]) if fact.item in stack else (False, fact.item)
        units.setdefault(key, []).append(fact)
    for unit in units.values():
        unit.sort(key=lambda fact: -(fact.suspicion or 0.0))
    return list(units.values())


def divided(units: list[Unit], size: int) -> list[list[Unit]]:
    """Units, in order, in parts of about `size` items each, none much shorter than the others."""
    total = sum(map(len, units))
    parts: list[list[Unit]] = [[] for _ in range(max(1, round(total / size)))]
    before = 0
    for unit in units:
        parts[before * len(parts) // total].append(unit)
        before += len(unit)
    return [part for part in parts if part]


def turned(path: list[Unit], alike: dict[int, int], worth: Callable[[Fact], float]) -> list[Unit]:
    """A path may be walked from either end: from the one that more of what is worth a look lies near."""
    places = np.array([alike[unit[0].item] for unit in path], float)
    worths = np.array([max(map(worth, unit)) for unit in path])
    late = worths.sum() > 0 and (worths @ places) / worths.sum() > places.mean()
    return path[::-1] if late else path


def distances(campaign: Campaign, ranking: Ranking) -> dict[int, float]:
    """How far each object looks from the pinned item's, a shard of vectors at a time."""
    keys = dict(ranking.embeddings.values_list("shard", "key"))
    middle = pinned_look(campaign, keys)
    away: dict[int, float] = {}
    for key in keys.values():
        rows = table(key)
        squares = ((rows["look"] - middle) ** 2).sum(axis=1)
        away.update(zip(rows["object"].tolist(), squares.tolist(), strict=True))
    return away


def pinned_look(campaign: Campaign, keys: dict[int, str]) -> np.ndarray:
    """The pinned item's vector, of the tables by shard."""
    key = campaign.slice["pinned"]
    pinned = Item.objects.filter(dataset=campaign.dataset_id, key=key, removed=False).select_related("object").first()
    if pinned is not None and pinned.object.shard_id in keys:
        own = table(keys[pinned.object.shard_id])
        if len(found := own["look"][own["object"] == pinned.object_id]):
            return np.asarray(found[0])
    raise jobs.Refused(
        f"The pinned item {key!r} has no vector in the ranking: it was added, drawn anew or removed since. "
        "Rank the dataset again, or pin another item."
    )


def table(key: str) -> np.ndarray:
    rows: np.ndarray = np.load(io.BytesIO(store().get(key)), allow_pickle=False)
    return rows
