"""The account that a new site begins with: whoever runs the site is shown a link, and whoever follows it makes it."""

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from ..models import User
from . import projects

SIGNER = signing.Signer(salt="first account")
WORD = "begin"
LOCK = 72004


def token() -> str | None:
    """What the link holds; None once the site has an account."""
    return None if User.objects.exists() else SIGNER.signature(WORD)


def is_open(token: str) -> bool:
    """Whether this token may make an account: the site's own, as long as there is none."""
    return constant_time_compare(token, SIGNER.signature(WORD)) and not User.objects.exists()


def make(*, token: str, username: str, password: str) -> User:
    """The first account, which may do all. Of two that are made at once the second is refused: ValidationError."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if not is_open(token):
            raise ValidationError(_("This site has an account already. Sign in with it."))
        user = projects.new_account(username, password)
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
    return user
