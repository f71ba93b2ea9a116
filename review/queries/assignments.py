"""An assignment as its reviewer is sent it: positions and the attributes that the campaign allows, nothing else."""

from itertools import groupby
from typing import Any

from django.utils import timezone

from ..models import Assignment, Campaign, Contest, Group, Item, Label
from ..operations.quality import missed
from ..operations.slices import BY_ATTRIBUTE
from . import scale


def summary(assignment: Assignment) -> dict[str, Any]:
    campaign = assignment.campaign
    return {
        "id": assignment.pk,
        "campaign": campaign.pk,
        "dataset": campaign.dataset_id,
        "revision": assignment.revision,
        "state": assignment.state,
        "opened_at": assignment.opened_at,
        "expires_at": assignment.expires_at,
        "now": timezone.now(),
        "policy": campaign.policy,
        "context_shown": campaign.context_shown,
        "unit": campaign.dataset.pixel_unit,
    }


def whole(assignment: Assignment) -> dict[str, Any]:
    """The sections in display order, and the marks as last saved. A tile's `box` is where the object lies in its crop:
    x, y, width, height as fractions of its sides, or null where the crop is the object. Its `span` is what its crop
    spans across and down, in the dataset's unit, or null where nobody knows how large its pixels are."""
    rows = assignment.tiles.order_by("position")
    tiles = list(rows.values_list("position", "label_id", "item_id", "item__object__inner", "group_id", "stack"))
    labels = dict(Label.objects.filter(pk__in={t[1] for t in tiles}).values_list("pk", "name"))
    groups = Group.objects.select_related("asks").in_bulk({t[4] for t in tiles if t[4]})
    shown = allowed_attributes(assignment, [t[2] for t in tiles])
    spans = scale.spans(assignment.campaign.dataset, [t[2] for t in tiles])
    sections = [
        {
            "label": labels[label],
            **asked(assignment.campaign, groups.get(number)),
            "tiles": [
                {
                    "position": position,
                    "box": box,
                    "span": spans.get(item),
                    "attributes": shown.get(item, {}),
                    "stack": stack,
                }
                for position, _, item, box, _, stack in group
            ],
        }
        for (label, number), group in groupby(tiles, key=lambda tile: (tile[1], tile[4]))
    ]
    return {**summary(assignment), "sections": sections, **marks(assignment)}


def asked(campaign: Campaign, group: Group | None) -> dict[str, Any]:
    """What a section is asked about: `asks` a label where the question is turned round, and the value that its items
    share where the campaign shows that attribute."""
    shown = campaign.slice.get("by") == BY_ATTRIBUTE and campaign.slice["attribute"] in campaign.attributes_shown
    return {
        "asks": group.asks.name if group and group.asks else None,
        "value": group.value if group and shown else None,
    }


def checks(assignment: Assignment) -> list[dict[str, Any]]:
    """The planted errors that were left alone, once the assignment is handed in: where, shown as what, and what it is;
    and what became of the reviewer's disagreement."""
    if assignment.state != Assignment.State.HANDED_IN:
        return []
    positions = dict(assignment.tiles.values_list("item_id", "position"))
    contests = dict(Contest.objects.filter(look__assignment=assignment).values_list("look_id", "state"))
    return [
        {
            "position": positions[look.item_id],
            "shown": look.label.name,
            "label": look.item.label.name,
            "contest": contests.get(look.pk),
        }
        for look in missed(assignment)
    ]


def marks(assignment: Assignment) -> dict[str, Any]:
    """{revision, flags, seen}, labels by name."""
    wanted = {flag["label"] for flag in assignment.flags if flag["label"]}
    names = dict(Label.objects.filter(pk__in=wanted).values_list("pk", "name"))
    flags = [{**flag, "label": names.get(flag["label"])} for flag in assignment.flags]
    return {"revision": assignment.revision, "flags": flags, "seen": assignment.seen}


def allowed_attributes(assignment: Assignment, items: list[int]) -> dict[int, dict[str, Any]]:
    allowed = assignment.campaign.attributes_shown
    if not allowed:
        return {}
    rows = Item.objects.filter(pk__in=items).values_list("pk", "attributes")
    return {pk: {name: held[name] for name in allowed if name in held} for pk, held in rows}
