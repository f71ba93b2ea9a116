"""What a check-up says: how wrong the dataset is, where, and what it takes to mend it."""

from typing import Any

import numpy as np
from django.db import connection

from ..arrays import clusters, or_nan
from ..consensus import check_up
from ..consensus.check_up import BUCKETS, UNKNOWN, Frame, Looked
from ..models import Assignment, Campaign, Label, Verdict

WRONG = 0.5
TARGET = 0.003
LONGEST = 600.0  # seconds for a grid; more is a break
# Of what was drawn also the label and the suspicion that it was drawn with: the mended have others since, or are gone.
IN_BUCKETS = """
    SELECT label_id, width_bucket(suspicion, %(edges)s::float8[]), drawn_label,
        width_bucket(drawn_suspicion, %(edges)s::float8[]), removed, count(*), sum(suspicion), sum(drawn_suspicion)
    FROM (
        SELECT i.label_id, coalesce(i.suspicion, %(unknown)s)::float8 AS suspicion, i.removed,
            coalesce(v.label_id, i.label_id) AS drawn_label,
            coalesce(CASE WHEN v.id IS NULL THEN i.suspicion ELSE v.prior END, %(unknown)s)::float8 AS drawn_suspicion
        FROM review_item i LEFT JOIN review_verdict v ON v.campaign_id = %(campaign)s AND v.item_id = i.id
        WHERE i.dataset_id = %(dataset)s AND (NOT i.removed OR v.id IS NOT NULL)
    ) AS item GROUP BY 1, 2, 3, 4, 5
"""


def result(campaign: Campaign) -> dict[str, Any]:
    verdicts = list(campaign.verdicts.select_related("item").order_by("pk"))
    done = [v for v in verdicts if v.counted]
    labels = list(campaign.dataset.labels.order_by("name"))
    frame, now = frames_of(campaign, labels)
    looked = looked_at(done)
    expected, left = check_up.believed(frame, looked), check_up.believed(now, looked)
    worst = check_up.worst(expected) if done else np.array([], int)
    names = [label.name for label in labels]
    rate = check_up.rate(frame, looked)
    seconds = pace(campaign)
    return {
        "drawn": len(verdicts),
        "looked": len(done),
        "found": int(looked.wrong.sum()),
        "items": int(frame.items.sum()),
        "rate": [float(value) for value in rate] if done else None,
        "labels": [
            {"label": names[k], "items": int(frame.items[k].sum()), "wrong": float(expected[k].sum())} for k in worst
        ],
        "worst": [names[k] for k in worst],
        "target": TARGET,
        "forecasts": [
            forecast_json(check_up.forecast(now, left, TARGET), None, seconds),
            forecast_json(check_up.forecast(now, left, TARGET, worst), [names[k] for k in worst], seconds),
        ]
        if done
        else [],
        "seconds_a_look": seconds,
        "stale": campaign.ranking_id != campaign.dataset.ranking_id,
    }


def frames_of(campaign: Campaign, labels: list[Label]) -> tuple[Frame, Frame]:
    """The dataset's items by label and bucket of suspicion: as they were when some were drawn, and as they are now."""
    row = {label.pk: k for k, label in enumerate(labels)}
    drawn, now = (Frame(*np.zeros((2, len(labels), len(BUCKETS) + 1))) for _ in range(2))
    names = {"unknown": UNKNOWN, "edges": BUCKETS.tolist(), "dataset": campaign.dataset_id, "campaign": campaign.pk}
    with connection.cursor() as cursor:
        cursor.execute(IN_BUCKETS, names)
        for label, bucket, drawn_label, drawn_bucket, removed, count, total, drawn_total in cursor.fetchall():
            drawn.items[row[drawn_label], drawn_bucket] += count
            drawn.suspected[row[drawn_label], drawn_bucket] += drawn_total
            if not removed:
                now.items[row[label], bucket] += count
                now.suspected[row[label], bucket] += total
    return drawn, now


def looked_at(verdicts: list[Verdict]) -> Looked:
    return Looked(
        or_nan([v.probability for v in verdicts]) > WRONG,
        or_nan([v.prior for v in verdicts]),
        clusters([v.item.group for v in verdicts]) if verdicts else None,
    )


def pace(campaign: Campaign) -> float | None:
    """Seconds a look, by the grids handed in here."""
    done = campaign.assignments.filter(state=Assignment.State.HANDED_IN, opened_at__isnull=False)
    seconds = [
        min((one.ended_at - one.opened_at).total_seconds(), LONGEST) for one in done if one.ended_at and one.opened_at
    ]
    tiles = sum(one.counted or 0 for one in done)
    return sum(seconds) / tiles if tiles else None


def forecast_json(found: check_up.Forecast, labels: list[str] | None, seconds: float | None) -> dict[str, Any]:
    return {
        "labels": labels,
        "items": round(found.items),
        "audited": round(found.audited),
        "looks": round(found.looks),
        "hours": found.looks * seconds / 3600 if seconds is not None else None,
        "left": found.left,
    }
