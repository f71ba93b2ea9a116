"""A supervisor's decision on an item."""

from django.core.exceptions import ValidationError
from django.db import transaction

from .. import crops
from ..models import Fix, Label, Resolution, User, Verdict
from . import audit, decide, second
from .campaigns import hold


class Overtaken(Exception):
    """Somebody else decided meanwhile. `current` is what stands now."""

    def __init__(self, current: Resolution) -> None:
        super().__init__(f"{current.by} has settled this meanwhile: {current.get_action_display().lower()}.")
        self.current = current


def resolve(
    *,
    verdict: Verdict,
    by: User,
    action: str,
    label: Label | None = None,
    box: list[float] | None = None,
    note: str = "",
    seen_resolution: int | None = None,
) -> Resolution:
    """Settle an item; the dataset follows at once. `seen_resolution` is the decision that the supervisor saw standing
    (None: none): where another stands now, Overtaken, but for cases of which a second opinion was wanted: then this is
    one, and the first decision is returned. ValidationError where label or box do not fit the action."""
    with transaction.atomic():
        campaign = hold(verdict.campaign)
        verdict = (
            Verdict.objects.select_for_update(no_key=True, of=("self",))
            .select_related("item__object__image")
            .get(pk=verdict.pk)
        )
        current = verdict.resolutions.filter(current=True).select_related("by").first()
        if (current.pk if current else None) != seen_resolution:
            if current is None:
                raise ValidationError({"if_resolution": "No decision stands on this item."})
            if seen_resolution is not None or not second.is_wanted(campaign, current, by):
                raise Overtaken(current)
            check(verdict, action, label, box)
            second.give(verdict=verdict, current=current, by=by, action=action, label=label, note=note)
            decide.update(campaign, [verdict.pk])
            return current
        check(verdict, action, label, box)
        verdict.resolutions.filter(current=True).update(current=False)
        made = Resolution.objects.create(
            verdict=verdict, dataset_id=verdict.dataset_id, action=action, label=label, box=box, note=note, by=by
        )
        decide.update(campaign, [verdict.pk])
        audit.record("resolved", project=campaign.dataset.project_id, campaign=campaign, actor=by, verdict=verdict.pk,
                     action=action, label=label.name if label else None)  # fmt: skip
    return made


def check(verdict: Verdict, action: str, label: Label | None, box: list[float] | None) -> None:
    if action not in Resolution.Action.values:
        raise ValidationError({"action": f"Choose one of {', '.join(Resolution.Action.values)}."})
    if action == Resolution.Action.RELABEL:
        if label is None:
            raise ValidationError({"label": "Relabelling needs the right label."})
        if label.dataset_id != verdict.dataset_id:
            raise ValidationError({"label": "This label belongs to another dataset."})
        if label.pk == verdict.label_id:
            raise ValidationError({"label": "This is the label that the item has. To keep it, choose clean."})
    elif label is not None:
        raise ValidationError({"label": f"Only relabel takes a label, {action} does not."})
    if action == Resolution.Action.REDRAW:
        if box is None:
            raise ValidationError({"box": "Redrawing needs the box: x, y, width, height in source pixels."})
        image = verdict.item.object.image
        try:
            crops.check_box((box[0], box[1], box[2], box[3]), image.width, image.height)
        except crops.BadImage as error:
            raise ValidationError({"box": str(error)}) from None
    elif box is not None:
        raise ValidationError({"box": f"Only redraw takes a box, {action} does not."})


def revert(*, fix: Fix, by: User) -> Fix:
    """Take a fix back: the label stands as it was, and the verdict with it. Twice does no harm."""
    with transaction.atomic():
        if fix.state == Fix.State.APPLIED:
            current = Resolution.objects.filter(verdict=fix.verdict_id, current=True).first()
            seen = current.pk if current else None
            try:
                resolve(verdict=fix.verdict, by=by, action="clean", note="The fix was reverted.", seen_resolution=seen)
            except Overtaken:
                fix.refresh_from_db()
                if fix.state == Fix.State.APPLIED:
                    raise
            else:
                audit.record(
                    "fix reverted", project=fix.dataset.project_id, campaign=fix.campaign, actor=by, fix=fix.pk
                )
        fix.refresh_from_db()
    return fix
