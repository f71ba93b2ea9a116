"""Accepted changes: each applies by one revision of the dataset, where its old value is still the head, and is undone
by one more."""

from collections.abc import Sequence
from typing import Any, cast

from django.core.exceptions import ValidationError

from .. import crops
from ..models import Campaign, Dataset, Fix, Item, Look, Object, Resolution, Revision, Shard, User, Verdict
from ..queries.labels import merged
from ..storage import store
from . import revisions
from .judge import Judged


def follow(
    campaign: Campaign, verdicts: Sequence[Verdict], judged: Sequence[Judged], decided: dict[int, Resolution]
) -> None:
    """Make the fixes what the verdicts say: new ones applied, those that no longer hold reverted."""
    touched = {j.id for j in judged if j.state == Verdict.State.FIX}
    active = {
        f.verdict_id: f for f in Fix.objects.filter(verdict__in=[v.pk for v in verdicts]).exclude(state="reverted")
    }
    if not touched and not active:
        return
    by_id, wholes = {v.pk: v for v in verdicts}, merged(campaign.dataset_id)
    for verdict in judged:
        change = wanted_change(verdict, decided.get(verdict.id), wholes) if verdict.id in touched else None
        standing = active.get(verdict.id)
        if standing and change == (standing.kind, standing.new_label_id, standing.new_box):
            continue
        resolution = decided.get(verdict.id)
        by = resolution.by if resolution else None
        if standing and standing.state == Fix.State.APPLIED:
            try:
                undo(standing, by=by, cause="verdict")
            except ValidationError:
                continue  # The item has a later change, which stands.
        elif standing:
            standing.delete()  # A conflict changed nothing, so there is nothing to undo.
        if change:
            apply(campaign, by_id[verdict.id], verdict, change, resolution, wholes)


Change = tuple[str, int | None, list[float] | None]


def wanted_change(verdict: Judged, resolution: Resolution | None, wholes: dict[int, int]) -> Change:
    """wholes: what labels that were merged since are a part of."""
    if resolution:
        label = resolution.label_id and wholes.get(resolution.label_id, resolution.label_id)
        return resolution.action, label, resolution.box
    if verdict.remove:
        return Fix.Kind.REMOVE, None, None
    return Fix.Kind.RELABEL, verdict.suggested and wholes.get(verdict.suggested, verdict.suggested), None


def apply(
    campaign: Campaign,
    verdict: Verdict,
    judged: Judged,
    change: Change,
    resolution: Resolution | None,
    wholes: dict[int, int],
) -> Fix:
    """Write the fix and the revision that carries it out; a head that has moved on makes it a conflict. Not one that is
    the whole of which the label under review has become a part."""
    kind, new_label, new_box = change
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=campaign.dataset_id)
    item = Item.objects.select_for_update(no_key=True, of=("self",)).select_related("object").get(pk=verdict.item_id)
    box = list(item.object.box) if item.object.box else None
    looks = evidence(campaign, item)
    fix = Fix(
        dataset=dataset,
        campaign=campaign,
        verdict=verdict,
        item=item,
        kind=kind,
        state=Fix.State.CONFLICT,
        old_label_id=verdict.label_id,
        new_label_id=new_label,
        old_box=box,
        new_box=new_box,
        probability=judged.probability,
        looks=len(looks),
        flags=judged.flags,
        evidence=looks,
        resolution=resolution,
        by=resolution.by if resolution else None,
    )
    unmoved = not item.removed and item.label_id == wholes.get(verdict.label_id, verdict.label_id)
    if unmoved:
        field, old, new = {
            Fix.Kind.RELABEL: (Revision.Field.LABEL, item.label_id, new_label),
            Fix.Kind.REMOVE: (Revision.Field.REMOVED, False, True),
            Fix.Kind.REDRAW: (Revision.Field.BOX, box, new_box),
        }[Fix.Kind(kind)]
        fix.revision = revise(dataset, item, field, old, new, cause="fix", by=fix.by)
        fix.state = Fix.State.APPLIED
    fix.save()
    return fix


def evidence(campaign: Campaign, item: Item) -> list[dict[str, Any]]:
    rows = Look.objects.filter(campaign=campaign, item=item, planted=False, counted=True).order_by("at", "pk")
    return [
        {
            "reviewer": look.reviewer.username,
            "reason": look.reason,
            "suggested": look.suggested.name if look.suggested else None,
            "comment": look.comment,
            "at": look.at.isoformat(),
        }
        for look in rows.select_related("reviewer", "suggested")
    ]


def revise(dataset: Dataset, item: Item, field: str, old: Any, new: Any, *, cause: str, by: User | None) -> Revision:
    """Append one line to the dataset's history and move the item's head. The caller holds the dataset's row."""
    revision = revisions.append(dataset, field, old, new, cause=cause, by=by, item=item)
    if field == Revision.Field.LABEL:
        # What was thought of the old label says nothing of the new one, until the dataset is ranked again.
        Item.objects.filter(pk=item.pk).update(label=new, suspicion=None, predicted=None, suggestions=[])
    elif field == Revision.Field.REMOVED:
        Item.objects.filter(pk=item.pk).update(removed=new)
    else:
        redraw(item.object, new)
    return revision


def redraw(thing: Object, box: list[float] | None) -> None:
    """Give an object another box and cut its crops anew."""
    from django.conf import settings

    photo = thing.image
    data = store().get(photo.shard.key, photo.offset, photo.offset + photo.length)
    view = thing.dataset.view
    image, _ = crops.decode(data, settings.MAX_IMAGE_PIXELS, view.window)
    crop = crops.cut(image, (box[0], box[1], box[2], box[3]) if box else None, view.pixels)
    both = crop.small + crop.large
    shard = Shard.objects.create(
        dataset_id=thing.dataset_id, kind=Shard.Kind.CROPS, key=store().put(both), bytes=len(both)
    )
    x, y, width, height = box or (None, None, None, None)
    Object.objects.filter(pk=thing.pk).update(
        x=x, y=y, width=width, height=height, shard=shard, small_offset=0, small_length=len(crop.small),
        large_offset=len(crop.small), large_length=len(crop.large), inner=list(crop.inner) if crop.inner else None,
    )  # fmt: skip


def undo(fix: Fix, *, by: User | None, cause: str) -> Fix:
    """Take an applied fix back by one more revision; raises ValidationError where the item has changed since, but by
    labels that were merged or parted: then it goes back to the whole that it was a part of."""
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=fix.dataset_id)
    item = (
        Item.objects.select_for_update(no_key=True, of=("self",))
        .select_related("object__image__shard")
        .get(pk=fix.item_id)
    )
    revision = fix.revision
    assert revision is not None
    later = list(item.revisions.filter(field=revision.field, number__gt=revision.number).order_by("number"))
    if any(line.cause not in revisions.MOVED for line in later):
        raise ValidationError("The item has been changed again since this fix. Revert the later change first.")
    head, old = later[-1].new if later else revision.new, cast(Any, revision.old)
    if revision.field == Revision.Field.LABEL:
        old = merged(dataset.pk).get(old, old)
    fix.reverted_by = revise(dataset, item, revision.field, head, old, cause=cause, by=by)
    fix.state = Fix.State.REVERTED
    fix.save()
    return fix
