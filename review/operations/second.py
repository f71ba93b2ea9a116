"""A supervisor's word is strong evidence, not truth: a small sample of decisions goes, unmarked, to a second one."""

import datetime
from collections.abc import Iterable

import numpy as np
from django.utils import timezone

from ..models import Campaign, Label, Resolution, SecondOpinion, User, Verdict
from . import audit

SHARE = 0.05
# Before this, whoever decides on the same case is told that they were overtaken.
AFTER = datetime.timedelta(minutes=10)


def waiting(campaign: Campaign, supervisor: User) -> list[int]:
    """The verdicts whose one decision, by somebody else, wants a second opinion. The campaign's seed draws them."""
    rows = (
        Resolution.objects.filter(
            verdict__campaign=campaign, current=True, looked=True, second=None, at__lt=timezone.now() - AFTER
        )
        .exclude(by=supervisor)
        .exclude(action=Resolution.Action.REDRAW)
    )  # A box that is redrawn tells that it was.
    found = [pk for pk in rows.order_by("pk").values_list("verdict", flat=True) if drawn(campaign, pk)]
    return sorted(set(found) - decided_twice(found))


def drawn(campaign: Campaign, verdict: int) -> bool:
    return bool(np.random.default_rng([campaign.seed, verdict, 2]).random() < SHARE)


def decided_twice(verdicts: Iterable[int]) -> set[int]:
    """Those that were decided more than once: a third word is not asked for."""
    earlier = Resolution.objects.filter(verdict__in=verdicts, current=False)
    return set(earlier.values_list("verdict", flat=True))


def give(
    *, verdict: Verdict, current: Resolution, by: User, action: str, label: Label | None, note: str
) -> SecondOpinion:
    """Keep it. Where it differs, the first decision no longer stands: the case comes to the desk again."""
    agrees = (action, label.pk if label else None) == (current.action, current.label_id)
    made = SecondOpinion.objects.create(
        resolution=current, by=by, action=action, label=label, dataset_id=verdict.dataset_id, note=note, agrees=agrees
    )
    if not agrees:
        Resolution.objects.filter(pk=current.pk).update(current=False)
    audit.record("second opinion", project=verdict.campaign.dataset.project_id, campaign=verdict.campaign, actor=by,
                 verdict=verdict.pk, action=action, agrees=agrees)  # fmt: skip
    return made


def take_back(verdicts: Iterable[int], by: User) -> set[int]:
    """Forget the opinions that somebody gave on the last decisions on these verdicts, and let those stand again that
    they had overturned; of which verdicts."""
    mine = SecondOpinion.objects.filter(resolution__verdict__in=verdicts, by=by).select_related("resolution")
    last = {r.verdict_id: r.pk for r in Resolution.objects.filter(verdict__in=verdicts).order_by("pk")}
    found = [one for one in mine if last[one.resolution.verdict_id] == one.resolution_id]
    Resolution.objects.filter(pk__in=[one.resolution_id for one in found]).update(current=True)
    SecondOpinion.objects.filter(pk__in=[one.pk for one in found]).delete()
    return {one.resolution.verdict_id for one in found}


def agreement(campaign: Campaign) -> dict[str, int]:
    """How many second opinions there are, and how many agreed with the first."""
    given = SecondOpinion.objects.filter(resolution__verdict__campaign=campaign)
    return {"given": given.count(), "agreed": given.filter(agrees=True).count()}
