"""One review of one slice of a dataset, and the batches it is planned into."""

import secrets
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from .dataset import Dataset, Label
from .project import Team


def within(low: float, high: float) -> list[Any]:
    return [MinValueValidator(low), MaxValueValidator(high)]


def new_seed() -> int:
    return secrets.randbits(31)


class Campaign(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft"
        PLANNING = "planning"
        OPEN = "open"
        PAUSED = "paused"
        CLOSED = "closed"

    class Policy(models.TextChoices):
        EVIDENCE = "evidence"
        FIXED = "fixed"
        FIRST_AGREE = "first_agree"
        SOLO = "solo"

    class PricePer(models.TextChoices):
        LOOK = "look"
        HOUR = "hour"

    class Context(models.TextChoices):
        YES = "yes"
        BLURRED = "blurred"
        NO = "no"

    # From each state, the states that may follow.
    FOLLOWS = {
        State.DRAFT: {State.PLANNING},
        State.PLANNING: {State.OPEN, State.DRAFT},
        State.OPEN: {State.PAUSED, State.CLOSED},
        State.PAUSED: {State.OPEN, State.CLOSED},
        State.CLOSED: set(),
    }
    UNDER_WAY = (State.PLANNING, State.OPEN, State.PAUSED)

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    # Whom it is lent to, besides those who supervise; none: every reviewer of the project.
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    slice = models.JSONField(default=dict, blank=True)
    order = models.CharField(max_length=20, default="similarity")
    encoder = models.CharField(max_length=40, blank=True)
    # Near duplicates of one label lie under one tile, to be opened on demand.
    stacks = models.BooleanField(default=False)
    policy = models.CharField(max_length=12, choices=Policy, default=Policy.EVIDENCE)
    looks_min = models.IntegerField(default=1, validators=within(0, 9))
    looks_max = models.IntegerField(default=5, validators=within(1, 15))
    # Under first_agree, so many looks without a flag settle an item as clean; none: as many as must agree.
    clean_after = models.IntegerField(null=True, blank=True, validators=within(1, 15))
    clean_below = models.FloatField(default=0.003, validators=within(0.0001, 0.2))
    fix_above = models.FloatField(default=0.98, validators=within(0.8, 0.9999))
    audit_share = models.FloatField(default=0.01, validators=within(0, 0.2))
    honeypots = models.IntegerField(default=2, validators=within(0, 10))
    batch_size = models.IntegerField(default=100, validators=within(10, 400))
    # A reviewer who surely finds a smaller share of the planted errors than this is paused; 0: nobody ever is.
    quality_min = models.FloatField(default=0.5, validators=within(0, 0.9))
    # So many looks may be lent in all; none: as many as the policy asks for.
    budget = models.IntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    # The campaign pauses itself once the share of wrong labels that are left is surely below this.
    target_rate = models.FloatField(null=True, blank=True, validators=within(0.0001, 0.2))
    # What a look, or an hour of somebody's, costs; none: nothing is said of money.
    price = models.FloatField(null=True, blank=True, validators=within(0, 1_000_000))
    price_per = models.CharField(max_length=4, choices=PricePer, default=PricePer.HOUR)
    currency = models.CharField(max_length=8, blank=True)
    # How long an item takes where people open one at a time, as the lead knows it: what the cost is compared with.
    one_by_one_seconds = models.FloatField(null=True, blank=True, validators=within(0.1, 3600))
    lease_minutes = models.IntegerField(default=45, validators=within(5, 1440))
    live_assignments = models.IntegerField(default=2, validators=within(1, 2))
    attributes_shown = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    context_shown = models.CharField(max_length=8, choices=Context, default=Context.YES)
    seed = models.BigIntegerField(default=new_seed)
    ranking = models.ForeignKey("Ranking", models.PROTECT, null=True, related_name="+")
    fit = models.ForeignKey("Fit", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "id"], name="campaign_of_dataset"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "planning", "open", "paused", "closed"]), name="campaign_state"
            ),
            models.CheckConstraint(
                condition=Q(policy__in=["evidence", "fixed", "first_agree", "solo"]), name="campaign_policy"
            ),
            models.CheckConstraint(condition=Q(context_shown__in=["yes", "blurred", "no"]), name="campaign_context"),
            models.CheckConstraint(
                condition=Q(looks_min__gte=0, looks_min__lte=9, looks_max__gte=1, looks_max__lte=15)
                & Q(looks_min__lte=F("looks_max")),
                name="campaign_looks",
            ),
            models.CheckConstraint(
                condition=Q(clean_after__isnull=True)
                | Q(policy="first_agree", clean_after__gte=1, clean_after__lte=F("looks_max")),
                name="campaign_clean_after",
            ),
            models.CheckConstraint(condition=~Q(policy="fixed") | Q(looks_min=F("looks_max")), name="campaign_fixed"),
            models.CheckConstraint(
                condition=Q(clean_below__gte=0.0001, clean_below__lte=0.2, fix_above__gte=0.8, fix_above__lte=0.9999),
                name="campaign_thresholds",
            ),
            models.CheckConstraint(
                condition=Q(audit_share__gte=0, audit_share__lte=0.2, honeypots__gte=0, honeypots__lte=10),
                name="campaign_audit",
            ),
            models.CheckConstraint(
                condition=Q(quality_min__gte=0, quality_min__lte=0.9)
                & (Q(budget__isnull=True) | Q(budget__gte=1))
                & (Q(target_rate__isnull=True) | Q(target_rate__gte=0.0001, target_rate__lte=0.2)),
                name="campaign_limits",
            ),
            models.CheckConstraint(
                condition=(Q(price__isnull=True) | Q(price__gte=0, price__lte=1_000_000))
                & Q(price_per__in=["look", "hour"])
                & (Q(one_by_one_seconds__isnull=True) | Q(one_by_one_seconds__gte=0.1, one_by_one_seconds__lte=3600)),
                name="campaign_price",
            ),
            models.CheckConstraint(
                condition=Q(batch_size__gte=10, batch_size__lte=400, lease_minutes__gte=5, lease_minutes__lte=1440)
                & Q(live_assignments__gte=1, live_assignments__lte=2),
                name="campaign_lending",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_check_up(self) -> bool:
        """Whether its items were drawn to say how wrong the dataset is: for its leads' eyes."""
        return "check_up" in self.slice.get("where", {})

    def clean(self) -> None:
        """What settings must be to each other, said where one of them is at fault."""
        if self.policy == self.Policy.FIXED and self.looks_min != self.looks_max:
            raise ValidationError({"looks_max": "A fixed number is least and most at once. Name one, or both alike."})
        if self.looks_min > self.looks_max:
            raise ValidationError({"looks_max": f"At least {self.looks_min} looks are asked for; allow as many."})
        if self.clean_after is not None and self.policy != self.Policy.FIRST_AGREE:
            raise ValidationError({"clean_after": "This is for the policy first_agree alone. Leave it out."})
        if self.clean_after is not None and self.clean_after > self.looks_max:
            never = f"No item gets more than {self.looks_max} looks, so none would ever be clean. Name fewer."
            raise ValidationError({"clean_after": never})


class Group(models.Model):
    """Items of a campaign that are laid out together: of one label, and of one predicted label or one attribute's value
    where the slice says so."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="groups")
    label = models.ForeignKey(Label, models.PROTECT, related_name="+")
    # The question turned round: which of these ARE this? None: which of these are not what they are labelled?
    asks = models.ForeignKey(Label, models.PROTECT, null=True, related_name="+")
    # The label that they are taken for, or the value that they share.
    value = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "label", "asks", "value"], nulls_distinct=False, name="group_once"
            ),
            models.CheckConstraint(condition=~Q(asks=F("label")), name="group_asks_another"),
        ]


class Batch(models.Model):
    """A plan of what to look at in one go. What is lent is composed from it at the claim."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="batches")
    number = models.IntegerField()
    # False once every look that its items want is counted, so that a claim need not search it.
    open = models.BooleanField(default=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="batch_once")]
        indexes = [
            models.Index(fields=["campaign", "number"], condition=Q(open=True, withdrawn=False), name="batch_open")
        ]


class Section(models.Model):
    """A class-homogeneous stretch of a batch, ordered by likeness, with the honeypots that may be planted in it."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="sections")
    position = models.IntegerField()
    label = models.ForeignKey(Label, models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+")
    items = ArrayField(models.BigIntegerField())
    # [[item id, the item of this stretch that it is planted after, its near duplicates], ...]: more than are needed, so
    # that they vary.
    honeypots = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="section_once")]
