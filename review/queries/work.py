"""A person's own work: how much, and how good by what is known. Only they are shown it."""

import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from ..consensus.quality import interval
from ..models import Assignment, Campaign, Look, Member, User
from ..operations.judge import AGAINST_REASONS
from . import ledger
from .progress import honeypots
from .quality import scores
from .tallies import UNDECIDED

DAYS = 7
# Of own looks that took a side, at items that are settled and that somebody else spoke of too (another reviewer, or a
# supervisor): whether the label was found wrong as the look has it. Redrawing a box says that the label is right.
AGREEMENT = """SELECT count(*),
    count(*) FILTER (WHERE (l.reason = ANY(%(against)s)) = (v.state = 'fix' AND v.probability >= 0.5))
  FROM review_look l JOIN review_verdict v ON v.campaign_id = l.campaign_id AND v.item_id = l.item_id
  WHERE l.campaign_id = %(campaign)s AND l.reviewer_id = %(reviewer)s AND NOT l.planted AND l.counted
    AND NOT l.reason = ANY(%(undecided)s) AND v.state IN ('clean', 'fix')
    AND (v.counted > 1 OR EXISTS (SELECT 1 FROM review_resolution r WHERE r.verdict_id = v.id AND r.current
      AND r.looked AND r.by_id <> l.reviewer_id))"""


def work(user: User, zone: str) -> dict[str, Any]:
    """What a person did today, in the last seven days and in each campaign, by the clock of their time zone."""
    start = midnight(zone)
    days = [start - datetime.timedelta(days=n) for n in reversed(range(DAYS))]
    return {
        "today": done(user, start),
        "week": done(user, days[0]),
        "days": by_day(user, days),
        "months": ledger.months(user, zone),
        "campaigns": [of_campaign(campaign, user) for campaign in reviewed(user)],
    }


def midnight(zone: str) -> datetime.datetime:
    return timezone.now().astimezone(ledger.clock(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def handed_in(user: User, since: datetime.datetime) -> Any:
    return Assignment.objects.filter(reviewer=user, state=Assignment.State.HANDED_IN, ended_at__gte=since)


def done(user: User, since: datetime.datetime) -> dict[str, int]:
    """Batches handed in, and tiles that were looked at in them: all of them, also those that came late."""
    tiles = Look.objects.filter(reviewer=user, assignment__in=handed_in(user, since)).count()
    return {"batches": handed_in(user, since).count(), "tiles": tiles}


def by_day(user: User, days: list[datetime.datetime]) -> list[dict[str, Any]]:
    ends = [*days[1:], days[-1] + datetime.timedelta(days=1)]
    names = {f"d{k}": Count("looks", filter=Q(ended_at__gte=day, ended_at__lt=end))
             for k, (day, end) in enumerate(zip(days, ends, strict=True))}  # fmt: skip
    found = handed_in(user, days[0]).aggregate(**names)
    return [{"day": day.date(), "tiles": found[f"d{k}"]} for k, day in enumerate(days)]


def reviewed(user: User) -> list[Campaign]:
    """The campaigns in which somebody has handed in anything, where they are still a member, the newest first."""
    projects = Member.objects.filter(user=user).values("project")
    mine = Assignment.objects.filter(reviewer=user, state=Assignment.State.HANDED_IN).values("campaign")
    rows = Campaign.objects.filter(pk__in=mine, dataset__project__in=projects)
    return list(rows.select_related("dataset__project").order_by("-pk"))


def of_campaign(campaign: Campaign, user: User) -> dict[str, Any]:
    mine = Assignment.objects.filter(reviewer=user, campaign=campaign, state=Assignment.State.HANDED_IN)
    planted = honeypots(scores(campaign, user.pk).get(user.pk))
    return {
        "id": campaign.pk,
        "name": campaign.name,
        "dataset": campaign.dataset.name,
        "state": campaign.state,
        "batches": mine.count(),
        "tiles": Look.objects.filter(assignment__in=mine).count(),
        "planted": {name: planted[name] for name in ("seen", "found", "interval")},
        "agreement": agreement(campaign, user),
    }


def agreement(campaign: Campaign, user: User) -> dict[str, Any]:
    """How often what became of an item is what this person had said, with 95 % of where that share lies."""
    names: dict[str, Any] = {"campaign": campaign.pk, "reviewer": user.pk}
    names |= {"against": AGAINST_REASONS, "undecided": UNDECIDED}
    with connection.cursor() as cursor:
        cursor.execute(AGREEMENT, names)
        settled, agreed = cursor.fetchone()
    return {"settled": settled, "agreed": agreed, "interval": list(interval(agreed, settled)) if settled else None}
