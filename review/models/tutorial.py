"""Who has been offered a campaign's tutorial. What they did in it is kept nowhere."""

from django.conf import settings
from django.db import models

from .campaign import Campaign


class Tutorial(models.Model):
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tutorials", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    skipped = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "user"], name="tutorial_once")]
