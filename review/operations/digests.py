"""Digests by e-mail: who wants them, at which address, and sending what is due."""

import datetime
import logging
from collections.abc import Callable
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from ..models import Digest, Member, Notice, User
from ..queries import digests
from . import audit

log = logging.getLogger(__name__)
CONFIRM_DAYS = 3
SALT = "mlfix.confirm-email"
# Backends that reach nobody.
MUTE = ("django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend")
NOT_SENT = "No mail could be sent just now. Try again in a while."


def site_sends_mail() -> bool:
    return settings.EMAIL_BACKEND not in MUTE


def choose(*, member: Member, digest: str) -> Member:
    """How often the person is written to of this project. Only what happens from now on is told."""
    since = member.digest_since or timezone.now()
    member.digest, member.digest_since = digest, since if digest == Digest.DAILY else None
    with transaction.atomic():
        member.save(update_fields=["digest", "digest_since"])
        audit.record("digest chosen", project=member.project_id, actor=member.user_id, digest=digest)
    return member


def give_address(*, member: Member, address: str, link: Callable[[str], str]) -> None:
    """The person's address from now on, in all projects; empty: none. A link is sent to it, made of a token by `link`;
    nothing else is before it was followed. Raises ValidationError."""
    address = checked(address)
    if address and not site_sends_mail():
        raise ValidationError({"address": "This site sends no mail."})
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=member.user_id)
        user.email = address
        user.save(update_fields=["email"])
        # Supervisors read the log: the address is not their matter.
        audit.record("e-mail address given", project=member.project_id, actor=user)
    if address and not user.reached_by_email:
        ask(user, link(signing.dumps({"user": user.pk, "email": address}, salt=SALT)))


def checked(address: str) -> str:
    address = address.strip()
    try:
        if address:
            validate_email(address)
    except ValidationError:
        raise ValidationError({"address": "This is no e-mail address."}) from None
    if len(address) > 254:
        raise ValidationError({"address": "This address is too long."})
    return address


def ask(user: User, link: str) -> None:
    text = (
        f"Somebody who is signed in to MLfix as {user.username} wants to get e-mail at this address.\n\n"
        f"If that is you, follow this link within {CONFIRM_DAYS} days, signed in as {user.username}:\n{link}\n\n"
        "If not, do nothing: you will not be written to again.\n"
    )
    try:
        send_mail("MLfix: is this your address?", text, None, [user.email])
    except (SMTPException, OSError):
        raise ValidationError({"address": NOT_SENT}) from None


def address_of(token: str, user: User) -> str | None:
    """The address that a token confirms for this person; None where it is another's, has run out, or the person has
    given another address since."""
    try:
        said = signing.loads(token, salt=SALT, max_age=datetime.timedelta(days=CONFIRM_DAYS))
    except signing.BadSignature:
        return None
    return said["email"] if said["user"] == user.pk and said["email"] == user.email else None


def confirm(*, token: str, user: User) -> None:
    """The person reads mail at this address. Twice is once. Raises ValidationError."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        address = address_of(token, user)
        if address is None:
            raise ValidationError("This link is not good any more.")
        user.confirmed_email = address
        user.save(update_fields=["confirmed_email"])


def send_due() -> int:
    """Write to all whom something is to be told; how many. Several may run at once: each is written to once."""
    sent = 0
    if not site_sends_mail():
        return sent
    for key in list(digests.due().values_list("pk", flat=True)):
        try:
            sent += send(key)
        except SMTPRecipientsRefused:
            log.warning("The address of user %s takes no mail; it is tried again with the next news.", key)
        except (SMTPException, OSError):
            log.warning("Mail cannot be sent just now; what is due is sent later.", exc_info=True)
            break
    return sent


def send(key: int) -> bool:
    """Claim the digest of one person by moving the time of their last one, then send it. Killed in between, it is lost:
    nobody is written to twice of one thing."""
    until = digests.until()
    with transaction.atomic():
        user = digests.due().select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(pk=key).first()
        found = digests.news(user, until) if user else []
        if user is None or not found:
            return False
        before: Any = user.digest_sent_at
        User.objects.filter(pk=key).update(digest_sent_at=until)
    try:
        write(user, found)
    except SMTPRecipientsRefused:
        raise
    except (SMTPException, OSError):
        User.objects.filter(pk=key, digest_sent_at=until).update(digest_sent_at=before)
        raise
    return True


def write(user: User, found: list[Notice]) -> None:
    subject, text = digests.text(found)
    send_mail(subject, text, None, [user.email])
