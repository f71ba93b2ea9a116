"""Find a thing for somebody, or answer as if it were not there. Every view of the API begins here."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, QuerySet
from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from .. import rules
from ..models import (
    Assignment,
    Campaign,
    Contest,
    Dataset,
    Delivery,
    Export,
    Fix,
    Item,
    Job,
    Label,
    LabelChange,
    Member,
    Message,
    Pair,
    Predictions,
    Project,
    Question,
    Ruling,
    Team,
    Verdict,
    Webhook,
)

M = TypeVar("M", bound=Model)
Rule = Callable[[Member | None], bool]

# Where each thing says which project it belongs to.
PROJECT_OF: dict[type[Model], str] = {
    Project: "pk",
    Dataset: "project_id",
    Label: "dataset__project_id",
    LabelChange: "dataset__project_id",
    Item: "dataset__project_id",
    Export: "dataset__project_id",
    Predictions: "dataset__project_id",
    Campaign: "dataset__project_id",
    Verdict: "campaign__dataset__project_id",
    Fix: "dataset__project_id",
    Assignment: "campaign__dataset__project_id",
    Contest: "campaign__dataset__project_id",
    Pair: "campaign__dataset__project_id",
    Question: "campaign__dataset__project_id",
    Ruling: "dataset__project_id",
    Job: "project_id",
    Message: "project_id",
    Team: "project_id",
    Webhook: "project_id",
    Delivery: "webhook__project_id",
}
LARGEST_ID = 2**63 - 1


def find(request: Request, queryset: QuerySet[M], pk: int, rule: Rule) -> tuple[M, Member]:
    """(the thing, the person's membership). Foreign or absent is 404 alike, a right that is missing 403."""
    if not 0 < pk <= LARGEST_ID:
        raise Http404
    found = queryset.annotate(project_of_it=F(PROJECT_OF[queryset.model])).filter(pk=pk).first()
    member = rules.membership(request.user, found.project_of_it) if found is not None else None  # type: ignore
    if found is None or member is None:
        raise Http404
    if not rule(member):
        raise PermissionDenied
    return found, member


def checked(kind: type[Serializer], request: Request) -> dict[str, Any]:
    """What was sent, as this kind of body; where it is not one, ValidationError says what is wrong in which field."""
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def only_parameters(request: Request, *allowed: str) -> None:
    """Refuse a query parameter that means nothing here, so that none is ever passed on."""
    if unknown := sorted(set(request.query_params) - set(allowed)):
        raise ValidationError({name: ["There is no such parameter here."] for name in unknown})


def number_parameter(request: Request, name: str) -> float | None:
    value: Any = request.query_params.get(name)
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not -1e300 < number < 1e300:
        raise ValidationError({name: ["This is not a number."]})
    return number


def numbers_parameter(request: Request, name: str, most: int = 500) -> list[int] | None:
    """Ids, with commas between them."""
    value = request.query_params.get(name)
    if value is None:
        return None
    parts = value.split(",") if value else []
    if len(parts) > most or not all(part.isascii() and part.isdigit() and int(part) <= LARGEST_ID for part in parts):
        raise ValidationError({name: [f"Name at most {most} ids, with commas between them."]})
    return [int(part) for part in parts]
