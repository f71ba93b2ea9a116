"""Whoever supervises writes to a member of the project, who is shown it until they have read it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from ..models import Member, Message, User
from . import audit


def send(*, to: Member, text: str, by: User) -> Message:
    """The log keeps that it was written, not what. Raises ValidationError."""
    text = text.strip()
    if not text:
        raise ValidationError({"text": "Write what they are to know."})
    if to.user_id == by.pk:
        raise ValidationError({"username": "This is you. Write to somebody else."})
    with transaction.atomic():
        made = Message.objects.create(project_id=to.project_id, to_id=to.user_id, by=by, text=text)
        audit.record("message written", project=to.project_id, actor=by, to=to.user.username, message=made.pk)
    return made


def read(*, message: Message) -> Message:
    """The person has seen it. Twice is once."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=timezone.now())
    message.refresh_from_db()
    return message
