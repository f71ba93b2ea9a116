"""Tiles-to-be, what a person may be lent, and how stacks of near duplicates keep together among them."""

import dataclasses
from dataclasses import dataclass
from typing import Any

# An item's tiles, with the assignments of the campaign that they are in. From the item, which has a few (OFFSET keeps
# it so): from the assignments it would grow with all that was ever lent.
ASSIGNED = """(SELECT assignment_id, planted FROM review_tile WHERE item_id = {item} OFFSET 0) t
  JOIN review_assignment a ON a.id = t.assignment_id AND a.campaign_id = %(campaign)s"""
# What this person has looked at, or has in hand: it is never lent to them again, in either role. Whoever reviews alone
# would leave nothing to plant so: what they met planted they are lent all the same, and the other way round. Not as
# EXISTS, which may be answered by a table of all that this person has looked at: these are looked up item by item.
MET = f"""((SELECT TRUE FROM review_look l WHERE l.campaign_id = %(campaign)s AND l.reviewer_id = %(reviewer)s
            AND l.item_id = v.item_id AND NOT (%(alone)s AND l.planted) LIMIT 1) IS NOT NULL
          OR (SELECT TRUE FROM {ASSIGNED.format(item="v.item_id")} AND a.reviewer_id = %(reviewer)s
              AND (a.state = 'lent' OR t.planted) AND NOT (%(alone)s AND t.planted) LIMIT 1) IS NOT NULL)"""
MET_PLANTED = f"""EXISTS (SELECT 1 FROM {ASSIGNED.format(item="v.item_id")}
  AND a.reviewer_id = %(reviewer)s AND t.planted)"""
# Of what whoever reviews alone flagged, a fifth is put before them again, whatever it was.
DRAWN = "(hashint8extended(v.item_id, %(seed)s) & 1023) < 205"
# What everybody is shown as what it is, or a supervisor was asked about: never planted, since it would test nobody.
SHOWN = """({item} IN (SELECT unnest(e.exemplars) FROM review_label e WHERE e.dataset_id = %(dataset)s)
  OR EXISTS (SELECT 1 FROM review_ruling r WHERE r.item_id = {item})
  OR EXISTS (SELECT 1 FROM review_question q WHERE q.item_id = {item}))"""
# Of these labels' groups; a campaign planned before there were groups has none.
IN_GROUPS = """(v.label_id = ANY(%(labels)s) AND (v.label_id, coalesce(v.group_id, 0)) IN
  (SELECT * FROM unnest(%(labels)s::bigint[], %(groups)s::bigint[])))"""


@dataclass(frozen=True)
class Place:
    """A tile-to-be. Its group sorts it, then `at`: likeness. Neighbours of one stack lie under the first of them.
    `again`: of no batch, since it is asked about again. `second`: planted for a second look of the same person."""

    item: int
    label: int
    at: float
    group: int | None = None
    stack: int | None = None
    planted: bool = False
    again: bool = False
    second: bool = False

    @property
    def order(self) -> tuple[int, float]:
        return self.group or 0, self.at


def groups_of(places: list[Place]) -> set[tuple[int, int]]:
    return {(place.label, place.group or 0) for place in places}


def as_lists(groups: set[tuple[int, int]]) -> dict[str, Any]:
    """Labels and groups side by side, for IN_GROUPS."""
    return {"labels": [label for label, _ in groups], "groups": [group for _, group in groups]}


def clear_of_stacks(planted: list[Place], own: list[Place]) -> list[Place]:
    """What is planted stands behind a stack, where it would else part it in two."""
    spans: dict[tuple[int | None, int], tuple[float, float]] = {}
    for place in own:
        if place.stack is not None:
            low, high = spans.get((place.group, place.stack), (place.at, place.at))
            spans[place.group, place.stack] = min(low, place.at), max(high, place.at)
    ends = [(group, low, high) for (group, _), (low, high) in spans.items()]
    return [
        dataclasses.replace(place, at=next((high + 0.5 for group, low, high in ends
                                            if group == place.group and low < place.at < high), place.at))
        for place in planted
    ]  # fmt: skip


def stack_numbers(places: list[Place]) -> list[int]:
    """A number for each tile, from 0: the same as its neighbour's where the two lie in one stack."""
    numbers: list[int] = []
    for k, place in enumerate(places):
        before = places[k - 1] if k else None
        joined = before and place.stack is not None and (place.group, place.stack) == (before.group, before.stack)
        numbers.append(numbers[-1] + (not joined) if numbers else 0)
    return numbers
