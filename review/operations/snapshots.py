"""What boards show, reckoned once for everybody: a row a campaign that is made anew when the campaign has moved.

A campaign whose numbers are reckoned in an instant has them made anew by whoever asks next, at once by a script that
asks for them as they are. Where it takes longer, whoever asks is shown what is there, a worker is asked for newer
numbers, and the answer says how old they are and when to ask again. For those who watch the numbers rest for REST times
what they took, so that a busy campaign spends a sixth of one processor on them at most, however many people watch.
Nothing relies on the queue: without a row, and where no worker came for a while, whoever asks reckons.
"""

import datetime
import logging
import time

from django.db import connection, transaction
from django.utils import timezone

from mlfix_site.celery import app

from ..models import Campaign, Snapshot
from ..queries import progress
from ..queries.version import version

log = logging.getLogger(__name__)
AT_ONCE = 0.2  # seconds: what takes longer is left to a worker
REST = 5.0
AGAIN = 0.3  # seconds, at least, after which to ask again
WORKER_LATE = (1.0, 30.0)  # seconds, at least and at most, within which a worker is waited for
LOCK = 72002


def current(campaign: Campaign, recent: bool = False) -> tuple[Snapshot, float | None]:
    """(the newest snapshot that is to be had in an instant, in how many seconds to ask again; None: not at all).
    `recent`: one that still rests will do, as it does for whoever watches and will ask again."""
    kept = stored(campaign) or refresh(campaign)
    assert kept is not None
    newest = version(campaign)
    if kept.version < newest and kept.seconds <= AT_ONCE and not recent:
        kept = refresh(campaign) or kept
    if kept.version < newest and rested(kept):
        if kept.seconds <= AT_ONCE or overdue(kept):
            kept = refresh(campaign, wait=False) or kept
        elif asked(kept):
            send(campaign.pk)
    again = until_rested(kept) if kept.seconds <= AT_ONCE else max(1.0, until_rested(kept), kept.seconds)
    return kept, None if kept.version >= newest else max(AGAIN, again)


def stored(campaign: Campaign) -> Snapshot | None:
    """The row that is there; one of another release, whose body has another shape, is none."""
    return Snapshot.objects.filter(pk=campaign.pk, body__shape=progress.SHAPE).first()


def until_rested(kept: Snapshot) -> float:
    """Seconds."""
    return REST * kept.seconds - (timezone.now() - kept.at).total_seconds()


def rested(kept: Snapshot) -> bool:
    return until_rested(kept) <= 0


def overdue(kept: Snapshot) -> bool:
    """A worker was asked for a newer one, and none came in the time that it takes and some more."""
    least, most = WORKER_LATE
    patience = datetime.timedelta(seconds=min(max(REST * kept.seconds, least), most))
    return kept.asked_at is not None and timezone.now() - kept.asked_at >= patience


def asked(kept: Snapshot) -> bool:
    """True for the first who asks a worker since this snapshot was made."""
    rows = Snapshot.objects.filter(pk=kept.pk, at=kept.at, asked_at=None)
    return bool(rows.update(asked_at=timezone.now()))


def send(campaign_id: int) -> None:
    try:
        app.send_task("review.snapshot", args=[campaign_id], expires=WORKER_LATE[1])
    except Exception:
        log.warning("The queue is away; the numbers of campaign %s are reckoned when next asked for.", campaign_id)


def refresh(campaign: Campaign, wait: bool = True) -> Snapshot | None:
    """Reckon anew, unless somebody else just has. One at a time: others wait, or get None."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            lock = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
            cursor.execute(f"SELECT {lock}(%s, %s)", [LOCK, campaign.pk % 2**31])
            if cursor.fetchone() == (False,):
                return None
        newest, began, clock = version(campaign), timezone.now(), time.perf_counter()
        kept = stored(campaign)
        if kept is not None and kept.version == newest:
            return kept
        campaign = Campaign.objects.select_related("dataset", "fit").get(pk=campaign.pk)
        body = progress.whole(campaign, kept.body if kept else None)
        return Snapshot.objects.update_or_create(
            campaign=campaign,
            defaults={"version": newest, "at": began, "seconds": time.perf_counter() - clock, "body": body,
                      "asked_at": None},
        )[0]  # fmt: skip


def make(campaign_id: int) -> None:
    """What a worker does where it is asked."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is not None:
        refresh(campaign, wait=False)
