"""What happened: to an item, and in a project."""

import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Item, Project
from ..queries import history, log
from . import answers, answers_history
from .access import find, number_parameter, only_parameters
from .csv_file import csv_file
from .pages import page

CHOICES = ("verb", "by", "campaign", "since", "until")
PARAMETERS = [
    OpenApiParameter("verb", str, description="What was done, or a part of it."),
    OpenApiParameter("by", str, description="A user name."),
    OpenApiParameter("campaign", int),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="A date or a time."),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="A date, with its whole day, or a time before which."),
]


class History(APIView):
    """An item's looks, decisions, changes and questions, the newest first."""

    @extend_schema(responses={200: answers_history.HistoryOut})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request)
        items = Item.objects.select_related("label", "predicted", "object__image")
        item, _ = find(request, items, pk, rules.can_supervise)
        return Response(history.history(item))


class Log(APIView):
    """Who did what in a project, the newest first."""

    @extend_schema(responses={200: answers.page_of(answers_history.EventOut)}, parameters=PARAMETERS)
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor", *CHOICES)
        project, _ = find(request, Project.objects.all(), pk, rules.can_supervise)
        rows = log.events(project, chosen(request))
        return page(request, rows, log.events_json, ordering=("-pk",), size=200)


class LogFile(APIView):
    """The log as CSV, the oldest line first."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, parameters=PARAMETERS)
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        only_parameters(request, *CHOICES)
        project, _ = find(request, Project.objects.all(), pk, rules.can_supervise)
        return csv_file("log", log.COLUMNS, log.table(project, chosen(request)))


def chosen(request: Request) -> log.Filter:
    words: dict[str, Any] = {name: request.query_params.get(name) or None for name in ("verb", "by")}
    number = number_parameter(request, "campaign")
    since, until = time_parameter(request, "since"), time_parameter(request, "until", day_after=True)
    return log.Filter(**words, campaign=int(number) if number is not None else None, since=since, until=until)


def time_parameter(request: Request, name: str, day_after: bool = False) -> datetime.datetime | None:
    """A time; a date is the beginning of its day, or, `day_after`, its end."""
    value = request.query_params.get(name)
    if not value:
        return None
    try:
        if at := parse_datetime(value) if len(value) > len("2026-01-01") else None:
            return at if at.tzinfo else timezone.make_aware(at)
        day = parse_date(value)
        if day is not None:
            day += datetime.timedelta(days=int(day_after))
            return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
    except (ValueError, OverflowError):
        pass
    raise ValidationError({name: [f"{value!r} is no date, such as 2026-01-31, and no time."]})
