"""A person's own work, for nobody else."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..queries import work
from . import answers_work
from .access import only_parameters
from .projects import user_of


class OwnWork(APIView):
    """How much one did today and in the last seven days, and how good it is by what is known."""

    @extend_schema(
        responses={200: answers_work.WorkOut},
        parameters=[
            OpenApiParameter("zone", str, description="The time zone that days begin by, such as Europe/Berlin.")
        ],
    )
    def get(self, request: Request) -> Response:
        only_parameters(request, "zone")
        return Response(work.work(user_of(request), request.query_params.get("zone", "UTC")[:100]))
