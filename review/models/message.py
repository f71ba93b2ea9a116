"""A word from those who supervise to one member of their project."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .project import Project


class Message(models.Model):
    """Shown to the person it is for until they have read it. Whoever wants to ask back asks a question."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="messages")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="message_says_something"),
            models.CheckConstraint(condition=~Q(to=F("by")), name="message_to_somebody_else"),
        ]

    def __str__(self) -> str:
        return self.text
