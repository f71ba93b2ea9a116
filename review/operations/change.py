"""Change what a running campaign asks for. What is known is kept: every verdict is judged anew by the new rules."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Mod

from ..arrays import chunked
from ..models import Campaign, User, Verdict
from . import audit, batches, campaigns, decide
from .judge import judge

MOST_JUDGED = 20_000  # items that are gone through to foresee what would change

# The rest is what the batches were cut and laid out by.
CHANGEABLE = (
    "name", "team", "policy", "looks_min", "looks_max", "clean_after", "clean_below", "fix_above", "honeypots",
    "quality_min", "budget", "target_rate", "lease_minutes", "live_assignments", "attributes_shown", "context_shown",
    "price", "price_per", "currency", "one_by_one_seconds",
)  # fmt: skip
JUDGED_BY = {"policy", "looks_min", "looks_max", "clean_after", "clean_below", "fix_above"}


def change(*, campaign: Campaign, settings: dict[str, Any], by: User | None) -> Campaign:
    """Raises ValidationError by field. Items may settle, or be asked about again, at once."""
    with transaction.atomic():
        # Hand-ins hold the campaign FOR SHARE: none is half-way under the old rules.
        campaign = Campaign.objects.select_for_update(no_key=True, of=("self",)).select_related("dataset", "fit").get(
            pk=campaign.pk
        )  # fmt: skip
        before = {name: campaigns.setting(campaign, name) for name in settings}
        set_checked(campaign, settings)
        campaign.save(update_fields=list(CHANGEABLE))
        if JUDGED_BY & set(settings) or bool(campaign.budget) != bool(before.get("budget", campaign.budget)):
            judge_all(campaign)
        audit.record("campaign changed", project=campaign.dataset.project_id, campaign=campaign, actor=by,
                     before=before, after=settings)  # fmt: skip
    return campaign


def set_checked(campaign: Campaign, settings: dict[str, Any]) -> None:
    """The settings on the campaign, unsaved, with all that they imply; raises ValidationError by field."""
    if fixed := sorted(set(settings) - set(CHANGEABLE)):
        raise ValidationError(dict.fromkeys(fixed, "This is settled when a campaign is planned. Open another one."))
    if campaign.fit_id is None:
        raise ValidationError("The campaign is still being planned. Change it when that is done.")
    if campaign.state == Campaign.State.CLOSED:
        raise ValidationError("The campaign is closed, and closed for good.")
    for name, value in campaigns.with_team(campaign.dataset.project, implied(campaign, settings)).items():
        setattr(campaign, name, value)
    campaign.full_clean(exclude=["dataset", "ranking", "fit", "opened_at"])
    campaigns.check_order(campaign)


@dataclass(frozen=True)
class Foreseen:
    """What other rules would make of a campaign's items: how many are in each state now and then, and how many looks
    are wanted still. `judged` of `items` were gone through; where that is a sample, the numbers are scaled up."""

    items: int
    judged: int
    now: dict[str, int]
    then: dict[str, int]
    looks_now: int
    looks_then: int


def foresee(*, campaign: Campaign, settings: dict[str, Any]) -> Foreseen:
    """Judge the items by other rules and write nothing. Raises ValidationError by field."""
    campaign = Campaign.objects.select_related("dataset", "fit").get(pk=campaign.pk)
    set_checked(campaign, settings)
    items = campaign.verdicts.count()
    every = max(1, math.ceil(items / MOST_JUDGED))
    rows = campaign.verdicts.annotate(turn=Mod(F("place"), Value(every))).filter(turn=0).order_by("pk")
    now, then, looks_now, looks_then, judged = Counter[str](), Counter[str](), 0, 0, 0
    for some in chunked(rows.iterator(decide.AT_ONCE), decide.AT_ONCE):
        looks = decide.seen_looks(campaign, [verdict.item_id for verdict in some])
        assert campaign.fit is not None
        made = judge(campaign, some, looks, decide.resolutions(some), campaign.fit)
        now.update(verdict.state for verdict in some)
        then.update(one.state for one in made)
        looks_now += sum(verdict.wanted - verdict.counted for verdict in some)
        looks_then += sum(one.wanted - v.counted for one, v in zip(made, some, strict=True))
        judged += len(some)
    scale = items / judged if judged else 1.0

    def counts(found: Counter[str]) -> dict[str, int]:
        return {state: round(scale * found[state]) for state in Verdict.State.values}

    return Foreseen(items, judged, counts(now), counts(then), round(scale * looks_now), round(scale * looks_then))


def implied(campaign: Campaign, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings, with what another policy, or another number of looks under `fixed`, brings along."""
    looks = {"looks_min", "looks_max"} & set(settings)
    if "policy" not in settings and not (campaign.policy == Campaign.Policy.FIXED and looks):
        return settings
    whole = campaigns.with_policy_defaults({"policy": campaign.policy, **settings})
    return {name: value for name, value in whole.items() if name in CHANGEABLE}


def judge_all(campaign: Campaign) -> None:
    """Every verdict under the campaign's rules and fit as they are now."""
    rows = campaign.verdicts.select_for_update(no_key=True).order_by("pk")
    decide.update(campaign, list(rows.values_list("pk", flat=True)))
    batches.open_wanting(campaign)
