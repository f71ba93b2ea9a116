"""The audit log of a project: who did what, when."""

import datetime
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ..arrays import chunked
from ..models import AuditEvent, Dataset, Label, Project

COLUMNS = ("id", "at", "by", "verb", "campaign", "details")
ROWS = 2000
NAMED = {"dataset": Dataset.objects, "label": Label.objects}  # details that hold an id of these


@dataclass(frozen=True)
class Filter:
    """Which events; None where all do. `since` and `until` as times, the second not included."""

    verb: str | None = None  # or a part of it
    by: str | None = None
    campaign: int | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


def events(project: Project, chosen: Filter) -> QuerySet[AuditEvent]:
    wanted = {
        "verb__icontains": chosen.verb,
        "actor__username__iexact": chosen.by,
        "campaign": chosen.campaign,
        "at__gte": chosen.since,
        "at__lt": chosen.until,
    }
    rows = AuditEvent.objects.filter(project=project).select_related("actor", "campaign")
    return rows.filter(**{field: value for field, value in wanted.items() if value is not None})


def events_json(events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    names = names_of(events)
    return [
        {
            "id": event.pk,
            "at": event.at,
            "by": event.actor.username if event.actor else None,
            "verb": event.verb,
            "campaign": event.campaign_id,
            "campaign_name": event.campaign.name if event.campaign else None,
            "details": event.data,
            "names": named(event, names),
        }
        for event in events
    ]


def names_of(events: Sequence[AuditEvent]) -> dict[str, dict[int, str]]:
    """What the things are called now whose ids these events hold, by detail and id."""
    asked = {name: {event.data[name] for event in events if isinstance(event.data.get(name), int)} for name in NAMED}
    return {name: {row.pk: str(row) for row in NAMED[name].filter(pk__in=ids)} for name, ids in asked.items()}


def named(event: AuditEvent, names: dict[str, dict[int, str]]) -> dict[str, str]:
    """The names of the things whose ids are among the event's details; none of what is gone."""
    ids = ((name, event.data.get(name)) for name in names)
    return {name: names[name][pk] for name, pk in ids if isinstance(pk, int) and pk in names[name]}


def table(project: Project, chosen: Filter) -> Iterator[tuple[Any, ...]]:
    """Its lines, the oldest first, as COLUMNS."""
    for some in chunked(events(project, chosen).order_by("pk").iterator(ROWS), ROWS):
        names = names_of(some)
        for event in some:
            by, campaign = event.actor.username if event.actor else "", event.campaign.name if event.campaign else ""
            said = details(event.data | named(event, names))
            yield (str(event.pk), event.at.isoformat(), by, event.verb, campaign, said)


def details(data: dict[str, Any]) -> str:
    """As the page of the log says them: name and value, without those that say nothing."""
    told = {name: value for name, value in data.items() if value not in (None, "")}
    parts = (f"{name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in told.items())
    return "; ".join(parts)
