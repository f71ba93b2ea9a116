"""Webhooks as leads see them, and what is sent to one."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from ..models import Delivery, Notice, Webhook

TEST = "test"
FAILING = 5  # tries in a row


def absolute(page: str, *args: Any) -> str:
    """The address of a page, for whoever has no request to make it from."""
    return f"{settings.SITE_URL}{reverse(page, args=args)}"


def place(notice: Notice) -> str:
    """Where one sees what a notice is of."""
    page = "disputes" if notice.kind == Notice.Kind.DISPUTES_WAITING else "campaign"
    return absolute(page, notice.campaign_id)


def payload(delivery: Delivery) -> dict[str, Any]:
    """{type, timestamp, data}; of a test the name is the project's."""
    notice, project = delivery.notice, delivery.webhook.project
    if notice is None:
        data = {"project": project.pk, "campaign": None, "name": project.name, "url": absolute("project", project.pk)}
        return {"type": TEST, "timestamp": delivery.created_at.isoformat(), "data": data}
    data = {
        "project": project.pk,
        "campaign": notice.campaign_id,
        "name": notice.campaign.name,
        **({"label": notice.label.name} if notice.label else {}),
        **({"disputes": notice.disputes} if notice.disputes else {}),
        "url": place(notice),
    }
    return {"type": notice.kind, "timestamp": notice.at.isoformat(), "data": data}


def webhook_json(webhook: Webhook) -> dict[str, Any]:
    """Without its secret, which is shown once, when it is made."""
    return {
        "id": webhook.pk,
        "url": webhook.url,
        "kinds": webhook.kinds,
        "active": webhook.active,
        "failures": webhook.failures,
        "failing": webhook.failures >= FAILING,
        "created_by": webhook.created_by.username,
        "created_at": webhook.created_at,
    }


def of_webhook(webhook: Webhook) -> QuerySet[Delivery]:
    return webhook.deliveries.select_related("notice__campaign", "notice__label")


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    notice, waits = delivery.notice, delivery.state == Delivery.State.WAITING
    return {
        "id": delivery.pk,
        "webhook": delivery.webhook_id,
        "kind": notice.kind if notice else TEST,
        "campaign": notice.campaign_id if notice else None,
        "campaign_name": notice.campaign.name if notice else None,
        "label": notice.label.name if notice and notice.label else None,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "ended_at": delivery.ended_at,
        "next_at": max(delivery.next_at, timezone.now()) if waits else None,
        "status": delivery.status,
        "trouble": delivery.trouble,
    }
