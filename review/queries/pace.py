"""When a campaign will be done, by what people handed in of late."""

import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from ..consensus.pace import finish
from ..models import Campaign

DAY = datetime.timedelta(days=1)
MOST_DAYS, FEWEST_DAYS = 7, 3
PARTS = 8  # that a shorter time is cut into
FEWEST_LOOKS = 50  # below this nothing is said of the pace
DONE = """SELECT floor(extract(epoch FROM %s - at) / %s)::int, sum(looks) FROM review_handin
  WHERE campaign_id = %s AND at > %s AND at <= %s GROUP BY 1"""


def eta(campaign: Campaign, body: dict[str, Any]) -> dict[str, str | None] | None:
    """{at, low, high} of when all is settled: by whole days back from now where there are some, else by eighths of the
    time since it was opened. None while nothing can be said, and where nothing is left or the campaign does not run."""
    if not body["to_go"] or campaign.state != Campaign.State.OPEN or campaign.opened_at is None:
        return None
    now = timezone.now()
    long = min(now - campaign.opened_at, MOST_DAYS * DAY)
    width, count = (DAY, long // DAY) if long >= FEWEST_DAYS * DAY else (long / PARTS, PARTS)
    done = windows(campaign, now, width, count)
    # What is handed in holds planted and surplus looks, which bring nothing nearer.
    useful = body["looks"]["counted"] / body["handed_in"]["looks"] if body["handed_in"]["looks"] else 0.0
    if done.sum() < FEWEST_LOOKS or (found := finish(body["to_go"], useful * done)) is None:
        return None
    return {name: None if n is None else (now + n * width).isoformat()
            for name, n in zip(("at", "low", "high"), found, strict=True)}  # fmt: skip


def windows(campaign: Campaign, now: datetime.datetime, width: datetime.timedelta, count: int) -> np.ndarray:
    """float [count]: looks handed in in each of so many windows back from now."""
    done = np.zeros(count)
    with connection.cursor() as cursor:
        cursor.execute(DONE, [now, width.total_seconds(), campaign.pk, now - count * width, now])
        for number, looks in cursor.fetchall():
            done[min(number, count - 1)] = looks
    return done
