"""A supervisor sends a batch back: what was said in it no longer counts, and others are asked."""

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import Assignment, Batch, User
from . import audit, decide, flag
from .campaigns import hold
from .submit import fit_of


def send_back(*, assignment: Assignment, why: str, by: User) -> Assignment:
    """Its looks are kept and count no more, planted ones neither; their places are free for others. ValidationError
    where it is not handed in, or was sent back already."""
    if not why.strip():
        raise ValidationError({"why": "Say why, in a sentence that the reviewer may read."})
    with transaction.atomic():
        assignment = flag.held(assignment)
        if assignment.state != Assignment.State.HANDED_IN:
            raise ValidationError("This batch was not handed in, so there is nothing to send back.")
        looks = assignment.looks.filter(counted=True)
        items = list(looks.filter(planted=False).values_list("item_id", flat=True))
        counted = looks.count()
        if not counted:
            raise ValidationError("Nothing in this batch counts: it was sent back already, or came too late.")
        campaign = hold(assignment.campaign)
        batches = Batch.objects.filter(campaign=campaign, verdicts__item__in=items).values("pk")
        # Held before the verdicts, as by a claim; one that has nothing to lend is closed again by the sweep.
        held = Batch.objects.select_for_update(no_key=True).filter(pk__in=batches).order_by("pk")
        Batch.objects.filter(pk__in=[batch.pk for batch in held]).update(open=True)
        verdicts = decide.held(campaign, items, "item_id")
        looks.update(counted=False)
        for verdict in verdicts:
            verdict.counted -= 1
        assignment.counted, assignment.surplus = 0, (assignment.surplus or 0) + counted
        assignment.save(update_fields=["counted", "surplus"])
        decide.settle(campaign, verdicts, fit_of(campaign))
        audit.record("sent back", project=campaign.dataset.project_id, campaign=campaign, actor=by,
                     assignment=assignment.pk, reviewer=assignment.reviewer.username, why=why.strip())  # fmt: skip
    return assignment
