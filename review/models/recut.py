"""Crops that were cut anew and wait until all of their dataset's are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .dataset import Object, Shard
from .job import Job


class NewCrop(models.Model):
    """Where an object's new crops lie, as in Object, and the box that they were cut by: it may be redrawn meanwhile."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="new_crops")
    object = models.ForeignKey(Object, models.CASCADE, related_name="+", db_index=False)
    box = ArrayField(models.FloatField(), size=4, null=True)
    shard = models.ForeignKey(Shard, models.PROTECT, related_name="+")
    small_offset = models.BigIntegerField()
    small_length = models.IntegerField()
    large_offset = models.BigIntegerField()
    large_length = models.IntegerField()
    inner = ArrayField(models.FloatField(), size=4, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object", "job"], name="new_crop_once")]
