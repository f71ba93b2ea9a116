"""How a class is to be judged: versions of its guideline, what was ruled, and who was shown which version."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .dataset import Dataset, Item, Label


class Guideline(models.Model):
    """One version of a label's guideline, whole. Append-only by trigger; the highest number holds."""

    class Cause(models.TextChoices):
        EDITED = "edited"
        ANSWERED = "answered"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    label = models.ForeignKey(Label, models.CASCADE, related_name="guidelines", db_constraint=False, db_index=False)
    number = models.IntegerField()
    text = models.TextField(blank=True)
    cause = models.CharField(max_length=8, choices=Cause)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["label", "number"], name="guideline_number"),
            models.UniqueConstraint(fields=["label", "id"], name="guideline_of_label"),
            models.CheckConstraint(condition=Q(number__gte=1), name="guideline_counts_from_one"),
            models.CheckConstraint(condition=Q(cause__in=["edited", "answered"]), name="guideline_cause"),
        ]


class Ruling(models.Model):
    """What a guideline says beside its text: an answer to a question, and perhaps an item that is one, or is none.
    Append-only; each version holds its own."""

    class Shows(models.TextChoices):
        YES = "yes"
        NO = "no"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    label = models.ForeignKey(Label, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    guideline = models.ForeignKey(
        Guideline, models.CASCADE, related_name="rulings", db_constraint=False, db_index=False
    )
    position = models.IntegerField()
    asked = models.TextField(blank=True)
    said = models.TextField()
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="+", db_constraint=False)
    shows = models.CharField(max_length=3, choices=Shows, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guideline", "position"], name="ruling_place"),
            models.UniqueConstraint(fields=["label", "id"], name="ruling_of_label"),
            models.CheckConstraint(condition=~Q(said=""), name="ruling_says_something"),
            models.CheckConstraint(
                condition=Q(item__isnull=True, shows="") | Q(item__isnull=False, shows__in=["yes", "no"]),
                name="ruling_shows",
            ),
        ]


class GuidelineRead(models.Model):
    """The newest version of a label's guideline that a person was shown."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    label = models.ForeignKey(Label, models.CASCADE, related_name="+", db_constraint=False)
    number = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "label"], name="guideline_read_once")]
