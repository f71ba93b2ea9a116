"""Webhooks of a project: make, change, take away, and have something sent. Raises ValidationError."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from .. import outbound
from ..models import Delivery, Project, User, Webhook
from . import audit, deliveries

MOST = 20  # of a project


def create(*, project: Project, url: str, kinds: list[str], by: User) -> Webhook:
    """With a new secret, which is to be shown to its maker now."""
    webhook = Webhook(project=project, url=checked(url), kinds=once(kinds), created_by=by)
    webhook.full_clean(exclude=["project", "created_by"])
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        if project.webhooks.count() >= MOST:
            raise ValidationError(f"A project has {MOST} webhooks at most. Remove one first.")
        webhook.save()
        record("webhook made", webhook, by)
    return webhook


def change(*, webhook: Webhook, changes: dict[str, Any], by: User) -> Webhook:
    """`url`, `kinds` and `active`, those that are named."""
    if "url" in changes:
        changes = {**changes, "url": checked(changes["url"]), "failures": 0}
    if "kinds" in changes:
        changes = {**changes, "kinds": once(changes["kinds"])}
    for name, value in changes.items():
        setattr(webhook, name, value)
    webhook.full_clean(exclude=["project", "created_by"])
    with transaction.atomic():
        webhook.save(update_fields=list(changes))
        record("webhook changed", webhook, by)
    return webhook


def remove(*, webhook: Webhook, by: User) -> None:
    """With its deliveries: what waits is not sent."""
    with transaction.atomic():
        record("webhook removed", webhook, by)
        webhook.delete()


def send_test(*, webhook: Webhook, by: User) -> Delivery:
    """One that is sent at once; the one that waits already, where there is one."""
    if not webhook.active:
        raise ValidationError("This webhook is paused. Let it go on, then test it.")
    try:
        with transaction.atomic():
            made = Delivery.objects.create(webhook=webhook)
            record("webhook tested", webhook, by)
    except IntegrityError:
        return Delivery.objects.get(webhook=webhook, notice=None, state=Delivery.State.WAITING)
    transaction.on_commit(deliveries.send_soon)
    return made


def again(*, delivery: Delivery, by: User) -> Delivery:
    """Send it anew, under the id that it had. One that waits is sent within a minute: somebody may be at it now."""
    now = timezone.now()
    fresh = {"state": Delivery.State.WAITING, "attempts": 0, "ended_at": None, "next_at": now, "status": None,
             "trouble": ""}  # fmt: skip
    one = Delivery.objects.filter(pk=delivery.pk)
    soon = now + deliveries.CLAIMED
    try:
        with transaction.atomic():
            if not one.exclude(state=Delivery.State.WAITING).update(**fresh):
                one.filter(state=Delivery.State.WAITING, next_at__gt=soon).update(next_at=soon)
            record("delivery sent again", delivery.webhook, by, delivery=delivery.pk)
    except IntegrityError:
        raise ValidationError("A test of this webhook is on its way already.") from None
    transaction.on_commit(deliveries.send_soon)
    delivery.refresh_from_db()
    return delivery


def checked(url: str) -> str:
    url = url.strip()
    try:
        outbound.check(url)
    except outbound.Refused as reason:
        raise ValidationError({"url": str(reason)}) from None
    return url


def once(kinds: list[str]) -> list[str]:
    return list(dict.fromkeys(kinds))


def record(verb: str, webhook: Webhook, by: User, **more: Any) -> None:
    """Only the host is named: whatever follows it in an address is often as good as a password."""
    audit.record(
        verb, project=webhook.project_id, actor=by, webhook=webhook.pk, host=outbound.host(webhook.url), **more
    )
