"""What somebody is written to of a project, and where: their own, for those who supervise."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from .. import rules
from ..models import Member, Project
from ..operations import digests
from . import answers_notices, serializers
from .access import checked, find


def digest_json(member: Member) -> dict[str, Any]:
    return {
        "digest": member.digest,
        "address": member.user.email,
        "confirmed": member.user.reached_by_email,
        "site_sends_mail": digests.site_sends_mail(),
    }


class OwnDigest(APIView):
    @extend_schema(responses={200: answers_notices.DigestOut})
    def get(self, request: Request, pk: int) -> Response:
        """Whether, and where, the person is told of the project by e-mail."""
        _, member = find(request, Project.objects.all(), pk, rules.can_supervise)
        return Response(digest_json(member))

    @extend_schema(request=serializers.DigestIn, responses={200: answers_notices.DigestOut})
    def put(self, request: Request, pk: int) -> Response:
        """Have a digest by e-mail once a day at most, or none."""
        _, member = find(request, Project.objects.all(), pk, rules.can_supervise)
        given = checked(serializers.DigestIn, request)
        return Response(digest_json(digests.choose(member=member, digest=given["digest"])))


class OwnAddress(APIView):
    """The address for all of one's projects. A link is sent to it, and nothing else before that was followed."""

    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "confirmation"

    @extend_schema(request=serializers.AddressIn, responses={200: answers_notices.DigestOut})
    def put(self, request: Request, pk: int) -> Response:
        _, member = find(request, Project.objects.all(), pk, rules.can_supervise)
        given = checked(serializers.AddressIn, request)

        def link(token: str) -> str:
            return request.build_absolute_uri(reverse("confirm-email", args=[token]))

        digests.give_address(member=member, address=given["address"], link=link)
        member.user.refresh_from_db()
        return Response(digest_json(member))
