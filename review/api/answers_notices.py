"""The shapes of webhooks, their deliveries, and of what somebody is written to."""

from rest_framework import serializers as s

from ..models import Delivery, Digest, Notice
from ..queries.deliveries import TEST
from .answers import maybe, one_of, page_of, shape

WEBHOOK = {
    "id": s.IntegerField(),
    "url": s.URLField(),
    "kinds": s.ListField(child=one_of(Notice.Kind)),
    "active": s.BooleanField(),
    "failures": s.IntegerField(help_text="Tries in a row that failed."),
    "failing": s.BooleanField(help_text="Whether those are many."),
    "created_by": s.CharField(),
    "created_at": s.DateTimeField(),
}
WebhookOut = shape("Webhook", **WEBHOOK)
WebhookMade = shape("WebhookMade", **WEBHOOK, secret=s.CharField(help_text="Shown this once: what signs each request."))
WebhookPage = page_of(WebhookOut)
DeliveryOut = shape(
    "Delivery",
    id=s.IntegerField(),
    webhook=s.IntegerField(),
    kind=s.ChoiceField([*Notice.Kind.choices, (TEST, "Test")]),
    campaign=maybe(s.IntegerField),
    campaign_name=maybe(),
    label=maybe(),
    state=one_of(Delivery.State),
    attempts=s.IntegerField(),
    created_at=s.DateTimeField(),
    ended_at=maybe(s.DateTimeField),
    next_at=maybe(s.DateTimeField, help_text="When it is tried again; null where it has ended."),
    status=maybe(s.IntegerField, help_text="Of the last answer."),
    trouble=s.CharField(allow_blank=True, help_text="What went wrong the last time."),
)
DeliveryPage = page_of(DeliveryOut)
DigestOut = shape(
    "Digest",
    digest=one_of(Digest),
    address=s.CharField(allow_blank=True),
    confirmed=s.BooleanField(help_text="Whether the link that was sent to it has been followed."),
    site_sends_mail=s.BooleanField(),
)
