"""A person who signs in."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Our own from the first migration on, so that it may grow."""

    # The address that answered a link sent to it; another one in `email` has to answer first.
    confirmed_email = models.EmailField(blank=True, default="", db_default="")
    digest_sent_at = models.DateTimeField(null=True, blank=True)

    @property
    def reached_by_email(self) -> bool:
        return bool(self.email) and self.email == self.confirmed_email
