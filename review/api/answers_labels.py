"""The shape of what is said of changes of labels."""

from rest_framework import serializers as s

from ..models import LabelChange
from .answers import maybe, one_of, shape

LabelChangeOut = shape(
    "LabelChange",
    id=s.IntegerField(),
    kind=one_of(LabelChange.Kind),
    state=one_of(LabelChange.State),
    label=maybe(help_text="Null: one that is to be added."),
    into=maybe(help_text="What a merged label becomes a part of."),
    name=s.CharField(allow_blank=True, help_text="The new name, or the further one."),
    old_name=s.CharField(allow_blank=True, help_text="What a renamed label was called."),
    note=s.CharField(allow_blank=True),
    by=s.CharField(),
    at=s.DateTimeField(),
    decided_by=maybe(),
    decided_at=maybe(s.DateTimeField),
)
FIELDS = ["name", "aliases", "merged"]
LabelLine = shape(
    "LabelLine",
    number=s.IntegerField(help_text="The version that it came with."),
    label=s.CharField(),
    field=s.ChoiceField(FIELDS),
    old=maybe(s.JSONField),
    new=maybe(s.JSONField),
    by=maybe(),
    at=s.DateTimeField(),
)
