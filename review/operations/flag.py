"""Keep a reviewer's marks while they work: the whole state each time, under a number that tells a stale copy."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Assignment, Label, Reason
from ..queries.labels import called
from . import active

COMMENT_LENGTH = 2000
NO_TILE = gettext_lazy("There is no tile at position %(position)s.")
STILL_TAKEN = (Assignment.State.LENT, Assignment.State.LAPSED)


class Stale(Exception):
    """The marks were saved from elsewhere meanwhile; `assignment` holds what is known."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(_("These marks were changed in another window meanwhile. Merge them and save again."))
        self.assignment = assignment


class Ended(Exception):
    """The assignment takes no marks any more; a sentence says why."""


def save(*, assignment: Assignment, revision: int, flags: list[dict[str, Any]], seen: list[int]) -> Assignment:
    """Store the whole state. Raises Stale where `revision` is not the last one saved, Ended, or ValidationError."""
    with transaction.atomic():
        assignment = held(assignment)
        if assignment.state not in STILL_TAKEN:
            raise Ended(ENDED[Assignment.State(assignment.state)])
        take(assignment, tiles_of(assignment), revision, flags, seen)
        active.sign(assignment, timezone.now())
        assignment.save(update_fields=["flags", "seen", "revision", *active.FIELDS])
    return assignment


ENDED = {
    Assignment.State.HANDED_IN: gettext_lazy("This batch has been handed in already."),
    Assignment.State.RELEASED: gettext_lazy("This batch was given back."),
    Assignment.State.LAPSED: gettext_lazy("The time for this batch has run out. It can still be handed in."),
}


def held(assignment: Assignment) -> Assignment:
    return (
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("campaign__dataset", "reviewer")
        .get(pk=assignment.pk)
    )


@dataclass(frozen=True)
class Row:
    """A tile, as far as marks and looks go; `asks` a label where the question is turned round."""

    position: int
    item: int
    label: int
    planted: bool
    second: bool
    asks: int | None


def tiles_of(assignment: Assignment) -> list[Row]:
    rows = assignment.tiles.order_by("position")
    return [
        Row(*row) for row in rows.values_list("position", "item_id", "label_id", "planted", "second", "group__asks")
    ]


def take(assignment: Assignment, rows: list[Row], revision: int, flags: list[dict[str, Any]], seen: list[int]) -> None:
    """Set the marks; the caller saves them."""
    if revision != assignment.revision:
        raise Stale(assignment)
    assignment.flags, assignment.seen = checked(assignment, rows, flags, seen)
    assignment.revision += 1


def checked(
    assignment: Assignment, rows: list[Row], flags: list[dict[str, Any]], seen: list[int]
) -> tuple[list[dict], list[int]]:
    """The marks as they are stored: one flag a position, labels by id. A flagged tile was seen."""
    tiles = {row.position: row.label for row in rows}
    asked = {row.position: row.asks for row in rows}
    names = {flag["label"] for flag in flags if flag.get("label")}
    known = called(Label.objects.filter(dataset=assignment.campaign.dataset_id), names) if names else {}
    labels = {name: label.pk for name, label in known.items()}
    stored: dict[int, dict[str, Any]] = {}
    for flag in flags:
        position, name = flag["position"], flag.get("label")
        if position not in tiles:
            raise ValidationError({"flags": NO_TILE % {"position": position}})
        if position in stored:
            raise ValidationError({"flags": f"Position {position} is flagged twice."})
        if flag["reason"] not in Reason.values:
            raise ValidationError(
                {"flags": f"{flag['reason']!r} is no reason. Choose one of {', '.join(Reason.values)}."}
            )
        if name and name not in labels:
            raise ValidationError(
                {
                    "flags": _("The dataset has no label “%(label)s” (position %(position)s).")
                    % {"label": name, "position": position}
                }
            )
        # Where the question is turned round, a flag without a label answers it: it is what was asked for.
        unnamed = asked[position] if flag["reason"] == Reason.WRONG_LABEL else None
        label = labels[name] if name else unnamed
        if label == tiles[position]:
            label = None  # Whoever suggests the label that it has, suggests nothing.
        stored[position] = {
            "position": position,
            "reason": flag["reason"],
            "label": label,
            "comment": str(flag.get("comment") or "")[:COMMENT_LENGTH],
        }
    if outside := sorted(set(seen) - set(tiles)):
        raise ValidationError({"seen": NO_TILE % {"position": outside[0]}})
    return [stored[p] for p in sorted(stored)], sorted({*seen, *stored})


def extend(*, assignment: Assignment) -> Assignment:
    """Keep the lease; on the next assignment, open it. Raises Ended where it is no longer lent."""
    with transaction.atomic():
        assignment = held(assignment)
        if assignment.state != Assignment.State.LENT:
            raise Ended(ENDED[Assignment.State(assignment.state)])
        now = timezone.now()
        active.begin(assignment, now)
        assignment.expires_at = now + datetime.timedelta(minutes=assignment.campaign.lease_minutes)
        assignment.save(update_fields=["opened_at", "expires_at", *active.FIELDS])
    return assignment
