"""What is lent to whom: assignments, their tiles, and the looks that came back."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .campaign import Batch, Campaign, Group
from .dataset import Dataset, Item, Label


class Assignment(models.Model):
    class State(models.TextChoices):
        LENT = "lent"
        HANDED_IN = "handed_in"
        LAPSED = "lapsed"
        RELEASED = "released"

    # A lapsed assignment may still be handed in, late.
    FOLLOWS = {
        State.LENT: {State.HANDED_IN, State.LAPSED, State.RELEASED},
        State.LAPSED: {State.HANDED_IN},
        State.HANDED_IN: set(),
        State.RELEASED: set(),
    }

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="assignments")
    batch = models.ForeignKey(Batch, models.SET_NULL, null=True, related_name="assignments")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    state = models.CharField(max_length=10, choices=State, default=State.LENT)
    claim_key = models.CharField(max_length=200)
    # The whole state of the reviewer's marks as last saved, and how often it was saved.
    revision = models.IntegerField(default=0)
    flags = models.JSONField(default=list)
    seen = ArrayField(models.IntegerField(), default=list)
    lent_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # The last sign of somebody at it, and how long somebody was by all signs (operations/active.py).
    sign_at = models.DateTimeField(null=True)
    active_seconds = models.FloatField(default=0)
    # What the hand-in answered, so that a repeated one answers the same.
    counted = models.IntegerField(null=True)
    surplus = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "reviewer", "claim_key"], name="claim_once"),
            models.CheckConstraint(
                condition=Q(state__in=["lent", "handed_in", "lapsed", "released"]), name="assignment_state"
            ),
            models.CheckConstraint(
                condition=Q(state="lent", ended_at__isnull=True) | (~Q(state="lent") & Q(ended_at__isnull=False)),
                name="assignment_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="lent"), name="assignment_due"),
            models.Index(fields=["reviewer", "campaign"]),
        ]


class Tile(models.Model):
    """One place in an assignment. Frozen at the claim."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="tiles", db_index=False)
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    position = models.IntegerField()
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", db_constraint=False)
    # The label it is shown under: a honeypot's is another than its own.
    label = models.ForeignKey(Label, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    planted = models.BooleanField(default=False)
    # Planted under its own label before whoever reviews alone and has looked at it already.
    second = models.BooleanField(default=False)
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="+", db_index=False)
    # Neighbours with the same number lie under the first of them; every tile has one where the campaign stacks.
    stack = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "position"], name="tile_place"),
            models.UniqueConstraint(fields=["assignment", "item"], name="tile_item"),
            models.CheckConstraint(condition=Q(second=False) | Q(planted=True), name="tile_second"),
        ]


class Reason(models.TextChoices):
    WRONG_LABEL = "wrong_label"
    NOT_AN_OBJECT = "not_an_object"
    BAD_BOX = "bad_box"
    CANT_TELL = "cant_tell"
    NO_LABEL = "no_label"  # the label is wrong, and the dataset has none that is right
    OTHER = "other"


class Look(models.Model):
    """One person saw one item in a submitted assignment; with a reason, it is a flag too."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="looks", db_constraint=False, db_index=False)
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="looks")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="looks", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="looks", db_constraint=False)
    label = models.ForeignKey(Label, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    planted = models.BooleanField(default=False)
    # The same person's second look: it tells how far they repeat themselves, and nothing of the item.
    second = models.BooleanField(default=False)
    # False for surplus: kept, but the item had no free place left.
    counted = models.BooleanField(default=True)
    reason = models.CharField(max_length=14, choices=Reason, blank=True)
    suggested = models.ForeignKey(
        Label, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "reviewer", "item"], condition=Q(planted=False), name="look_once"
            ),
            models.UniqueConstraint(
                fields=["campaign", "reviewer", "item"], condition=Q(planted=True), name="planted_once"
            ),
            models.CheckConstraint(condition=Q(reason__in=["", *Reason.values]), name="look_reason"),
            models.CheckConstraint(condition=Q(suggested__isnull=True) | ~Q(reason=""), name="look_suggestion"),
            models.CheckConstraint(condition=Q(second=False) | Q(planted=True), name="look_second"),
        ]
        indexes = [models.Index(fields=["campaign", "item"])]


class Contest(models.Model):
    """A reviewer says that a planted error which they left alone is none. Where a supervisor agrees, no planted look at
    that item under that label speaks of anybody."""

    class State(models.TextChoices):
        OPEN = "open"
        UPHELD = "upheld"
        REJECTED = "rejected"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="contests")
    look = models.OneToOneField(Look, models.CASCADE, related_name="contest")
    comment = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    at = models.DateTimeField(auto_now_add=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "upheld", "rejected"]), name="contest_state"),
            models.CheckConstraint(
                condition=Q(state="open", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="contest_answered",
            ),
        ]
        indexes = [models.Index(fields=["campaign"], condition=Q(state="open"), name="contest_open")]


class Pair(models.Model):
    """Two reviewers of a campaign who agree beyond what their quality explains. Until a lead has decided, and where
    they are one, their looks at one item count as one."""

    class State(models.TextChoices):
        SUSPECTED = "suspected"
        ONE = "one"
        TWO = "two"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="pairs")
    one = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.SUSPECTED)
    # As last seen: items that both looked at, how many both flagged, and how many two people as good would have.
    common = models.IntegerField()
    both = models.IntegerField()
    expected = models.FloatField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "one", "other"], name="pair_once"),
            models.CheckConstraint(condition=Q(one__lt=models.F("other")), name="pair_ordered"),
            models.CheckConstraint(condition=Q(state__in=["suspected", "one", "two"]), name="pair_state"),
        ]
