"""What a user's own model brings: what it predicts, and encoders. The numbers lie in storage, never here."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .dataset import Dataset

NAME = r"[a-z0-9][a-z0-9._-]{0,29}"
# What an ONNX network takes for black and white: 0 to 1, that by ImageNet's means and deviations, or 0 to 255.
SCALES = ("unit", "imagenet", "byte")


class Predictions(models.Model):
    """What one model said of a dataset's items."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="predictions_in")
    name = models.CharField(max_length=30)
    # Storage keys: the values as npz, empty until they are in; the refused rows of the last upload as CSV.
    values = models.CharField(max_length=80, blank=True)
    rejected = models.CharField(max_length=80, blank=True)
    # Of `predicted`, `probabilities` and `losses`.
    holds = ArrayField(models.CharField(max_length=20), default=list)
    items = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="predictions_once")]

    def __str__(self) -> str:
        return self.name


class OwnEncoder(models.Model):
    """An encoder of the user's: vectors by key (`own:…`), or a network that makes them (`onnx:…`)."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="encoders")
    name = models.CharField(max_length=40)
    # Storage key: an npz of objects and vectors, or the ONNX file. Empty until it was found sound.
    file = models.CharField(max_length=80, blank=True)
    dim = models.IntegerField(default=0)
    # What an ONNX network takes: pixels a side, scale of the values.
    takes = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="own_encoder_once")]

    def __str__(self) -> str:
        return self.name
