"""What open campaigns have come to that nobody was told of yet, by probes of indexes: nothing is read for each item."""

import datetime
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..models import AuditEvent, Campaign, HandIn, Notice, Verdict
from .tallies import SETTLED

# Which labels have a verdict in which state, in each open campaign: from each label that is met, the next one in the
# index. So it costs a probe for each label and state, however many items there are.
MET = """WITH RECURSIVE met (campaign_id, state, label_id) AS (
    SELECT c.id, s.state, (SELECT min(v.label_id) FROM review_verdict v
        WHERE v.campaign_id = c.id AND v.state = s.state)
    FROM review_campaign c CROSS JOIN unnest(%(states)s::text[]) AS s (state) WHERE c.state = 'open'
  UNION ALL
    SELECT m.campaign_id, m.state, (SELECT min(v.label_id) FROM review_verdict v
        WHERE v.campaign_id = m.campaign_id AND v.state = m.state AND v.label_id > m.label_id)
    FROM met m WHERE m.label_id IS NOT NULL)
  SELECT campaign_id, label_id, array_agg(state) FROM met WHERE label_id IS NOT NULL GROUP BY 1, 2"""
# Of these campaigns, those with a batch to lend from, or with an item that is asked again.
WANTED = """SELECT c.id FROM review_campaign c WHERE c.id = ANY(%(campaigns)s) AND (
    (SELECT min(b.number) FROM review_batch b WHERE b.campaign_id = c.id AND b.open AND NOT b.withdrawn) IS NOT NULL
    OR (SELECT min(v.label_id) FROM review_verdict v
        WHERE v.campaign_id = c.id AND v.batch_id IS NULL AND v.wanted > v.lent + v.counted) IS NOT NULL)"""
EVENTS = 1000  # among the last of which the opening is looked for
DISPUTES_AGAIN = datetime.timedelta(days=1)


@dataclass
class Standing:
    """The labels of a campaign: those with nothing left to do, and whether any others wait for a supervisor."""

    finished: list[int] = field(default_factory=list)
    unfinished: bool = False
    disputed: bool = False


def standings() -> dict[int, Standing]:
    """Of each open campaign that has verdicts."""
    found: dict[int, Standing] = {}
    with connection.cursor() as cursor:
        cursor.execute(MET, {"states": list(Verdict.State.values)})
        for campaign, label, states in cursor.fetchall():
            standing = found.setdefault(campaign, Standing())
            if set(states) <= set(SETTLED):
                standing.finished.append(label)
            else:
                standing.unfinished = True
                standing.disputed = standing.disputed or Verdict.State.DISPUTED in states
    return found


def told(campaigns: list[int]) -> set[tuple[int, str, str]]:
    """(campaign, kind, about) of what was found before."""
    return set(Notice.objects.filter(campaign__in=campaigns).values_list("campaign", "kind", "about"))


def disputes(campaign: int) -> int:
    return Verdict.objects.filter(campaign=campaign, state=Verdict.State.DISPUTED).count()


def last_of_disputes(campaigns: list[int]) -> dict[int, Notice]:
    """The newest notice that disputes wait, by campaign."""
    rows = Notice.objects.filter(campaign__in=campaigns, kind=Notice.Kind.DISPUTES_WAITING)
    return {notice.campaign_id: notice for notice in rows.order_by("pk")}


def stalled() -> dict[int, datetime.datetime]:
    """Since when nobody has handed anything in, of open campaigns that want looks and have waited too long for them."""
    long_ago = timezone.now() - datetime.timedelta(hours=settings.STALLED_HOURS)
    quiet = quiet_since(long_ago)
    with connection.cursor() as cursor:
        cursor.execute(WANTED, {"campaigns": list(quiet)})
        wanted = [row[0] for row in cursor.fetchall()]
    last = {campaign: max(quiet[campaign], opened_again(campaign) or quiet[campaign]) for campaign in wanted}
    return {campaign: at for campaign, at in last.items() if at < long_ago}


def quiet_since(long_ago: datetime.datetime) -> dict[int, datetime.datetime]:
    """The last hand-in, or the first opening where there is none, of open campaigns where that is long ago."""
    handed_in = HandIn.objects.filter(campaign=OuterRef("pk")).order_by("-at").values("at")[:1]
    campaigns = Campaign.objects.filter(state=Campaign.State.OPEN, opened_at__lt=long_ago)
    last = campaigns.annotate(last=Coalesce(Subquery(handed_in), "opened_at"))
    return dict(last.filter(last__lt=long_ago).values_list("pk", "last"))


def opened_again(campaign: int) -> datetime.datetime | None:
    """When somebody last let a paused campaign go on."""
    newest = AuditEvent.objects.filter(campaign=campaign).order_by("-pk").values_list("verb", "at")[:EVENTS]
    return next((at for verb, at in newest if verb == f"campaign {Campaign.State.OPEN}"), None)
