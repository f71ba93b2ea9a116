"""Find what whoever leads wants to know of, once each, and put it on its way."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from ..models import Campaign, Notice
from ..queries import notices
from . import deliveries


def find() -> list[Notice]:
    """What was not known of open campaigns. Safe to run at any time and by several at once: whoever writes a notice
    first has found it."""
    standings = notices.standings()
    told = notices.told(list(standings))
    clear_desks([key for key, standing in standings.items() if not standing.disputed])
    candidates = [*finished(standings), *disputed(standings), *stalled()]
    wanted = [notice for notice in candidates if (notice.campaign_id, notice.kind, notice.about) not in told]
    return [made for notice in wanted if (made := write(notice))]


def write(notice: Notice) -> Notice | None:
    """The notice with its deliveries; None where somebody else has just found it, or the campaign is gone."""
    try:
        with transaction.atomic():
            notice.save()
            deliveries.start(notice)
    except IntegrityError:
        return None
    return notice


def finished(standings: dict[int, notices.Standing]) -> list[Notice]:
    """Classes with nothing left to do, and campaigns. A check-up is a sample, of which no class is ever done."""
    samples = {c.pk for c in Campaign.objects.filter(pk__in=standings).only("slice") if c.is_check_up}
    found = []
    for campaign, standing in standings.items():
        labels = [] if campaign in samples else standing.finished
        kind = Notice.Kind.CLASS_FINISHED
        found += [Notice(campaign_id=campaign, kind=kind, about=str(label), label_id=label) for label in labels]
        if not standing.unfinished:
            found.append(Notice(campaign_id=campaign, kind=Notice.Kind.CAMPAIGN_FINISHED))
    return found


def disputed(standings: dict[int, notices.Standing]) -> list[Notice]:
    """Where disputes wait: told of once since the desk was last empty, and again each day. `about` counts the times."""
    waiting = [key for key, standing in standings.items() if standing.disputed]
    last, day_ago = notices.last_of_disputes(waiting), timezone.now() - notices.DISPUTES_AGAIN
    found = []
    for campaign in waiting:
        before = last.get(campaign)
        if before and before.over_at is None and before.at > day_ago:
            continue
        if number := notices.disputes(campaign):
            time = str(int(before.about) + 1 if before else 1)
            found.append(Notice(campaign_id=campaign, kind=Notice.Kind.DISPUTES_WAITING, about=time, disputes=number))
    return found


def clear_desks(campaigns: list[int]) -> None:
    """These have no disputes: the next one is news again."""
    told = Notice.objects.filter(campaign__in=campaigns, kind=Notice.Kind.DISPUTES_WAITING, over_at=None)
    told.update(over_at=timezone.now())


def stalled() -> list[Notice]:
    return [
        Notice(campaign_id=campaign, kind=Notice.Kind.CAMPAIGN_STALLED, about=since.isoformat())
        for campaign, since in notices.stalled().items()
    ]
