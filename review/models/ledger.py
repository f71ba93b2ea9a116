"""What people did, as they are paid for it: a line a hand-in, never changed and never deleted."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .campaign import Campaign
from .lending import Assignment
from .project import Project


class HandIn(models.Model):
    """Stands whatever becomes of the looks, the membership or the campaign. looks: all tiles that were seen, also those
    that came too late to count. seconds: how long somebody was at it (operations/active.py)."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="hand_ins", db_index=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="hand_ins", db_index=False)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="hand_ins", db_index=False)
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="hand_in")
    at = models.DateTimeField()
    looks = models.IntegerField()
    seconds = models.FloatField()
    late = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(looks__gte=0, seconds__gte=0), name="hand_in_amounts")]
        indexes = [
            models.Index(fields=["project", "at"], name="hand_in_project"),
            models.Index(fields=["campaign", "at"], name="hand_in_campaign"),
            models.Index(fields=["reviewer", "at"], name="hand_in_reviewer"),
        ]
