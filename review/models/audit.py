"""Who did what, when: append-only. Its last id of a project is the version that live pages watch."""

from django.conf import settings
from django.db import models

from .campaign import Campaign
from .project import Project


class AuditEvent(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="events")
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["campaign", "-id"]), models.Index(fields=["project", "-id"])]
