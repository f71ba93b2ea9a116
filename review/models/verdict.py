"""What the looks add up to: verdicts under a fit, resolutions, fixes, and the dataset's history."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .campaign import Batch, Campaign, Group
from .dataset import Dataset, Item, Label


class Fit(models.Model):
    """One immutable estimate of all reviewers and of the prior."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="fits")
    number = models.IntegerField()
    # review.consensus.fit.Fit as JSON, and the users that its reviewer indices stand for.
    parameters = models.JSONField()
    reviewers = ArrayField(models.BigIntegerField(), default=list)
    # Users who count as another one: {their id as text: the id of whom they count as}.
    aliases = models.JSONField(default=dict)
    # So many labels the dataset had: how many an item may have instead of its own.
    label_count = models.IntegerField()
    # So many looks were known; and whether every verdict was brought under it.
    looks = models.IntegerField(default=0)
    whole = models.BooleanField(default=True)
    # What the audit sample said when it was made: as operations/audited.py has it.
    audited = models.JSONField(default=dict)
    # When what it was estimated from was read.
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="fit_once")]


class Verdict(models.Model):
    """An item in a campaign: how many looks it wants, has lent and counted, and what they say."""

    class State(models.TextChoices):
        OPEN = "open"
        CLEAN = "clean"
        FIX = "fix"
        DISPUTED = "disputed"
        UNCLEAR = "unclear"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="verdicts", db_constraint=False, db_index=False)
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="verdicts", db_constraint=False)
    # The label under review: the item's when the campaign was planned.
    label = models.ForeignKey(Label, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    # The batch that offers its free places; none for an item asked again, which any stretch of its label may take in.
    batch = models.ForeignKey(Batch, models.SET_NULL, null=True, related_name="verdicts")
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+", db_index=False)
    # Items of one group with the same number lie in one stack; none: it lies alone.
    stack = models.IntegerField(null=True)
    round = models.IntegerField(default=1)
    # Where it stands among all items of the campaign laid out by class and likeness: what a grid is sorted by.
    place = models.IntegerField(default=0)
    # What the classifier said when the campaign was planned: the suspicion, and the suggestions as an item has them. A
    # later ranking, or the fix itself, changes the item's and never a verdict.
    prior = models.FloatField(null=True)
    suggestions = models.JSONField(default=list)
    # The chance with which the plan drew it into the audit sample; none: it is not in the sample.
    audit = models.FloatField(null=True)
    # What the others of its group add to its log odds of being wrong, as of its fit; of an item that nobody has judged,
    # as of the last one before which somebody had looked at its group.
    kin = models.FloatField(default=0)
    # What one more look is worth, in errors that it removes; none where the campaign has no budget.
    value = models.FloatField(null=True)
    # So many looks a supervisor wants it to have before anything is decided; 0: none has said so.
    least = models.IntegerField(default=0, db_default=0)
    wanted = models.IntegerField()
    lent = models.IntegerField(default=0)
    counted = models.IntegerField(default=0)
    probability = models.FloatField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    suggested = models.ForeignKey(
        Label, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    remove = models.BooleanField(default=False)
    flags = models.IntegerField(default=0)
    fit = models.ForeignKey(Fit, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "item"], name="verdict_once"),
            models.CheckConstraint(
                condition=Q(lent__gte=0, counted__gte=0, wanted__gte=F("lent") + F("counted")), name="verdict_places"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "clean", "fix", "disputed", "unclear"]), name="verdict_state"
            ),
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__gte=0, probability__lte=1),
                name="verdict_probability",
            ),
            models.CheckConstraint(
                condition=Q(audit__isnull=True) | Q(audit__gt=0, audit__lte=1), name="verdict_audit"
            ),
            models.CheckConstraint(condition=Q(least__gte=0), name="verdict_least"),
        ]
        indexes = [
            # What a claim plants is looked for by state and label.
            models.Index(fields=["campaign", "state", "label"], name="verdict_state_label"),
            # Without what is in no batch: else it is a way to that too, as long as little is known to be there.
            models.Index(
                fields=["batch"],
                condition=Q(batch__isnull=False, wanted__gt=F("lent") + F("counted")),
                name="verdict_free",
            ),
            models.Index(
                fields=["campaign", "label", "place"],
                condition=Q(batch__isnull=True, wanted__gt=F("lent") + F("counted")),
                name="verdict_asked_again",
            ),
            models.Index(
                fields=["campaign", "-value", "place"],
                condition=Q(value__isnull=False, wanted__gt=F("lent") + F("counted")),
                name="verdict_worth",
            ),
            models.Index(
                fields=["campaign", "label", "-value"],
                condition=Q(value__isnull=False, wanted__gt=F("lent") + F("counted")),
                name="verdict_worth_in_label",
            ),
        ]


class Resolution(models.Model):
    """A supervisor's decision on a verdict. A later one replaces it; nothing is deleted. One of `looked` false took
    over what the consensus says without a look at the item: it settles, and is no evidence."""

    class Action(models.TextChoices):
        CLEAN = "clean"
        RELABEL = "relabel"
        REMOVE = "remove"
        REDRAW = "redraw"
        UNCLEAR = "unclear"

    verdict = models.ForeignKey(Verdict, models.CASCADE, related_name="resolutions")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+")
    action = models.CharField(max_length=8, choices=Action)
    label = models.ForeignKey(Label, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False)
    box = ArrayField(models.FloatField(), size=4, null=True)
    note = models.TextField(blank=True)
    looked = models.BooleanField(default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["verdict"], condition=Q(current=True), name="resolution_current"),
            models.CheckConstraint(
                condition=Q(action__in=["clean", "relabel", "remove", "redraw", "unclear"]), name="resolution_action"
            ),
            models.CheckConstraint(
                condition=(Q(action="relabel") & Q(label__isnull=False))
                | (~Q(action="relabel") & Q(label__isnull=True)),
                name="resolution_label",
            ),
            models.CheckConstraint(
                condition=(Q(action="redraw") & Q(box__isnull=False)) | (~Q(action="redraw") & Q(box__isnull=True)),
                name="resolution_box",
            ),
        ]


class DeskPlace(models.Model):
    """Which cases a supervisor has before them, so that another sees it. It holds nothing back, and fades."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="desk_places")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    verdicts = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "campaign"], name="desk_place_once")]


class SecondOpinion(models.Model):
    """What another supervisor said of a decided case without knowing that it was decided."""

    resolution = models.OneToOneField(Resolution, models.CASCADE, related_name="second")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    action = models.CharField(max_length=8, choices=Resolution.Action)
    label = models.ForeignKey(Label, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False)
    note = models.TextField(blank=True)
    agrees = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(action__in=Resolution.Action.values), name="second_action"),
            models.CheckConstraint(
                condition=(Q(action="relabel") & Q(label__isnull=False))
                | (~Q(action="relabel") & Q(label__isnull=True)),
                name="second_label",
            ),
        ]


class Revision(models.Model):
    """A line of the dataset's append-only history, of an item or of a label. Each follows the one before of its item
    or label and field, so that the lines of each field form one chain with one head."""

    class Field(models.TextChoices):
        LABEL = "label"
        REMOVED = "removed"
        BOX = "box"
        # Of a label: its name; its other names; and the label that it was merged into, by id.
        NAME = "name"
        ALIASES = "aliases"
        MERGED = "merged"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="revisions", db_constraint=False, db_index=False)
    number = models.BigIntegerField()
    item = models.ForeignKey(
        Item, models.CASCADE, null=True, related_name="revisions", db_constraint=False, db_index=False
    )
    label = models.ForeignKey(
        Label, models.CASCADE, null=True, related_name="revisions", db_constraint=False, db_index=False
    )
    field = models.CharField(max_length=8, choices=Field)
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    cause = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="revision_number"),
            models.UniqueConstraint(
                fields=["item", "label", "field", "previous"], nulls_distinct=False, name="revision_chain"
            ),
            models.CheckConstraint(
                condition=Q(field__in=["label", "removed", "box"], item__isnull=False, label__isnull=True)
                | Q(field__in=["name", "aliases", "merged"], item__isnull=True, label__isnull=False),
                name="revision_field",
            ),
        ]


class Fix(models.Model):
    """An accepted change of an item, with the evidence it stood on. Applied by a revision; reverted by one more."""

    class Kind(models.TextChoices):
        RELABEL = "relabel"
        REMOVE = "remove"
        REDRAW = "redraw"

    class State(models.TextChoices):
        APPLIED = "applied"
        CONFLICT = "conflict"
        REVERTED = "reverted"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="fixes", db_constraint=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="fixes", db_constraint=False)
    verdict = models.ForeignKey(Verdict, models.CASCADE, related_name="fixes")
    item = models.ForeignKey(Item, models.CASCADE, related_name="fixes", db_constraint=False)
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State)
    old_label = models.ForeignKey(
        Label, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    new_label = models.ForeignKey(
        Label, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    old_box = ArrayField(models.FloatField(), size=4, null=True)
    new_box = ArrayField(models.FloatField(), size=4, null=True)
    probability = models.FloatField(null=True)
    looks = models.IntegerField()
    flags = models.IntegerField()
    # The looks as they stood: [{reviewer, reason, suggested, comment, at}, ...].
    evidence = models.JSONField(default=list)
    resolution = models.ForeignKey(Resolution, models.PROTECT, null=True, related_name="fixes")
    revision = models.OneToOneField(Revision, models.PROTECT, null=True, related_name="fix")
    reverted_by = models.OneToOneField(Revision, models.PROTECT, null=True, related_name="reverts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["verdict"], condition=~Q(state="reverted"), name="fix_once"),
            models.CheckConstraint(condition=Q(state__in=["applied", "conflict", "reverted"]), name="fix_state"),
            models.CheckConstraint(
                condition=Q(kind="relabel", old_label__isnull=False, new_label__isnull=False)
                | Q(kind="redraw", new_box__isnull=False)
                | Q(kind="remove"),
                name="fix_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind="relabel") | ~Q(old_label=F("new_label")), name="fix_changes_the_label"
            ),
            models.CheckConstraint(
                condition=Q(state="conflict", revision__isnull=True)
                | (~Q(state="conflict") & Q(revision__isnull=False)),
                name="fix_revision",
            ),
            models.CheckConstraint(
                condition=Q(state="reverted", reverted_by__isnull=False)
                | (~Q(state="reverted") & Q(reverted_by__isnull=True)),
                name="fix_reverted",
            ),
        ]


class Export(models.Model):
    class Kind(models.TextChoices):
        FULL = "full"
        PATCH = "patch"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="exports")
    format = models.CharField(max_length=20)
    kind = models.CharField(max_length=5, choices=Kind)
    revision = models.BigIntegerField(null=True)
    key = models.CharField(max_length=80, blank=True)
    fixes = models.IntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=["full", "patch"]), name="export_kind")]
