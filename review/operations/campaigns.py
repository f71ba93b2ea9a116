"""A campaign's settings and state."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from ..models import Campaign, Dataset, Project, Team, User
from . import audit, layout, slice_check, slices, teams

SETTINGS = (
    "team", "slice", "order", "encoder", "stacks", "policy", "looks_min", "looks_max", "clean_after", "clean_below",
    "fix_above", "audit_share", "honeypots", "quality_min", "budget", "target_rate", "batch_size", "lease_minutes",
    "live_assignments", "attributes_shown", "context_shown", "price", "price_per", "currency", "one_by_one_seconds",
)  # fmt: skip


def draft(*, dataset: Dataset, name: str, settings: dict[str, Any]) -> Campaign:
    """An unsaved campaign with the given settings, checked; raises ValidationError by field."""
    if unknown := sorted(set(settings) - set(SETTINGS)):
        raise ValidationError(dict.fromkeys(unknown, "A campaign has no such setting."))
    if dataset.state == Dataset.State.FAILED:
        raise ValidationError("The dataset's import failed, so there is nothing to review in it.")
    settings = with_policy_defaults(with_team(dataset.project, settings))
    campaign = Campaign(dataset=dataset, name=name.strip() or "Review", **settings)
    campaign.full_clean(exclude=["dataset", "ranking", "fit", "opened_at"])
    check_order(campaign)
    slice_check.check(dataset, campaign.slice, campaign.order)
    return campaign


def check_order(campaign: Campaign) -> None:
    orders = (*layout.CROWD, *layout.ALONE)
    if campaign.order not in orders:
        raise ValidationError({"order": f"There is no order {campaign.order!r}. Choose one of {', '.join(orders)}."})
    if campaign.policy != Campaign.Policy.SOLO and campaign.order not in layout.CROWD:
        said = (
            f"{campaign.order!r} would tell a crowd which items are suspected or planted: it is for one person alone "
            f"(policy solo). A crowd's items are laid out by {', '.join(layout.CROWD[:-1])} or {layout.CROWD[-1]}."
        )
        raise ValidationError({"order": said})


def with_team(project: Project, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with the team that they name; raises ValidationError where the project has none of this name."""
    return settings if "team" not in settings else {**settings, "team": teams.team_called(project, settings["team"])}


def setting(campaign: Campaign, name: str) -> Any:
    """As it is sent and written down: a team by its name."""
    value = getattr(campaign, name, None)
    return value.name if isinstance(value, Team) else value


def with_policy_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """What a policy implies where nothing else is said: `fixed` is three looks; `solo` is one, no second opinion, and
    the most suspected first."""
    policy = settings.get("policy", Campaign.Policy.EVIDENCE)
    settings = {"clean_after": None, **settings}
    if policy == Campaign.Policy.FIXED:
        looks = settings.get("looks_max", settings.get("looks_min", 3))
        return {"looks_min": looks, "looks_max": looks, **settings}
    if policy == Campaign.Policy.SOLO:
        order = "loss" if slices.by_predicted(settings.get("slice")) else "blend"
        return {"looks_min": 1, "looks_max": 1, "order": order, **settings}
    if policy == Campaign.Policy.FIRST_AGREE:
        return {"looks_min": 2, "looks_max": 5, **settings}
    return {"looks_min": 1, "looks_max": 5, **settings}


def hold(campaign: Campaign) -> Campaign:
    """The campaign as it is now, kept from being refitted or closed until the caller's transaction ends. Many may hold
    it."""
    found = next(iter(Campaign.objects.raw("SELECT * FROM review_campaign WHERE id = %s FOR SHARE", [campaign.pk])))
    found.dataset = campaign.dataset
    return found


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
