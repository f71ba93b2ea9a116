"""The shapes of answers about one's own work and the tutorial."""

from typing import Any

from rest_framework import serializers as s

from ..models import Campaign
from .answers import interval, maybe, one_of, shape

TutorialOut = shape(
    "Tutorial",
    dataset=s.IntegerField(),
    new=s.BooleanField(help_text="It was not offered to this person yet, and they have held nothing of the campaign."),
    rounds=shape("TutorialRound", label=s.CharField(), tiles=s.IntegerField())(many=True),
)
TutorialChecked = shape(
    "TutorialChecked",
    results=shape(
        "TutorialTile",
        position=s.IntegerField(),
        wrong=s.BooleanField(),
        flagged=s.BooleanField(),
        label=maybe(help_text="What it is; null where only is known what it is not."),
    )(many=True),
)
DONE: dict[str, Any] = {"batches": s.IntegerField(), "tiles": s.IntegerField()}
WorkOut = shape(
    "Work",
    today=shape("WorkToday", **DONE)(),
    week=shape("WorkWeek", **DONE)(),
    days=shape("WorkDay", day=s.DateField(), tiles=s.IntegerField())(many=True),
    months=shape(
        "WorkMonth",
        month=s.DateField(help_text="Its first day."),
        project=s.CharField(),
        **DONE,
        minutes=s.IntegerField(help_text="That somebody was at it, by the signs that they gave."),
    )(many=True, help_text="The ledger, the newest month first: nothing takes away from it."),
    campaigns=shape(
        "WorkCampaign",
        id=s.IntegerField(),
        name=s.CharField(),
        dataset=s.CharField(),
        state=one_of(Campaign.State),
        **DONE,
        planted=shape("OwnPlanted", seen=s.IntegerField(), found=s.IntegerField(), interval=interval())(),
        agreement=shape("OwnAgreement", settled=s.IntegerField(), agreed=s.IntegerField(), interval=interval())(
            help_text="Of own looks at items that are settled and that others spoke of too: how many say the same."
        ),
    )(many=True),
)
