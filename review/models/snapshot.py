"""What a board shows of a campaign, reckoned once for all who watch. Anybody may throw it away: it is reckoned anew."""

from django.db import models
from django.db.models import Q

from .campaign import Campaign


class Snapshot(models.Model):
    campaign = models.OneToOneField(Campaign, models.CASCADE, primary_key=True, related_name="snapshot")
    # The campaign's version (queries/version.py) when it was begun, and that moment.
    version = models.BigIntegerField()
    at = models.DateTimeField()
    # What it took to reckon.
    seconds = models.FloatField()
    # When a worker was last asked for a newer one.
    asked_at = models.DateTimeField(null=True)
    # As queries/progress.py makes it.
    body = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(seconds__gte=0), name="snapshot_seconds")]
