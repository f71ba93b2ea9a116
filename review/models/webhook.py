"""Addresses outside that are told of notices, and each telling."""

import base64
import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .notice import Notice
from .project import Project

LONGEST_URL = 500


def new_secret() -> str:
    """As the Standard Webhooks specification writes it: 32 random bytes."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def every_kind() -> list[str]:
    return list(Notice.Kind.values)


class Webhook(models.Model):
    """The secret signs what is sent, so that it has to be kept; it is shown once, when the webhook is made."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=LONGEST_URL)
    secret = models.CharField(max_length=80, default=new_secret)
    kinds = ArrayField(models.CharField(max_length=20), default=every_kind)
    active = models.BooleanField(default=True)
    # So many tries in a row failed.
    failures = models.IntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"), name="webhook_url"
            ),
            models.CheckConstraint(condition=Q(secret__startswith="whsec_"), name="webhook_secret"),
            models.CheckConstraint(
                condition=Q(
                    kinds__contained_by=["class_finished", "disputes_waiting", "campaign_stalled", "campaign_finished"]
                )
                & ~Q(kinds=[]),
                name="webhook_kinds",
            ),
            models.CheckConstraint(condition=Q(failures__gte=0), name="webhook_failures"),
        ]


class Delivery(models.Model):
    """A notice on its way to a webhook; without a notice it is a test. It is sent until it arrives, hence once at
    least, each time under the same id."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    # When to send it; while it is being sent, when to send it again if nobody comes back from there.
    next_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    # Of the last answer; nothing else of an answer is kept.
    status = models.IntegerField(null=True)
    # What went wrong the last time, as a sentence.
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "notice"], name="delivery_once"),
            models.UniqueConstraint(
                fields=["webhook"], condition=Q(notice__isnull=True, state="waiting"), name="delivery_one_test"
            ),
            models.CheckConstraint(condition=Q(state__in=["waiting", "delivered", "failed"]), name="delivery_state"),
            models.CheckConstraint(condition=Q(attempts__gte=0), name="delivery_attempts"),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="delivery_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["webhook", "-id"], name="delivery_newest"),
        ]
