"""What a lead says of a label."""

from django.db import transaction

from ..models import Label, User
from . import audit


def mark_rest(*, label: Label, rest: bool, by: User | None) -> Label:
    """Say that a label is a class without a look of its own, or that it is not: then it is not proposed again."""
    with transaction.atomic():
        label.rest = rest
        label.rest_proposal = Label.RestProposal.NONE if rest else Label.RestProposal.DECLINED
        label.save(update_fields=["rest", "rest_proposal"])
        audit.record("label marked", project=label.dataset.project_id, actor=by, label=label.pk, rest=rest)
    return label
