"""What is like items that were just settled and is open still: offered for the same decision."""

from collections.abc import Sequence

import numpy as np

from ..models import Campaign, Verdict
from .explore import ids_of, row_of
from .items import undecided

MOST = 24
NEAREST = 12  # of each item's own label
LIKELY = 0.05  # a label at least as probable as this may be offered


def offered(campaign: Campaign, settled: Sequence[int], label: int | None) -> list[Verdict]:
    """Verdicts of the same labels that nobody has settled: what belongs to the same things, then what looks most alike.
    Where a label was given, only those of which the classifier or a reviewer says that they may be that."""
    done = campaign.verdicts.filter(pk__in=settled).select_related("item")
    items = {verdict.item_id: verdict for verdict in done}
    labels = {verdict.label_id for verdict in done}
    things = {verdict.item.group for verdict in done if verdict.item.group}
    near = nearest(campaign, list(items))
    open_still = campaign.verdicts.filter(
        state__in=[Verdict.State.OPEN, Verdict.State.DISPUTED], label__in=labels, item__removed=False
    ).exclude(pk__in=settled)
    belongs = open_still.filter(item__group__in=things) if things else open_still.none()
    rows = [*belongs[:MOST], *open_still.filter(item__in=near)]
    place = {item: k for k, item in enumerate(near)}
    rows.sort(key=lambda verdict: (verdict.item_id in place, place.get(verdict.item_id, 0)))
    fitting = list(dict.fromkeys(verdict.pk for verdict in rows if label is None or may_be(verdict, label)))[:MOST]
    found = {verdict.pk: verdict for verdict in undecided(campaign.verdicts.filter(pk__in=fitting))}
    return [found[pk] for pk in fitting]


def may_be(verdict: Verdict, label: int) -> bool:
    return verdict.suggested_id == label or any(int(other) == label and p >= LIKELY for other, p in verdict.suggestions)


def nearest(campaign: Campaign, items: Sequence[int]) -> list[int]:
    """The items nearest to these in their labels, everybody's nearest first; none where the ranking is gone."""
    ranking = campaign.ranking
    if ranking is None or not ranking.nearest_within:
        return []
    try:
        known = ids_of(ranking.items)
        rows = np.flatnonzero(np.isin(known, items))
        near = [row_of(ranking.nearest_within, int(row))[:NEAREST] for row in rows]
    except FileNotFoundError:
        return []
    given = set(items)
    in_turn = (other for rank in range(NEAREST) for row in near for other in row[rank : rank + 1] if other >= 0)
    found = (int(known[other]) for other in in_turn)
    return [item for item in dict.fromkeys(found) if item not in given]
