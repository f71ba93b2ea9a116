"""From looks to verdicts: bring items up to date under a fit, and mend what is newly known to be wrong."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import connection

from ..models import Campaign, Fit, Resolution, Verdict
from . import fixes
from .judge import Judged, Seen, judge

AT_ONCE = 2000  # verdicts; a campaign may have a million
WRITE = """
    UPDATE review_verdict v SET lent = d.lent, counted = d.counted, kin = d.kin, probability = d.probability,
      state = d.state, suggested_id = d.suggested, remove = d.remove, flags = d.flags, wanted = d.wanted,
      round = d.again + 1, value = d.value, fit_id = %s, batch_id = CASE WHEN d.again > 0 THEN NULL ELSE v.batch_id END
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::float8[], %s::float8[], %s::text[], %s::bigint[], %s::bool[],
      %s::int[], %s::int[], %s::int[], %s::float8[])
      AS d(id, lent, counted, kin, probability, state, suggested, remove, flags, wanted, again, value)
    WHERE v.id = d.id
"""


def update(campaign: Campaign, verdict_ids: list[int], fit: Fit | None = None) -> None:
    """Bring these verdicts up to date under a fit (the campaign's own) and mend what is newly known to be wrong, some
    at a time. The caller holds their rows; changes nothing where nothing changed."""
    fit = fit or campaign.fit
    assert fit is not None
    ids = sorted(verdict_ids)
    for start in range(0, len(ids), AT_ONCE):
        settle(campaign, held(campaign, ids[start : start + AT_ONCE]), fit)


def held(campaign: Campaign, ids: list[int], by: str = "id") -> list[Verdict]:
    """The verdicts of these ids, or `by` item_id, their rows held; in one order by everybody, which is that of their
    ids. As one array: a parameter for each of a hundred costs more than all else."""
    return list(
        Verdict.objects.raw(
            f"SELECT * FROM review_verdict WHERE campaign_id = %s AND {by} = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [campaign.pk, ids],
        )
    )


def all_held(campaign: Campaign, ids: Collection[int]) -> list[Verdict]:
    """As `held`; ValidationError where the campaign has no such verdict."""
    verdicts = held(campaign, sorted(ids))
    if absent := sorted(set(ids) - {v.pk for v in verdicts}):
        raise ValidationError({"verdicts": f"This campaign has no verdict {absent[0]}."})
    return verdicts


def settle(campaign: Campaign, verdicts: list[Verdict], fit: Fit) -> None:
    """Write these verdicts, rows that the caller holds: with `lent`, `counted` and `kin` as they are here, and all else
    as their looks make it under the fit. Then mend what is newly known to be wrong."""
    looks = seen_looks(campaign, [v.item_id for v in verdicts])
    decided = resolutions(verdicts)
    judged = judge(campaign, verdicts, looks, decided, fit)
    write(verdicts, judged, fit)
    fixes.follow(campaign, verdicts, judged, decided)


def seen_looks(campaign: Campaign, items: list[int]) -> list[Seen]:
    """The counted looks at these items, the first first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT item_id, reviewer_id, reason, suggested_id FROM review_look
               WHERE campaign_id = %s AND item_id = ANY(%s) AND NOT planted AND counted ORDER BY id""",
            [campaign.pk, items],
        )
        return [Seen(*row) for row in cursor.fetchall()]


def resolutions(verdicts: list[Verdict]) -> dict[int, Resolution]:
    """The decisions that stand on these, by verdict."""
    found = Resolution.objects.raw(
        "SELECT * FROM review_resolution WHERE verdict_id = ANY(%s) AND current", [[v.pk for v in verdicts]]
    )
    return {resolution.verdict_id: resolution for resolution in found}


def write(verdicts: list[Verdict], judged: list[Judged], fit: Fit) -> None:
    if not judged:
        return
    rows = (
        (v.pk, v.lent, v.counted, v.kin, j.probability, j.state, j.suggested, j.remove, j.flags, j.wanted, j.again,
         j.value)
        for v, j in zip(verdicts, judged, strict=True)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [fit.pk, *map(list, zip(*rows, strict=True))])
