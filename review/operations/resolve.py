"""A supervisor's decision: on an item, or on many of which the same is true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from .. import crops
from ..models import Campaign, Fix, Label, Resolution, User, Verdict
from . import audit, decide, second
from .campaigns import hold

# Which decision stands on a verdict, by its id, as the supervisor saw it; None: none.
Standing = Mapping[int, int | None]


class Overtaken(Exception):
    """Somebody else decided meanwhile. `current` is what stands now."""

    def __init__(self, current: Resolution) -> None:
        super().__init__(f"{current.by} has settled this meanwhile: {current.get_action_display().lower()}.")
        self.current = current


@dataclass(frozen=True)
class Decision:
    """`looked` is false where a supervisor takes over what the consensus says without a look at the item."""

    action: str
    label: Label | None = None
    box: list[float] | None = None
    note: str = ""
    looked: bool = True


@dataclass(frozen=True)
class Settled:
    """The decisions that stand now on what was settled, by verdict id, and those by others that came first."""

    made: dict[int, Resolution]
    overtaken: dict[int, Resolution]


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
    """Settle an item. `seen_resolution` is the decision that the supervisor saw standing (None: none): where another
    stands now, Overtaken. Otherwise as `settle`."""
    decision = Decision(action, label, box, note)
    done = settle(
        campaign=verdict.campaign, seen={verdict.pk: seen_resolution}, decisions={verdict.pk: decision}, by=by
    )
    if verdict.pk in done.overtaken:
        raise Overtaken(done.overtaken[verdict.pk])
    return done.made[verdict.pk]


def settle(*, campaign: Campaign, seen: Standing, decisions: Mapping[int, Decision], by: User) -> Settled:
    """Settle these verdicts, all or none of them; the dataset follows at once. On a case of which a second opinion was
    wanted, this is one, and the first decision is what was made. ValidationError where a verdict is not of this
    campaign, label or box do not fit the action, or the decision that was seen no longer stands."""
    with transaction.atomic():
        campaign = hold(campaign)
        verdicts = decide.all_held(campaign, decisions)
        standing = decide.resolutions(verdicts)
        moved = {v.pk for v in verdicts if id_of(standing.get(v.pk)) != seen[v.pk]}
        opinions = set(second.waiting(campaign, by)) if moved else set()
        made: dict[int, Resolution] = {}
        overtaken: dict[int, Resolution] = {}
        new: list[Resolution] = []
        for verdict in verdicts:
            decision, current = decisions[verdict.pk], standing.get(verdict.pk)
            if verdict.pk in moved:
                if current is None:
                    raise ValidationError({"if_resolution": "No decision stands on this item."})
                if seen[verdict.pk] is not None or verdict.pk not in opinions:
                    overtaken[verdict.pk] = current
                    continue
            check(verdict, decision)
            if verdict.pk in moved and current:
                second.give(verdict=verdict, current=current, by=by, action=decision.action, label=decision.label,
                            note=decision.note)  # fmt: skip
                made[verdict.pk] = current
            else:
                new.append(resolution_of(verdict, decision, by))
        Resolution.objects.filter(verdict__in=[r.verdict_id for r in new], current=True).update(current=False)
        made |= {r.verdict_id: r for r in Resolution.objects.bulk_create(new)}
        decide.update(campaign, sorted(made))
        if new:
            record(campaign, "resolved", new, by)
    return Settled(made, overtaken)


def id_of(resolution: Resolution | None) -> int | None:
    return resolution.pk if resolution else None


def resolution_of(verdict: Verdict, decision: Decision, by: User) -> Resolution:
    return Resolution(
        verdict=verdict, dataset_id=verdict.dataset_id, action=decision.action, label=decision.label, box=decision.box,
        note=decision.note, looked=decision.looked, by=by,
    )  # fmt: skip


def record(campaign: Campaign, verb: str, decisions: Sequence[Resolution], by: User) -> None:
    """One event for what was one act."""
    first = decisions[0]
    alike = all((d.action, d.label_id) == (first.action, first.label_id) for d in decisions)
    audit.record(
        verb, project=campaign.dataset.project_id, campaign=campaign, actor=by,
        verdicts=[d.verdict_id for d in decisions], action=first.action if alike else None,
        label=first.label.name if alike and first.label else None, looked=first.looked,
    )  # fmt: skip


def reopen(*, campaign: Campaign, seen: Standing, by: User) -> Settled:
    """Withdraw the decisions that stand on these verdicts, by their ids: each becomes what its looks make of it. One
    that is no longer the decision that was seen is left alone. Where the person gave a second opinion on it, that is
    what they withdraw."""
    with transaction.atomic():
        campaign = hold(campaign)
        verdicts = decide.all_held(campaign, seen)
        opinions = second.take_back([v.pk for v in verdicts], by)
        standing = {pk: one for pk, one in decide.resolutions(verdicts).items() if pk not in opinions}
        withdrawn = {pk: one for pk, one in standing.items() if one.pk == seen[pk]}
        Resolution.objects.filter(pk__in=[one.pk for one in withdrawn.values()]).update(current=False)
        decide.update(campaign, sorted({*withdrawn, *opinions}))
        if withdrawn:
            record(campaign, "reopened", list(withdrawn.values()), by)
    return Settled(withdrawn, {pk: one for pk, one in standing.items() if pk not in withdrawn})


def check(verdict: Verdict, decision: Decision) -> None:
    action, label, box = decision.action, decision.label, decision.box
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
