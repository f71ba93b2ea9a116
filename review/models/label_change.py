"""How a dataset's labels are called, and which of them are one: other names, and what was proposed and done."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .dataset import Dataset, Label


class LabelAlias(models.Model):
    """Another name that a label goes by in files and requests: one that it had, or that a lead gave it. No label of the
    dataset has it for its own name."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="aliases", db_index=False)
    label = models.ForeignKey(Label, models.CASCADE, related_name="aliases", db_constraint=False)
    name = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="alias_once"),
            models.CheckConstraint(condition=~Q(name=""), name="alias_says_something"),
        ]


class LabelChange(models.Model):
    """That a label be called otherwise, or by one more name, be merged into another, or be there at all: proposed by
    whoever supervises, decided by a lead."""

    class Kind(models.TextChoices):
        RENAME = "rename"
        ALIAS = "alias"
        MERGE = "merge"
        ADD = "add"

    class State(models.TextChoices):
        PROPOSED = "proposed"
        DONE = "done"
        DECLINED = "declined"
        UNDONE = "undone"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="label_changes")
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    # None until a label that is to be added is there.
    label = models.ForeignKey(
        Label, models.CASCADE, null=True, related_name="changes", db_constraint=False, db_index=False
    )
    into = models.ForeignKey(Label, models.CASCADE, null=True, related_name="+", db_constraint=False, db_index=False)
    name = models.CharField(max_length=300, blank=True)
    # What a renamed label was called before.
    old_name = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    # The last revision of the dataset that carried it out.
    revision = models.BigIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["rename", "alias", "merge", "add"]), name="label_change_kind"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "done", "declined", "undone"]), name="label_change_state"
            ),
            models.CheckConstraint(
                condition=Q(kind="merge", into__isnull=False, name="")
                | ~Q(kind="merge") & Q(into__isnull=True) & ~Q(name=""),
                name="label_change_says_what",
            ),
            models.CheckConstraint(
                condition=Q(label__isnull=False) | Q(kind="add") & ~Q(state="done"), name="label_change_of_a_label"
            ),
            models.CheckConstraint(condition=~Q(into=F("label")), name="label_change_into_another"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="label_change_decided",
            ),
        ]
