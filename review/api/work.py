"""One's own work, for nobody else; and a project's, for its leads."""

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Project
from ..queries import ledger, work
from . import answers_work
from .access import find, only_parameters
from .csv_file import csv_file
from .projects import user_of

ZONE = OpenApiParameter("zone", str, description="The time zone that days begin by, such as Europe/Berlin.")
PERIOD = [
    OpenApiParameter("since", str, description="The first day, as 2026-01-31; of this month, if left out."),
    OpenApiParameter("until", str, description="The last day; today, if left out."),
    ZONE,
]


def zone_of(request: Request) -> str:
    return request.query_params.get("zone", "UTC")[:100]


def period_of(request: Request) -> tuple:
    only_parameters(request, "since", "until", "zone")
    return ledger.period(request.query_params.get("since"), request.query_params.get("until"), zone_of(request))


class OwnWork(APIView):
    """How much one did today and in the last seven days, and how good it is by what is known."""

    @extend_schema(responses={200: answers_work.WorkOut}, parameters=[ZONE])
    def get(self, request: Request) -> Response:
        only_parameters(request, "zone")
        return Response(work.work(user_of(request), zone_of(request)))


class OwnLedger(APIView):
    """What one handed in in a period, by campaign, as it is paid: batches, looks, minutes."""

    @extend_schema(responses={(200, "text/csv"): str}, parameters=PERIOD)
    def get(self, request: Request) -> StreamingHttpResponse:
        rows = ledger.of_person(user_of(request), *period_of(request))
        return csv_file("my-work", ("project", "campaign", "campaign_id", *ledger.HEADER), rows)


class ProjectLedger(APIView):
    """What everybody handed in in a period, by person and campaign."""

    @extend_schema(responses={(200, "text/csv"): str}, parameters=PERIOD)
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        project, _ = find(request, Project.objects.all(), pk, rules.can_lead)
        rows = ledger.of_project(project, *period_of(request))
        return csv_file(f"work-{project.pk}", ("person", "campaign", "campaign_id", *ledger.HEADER), rows)
