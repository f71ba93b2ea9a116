"""The shapes of what the desk answers."""

from rest_framework import serializers as s

from ..models import Resolution, Verdict
from .answers import Dispute, maybe, one_of, shape, share

ClusterOut = shape(
    "Cluster",
    label=s.CharField(),
    action=s.ChoiceField(Resolution.Action.choices, allow_null=True, help_text="The consensus' answer, if it has one."),
    to=maybe(help_text="The label proposed."),
    cases=s.ListField(child=s.IntegerField(), help_text="Verdicts, look-alikes adjacent."),
    risk=s.FloatField(help_text="The expected errors that deciding it takes away."),
)
Remaining = shape(
    "Remaining",
    decisions=s.IntegerField(help_text="So many of the first clusters take away most of the risk."),
    share=share(help_text="Of the risk, that they take away."),
    seconds=s.FloatField(help_text="How long they take, at the pace of your last decisions."),
    errors=s.FloatField(help_text="Expected among all that is in dispute, were it settled unseen."),
)
Acceptable = shape(
    "Acceptable", cases=s.IntegerField(), errors=s.FloatField(help_text="Expected, if all are accepted.")
)
AtTheDesk = shape("AtTheDesk", username=s.CharField(), verdicts=s.ListField(child=s.IntegerField()))
DeskOut = shape(
    "Desk",
    cases=s.IntegerField(),
    clusters=ClusterOut(many=True),
    remaining=Remaining(),
    acceptable=Acceptable(),
    others=AtTheDesk(many=True, help_text="Other supervisors, and what they have before them just now."),
)
SettledCase = shape("SettledCase", verdict=s.IntegerField(), id=s.IntegerField(), state=one_of(Verdict.State))
OvertakenCase = shape("OvertakenCase", verdict=s.IntegerField(), resolution=s.IntegerField(), detail=s.CharField())
SettledOut = shape("Settled", settled=SettledCase(many=True), overtaken=OvertakenCase(many=True))
LookAlikesOut = shape("LookAlikes", results=Dispute(many=True))
AskedAgain = shape("AskedAgain", verdicts=s.IntegerField())
