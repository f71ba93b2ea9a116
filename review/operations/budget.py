"""A budget of looks: how many may still be lent, and which are worth most where it does not reach for all."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Sum

from ..models import Campaign

# A place that a claim may still lend, and what one more look there is worth.
WORTH = "v.campaign_id = %(campaign)s AND v.value IS NOT NULL AND v.wanted > v.lent + v.counted"


@dataclass(frozen=True)
class Left:
    """So many looks may still be lent; `scarce`: more are wanted."""

    looks: int
    scarce: bool = False


def left(campaign: Campaign, cursor: Any) -> Left:
    """Claims of a campaign with a budget wait for one another."""
    if campaign.budget is None:
        return Left(campaign.batch_size)
    cursor.execute("SELECT pg_advisory_xact_lock(72002, %s)", [campaign.pk % 2**31])
    sums = campaign.verdicts.aggregate(spent=Sum(F("counted") + F("lent")), wanted=Sum("wanted"))
    looks = campaign.budget - (sums["spent"] or 0)
    return Left(looks, scarce=looks < (sums["wanted"] or 0) - (sums["spent"] or 0))


def least_value(campaign: Campaign, looks: int, cursor: Any) -> float:
    """What the last of so many looks is worth, if the most valuable ones are lent."""
    cursor.execute(
        f"SELECT v.value FROM review_verdict v WHERE {WORTH} ORDER BY v.value DESC OFFSET %(others)s LIMIT 1",
        {"campaign": campaign.pk, "others": max(looks - 1, 0)},
    )
    row = cursor.fetchone()
    return float(row[0]) if row else 0.0
