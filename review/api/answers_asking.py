"""The shapes of answers about questions and guidelines."""

from rest_framework import serializers as s

from ..models import Guideline
from .answers import RULING, RulingOut, maybe, one_of, shape

GuidelineVersion = shape(
    "GuidelineVersion",
    version=s.IntegerField(),
    text=s.CharField(allow_blank=True),
    cause=one_of(Guideline.Cause),
    by=maybe(),
    at=s.DateTimeField(),
    rulings=RulingOut(many=True),
)
GuidelineNews = shape(
    "GuidelineNews",
    label=s.CharField(),
    label_id=s.IntegerField(),
    version=s.IntegerField(),
    text=s.CharField(allow_blank=True),
    at=s.DateTimeField(),
    news=s.ChoiceField(["new", "changed"], allow_null=True, help_text="Null: this person was shown this version."),
    before=maybe(help_text="The text that they were shown, where it differs."),
    rulings=shape("RulingNews", **RULING, fresh=s.BooleanField())(many=True),
)
Guidelines = shape("Guidelines", results=GuidelineNews(many=True))
ANSWERED = {
    "answer": s.CharField(allow_blank=True),
    "answered_at": maybe(s.DateTimeField),
    "ruling": RulingOut(allow_null=True),
}
OwnQuestion = shape(
    "OwnQuestion",
    id=s.IntegerField(),
    campaign=s.IntegerField(),
    label=s.CharField(),
    assignment=maybe(s.IntegerField),
    position=maybe(s.IntegerField, help_text="Of the tile; null where the class was asked about."),
    crop=maybe(s.URLField),
    text=s.CharField(),
    at=s.DateTimeField(),
    **ANSWERED,
    told=s.BooleanField(),
)
QuestionOut = shape(
    "Question",
    id=s.IntegerField(),
    label=s.CharField(),
    text=s.CharField(),
    by=s.CharField(),
    mine=s.BooleanField(help_text="The viewer asked it: another supervisor answers, and its item is not told."),
    at=s.DateTimeField(),
    item=shape(
        "AskedItem",
        id=s.IntegerField(),
        key=s.CharField(),
        label=s.CharField(help_text="What the dataset labels it."),
        crop=s.URLField(),
        context=s.URLField(),
    )(allow_null=True),
    planted=s.BooleanField(help_text="It was shown there as a check."),
    **ANSWERED,
    answered_by=maybe(),
)
