"""What the database says is due, done again and again: whatever the queue forgot happens here at last."""

import contextlib
import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ..models import Assignment, Campaign, Contest, Fit, Job, NewCrop, Shard
from ..storage import store
from . import batches, deliveries, jobs, refit, relearning, submit

REFIT_SHARE, REFIT_LOOKS = 0.1, 200  # a refit is due after so many new looks, or once nothing more is to be lent
LAPSES_AT_ONCE = 500
# For which crops are kept that nobody is shown any more: who fetches them now, and a backup under way, finds them.
KEPT = datetime.timedelta(days=1)
SHARDS_AT_ONCE = 20
CUTS = (Job.Kind.IMPORT, Job.Kind.RECUT)


def sweep() -> None:
    """Lapse what is overdue, close spent batches, refit and learn anew where it is due, send waiting jobs, and let go
    of what was kept long enough. Safe to run at any time and by several at once."""
    jobs.sweep()
    lapse_overdue()
    batches.close_spent()
    for campaign in due_for_refit():
        refit.refit(campaign)
    for dataset in relearning.due():
        with contextlib.suppress(ValidationError):  # A ranking has begun meanwhile.
            relearning.start(dataset)
    sweep_crops()
    deliveries.forget_old()


def lapse_overdue() -> None:
    due = Assignment.objects.filter(state=Assignment.State.LENT, expires_at__lt=timezone.now())
    for assignment in due.order_by("expires_at")[:LAPSES_AT_ONCE]:
        submit.lapse(assignment=assignment)


def due_for_refit() -> list[int]:
    """Campaigns with enough looks since their last fit, or with any and nothing left to lend; and those where somebody
    decided whose looks count, or whether a check does."""
    campaigns = Campaign.objects.filter(state=Campaign.State.OPEN, fit__isnull=False).select_related("fit")
    return [campaign.pk for campaign in campaigns if campaign.fit and is_due(campaign, campaign.fit)]


def is_due(campaign: Campaign, fit: Fit) -> bool:
    if not fit.whole or decided_since(campaign, fit.created_at):
        return True
    looks = refit.handed_in(campaign)
    if looks <= fit.looks:
        return False
    if looks - fit.looks >= max(REFIT_LOOKS, REFIT_SHARE * looks):
        return True
    return not (
        campaign.batches.filter(open=True).exists() or campaign.verdicts.filter(wanted__gt=F("counted")).exists()
    )


def decided_since(campaign: Campaign, fitted_at: datetime.datetime) -> bool:
    upheld = campaign.contests.filter(state=Contest.State.UPHELD, answered_at__gt=fitted_at)
    return campaign.pairs.filter(decided_at__gt=fitted_at).exists() or upheld.exists()


def sweep_crops() -> None:
    """Crops that were cut anew some time ago, and those of a recut that was given up. Not while anything is cut: what
    is cut alike is one object in storage, and whoever cut it relies on its being there before a row names it."""
    long_ago = timezone.now() - KEPT
    given_up = NewCrop.objects.filter(
        job__state__in=[Job.State.FAILED, Job.State.CANCELLED], job__ended_at__lt=long_ago
    )
    given_up.delete()
    left = Shard.objects.filter(left_at__lt=long_ago).order_by("pk")
    if left.exists() and not Job.objects.filter(kind__in=CUTS, state__in=jobs.ACTIVE).exists():
        for shard in left[:SHARDS_AT_ONCE]:
            sweep_shard(shard)


def sweep_shard(shard: Shard) -> None:
    with transaction.atomic():
        shard.delete()
        if not Shard.objects.filter(key=shard.key).exists():
            transaction.on_commit(lambda: store().discard(shard.key))
