"""Reviewers of a campaign, for those who supervise: one person's quality and batches, sending one back, and taking
back what they have in hand."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Assignment, Campaign, User
from ..operations import send_back, submit
from ..queries import reviewer
from . import answers, answers_reviewer, serializers
from .access import checked, find, only_parameters
from .errors import conflicts
from .projects import user_of

HANDED_IN = Assignment.objects.filter(state=Assignment.State.HANDED_IN).select_related("reviewer", "campaign")


class OneReviewer(APIView):
    """How good one reviewer is, their last batches, and where others see it otherwise."""

    @extend_schema(responses={200: answers_reviewer.ReviewerOut})
    def get(self, request: Request, pk: int, username: str) -> Response:
        only_parameters(request)
        return Response(reviewer.reviewer(*who(request, pk, username)))


class TakeBack(APIView):
    @extend_schema(request=None, responses={200: answers_reviewer.ReviewerOut})
    def post(self, request: Request, pk: int, username: str) -> Response:
        """End what they have in hand: others may be lent it; their marks are kept, and may come late."""
        campaign, user = who(request, pk, username)
        submit.take_back(campaign=campaign, reviewer=user, by=user_of(request))
        return Response(reviewer.reviewer(campaign, user))


def who(request: Request, pk: int, username: str) -> tuple[Campaign, User]:
    """A campaign, and somebody who reviews it or did; 404."""
    campaign, _ = find(request, Campaign.objects.select_related("dataset", "fit"), pk, rules.can_supervise)
    user = User.objects.filter(username=username).first()
    known = user and (
        user.memberships.filter(project=campaign.dataset.project_id).exists()
        or campaign.assignments.filter(reviewer=user).exists()
    )
    if user is None or not known:
        raise Http404
    return campaign, user


class HandedInBatch(APIView):
    """What somebody saw and said in a batch that they handed in."""

    @extend_schema(responses={200: answers_reviewer.BatchOut})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request)
        assignment, _ = find(request, HANDED_IN, pk, rules.can_supervise)
        return Response(reviewer.grid(assignment))


class SendBack(APIView):
    """What was said in a batch counts no more, and others are asked."""

    @extend_schema(request=serializers.SendBackIn, responses={200: answers_reviewer.BatchOut, 409: answers.Problem})
    def post(self, request: Request, pk: int) -> Response:
        assignment, _ = find(request, HANDED_IN, pk, rules.can_supervise)
        given = checked(serializers.SendBackIn, request)
        with conflicts():
            send_back.send_back(assignment=assignment, why=given["why"], by=user_of(request))
        return Response(reviewer.grid(HANDED_IN.get(pk=pk)))
