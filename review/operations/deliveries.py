"""Send notices to webhooks: what is due is claimed, sent with nothing held in the database, and written down.

Whoever claims a delivery moves the time at which it is next due beyond the longest that sending takes. A worker that
dies in between leaves it to whoever looks then, so that it arrives once at least, each time under the same id.
"""

import datetime
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from mlfix_site.celery import app

from .. import outbound
from ..models import Delivery, Notice, Webhook
from ..outbound import Answer
from ..queries.deliveries import payload

log = logging.getLogger(__name__)
# Seconds from one try to the next; after the last one it has failed.
PAUSES = (10, 60, 300, 1800, 7200, 21600)
CLAIMED = datetime.timedelta(seconds=60)  # longer than a try takes
AT_ONCE = 8
KEPT = datetime.timedelta(days=90)  # for which one that has ended is shown
ROUNDS_SECONDS = 5.0  # after which no more is claimed, so that the worker's threads come back to other work


def start(notice: Notice) -> None:
    """On its way to each webhook of the project that wants its kind, in the caller's transaction."""
    hooks = Webhook.objects.filter(
        project__datasets__campaigns=notice.campaign_id, active=True, kinds__contains=[notice.kind]
    )
    if made := Delivery.objects.bulk_create([Delivery(webhook=hook, notice=notice) for hook in hooks]):
        transaction.on_commit(send_soon)
        log.info("Notice %s goes to %s webhooks.", notice.pk, len(made))


def send_soon() -> None:
    """Have a worker send what is due; without the queue the next sweep does."""
    try:
        app.send_task("review.deliver", expires=60)
    except Exception:
        log.warning("The queue is away; what is due is sent by the next sweep.")


def sweep() -> int:
    """Send what is due, a few at once, and return how many were sent. Several may run at once: none sends what another
    is sending."""
    sent, until = 0, time.monotonic() + ROUNDS_SECONDS
    while time.monotonic() < until and (claimed := claim()):
        with ThreadPoolExecutor(AT_ONCE) as threads:
            answers = list(threads.map(send, claimed))  # which touch no database
        for delivery, answer in zip(claimed, answers, strict=True):
            record(delivery, answer)
        sent += len(claimed)
    return sent


def due() -> QuerySet[Delivery]:
    now = timezone.now()
    return Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=now, webhook__active=True)


def forget_old() -> int:
    """Of what ended long ago, which notice it was stays, and no longer the way that it took; how many."""
    return Delivery.objects.filter(ended_at__lt=timezone.now() - KEPT).delete()[0]


def claim() -> list[Delivery]:
    """Take the oldest that is due of each of a few webhooks, so that none holds up the others, and move the time at
    which it is due again."""
    older = due().filter(webhook=OuterRef("webhook"), pk__lt=OuterRef("pk"))
    with transaction.atomic():
        rows = due().filter(~Exists(older)).order_by("next_at", "pk")
        rows = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
        keys = list(rows.values_list("pk", flat=True)[:AT_ONCE])
        Delivery.objects.filter(pk__in=keys).update(attempts=F("attempts") + 1, next_at=timezone.now() + CLAIMED)
    found = Delivery.objects.filter(pk__in=keys)
    return list(found.select_related("webhook__project", "notice__campaign__dataset", "notice__label"))


def send(delivery: Delivery) -> Answer:
    body = json.dumps(payload(delivery))
    return outbound.post(delivery.webhook.url, body.encode(), headers(delivery, body))


def headers(delivery: Delivery, body: str) -> dict[str, str]:
    """As the Standard Webhooks specification has them: https://www.standardwebhooks.com."""
    number, now = f"delivery-{delivery.pk}", timezone.now()
    return {
        "Content-Type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(delivery.webhook.secret).sign(msg_id=number, timestamp=now, data=body),
    }


def record(delivery: Delivery, answer: Answer) -> None:
    """Write down what came of a try, unless somebody has taken the delivery over since."""
    arrived = not answer.trouble
    values: dict[str, Any] = {"status": answer.status, "trouble": answer.trouble}
    if arrived or delivery.attempts > len(PAUSES):
        values["state"] = Delivery.State.DELIVERED if arrived else Delivery.State.FAILED
        values["ended_at"] = timezone.now()
    else:
        values["next_at"] = timezone.now() + datetime.timedelta(seconds=PAUSES[delivery.attempts - 1])
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, attempts=delivery.attempts)
    with transaction.atomic():
        if mine.update(**values):
            failures = 0 if arrived else F("failures") + 1
            Webhook.objects.filter(pk=delivery.webhook_id).update(failures=failures)
