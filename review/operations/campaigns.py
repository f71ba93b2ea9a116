"""A campaign's settings and state."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from ..models import Campaign, Dataset, User
from . import audit

SETTINGS = (
    "slice", "order", "encoder", "policy", "looks_min", "looks_max", "clean_below", "fix_above", "audit_share",
    "honeypots", "batch_size", "lease_minutes", "live_assignments", "attributes_shown", "context_shown",
)  # fmt: skip
CROWD_ORDERS = ("similarity", "random")


def draft(*, dataset: Dataset, name: str, settings: dict[str, Any]) -> Campaign:
    """An unsaved campaign with the given settings, checked; raises ValidationError by field."""
    if unknown := sorted(set(settings) - set(SETTINGS)):
        raise ValidationError(dict.fromkeys(unknown, "A campaign has no such setting."))
    if dataset.state == Dataset.State.FAILED:
        raise ValidationError("The dataset's import failed, so there is nothing to review in it.")
    campaign = Campaign(dataset=dataset, name=name.strip() or "Review", **with_policy_defaults(settings))
    campaign.full_clean(exclude=["dataset", "ranking", "fit", "opened_at"])
    check_slice(dataset, campaign.slice)
    if campaign.order not in CROWD_ORDERS:
        raise ValidationError(
            {"order": f"A campaign is laid out by {' or '.join(CROWD_ORDERS)}, not {campaign.order!r}."}
        )
    return campaign


def with_policy_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """What a policy implies where nothing else is said: `fixed` is three looks, `solo` one and no second opinion."""
    policy = settings.get("policy", Campaign.Policy.EVIDENCE)
    if policy == Campaign.Policy.FIXED:
        looks = settings.get("looks_max", settings.get("looks_min", 3))
        return {"looks_min": looks, "looks_max": looks, **settings}
    if policy == Campaign.Policy.SOLO:
        return {"looks_min": 1, "looks_max": 1, "honeypots": 0, **settings}
    if policy == Campaign.Policy.FIRST_AGREE:
        return {"looks_min": 2, "looks_max": 5, **settings}
    return settings


def check_slice(dataset: Dataset, cut: Any) -> None:
    """A slice is {by: "label", labels: [name, ...], where: {suspicion_min, suspicion_max}}, every part optional."""
    if not isinstance(cut, dict) or set(cut) - {"by", "labels", "where"} or cut.get("by", "label") != "label":
        raise ValidationError({"slice": 'A slice takes "by": "label", a list "labels" and "where".'})
    labels = cut.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(name, str) for name in labels):
        raise ValidationError({"slice": "The labels of a slice are a list of names."})
    known = set(dataset.labels.filter(name__in=labels).values_list("name", flat=True))
    if missing := [name for name in labels if name not in known]:
        raise ValidationError({"slice": f"The dataset has no label {missing[0]!r}."})
    where = cut.get("where", {})
    if not isinstance(where, dict) or set(where) - {"suspicion_min", "suspicion_max"}:
        raise ValidationError({"slice": "A slice's where takes suspicion_min and suspicion_max."})
    if not all(isinstance(value, int | float) and 0 <= value <= 1 for value in where.values()):
        raise ValidationError({"slice": "A suspicion is a number from 0 to 1."})


def hold(campaign_id: int) -> Campaign:
    """The campaign, kept from being refitted or closed until the caller's transaction ends. Many may hold it."""
    found = Campaign.objects.raw("SELECT * FROM review_campaign WHERE id = %s FOR SHARE", [campaign_id])
    return next(iter(found))


def set_state(*, campaign: Campaign, state: str, by: User | None) -> Campaign:
    """Open, pause or close; asking for the state that it has already does nothing."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if state == campaign.state:
            return campaign
        if state not in Campaign.FOLLOWS[Campaign.State(campaign.state)]:
            allowed = ", ".join(sorted(Campaign.FOLLOWS[Campaign.State(campaign.state)])) or "nothing"
            raise ValidationError({"state": f"The campaign is {campaign.state}; from there it may become: {allowed}."})
        if state == Campaign.State.OPEN and campaign.fit_id is None:
            raise ValidationError({"state": "The campaign is still being planned; it opens when that is done."})
        campaign.state = state
        campaign.opened_at = campaign.opened_at or (timezone.now() if state == Campaign.State.OPEN else None)
        campaign.save(update_fields=["state", "opened_at"])
        audit.record(f"campaign {state}", project=campaign.dataset.project_id, campaign=campaign, actor=by)
    return campaign
