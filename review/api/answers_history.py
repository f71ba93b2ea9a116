"""The shapes of what happened."""

from rest_framework import serializers as s

from ..models import Verdict
from .answers import ImageSize, ItemOut, maybe, one_of, shape, share
from .answers_labels import LabelLine

ItemEvent = shape(
    "ItemEvent",
    what=s.ChoiceField(["look", "check", "decision", "accepted", "revision", "question", "answer"]),
    at=s.DateTimeField(),
    by=maybe(),
    campaign=maybe(),
    label=maybe(help_text="That it was shown under, or that was asked about."),
    old=maybe(s.JSONField),
    new=maybe(s.JSONField, help_text="The label suggested or given, or the new value."),
    reason=maybe(help_text="Of a look: its reason, empty for none; of a decision: its action; or the field."),
    note=s.CharField(allow_blank=True),
    stands=maybe(s.BooleanField, help_text="Whether the look counts, or the decision stands."),
)
ItemVerdict = shape(
    "ItemVerdict",
    id=s.IntegerField(),
    campaign=s.IntegerField(),
    name=s.CharField(),
    label=s.CharField(),
    state=one_of(Verdict.State),
    probability=share(allow_null=True),
    suggested=maybe(),
    looks=s.IntegerField(),
    flags=s.IntegerField(),
    resolution=maybe(s.IntegerField, help_text="The decision that stands on it."),
    fix=maybe(s.IntegerField, help_text="Its fix that is applied."),
)
HistoryOut = shape(
    "History",
    item=ItemOut(),
    dataset=s.IntegerField(),
    image=ImageSize(),
    crop=s.URLField(),
    context=s.URLField(),
    verdicts=ItemVerdict(many=True),
    events=ItemEvent(many=True),
)
EventOut = shape(
    "Event",
    id=s.IntegerField(),
    at=s.DateTimeField(),
    by=maybe(),
    verb=s.CharField(),
    campaign=maybe(s.IntegerField),
    campaign_name=maybe(),
    details=s.JSONField(),
    names=s.DictField(child=s.CharField(), help_text="What is called how now of what the details hold the ids of."),
)
FIELDS = ["label", "removed", "box"]
ChangeOut = shape(
    "Change",
    number=s.IntegerField(help_text="The version that it came with."),
    item=s.IntegerField(),
    key=s.CharField(),
    field=s.ChoiceField(FIELDS),
    old=maybe(s.JSONField),
    new=maybe(s.JSONField),
    cause=s.CharField(),
    by=maybe(),
    at=s.DateTimeField(),
    crop=s.URLField(),
    context=s.URLField(),
)
ChangeCountsOut = shape(
    "ChangeCounts",
    since=s.IntegerField(),
    until=s.IntegerField(),
    relabelled=s.IntegerField(),
    removed=s.IntegerField(),
    taken_back=s.IntegerField(),
    redrawn=s.IntegerField(),
    labels=LabelLine(many=True),
)
