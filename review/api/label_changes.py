"""Labels called otherwise, merged or added: proposed by whoever supervises, decided by a lead."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Dataset, LabelChange
from ..operations import label_changes
from . import answers, answers_labels, serializers
from .access import checked, find, only_parameters
from .desk import label_of
from .errors import conflicts
from .pages import page
from .projects import user_of

CHANGES = LabelChange.objects.select_related("dataset", "label", "into", "by", "decided_by")


def change_json(change: LabelChange) -> dict[str, Any]:
    return {
        "id": change.pk,
        "kind": change.kind,
        "state": change.state,
        "label": change.label.name if change.label else None,
        "into": change.into.name if change.into else None,
        "name": change.name,
        "old_name": change.old_name,
        "note": change.note,
        "by": change.by.username,
        "at": change.at,
        "decided_by": change.decided_by.username if change.decided_by else None,
        "decided_at": change.decided_at,
    }


class LabelChanges(APIView):
    @extend_schema(
        responses={200: answers.page_of(answers_labels.LabelChangeOut)},
        parameters=[OpenApiParameter("state", str, enum=LabelChange.State.values)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Renamed, merged, added and aliased classes: what is proposed, and what was done, newest first."""
        only_parameters(request, "cursor", "state")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        rows = CHANGES.filter(dataset=dataset)
        if state := request.query_params.get("state"):
            if state not in LabelChange.State.values:
                raise ValidationError({"state": [f"Choose one of {', '.join(LabelChange.State.values)}."]})
            rows = rows.filter(state=state)
        return page(request, rows, lambda cs: [change_json(c) for c in cs], ordering=("-pk",), size=100)

    @extend_schema(request=serializers.LabelChangeIn, responses={201: answers_labels.LabelChangeOut})
    def post(self, request: Request, pk: int) -> Response:
        """What a lead asks for is done at once; what a supervisor does, is proposed."""
        dataset, member = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        given = checked(serializers.LabelChangeIn, request)
        for name in ("label", "into"):
            given[name] = label_of(dataset.pk, given.get(name), name)
        with conflicts():
            change = label_changes.propose(dataset=dataset, by=member, **given)
            if rules.can_lead(member):
                change = label_changes.accept(change=change, by=user_of(request))
        return Response(change_json(change), status=201)


class Decide(APIView):
    """What becomes of a change, by what the address ends in."""

    verb: Any = None

    @extend_schema(request=None, responses={200: answers_labels.LabelChangeOut})
    def post(self, request: Request, pk: int) -> Response:
        change, _ = find(request, CHANGES, pk, rules.can_lead)
        with conflicts():
            type(self).verb(change=change, by=user_of(request))
        return Response(change_json(CHANGES.get(pk=pk)))


class Accept(Decide):
    """Carry it out."""

    verb = label_changes.accept


class Decline(Decide):
    """Leave all as it is."""

    verb = label_changes.decline


class Undo(Decide):
    """Take it back."""

    verb = label_changes.undo
