"""Webhooks of a project: for its leads, who are shown the secret of each once."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle
from rest_framework.views import APIView

from .. import rules
from ..models import Delivery, Project, Webhook
from ..operations import webhooks
from ..queries.deliveries import delivery_json, of_webhook, webhook_json
from . import answers_notices, serializers
from .access import checked, find, only_parameters
from .pages import page
from .projects import user_of


class Outward(APIView):
    """What looks a name up, or sends something, so many times a minute for a person."""

    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "outward"

    def get_throttles(self) -> list[BaseThrottle]:
        return super().get_throttles() if self.request.method in ("POST", "PATCH") else []


class ProjectWebhooks(Outward):
    @extend_schema(operation_id="webhooks_list", responses={200: answers_notices.WebhookPage})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor")
        project, _ = find(request, Project.objects.all(), pk, rules.can_lead)
        rows = project.webhooks.select_related("created_by")
        return page(request, rows, lambda ws: [webhook_json(w) for w in ws], ordering=("pk",), size=webhooks.MOST)

    @extend_schema(request=serializers.WebhookIn, responses={201: answers_notices.WebhookMade})
    def post(self, request: Request, pk: int) -> Response:
        """Have an address told of what happens. Its secret is told only now."""
        project, _ = find(request, Project.objects.all(), pk, rules.can_lead)
        given = checked(serializers.WebhookIn, request)
        made = webhooks.create(project=project, url=given["url"], kinds=given["kinds"], by=user_of(request))
        return Response({**webhook_json(made), "secret": made.secret}, status=201)


class OneWebhook(Outward):
    @extend_schema(request=serializers.WebhookChange, responses={200: answers_notices.WebhookOut})
    def patch(self, request: Request, pk: int) -> Response:
        webhook, _ = find(request, Webhook.objects.select_related("created_by"), pk, rules.can_lead)
        given = checked(serializers.WebhookChange, request)
        return Response(webhook_json(webhooks.change(webhook=webhook, changes=given, by=user_of(request))))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        webhook, _ = find(request, Webhook.objects.all(), pk, rules.can_lead)
        webhooks.remove(webhook=webhook, by=user_of(request))
        return Response(status=204)


class TestWebhook(Outward):
    """Something is sent, so that one sees whether it arrives."""

    @extend_schema(request=None, responses={201: answers_notices.DeliveryOut})
    def post(self, request: Request, pk: int) -> Response:
        webhook, _ = find(request, Webhook.objects.all(), pk, rules.can_lead)
        return Response(delivery_json(webhooks.send_test(webhook=webhook, by=user_of(request))), status=201)


class Deliveries(APIView):
    """What was sent to a webhook and what waits, the newest first."""

    @extend_schema(operation_id="deliveries_list", responses={200: answers_notices.DeliveryPage})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor")
        webhook, _ = find(request, Webhook.objects.all(), pk, rules.can_lead)
        rows = of_webhook(webhook)
        return page(request, rows, lambda ds: [delivery_json(d) for d in ds], ordering=("-pk",), size=20)


class SendAgain(Outward):
    @extend_schema(request=None, responses={200: answers_notices.DeliveryOut})
    def post(self, request: Request, pk: int) -> Response:
        rows = Delivery.objects.select_related("webhook", "notice__campaign", "notice__label")
        delivery, _ = find(request, rows, pk, rules.can_lead)
        return Response(delivery_json(webhooks.again(delivery=delivery, by=user_of(request))))
