"""Change what a running campaign asks for. What is known is kept: every verdict is judged anew by the new rules."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import Campaign, User
from . import audit, batches, campaigns, decide

# The rest is what the batches were cut and laid out by.
CHANGEABLE = (
    "name", "policy", "looks_min", "looks_max", "clean_after", "clean_below", "fix_above", "honeypots", "quality_min",
    "budget", "target_rate", "lease_minutes", "live_assignments", "attributes_shown", "context_shown", "price",
    "price_per", "currency", "one_by_one_seconds",
)  # fmt: skip
JUDGED_BY = {"policy", "looks_min", "looks_max", "clean_after", "clean_below", "fix_above"}


def change(*, campaign: Campaign, settings: dict[str, Any], by: User | None) -> Campaign:
    """Raises ValidationError by field. Items may settle, or be asked about again, at once."""
    if fixed := sorted(set(settings) - set(CHANGEABLE)):
        raise ValidationError(dict.fromkeys(fixed, "This is settled when a campaign is planned. Open another one."))
    with transaction.atomic():
        # Hand-ins hold the campaign FOR SHARE: none is half-way under the old rules.
        campaign = Campaign.objects.select_for_update(no_key=True, of=("self",)).select_related("dataset", "fit").get(
            pk=campaign.pk
        )  # fmt: skip
        if campaign.fit_id is None:
            raise ValidationError("The campaign is still being planned. Change it when that is done.")
        if campaign.state == Campaign.State.CLOSED:
            raise ValidationError("The campaign is closed, and closed for good.")
        before = {name: getattr(campaign, name) for name in settings}
        for name, value in implied(campaign, settings).items():
            setattr(campaign, name, value)
        campaign.full_clean(exclude=["dataset", "ranking", "fit", "opened_at"])
        campaigns.check_order(campaign)
        campaign.save(update_fields=list(CHANGEABLE))
        if JUDGED_BY & set(settings) or bool(campaign.budget) != bool(before.get("budget", campaign.budget)):
            judge_all(campaign)
        audit.record("campaign changed", project=campaign.dataset.project_id, campaign=campaign, actor=by,
                     before=before, after=settings)  # fmt: skip
    return campaign


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
