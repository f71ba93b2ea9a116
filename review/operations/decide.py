"""From looks to verdicts: bring items up to date under a fit, and mend what is newly known to be wrong."""

from django.db import connection

from ..models import Campaign, Fit, Look, Resolution, Verdict
from . import fixes
from .judge import Judged, Seen, judge

AT_ONCE = 2000  # verdicts; a campaign may have a million
WRITE = """
    UPDATE review_verdict v SET lent = d.lent, counted = d.counted, kin = d.kin, probability = d.probability,
      state = d.state, suggested_id = d.suggested, remove = d.remove, flags = d.flags, wanted = d.wanted,
      round = d.again + 1, fit_id = %s, batch_id = CASE WHEN d.again > 0 THEN NULL ELSE v.batch_id END
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::float8[], %s::float8[], %s::text[], %s::bigint[], %s::bool[],
      %s::int[], %s::int[], %s::int[])
      AS d(id, lent, counted, kin, probability, state, suggested, remove, flags, wanted, again)
    WHERE v.id = d.id
"""


def update(campaign: Campaign, verdict_ids: list[int], fit: Fit | None = None) -> None:
    """Bring these verdicts up to date under a fit (the campaign's own) and mend what is newly known to be wrong, some
    at a time. The caller holds their rows; changes nothing where nothing changed."""
    fit = fit or campaign.fit
    assert fit is not None
    ids = sorted(verdict_ids)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        settle(campaign, list(Verdict.objects.filter(pk__in=some).order_by("pk")), fit)


def settle(campaign: Campaign, verdicts: list[Verdict], fit: Fit) -> None:
    """Write these verdicts, rows that the caller holds: with `lent`, `counted` and `kin` as they are here, and all else
    as their looks make it under the fit. Then mend what is newly known to be wrong."""
    looks = seen_looks(campaign, [v.item_id for v in verdicts])
    decided = {r.verdict_id: r for r in Resolution.objects.filter(verdict__in=verdicts, current=True)}
    judged = judge(campaign, verdicts, looks, decided, fit, campaign.dataset.labels.count())
    write(verdicts, judged, fit)
    fixes.follow(campaign, verdicts, judged, decided)


def seen_looks(campaign: Campaign, items: list[int]) -> list[Seen]:
    """The counted looks at these items, the first first."""
    rows = Look.objects.filter(campaign=campaign, item__in=items, planted=False, counted=True).order_by("pk")
    return [Seen(*row) for row in rows.values_list("item_id", "reviewer_id", "reason", "suggested_id")]


def write(verdicts: list[Verdict], judged: list[Judged], fit: Fit) -> None:
    if not judged:
        return
    rows = (
        (v.pk, v.lent, v.counted, v.kin, j.probability, j.state, j.suggested, j.remove, j.flags, j.wanted, j.again)
        for v, j in zip(verdicts, judged, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [fit.pk, *map(list, zip(*rows, strict=True))])
