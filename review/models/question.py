"""What a reviewer asks about a class, and what a supervisor answers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .campaign import Campaign
from .dataset import Dataset, Item, Label
from .guideline import Ruling
from .lending import Assignment


class Question(models.Model):
    """About a class, or about one tile that the asker has in hand. The answer may become a ruling of the class."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="questions", db_constraint=False)
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    label = models.ForeignKey(Label, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    # The tile: both or neither. A composite reference (see the migration) makes sure that it was in that assignment.
    assignment = models.ForeignKey(Assignment, models.CASCADE, null=True, related_name="+", db_constraint=False)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="+", db_constraint=False)
    text = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="questions", db_index=False)
    at = models.DateTimeField(auto_now_add=True)
    # The same key, the same question: a lost answer does not ask twice.
    ask_key = models.CharField(max_length=200)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    ruling = models.OneToOneField(Ruling, models.PROTECT, null=True, related_name="question", db_constraint=False)
    # When the asker was shown the answer.
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "campaign", "ask_key"], name="question_once"),
            models.CheckConstraint(condition=~Q(text=""), name="question_asks_something"),
            models.CheckConstraint(
                condition=Q(assignment__isnull=True, item__isnull=True)
                | Q(assignment__isnull=False, item__isnull=False),
                name="question_tile",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True, ruling__isnull=True)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="question_answered",
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | Q(answered_at__isnull=False), name="question_told"
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "label"], condition=Q(answered_at__isnull=True), name="question_open")
        ]
