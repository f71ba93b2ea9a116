"""Errors found for looks spent, hour by hour."""

import datetime
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncHour

from ..models import Campaign, Fix
from .tallies import Alike, Looks, summed

POINTS = 200
HOUR = 3600


def series(campaign: Campaign, looks: list[Looks], items: list[Alike], before: float | None) -> list[dict[str, Any]]:
    """[{at, looks, fixes, any_order}] at the ends of hours in which something happened, the sums until then; few enough
    to draw. fixes: labels that were found wrong and stand mended. any_order: how many wrong labels as many items hold,
    picked by chance, as were looked at until then; None while `before`, the share that was wrong, is unknown."""
    fixes = (
        Fix.objects.filter(campaign=campaign, state=Fix.State.APPLIED)
        .exclude(kind=Fix.Kind.REDRAW)
        .values_list(TruncHour("at"))
        .annotate(n=Count("pk"))
    )
    steps: dict[int, list[int]] = {}
    parts = (
        summed((one.hour, one.counted) for one in looks),
        [[int(hour.timestamp()), n] for hour, n in fixes],
        summed((one.hour, one.items) for one in items),
    )
    for k, part in enumerate(parts):
        for hour, n in part:
            steps.setdefault(hour, [0, 0, 0])[k] += n
    sums, points = [0, 0, 0], []
    for hour in sorted(steps):
        sums = [a + b for a, b in zip(sums, steps[hour], strict=True)]
        points.append(
            {
                "at": datetime.datetime.fromtimestamp(hour + HOUR, datetime.UTC).isoformat(),
                "looks": sums[0],
                "fixes": sums[1],
                "any_order": None if before is None else round(before * sums[2], 2),
            }
        )
    return thinned(points)


def thinned(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most so many, the last among them."""
    step = -(-len(points) // POINTS) or 1
    return points[::-1][::step][::-1]
