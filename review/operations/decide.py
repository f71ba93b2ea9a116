"""From looks to verdicts: bring items up to date under a fit, and mend what is newly known to be wrong."""

from django.db import connection

from ..models import Campaign, Fit, Look, Resolution, Verdict
from . import fixes
from .judge import Judged, Seen, judge

AT_ONCE = 2000  # verdicts; a campaign may have a million


def update(campaign: Campaign, verdict_ids: list[int], fit: Fit | None = None) -> None:
    """Bring these verdicts up to date under a fit (the campaign's own) and mend what is newly known to be wrong, some
    at a time. The caller holds their rows; changes nothing where nothing changed."""
    fit = fit or campaign.fit
    assert fit is not None
    labels, ids = campaign.dataset.labels.count(), sorted(verdict_ids)
    for start in range(0, len(ids), AT_ONCE):
        update_some(campaign, ids[start : start + AT_ONCE], fit, labels)


def update_some(campaign: Campaign, verdict_ids: list[int], fit: Fit, labels: int) -> None:
    verdicts = list(Verdict.objects.filter(pk__in=verdict_ids).order_by("pk"))
    looks = seen_looks(campaign, [v.item_id for v in verdicts])
    decided = {r.verdict_id: r for r in Resolution.objects.filter(verdict__in=verdict_ids, current=True)}
    judged = judge(campaign, verdicts, looks, decided, fit, labels)
    write(judged, fit)
    fixes.follow(campaign, verdicts, judged, decided)


def seen_looks(campaign: Campaign, items: list[int]) -> list[Seen]:
    """The counted looks at these items, the first first."""
    rows = Look.objects.filter(campaign=campaign, item__in=items, planted=False, counted=True).order_by("pk")
    return [Seen(*row) for row in rows.values_list("item_id", "reviewer_id", "reason", "suggested_id")]


def write(judged: list[Judged], fit: Fit) -> None:
    if not judged:
        return
    rows = [(j.id, j.probability, j.state, j.suggested, j.remove, j.flags, j.wanted, j.again, j.value) for j in judged]
    columns = list(zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE review_verdict v SET probability = d.probability, state = d.state, suggested_id = d.suggested,
                 remove = d.remove, flags = d.flags, wanted = d.wanted, round = d.again + 1, value = d.value,
                 fit_id = %s, batch_id = CASE WHEN d.again > 0 THEN NULL ELSE v.batch_id END
               FROM unnest(%s::bigint[], %s::float8[], %s::text[], %s::bigint[], %s::bool[], %s::int[], %s::int[],
                 %s::int[], %s::float8[]) AS d(id, probability, state, suggested, remove, flags, wanted, again, value)
               WHERE v.id = d.id""",
            [fit.pk, *map(list, columns)],
        )
