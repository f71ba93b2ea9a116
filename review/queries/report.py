"""What the printed report of a campaign says: the board's numbers, how they came about, and what nobody checked."""

from typing import Any

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from ..models import Campaign, Fix, Label, Reason, Resolution
from . import check_up
from .labels import icon

FIXES = 48  # shown
LEFT, WIDE = 4, 92  # percent of a whisker's line


def report(campaign: Campaign, body: dict[str, Any]) -> dict[str, Any]:
    """The template's context. body: what progress.shown makes for somebody who may supervise."""
    campaign = Campaign.objects.select_related("dataset__project", "fit", "ranking").get(pk=campaign.pk)
    return {
        "campaign": campaign,
        "p": body,
        "printed_at": timezone.now(),
        "release": settings.VERSION,
        "rate": percents(body["error_rate"]),
        "classes": classes(body),
        "sample": sample(body),
        "people": people(body),
        "cost": cost(body),
        "slice": cut(campaign.slice),
        "check_up": checked_up(campaign),
        "settled": Resolution.objects.filter(verdict__campaign=campaign, current=True, looked=True).count(),
        "fixes": fixes(campaign),
        "fix_counts": kinds(campaign),
        "unchecked": unchecked(campaign, body),
    }


def percents(rate: dict[str, Any]) -> dict[str, Any]:
    low, high = rate["interval"] or (None, None)
    return {"before": percent(rate["before"]), "now": percent(rate["now"]), "low": percent(low), "high": percent(high)}


def percent(share: float | None) -> str:
    """Small shares keep what tells them from none."""
    if share is None:
        return "unknown"
    p = 100 * share
    if p == 0:
        return "0"
    if p < 0.01:
        return "<0.01"
    return f"{p:.2f}" if p < 1 else f"{p:.1f}" if p < 10 else f"{p:.0f}"


def classes(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Each class with its rate, and where that stands on a line that all classes share."""
    rows = body["by_label"]
    most = max([0.001, *(v or 0 for row in rows for v in (row["before"], row["now"], *(row["interval"] or ())))])

    def x(share: float | None) -> str | None:
        return None if share is None else f"{LEFT + WIDE * min(1.0, share / most):.2f}%"

    found = []
    for row in rows:
        low, high = row["interval"] or (None, None)
        ends = {"x_before": x(row["before"]), "x_now": x(row["now"]), "x_low": x(low), "x_high": x(high)}
        found.append({**row, "rate": percents(row), "settled": percent(row["settled"]), **ends})
    return found


def sample(body: dict[str, Any]) -> dict[str, Any] | None:
    audit = body["audit"]
    if not audit:
        return None
    ends = {name: audit[name] and [percent(v) for v in audit[name]] for name in ("before", "left")}
    return {"size": audit["sample"], "done": audit["done"], **ends}


def people(body: dict[str, Any]) -> dict[str, Any]:
    rows = [row["honeypots"] for row in body["reviewers"]]
    alpha = body["agreement"]["alpha"]
    return {"count": len(rows), "seen": sum(row["seen"] for row in rows), "found": sum(row["found"] for row in rows),
            "alpha": None if alpha is None else f"{round(alpha, 2) + 0.0:.2f}"}  # fmt: skip


SLICED = {
    "label": "by label",
    "label_predicted": "by label and by what each is taken for",
    "attribute": "by label and {}",
}
NARROWED = {
    "label": "whose label fits {}", "attributes": "with {}", "predicted": "taken for {}",
    "suspicion_min": "of a suspicion from {}", "suspicion_max": "of a suspicion up to {}",
    "sample_share": "a random share of {}", "sample_count": "{} at random",
    "check_up": "up to {} drawn by their suspicion for a check-up",
}  # fmt: skip


def cut(slice: dict[str, Any]) -> str:
    """Which items a campaign is of, and how they are cut into stretches, in words."""
    where = slice.get("where", {})
    which = [words.format(plain(where[name])) for name, words in NARROWED.items() if name in where]
    if labels := slice.get("labels"):
        which.insert(0, f"of {', '.join(labels)}{' and all below' if slice.get('subtree') else ''}")
    by = SLICED[slice.get("by", "label")].format(slice.get("attribute"))
    return ", ".join(["those" if which else "all", *which, by])


def plain(value: Any) -> str:
    if isinstance(value, dict):
        return " and ".join(f"{name} {plain(one)}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def checked_up(campaign: Campaign) -> dict[str, Any] | None:
    """Of a check-up, what it says of the whole dataset."""
    if not campaign.is_check_up:
        return None
    rate = check_up.result(campaign)["rate"]
    return {"rate": rate and [percent(share) for share in rate]}


PLANS = {"so_far": "So far", "to_the_end": "To the end, as reckoned now", "three_looks": "Three looks at each item",
         "one_by_one": "One item at a time, once"}  # fmt: skip


def cost(body: dict[str, Any]) -> dict[str, Any]:
    def hours(seconds: float | None) -> str:
        return (
            "unknown" if seconds is None else f"{seconds / 3600:,.2f}" if seconds < 36_000 else f"{seconds / 3600:,.0f}"
        )

    found = body["cost"]
    rows = [
        {"says": PLANS[row["name"]], "looks": row["looks"], "hours": hours(row["seconds"]),
         "money": "unknown" if row["money"] is None else f"{row['money']:,.2f}"}
        for row in found["plans"]
        if row["seconds"] is not None or row["money"] is not None
    ]  # fmt: skip
    return {**found, "rows": rows}


def fixes(campaign: Campaign) -> list[dict[str, Any]]:
    """The first that stand, as before and after."""
    rows = Fix.objects.filter(campaign=campaign, state=Fix.State.APPLIED).order_by("pk")
    found = rows.select_related("item", "verdict__label", "new_label")[:FIXES]
    return [
        {"kind": fix.kind, "crop": f"{reverse('api:item-crop', args=[fix.item_id])}?size=128", "key": fix.item.key,
         "before": faced(fix.verdict.label), "after": faced(fix.new_label), "looks": fix.looks, "flags": fix.flags,
         "probability": percent(fix.probability)}
        for fix in found
    ]  # fmt: skip


def faced(label: Label | None) -> dict[str, Any] | None:
    return None if label is None else {"name": label.readable_name, "icon": icon(label)}


def kinds(campaign: Campaign) -> dict[str, int]:
    rows = Fix.objects.filter(campaign=campaign, state=Fix.State.APPLIED).values_list("kind")
    found = dict(rows.annotate(n=Count("pk")))
    return {"all": sum(found.values()), **{kind: found.get(kind, 0) for kind in Fix.Kind.values}}


def unchecked(campaign: Campaign, body: dict[str, Any]) -> dict[str, int]:
    items = campaign.dataset.items.filter(removed=False).count()
    removed = campaign.fixes.filter(kind=Fix.Kind.REMOVE, state=Fix.State.APPLIED).count()
    return {
        "unseen": body["items"] - body["looked"],
        "outside": max(items + removed - body["items"], 0),
        "bad_boxes": campaign.looks.filter(reason=Reason.BAD_BOX, counted=True, planted=False).values("item").distinct()
                     .count(),
        "accepted": Resolution.objects.filter(verdict__campaign=campaign, current=True, looked=False).count(),
        **{name: body["states"][name] for name in ("open", "disputed", "unclear")},
    }  # fmt: skip
