"""What is looked at: a dataset with its labels, images, objects and items.

A reference without a constraint of its own has a composite one (see 0002_integrity) that carries the dataset too; one
without an index is the first column of another index, or is never searched by.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ..crops import SMALL, View
from .project import Project

SMALLEST_CROP, LARGEST_CROP = 32, 512  # pixels


class Dataset(models.Model):
    class State(models.TextChoices):
        CHECKING = "checking"
        CHECKED = "checked"
        IMPORTING = "importing"
        READY = "ready"
        FAILED = "failed"

    project = models.ForeignKey(Project, models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.IMPORTING)
    format = models.CharField(max_length=20)
    # Where the source is: {"source": {"archive": key or "folder": path, "manifest": key, "manifest_name": text}}.
    # The files stay as they came, so that an export gives back whatever the reader did not understand.
    layout = models.JSONField(default=dict)
    group_by = models.CharField(max_length=200, blank=True)
    # The longer side of the crops that grids and encoders see, and the window that grey of more than 8 bits is seen
    # through: black at low, white at high, the same for every image. None where no image sampled is so deep.
    crop_pixels = models.IntegerField(default=SMALL)
    window_low = models.FloatField(null=True)
    window_high = models.FloatField(null=True)
    # How long the side of a source pixel is, in that unit: of every image, or as an attribute of each item says, where
    # it names a number. No unit: nobody knows.
    pixel_size = models.FloatField(null=True)
    pixel_attribute = models.CharField(max_length=200, blank=True, default="", db_default="")
    pixel_unit = models.CharField(max_length=8, blank=True, default="", db_default="")
    # The number of the last revision: a version of the dataset is a revision number.
    revision = models.BigIntegerField(default=0)
    ranking = models.ForeignKey("Ranking", models.SET_NULL, null=True, related_name="+")
    # Whose probabilities or losses become the suspicion; none: our own classifier's.
    predictions = models.ForeignKey("Predictions", models.SET_NULL, null=True, related_name="+")
    # Since when lists leave it out, and its campaigns that are closed; nothing of it is gone.
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["checking", "checked", "importing", "ready", "failed"]), name="dataset_state"
            ),
            models.CheckConstraint(condition=Q(revision__gte=0), name="dataset_revision"),
            models.CheckConstraint(
                condition=Q(crop_pixels__gte=SMALLEST_CROP, crop_pixels__lte=LARGEST_CROP), name="dataset_crop_pixels"
            ),
            models.CheckConstraint(
                condition=Q(window_low__isnull=True, window_high__isnull=True)
                | Q(window_low__isnull=False, window_high__isnull=False, window_low__lt=F("window_high")),
                name="dataset_window",
            ),
            models.CheckConstraint(
                condition=Q(pixel_unit="", pixel_size__isnull=True, pixel_attribute="")
                | ~Q(pixel_unit="") & (Q(pixel_size__gt=0) | Q(pixel_size__isnull=True) & ~Q(pixel_attribute="")),
                name="dataset_pixel_size",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def view(self) -> View:
        if self.window_low is None or self.window_high is None:
            return View(self.crop_pixels)
        return View(self.crop_pixels, (self.window_low, self.window_high))


class Label(models.Model):
    class RestProposal(models.TextChoices):
        NONE = ""
        PROPOSED = "proposed"
        DECLINED = "declined"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="labels")
    name = models.CharField(max_length=300)
    readable_name = models.CharField(max_length=300)
    icon = models.CharField(max_length=80, blank=True)
    # Typical, confident items for the head of the grid; the first stands in for a missing icon.
    exemplars = ArrayField(models.BigIntegerField(), default=list)
    look_alikes = ArrayField(models.BigIntegerField(), default=list)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    # What it is a part of since the two were merged: its items are that one's, and its name is another of it.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_constraint=False)
    # A class without a look of its own, such as "other" or "unknown". Proposed by the ranking, said by a lead.
    rest = models.BooleanField(default=False)
    rest_proposal = models.CharField(max_length=8, choices=RestProposal, default=RestProposal.NONE, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="label_once"),
            # The far end of composite foreign keys: a label of another dataset cannot be stored.
            models.UniqueConstraint(fields=["dataset", "id"], name="label_of_dataset"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="label_not_its_own_parent"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="label_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(rest_proposal__in=["", "proposed", "declined"]), name="label_rest_proposal"
            ),
        ]

    def __str__(self) -> str:
        return self.readable_name


class Shard(models.Model):
    """A file in storage that holds many objects' bytes back to back; rows say where each begins."""

    class Kind(models.TextChoices):
        PHOTOS = "photos"
        CROPS = "crops"

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="shards")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=80)
    bytes = models.BigIntegerField()
    # Since when nothing lies in it any more; it is swept a while later.
    left_at = models.DateTimeField(null=True)


class Image(models.Model):
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="images", db_index=False)
    path = models.CharField(max_length=1000)
    width = models.IntegerField()
    height = models.IntegerField()
    media_type = models.CharField(max_length=40)
    shard = models.ForeignKey(Shard, models.PROTECT, related_name="+")
    offset = models.BigIntegerField()
    length = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "path"], name="image_once"),
            models.UniqueConstraint(fields=["dataset", "id"], name="image_of_dataset"),
            models.CheckConstraint(condition=Q(width__gte=1, height__gte=1), name="image_has_size"),
        ]


class Object(models.Model):
    """A box in an image, in source pixels, or the whole image where there is no box."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="objects_in", db_constraint=False, db_index=False)
    image = models.ForeignKey(Image, models.CASCADE, related_name="contents", db_constraint=False)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    width = models.FloatField(null=True)
    height = models.FloatField(null=True)
    shard = models.ForeignKey(Shard, models.PROTECT, related_name="+")
    # Where the small and the large crop lie in the shard, and the box inside the crop as fractions of its sides.
    small_offset = models.BigIntegerField()
    small_length = models.IntegerField()
    large_offset = models.BigIntegerField()
    large_length = models.IntegerField()
    inner = ArrayField(models.FloatField(), size=4, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "id"], name="object_of_dataset"),
            models.CheckConstraint(
                condition=Q(x__isnull=True, y__isnull=True, width__isnull=True, height__isnull=True)
                | Q(x__gte=0, y__gte=0, width__gt=0, height__gt=0),
                name="object_box",
            ),
        ]

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """(x, y, width, height) in source pixels, or None for a whole image."""
        if self.x is None or self.y is None or self.width is None or self.height is None:
            return None
        return self.x, self.y, self.width, self.height


class Item(models.Model):
    """One label of one object. `label`, `removed` and the object's box are the heads of the revision log."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="items", db_constraint=False, db_index=False)
    object = models.ForeignKey(Object, models.CASCADE, related_name="items", db_constraint=False)
    key = models.CharField(max_length=1100)
    label = models.ForeignKey(Label, models.PROTECT, related_name="items", db_constraint=False, db_index=False)
    removed = models.BooleanField(default=False)
    attributes = models.JSONField(default=dict)
    group = models.CharField(max_length=300, blank=True)
    row = models.IntegerField()
    predicted = models.ForeignKey(
        Label, models.SET_NULL, null=True, related_name="+", db_constraint=False, db_index=False
    )
    suspicion = models.FloatField(null=True)
    # What the user's own model lost on it, in the unit of that model.
    loss = models.FloatField(null=True)
    # [[label id, probability], ...], most probable first, never the item's own label.
    suggestions = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "key"], name="item_once"),
            models.UniqueConstraint(fields=["dataset", "id"], name="item_of_dataset"),
            models.CheckConstraint(
                condition=Q(suspicion__isnull=True) | Q(suspicion__gte=0, suspicion__lte=1), name="item_suspicion"
            ),
        ]
        indexes = [models.Index(fields=["dataset", "label"]), models.Index(fields=["dataset", "-suspicion"])]


class RejectedRow(models.Model):
    """A row of the source that could not be taken, with the reason in a sentence."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="rejected")
    row = models.IntegerField()
    file = models.CharField(max_length=1000, blank=True)
    field = models.CharField(max_length=200, blank=True)
    reason = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "row"], name="rejected_once")]


class Ranking(models.Model):
    """One run of one encoder over a dataset: its vectors, orders and neighbours, all of one version."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="rankings")
    encoder = models.CharField(max_length=40)
    version = models.CharField(max_length=80)
    # "" once the crops were cut anew: it was fitted on others.
    projection = models.CharField(max_length=80, blank=True)
    # Storage keys of the int64 item ids and of the int32 nearest rows, within the label and in any label.
    items = models.CharField(max_length=80, blank=True)
    nearest_within = models.CharField(max_length=80, blank=True)
    nearest_any = models.CharField(max_length=80, blank=True)
    done = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "encoder", "version"], name="ranking_once")]


class EmbeddingShard(models.Model):
    """Vectors of one crop shard's objects in storage, under one encoder version."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="embeddings")
    shard = models.ForeignKey(Shard, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ranking", "shard"], name="embedding_once")]


class EmbeddingLease(models.Model):
    """Who is embedding a crop shard just now. Its vectors are taken from the holder alone, and from nobody once another
    run of the job has begun."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="leases")
    shard = models.ForeignKey(Shard, models.CASCADE, related_name="+")
    holder = models.UUIDField()
    fence = models.IntegerField()  # of the job's run
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ranking", "shard"], name="lease_once")]


class LabelOrder(models.Model):
    """A label's items laid out by likeness."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="orders")
    label = models.ForeignKey(Label, models.CASCADE, related_name="+")
    items = ArrayField(models.BigIntegerField())
    # For each of them its stack's number: near duplicates share one.
    stacks = ArrayField(models.IntegerField(), default=list)
    # The same items, those that look least like any other first.
    outliers = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ranking", "label"], name="order_once")]
