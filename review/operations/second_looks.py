"""What the second looks of whoever reviews alone say of what they leave wrong (consensus/retest.py)."""

from typing import Any

import numpy as np
from django.db import connection

from ..arrays import clusters
from ..consensus import retest
from ..consensus.audit import Trials
from ..models import Campaign, Look, Verdict
from .judge import AGAINST_REASONS
from .places import DRAWN
from .strata import Sample, listed

TWICE = f"""SELECT v.id, one.reason = ANY(%(against)s), two.reason = ANY(%(against)s), {DRAWN}
  FROM review_look two
  JOIN review_look one ON one.campaign_id = two.campaign_id AND one.reviewer_id = two.reviewer_id
    AND one.item_id = two.item_id AND NOT one.planted AND one.counted
  JOIN review_verdict v ON v.campaign_id = two.campaign_id AND v.item_id = two.item_id
  WHERE two.campaign_id = %(campaign)s AND two.second AND two.counted ORDER BY two.id"""


def said(campaign: Campaign, sampled: list[Verdict], sample: Sample, planted: Trials) -> dict[str, Any] | None:
    """{looked, repeated, left, missed, mistaken, both}: items looked at; [flags given again, of those asked about
    again]; [left again, of what was left at first]; shares of the items looked at as [rate, low, high]. None before any
    look."""
    first = list(Look.objects.filter(campaign=campaign, planted=False, counted=True).order_by("item_id")
                 .values_list("reason", "item__group"))  # fmt: skip
    if not first:
        return None
    with connection.cursor() as cursor:
        cursor.execute(TWICE, {"campaign": campaign.pk, "against": AGAINST_REASONS, "seed": campaign.seed})
        rows = cursor.fetchall()
    flags = [then for _, before, then, drawn in rows if before and drawn]
    by_id = {verdict.pk: verdict for verdict in sampled}
    both = [(by_id[key], before, then) for key, before, then, _ in rows if key in by_id]
    left = [then for _, before, then in both if not before]
    found = retest.leaves(
        np.array([reason in AGAINST_REASONS for reason, _ in first], bool),
        planted,
        (sum(flags), len(flags)),
        sample.of(
            [verdict for verdict, _, _ in both], np.array([then and not before for _, before, then in both], bool)
        ),
        clusters([group for _, group in first]),
    )
    return {
        "looked": len(first),
        "repeated": [sum(flags), len(flags)],
        "left": [len(left) - sum(left), len(left)],
        **{name: listed(interval) for name, interval in found._asdict().items()},
    }
