"""The audit log of a project: who did what, when."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ..models import AuditEvent, Project

COLUMNS = ("id", "at", "by", "verb", "campaign", "details")


@dataclass(frozen=True)
class Filter:
    """Which events; None where all do. `since` and `until` as times, the second not included."""

    verb: str | None = None
    by: str | None = None
    campaign: int | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


def events(project: Project, chosen: Filter) -> QuerySet[AuditEvent]:
    wanted = {
        "verb": chosen.verb,
        "actor__username": chosen.by,
        "campaign": chosen.campaign,
        "at__gte": chosen.since,
        "at__lt": chosen.until,
    }
    rows = AuditEvent.objects.filter(project=project).select_related("actor", "campaign")
    return rows.filter(**{field: value for field, value in wanted.items() if value is not None})


def event_json(event: AuditEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "at": event.at,
        "by": event.actor.username if event.actor else None,
        "verb": event.verb,
        "campaign": event.campaign_id,
        "campaign_name": event.campaign.name if event.campaign else None,
        "details": event.data,
    }


def table(project: Project, chosen: Filter) -> Iterator[tuple[Any, ...]]:
    """Its lines, the oldest first, as COLUMNS."""
    for event in events(project, chosen).order_by("pk").iterator(2000):
        said = "; ".join(f"{name}: {value}" for name, value in event.data.items())
        by, campaign = event.actor.username if event.actor else "", event.campaign.name if event.campaign else ""
        yield (str(event.pk), event.at.isoformat(), by, event.verb, campaign, said)
