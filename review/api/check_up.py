"""A check-up of a dataset: to begin one, and what it says."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Campaign, Dataset
from ..operations import check_up as operation
from ..queries import check_up
from . import answers, answers_check_up, serializers
from .access import checked, find, only_parameters
from .projects import user_of


class StartCheckUp(APIView):
    """Plan a small campaign of one's own, of items drawn by their suspicion."""

    @extend_schema(request=serializers.CheckUpIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.CheckUpIn, request)
        campaign, job = operation.start(dataset=dataset, by=user_of(request), **given)
        return Response({"id": campaign.pk, "job": job.pk}, status=202)


class CheckUp(APIView):
    """How wrong the dataset is, where, and what it takes to mend it, by what was looked at so far."""

    @extend_schema(operation_id="check_up_result", responses={200: answers_check_up.CheckUpOut})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request)
        campaign, _ = find(request, Campaign.objects.select_related("dataset"), pk, rules.can_supervise)
        if not campaign.is_check_up:
            raise Http404
        return Response(check_up.result(campaign))
