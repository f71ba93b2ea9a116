"""Campaigns: their settings and state, how far they are, and claiming something to look at."""

from dataclasses import asdict
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Campaign, Dataset, Member
from ..operations import campaigns, change, claim, snapshots
from ..queries import assignments, outlook, progress, sheets
from . import answers, answers_check_up, serializers
from .access import checked, find, only_parameters
from .answers_progress import ProgressOut
from .csv_file import csv_file
from .projects import user_of

CLAIMED = PolymorphicProxySerializer("Claimed", [answers.AssignmentOut, answers.Nothing], resource_type_field_name=None)


def campaign_json(campaign: Campaign) -> dict[str, Any]:
    job = campaign.jobs.order_by("-pk").first()
    return {
        "id": campaign.pk,
        "dataset": campaign.dataset_id,
        "project": campaign.dataset.project_id,
        "name": campaign.name,
        "state": campaign.state,
        **{name: campaigns.setting(campaign, name) for name in campaigns.SETTINGS},
        "created_at": campaign.created_at,
        "opened_at": campaign.opened_at,
        "job": job.pk if job else None,
        "items": progress.items(campaign),
    }


def progress_json(campaign: Campaign, member: Member, recent: bool = False) -> dict[str, Any]:
    """What the member may see of the campaign's numbers, as of when, and when to ask again."""
    kept, look_again = snapshots.current(campaign, recent)
    seen = progress.shown(kept.body, campaign, member)
    return {"version": kept.version, "at": kept.at, "look_again": look_again, **seen}


class OneCampaign(APIView):
    @extend_schema(responses={200: answers.CampaignOut})
    def get(self, request: Request, pk: int) -> Response:
        """Its settings, its state, and the job that plans it."""
        campaign, _ = find(request, Campaign.objects.select_related("dataset"), pk, rules.can_see)
        return Response(campaign_json(campaign))

    @extend_schema(request=serializers.CampaignChangeIn, responses={200: answers.CampaignOut})
    def patch(self, request: Request, pk: int) -> Response:
        """Change its state (`open`, `paused`, `closed`), its rules, or both. What is known already is kept."""
        campaign, _ = find(request, Campaign.objects.select_related("dataset"), pk, rules.can_lead)
        data = serializers.CampaignChangeIn(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        settings, state = data.settings(), data.validated_data.get("state")
        if not settings and not state:
            raise ValidationError({"state": ["Say what is to change: the state, or a setting."]})
        if settings:
            campaign = change.change(campaign=campaign, settings=settings, by=user_of(request))
        if state:
            campaign = campaigns.set_state(campaign=campaign, state=state, by=user_of(request))
        return Response(campaign_json(campaign))


class Foresee(APIView):
    """What other rules would change, without changing anything."""

    @extend_schema(request=serializers.CampaignChangeIn, responses={200: answers.ForeseenOut})
    def post(self, request: Request, pk: int) -> Response:
        campaign, _ = find(request, Campaign.objects.all(), pk, rules.can_lead)
        data = serializers.CampaignChangeIn(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        return Response(asdict(change.foresee(campaign=campaign, settings=data.settings())))


class CampaignOutlook(APIView):
    """What a campaign with these settings would take and leave, without opening it."""

    @extend_schema(request=serializers.CampaignOutlookIn, responses={200: answers_check_up.OutlookOut})
    def post(self, request: Request, pk: int) -> Response:
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        data = serializers.CampaignOutlookIn(data=request.data)
        data.is_valid(raise_exception=True)
        return Response(outlook.of(campaigns.draft(dataset=dataset, name="", settings=data.settings())))


class Progress(APIView):
    @extend_schema(
        responses={200: ProgressOut},
        parameters=[OpenApiParameter("recent", bool, description="Numbers of the last moment will do: for pages.")],
    )
    def get(self, request: Request, pk: int) -> Response:
        """How far, how good, how wrong still, and at what cost. Reviewers are told of themselves alone."""
        only_parameters(request, "recent")
        campaign, member = find(request, Campaign.objects.all(), pk, rules.can_see)
        return Response(progress_json(campaign, member, request.query_params.get("recent") == "true"))


class ProgressTable(APIView):
    """A table of the board."""

    @extend_schema(
        responses={(200, "text/csv"): str}, parameters=[OpenApiParameter("table", str, enum=list(sheets.SHEETS))]
    )
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        campaign, member = find(request, Campaign.objects.all(), pk, rules.can_supervise)
        only_parameters(request, "table")
        table = request.query_params.get("table", "labels")
        if table not in sheets.SHEETS:
            raise ValidationError({"table": [f"Choose one of {', '.join(sheets.SHEETS)}."]})
        return csv_file(f"campaign-{campaign.pk}-{table}", *sheets.SHEETS[table](progress_json(campaign, member)))


class Claim(APIView):
    @extend_schema(
        request=serializers.ClaimIn,
        responses={200: CLAIMED},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Borrow a batch, or be told why there is none and when to ask again. The same `Idempotency-Key` gives the
        same one."""
        campaign, member = find(request, Campaign.objects.all(), pk, rules.can_see)
        key = request.headers.get("Idempotency-Key", "")[:200]
        given = checked(serializers.ClaimIn, request)
        found = claim.claim(campaign=campaign, member=member, key=key.replace("\x00", ""), **given)
        if isinstance(found, claim.Nothing):
            return Response({"assignment": None, "reason": found.reason, "retry_after": found.retry_after})
        return Response(assignments.whole(found))
