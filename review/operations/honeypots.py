"""Which items may be planted in a stretch: calm ones of other labels that look most like one in the stretch."""

import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ..models import Campaign, Item, LabelOrder, Ranking
from ..storage import store
from . import slices

AT_LEAST = 2  # honeypots a stretch that there are candidates for
SPARE = 4  # so many candidates for each honeypot wanted, so that they vary from person to person
Honeypot = tuple[int, int, list[int]]  # an item, the one after which it stands, and the item's own near duplicates


class Place(Protocol):
    """A stretch, as far as planting goes."""

    cut: slices.Cut
    honeypots: list[Honeypot]

    @property
    def items(self) -> list[int]: ...


def plant(campaign: Campaign, ranking: Ranking, stretches: Sequence[Place]) -> None:
    """Choose each stretch's candidates; also where the campaign plants none as yet."""
    if not ranking.nearest_any:
        return
    field = Field(campaign, ranking)
    for stretch in stretches:
        stretch.honeypots = field.candidates(stretch, max(campaign.honeypots, AT_LEAST) * SPARE)


class Field:
    """The dataset's items with their neighbours in any label."""

    def __init__(self, campaign: Campaign, ranking: Ranking) -> None:
        self.ids = np.load(io.BytesIO(store().get(ranking.items)))
        self.nearest = np.load(io.BytesIO(store().get(ranking.nearest_any)))
        self.row_of = {int(item): row for row, item in enumerate(self.ids)}
        self.rng = np.random.default_rng(campaign.seed)
        rows = Item.objects.filter(dataset=campaign.dataset_id, removed=False)
        facts = list(rows.values_list("pk", "label_id", "suspicion"))
        self.label_of = {pk: label for pk, label, _ in facts}
        self.calm = {pk for pk, _, suspicion in facts if suspicion is None or suspicion < slices.CALM}
        self.values = attribute_values(campaign)
        self.mates = mates_of(ranking) if campaign.stacks else {}

    def candidates(self, stretch: Place, want: int) -> list[Honeypot]:
        """Those nearest to the stretch's items, then of classes that are like its own."""
        found: dict[int, int] = {}
        for column in range(self.nearest.shape[1]):
            for anchor in stretch.items:
                row = self.row_of.get(anchor)
                near = int(self.nearest[row, column]) if row is not None else -1
                if near >= 0 and self.may_stand(item := int(self.ids[near]), stretch.cut):
                    found.setdefault(item, anchor)
            if len(found) >= want:
                break
        if len(found) < want:
            pool = self.pool(stretch.cut)
            for k in self.rng.permutation(len(pool))[: want - len(found)]:
                found.setdefault(pool[k], stretch.items[int(self.rng.integers(len(stretch.items)))])
        return [(item, anchor, self.calm_mates(item)) for item, anchor in list(found.items())[:want]]

    def may_stand(self, item: int, cut: slices.Cut) -> bool:
        """Whether an item is known to be wrong here, and nothing but its look would tell."""
        label = self.label_of.get(item)
        return (
            item in self.calm
            and label != cut.label.pk
            # Where the question is turned round, only what it asks for is known to be amiss.
            and (cut.asks is None or label == cut.asks.pk)
            and self.values.get(item, cut.value) == cut.value
        )

    def pool(self, cut: slices.Cut) -> list[int]:
        alike = set(cut.label.look_alikes) or set(self.label_of.values())
        near = {cut.asks.pk} if cut.asks else alike
        return sorted(pk for pk in self.calm if self.label_of[pk] in near and self.may_stand(pk, cut))

    def calm_mates(self, item: int) -> list[int]:
        return [mate for mate in self.mates.get(item, ()) if mate in self.calm and mate != item]


def attribute_values(campaign: Campaign) -> dict[int, str]:
    """Each item's value where groups share one; nothing where they do not."""
    if campaign.slice.get("by") != slices.BY_ATTRIBUTE:
        return {}
    name = campaign.slice["attribute"]
    rows = Item.objects.filter(dataset=campaign.dataset_id, removed=False).values_list("pk", "attributes")
    return {pk: slices.text(attributes.get(name))[:300] for pk, attributes in rows}


def mates_of(ranking: Ranking) -> dict[int, list[int]]:
    """Each item's stack, itself included."""
    found: dict[int, list[int]] = {}
    for order in LabelOrder.objects.filter(ranking=ranking):
        stacks: dict[int, list[int]] = defaultdict(list)
        for item, number in zip(order.items, order.stacks, strict=False):
            stacks[number].append(item)
        found |= {item: members for members in stacks.values() for item in members}
    return found
