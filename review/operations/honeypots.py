"""Which items may be planted in a stretch: calm ones of other labels that look most like one in the stretch."""

import io
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..arrays import chunked
from ..models import Campaign, Item, Label, LabelOrder, Ranking
from ..storage import store
from . import slices

AT_LEAST = 2  # honeypots a stretch that there are candidates for
SPARE = 4  # so many candidates for each honeypot wanted, so that they vary from person to person
ROWS = 5000  # read at once
NOWHERE = -1
Honeypot = tuple[int, int, list[int]]  # an item, the one after which it stands, and the item's own near duplicates
Ints = npt.NDArray[np.int64]


class Place(Protocol):
    """A stretch, as far as planting goes."""

    cut: slices.Cut
    items: Ints
    honeypots: list[Honeypot]


def plant(campaign: Campaign, ranking: Ranking, stretches: Sequence[Place]) -> None:
    """Choose each stretch's candidates; also where the campaign plants none as yet."""
    if not ranking.nearest_any:
        return
    field = Field(campaign, ranking)
    for stretch in stretches:
        stretch.honeypots = field.candidates(stretch, max(campaign.honeypots, AT_LEAST) * SPARE)


class Field:
    """The dataset's items, ascending, with their neighbours in any label: arrays, since there may be a million."""

    def __init__(self, campaign: Campaign, ranking: Ranking) -> None:
        self.rng = np.random.default_rng(campaign.seed)
        self.items, self.labels, self.calm, self.values = read(campaign)
        typical = found(self.items, exemplars(campaign))
        self.calm[typical[typical >= 0]] = False  # everybody is shown what they are
        ranked = np.load(io.BytesIO(store().get(ranking.items)))
        at = found(self.items, ranked).astype(np.int32)  # where an item of the ranking is among these
        self.nearest = np.full((len(self.items), 0), NOWHERE, np.int32)
        if len(ranked):
            near = np.load(io.BytesIO(store().get(ranking.nearest_any)))
            self.nearest = np.full((len(self.items), near.shape[1]), NOWHERE, np.int32)
            self.nearest[at[at >= 0]] = np.where(near >= 0, at[near], np.int32(NOWHERE))[at >= 0]
        order = np.argsort(self.labels, kind="stable")
        names, starts = np.unique(self.labels[order], return_index=True)
        self.of_label: dict[int, Ints] = dict(zip(names.tolist(), np.split(order, starts[1:]), strict=True))
        self.stack = stacks_of(ranking, self.items) if campaign.stacks else None
        self.stacked = np.argsort(self.stack, kind="stable") if self.stack is not None else None

    def candidates(self, stretch: Place, want: int) -> list[Honeypot]:
        """Those nearest to the stretch's items, then of classes that are like its own."""
        places = found(self.items, stretch.items)
        known = np.flatnonzero(places >= 0)
        near = self.nearest[places[known]].T.ravel().astype(np.int64)  # everybody's nearest, then everybody's next
        anchors = np.tile(known, self.nearest.shape[1])
        fits = near >= 0
        fits[fits] = self.may_stand(near[fits], stretch.cut)
        near, anchors = near[fits], anchors[fits]
        _, first = np.unique(near, return_index=True)
        first = np.sort(first)[:want]
        chosen: dict[int, int] = dict(zip(near[first].tolist(), stretch.items[anchors[first]].tolist(), strict=True))
        if len(chosen) < want:
            pool = self.pool(stretch.cut)
            for place in self.rng.choice(pool, min(want - len(chosen), len(pool)), replace=False).tolist():
                chosen.setdefault(place, int(stretch.items[self.rng.integers(len(stretch.items))]))
        return [(int(self.items[place]), anchor, self.calm_mates(place)) for place, anchor in chosen.items()]

    def may_stand(self, places: Ints, cut: slices.Cut) -> npt.NDArray[np.bool_]:
        """Whether items are known to be wrong here, and nothing but their looks would tell."""
        fits = self.calm[places] & (self.labels[places] != cut.label.pk)
        if cut.asks is not None:  # where the question is turned round, only what it asks for is known to be amiss
            fits &= self.labels[places] == cut.asks.pk
        if self.values is not None:
            fits &= self.values[places] == cut.value
        return fits

    def pool(self, cut: slices.Cut) -> Ints:
        near = {cut.asks.pk} if cut.asks else set(cut.label.look_alikes) or set(self.of_label)
        parts = [self.of_label[label] for label in near if label in self.of_label]
        places = np.sort(np.concatenate([np.empty(0, np.int64), *parts]))
        return places[self.may_stand(places, cut)]

    def calm_mates(self, place: int) -> list[int]:
        """The items of an item's stack, but for itself."""
        if self.stack is None or self.stacked is None or self.stack[place] < 0:
            return []
        low, high = (np.searchsorted(self.stack, self.stack[place], s, sorter=self.stacked) for s in ("left", "right"))
        mates = self.stacked[low:high]
        return [int(item) for item in self.items[mates[self.calm[mates] & (mates != place)]]]


def exemplars(campaign: Campaign) -> Ints:
    labels = Label.objects.filter(dataset=campaign.dataset_id)
    return np.array([item for shown in labels.values_list("exemplars", flat=True) for item in shown], np.int64)


def found(items: Ints, wanted: Ints) -> Ints:
    """Where each of the wanted stands among ascending items; NOWHERE where it does not."""
    if not len(items):
        return np.full(len(wanted), NOWHERE)
    places = np.minimum(np.searchsorted(items, wanted), len(items) - 1)
    return np.where(items[places] == wanted, places, NOWHERE)


def read(campaign: Campaign) -> tuple[Ints, Ints, npt.NDArray[np.bool_], npt.NDArray[np.object_] | None]:
    """Items, ascending, their labels, whether they are calm, and their values where groups share one."""
    by_value = campaign.slice.get("by") == slices.BY_ATTRIBUTE
    asked = Item.objects.filter(dataset=campaign.dataset_id, removed=False).order_by("pk")
    parts: list[tuple[Any, ...]] = []
    values: list[str] = []
    fields = ("pk", "label_id", "suspicion", *["attributes"] * by_value)
    for some in chunked(asked.values_list(*fields).iterator(ROWS), ROWS):
        ids, labels, suspicions, *attributes = zip(*some, strict=True)
        calm = [suspicion is None or suspicion < slices.CALM for suspicion in suspicions]
        parts.append((np.array(ids, np.int64), np.array(labels, np.int64), np.array(calm, bool)))
        values += (
            [slices.text(each.get(campaign.slice["attribute"]))[:300] for each in attributes[0]] if by_value else []
        )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], np.array(values, object) if by_value else None


def stacks_of(ranking: Ranking, items: Ints) -> Ints:
    """Each item's stack, as a number that no other stack has; NOWHERE for one that was not ranked."""
    stack, before = np.full(len(items), NOWHERE), 0
    for order in LabelOrder.objects.filter(ranking=ranking).order_by("pk").iterator(20):
        numbers = np.array(order.stacks, np.int64)
        places = found(items, np.array(order.items[: len(numbers)], np.int64))
        stack[places[places >= 0]] = numbers[places >= 0] + before
        before += int(numbers.max(initial=-1)) + 1
    return stack
