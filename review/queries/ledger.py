"""What people did in a period, as they are paid for it: read from the ledger of hand-ins, which only ever grows."""

import datetime
import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from ..models import HandIn, Project, User

MONTHS = 24  # lines of one's own page
Rows = list[tuple[Any, ...]]
SUMS = {
    "batches": Count("pk"),
    "tiles": Sum("looks"),
    "active": Sum("seconds"),
    "late_batches": Count("pk", filter=Q(late=True)),
    "first": Min("at"),
    "last": Max("at"),
}
HEADER = ("batches", "looks", "active_minutes", "late_batches", "first_hand_in", "last_hand_in")


def clock(zone: str) -> zoneinfo.ZoneInfo:
    """ValidationError where there is no such time zone."""
    try:
        return zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError({"zone": f"There is no time zone {zone!r}. One is Europe/Berlin."}) from None


def period(since: str | None, until: str | None, zone: str) -> tuple[datetime.datetime, datetime.datetime]:
    """From the first moment of the day `since` to the end of the day `until`: this month up to now, if nothing is said.
    ValidationError by field."""
    here = clock(zone)
    today = timezone.now().astimezone(here).date()
    first = day("since", since) or today.replace(day=1)
    last = day("until", until) or max(today, first)
    if last < first:
        raise ValidationError({"until": f"The period ends on {last}, before it begins on {first}."})
    return tuple(  # type: ignore[return-value]
        datetime.datetime.combine(one, datetime.time(), here) for one in (first, last + datetime.timedelta(days=1))
    )


def day(name: str, text: str | None) -> datetime.date | None:
    if not text:
        return None
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError:
        raise ValidationError({name: f"{text!r} is no day. Write it as 2026-01-31."}) from None
    if not 1970 <= found.year <= 9000:
        raise ValidationError({name: f"{text!r} is too far away."})
    return found


def of_project(project: Project, since: datetime.datetime, until: datetime.datetime) -> Rows:
    """A row for each person and campaign, people who left among them."""
    rows = within(HandIn.objects.filter(project=project), since, until)
    return summed(rows, "reviewer__username", "campaign__name", "campaign")


def of_person(user: User, since: datetime.datetime, until: datetime.datetime) -> Rows:
    """A row for each campaign, those of projects that the person has left among them."""
    rows = within(HandIn.objects.filter(reviewer=user), since, until)
    return summed(rows, "project__name", "campaign__name", "campaign")


def within(rows: QuerySet[HandIn], since: datetime.datetime, until: datetime.datetime) -> QuerySet[HandIn]:
    return rows.filter(at__gte=since, at__lt=until)


def summed(rows: QuerySet[HandIn], *by: str) -> Rows:
    """By these names; the last is a number that keeps namesakes apart."""
    found = rows.values(*by).annotate(**SUMS).order_by(*by)
    return [
        (*(row[name] for name in by), row["batches"], row["tiles"], round(row["active"] / 60, 1), row["late_batches"],
         row["first"].isoformat(timespec="seconds"), row["last"].isoformat(timespec="seconds"))
        for row in found
    ]  # fmt: skip


def months(user: User, zone: str) -> list[dict[str, Any]]:
    """[{month, project, batches, tiles, minutes}], the newest first; a month is its first day."""
    rows = (
        HandIn.objects.filter(reviewer=user)
        .annotate(month=TruncMonth("at", tzinfo=clock(zone)))
        .values("month", "project", "project__name")
        .annotate(batches=Count("pk"), tiles=Sum("looks"), active=Sum("seconds"))
        .order_by("-month", "project")
    )
    return [
        {"month": row["month"].date(), "project": row["project__name"], "batches": row["batches"],
         "tiles": row["tiles"], "minutes": round(row["active"] / 60)}
        for row in rows[:MONTHS]
    ]  # fmt: skip
