"""The shapes of the API's answers, for its description: what is sent is built by the queries, and a test holds the two
together."""

from typing import Any

from rest_framework import serializers as s

from ..models import (
    Assignment,
    Campaign,
    Contest,
    Dataset,
    Export,
    Fix,
    Job,
    Pair,
    Reason,
    Resolution,
    Role,
    Ruling,
    Verdict,
)
from .serializers import CampaignIn


def shape(name: str, /, **fields: Any) -> type[s.Serializer]:
    """A serializer of this name and these fields."""
    return type(name, (s.Serializer,), fields)


def page_of(row: type[s.Serializer]) -> type[s.Serializer]:
    """A list of them as {next, previous, results}, read on by a cursor."""
    ends = {end: s.URLField(allow_null=True) for end in ("next", "previous")}
    return shape(f"{row.__name__}Page", **ends, results=row(many=True))


def maybe(field: type[s.Field] = s.CharField, **options: Any) -> s.Field:
    return field(allow_null=True, **options)


def share(**options: Any) -> s.Field:
    """A probability or a share, 0 to 1."""
    return s.FloatField(min_value=0, max_value=1, **options)


def one_of(choices: Any) -> s.Field:
    return s.ChoiceField(choices.choices)


def box() -> s.Field:
    return s.ListField(child=s.FloatField(), min_length=4, max_length=4, allow_null=True)


def interval() -> s.Field:
    return s.ListField(child=s.FloatField(), min_length=2, max_length=2, allow_null=True)


Token = shape("Token", token=s.CharField())
Started = shape("Started", id=s.IntegerField(), job=s.IntegerField())
JobOut = shape(
    "Job",
    id=s.IntegerField(),
    kind=one_of(Job.Kind),
    state=one_of(Job.State),
    done=s.IntegerField(),
    total=maybe(s.IntegerField),
    message=s.CharField(),
    result=maybe(s.JSONField),
    dataset=maybe(s.IntegerField),
    campaign=maybe(s.IntegerField),
    export=maybe(s.IntegerField),
    heartbeat_at=maybe(s.DateTimeField),
    created_at=s.DateTimeField(),
    worker=s.BooleanField(help_text="A worker of its queue was seen in the last minute."),
)
DatasetLine = shape(
    "DatasetLine", id=s.IntegerField(), name=s.CharField(), state=one_of(Dataset.State), archived=s.BooleanField()
)
CampaignLine = shape(
    "CampaignLine", id=s.IntegerField(), name=s.CharField(), state=one_of(Campaign.State), dataset=s.IntegerField()
)
ProjectOut = shape(
    "Project",
    id=s.IntegerField(),
    name=s.CharField(),
    role=one_of(Role),
    datasets=DatasetLine(many=True),
    campaigns=CampaignLine(many=True),
)
MemberOut = shape(
    "Member",
    username=s.CharField(),
    role=one_of(Role),
    paused=s.BooleanField(),
    paused_why=s.CharField(allow_blank=True),
    labels=s.ListField(child=s.CharField(), help_text="The labels that they are lent; none: their team's, else all."),
    team=maybe(),
    daily_looks=maybe(s.IntegerField, help_text="Null: as their team says, else as many as they like."),
    joined_at=s.DateTimeField(),
)
TeamOut = shape(
    "Team",
    id=s.IntegerField(),
    name=s.CharField(),
    labels=s.ListField(child=s.CharField()),
    daily_looks=maybe(s.IntegerField),
    members=s.ListField(child=s.CharField(), help_text="User names."),
)
InvitationOut = shape("Invitation", url=s.URLField(), role=one_of(Role), expires_at=s.DateTimeField())
RULING: dict[str, Any] = {
    "id": s.IntegerField(),
    "asked": s.CharField(allow_blank=True, help_text="The question that it answers."),
    "said": s.CharField(),
    "shows": s.ChoiceField(Ruling.Shows.choices, allow_null=True, help_text="Whether its picture is one, or is none."),
    "crop": maybe(s.URLField),
}
RulingOut = shape("Ruling", **RULING)
RejectedLabel = shape(
    "RejectedLabel", row=s.IntegerField(), file=s.CharField(allow_blank=True), field=s.CharField(allow_blank=True),
    reason=s.CharField(),
)  # fmt: skip
LabelsDescribed = shape(
    "LabelsDescribed",
    names=s.IntegerField(help_text="Labels whose readable name or parent changed."),
    icons=s.IntegerField(),
    guidelines=s.IntegerField(),
    rejected=RejectedLabel(many=True, help_text="The first of them."),
    refused=s.IntegerField(help_text="How many rows were refused in all."),
)
LabelOut = shape(
    "Label",
    id=s.IntegerField(),
    name=s.CharField(),
    readable_name=s.CharField(),
    guideline=s.CharField(allow_blank=True),
    guideline_version=s.IntegerField(help_text="0: nobody has written one yet."),
    rulings=RulingOut(many=True),
    rest=s.BooleanField(),
    rest_proposed=s.BooleanField(help_text="Its items scatter; a lead may say that it is a rest class."),
    parent=maybe(),
    items=s.IntegerField(),
    icon=maybe(s.URLField),
    exemplars=s.ListField(child=s.URLField()),
    look_alikes=s.ListField(child=s.CharField()),
)
ITEM_STATES = [*Verdict.State.values, "removed"]
Suggestion = shape("Suggestion", label=s.CharField(), probability=share())
Suggestions = shape("Suggestions", results=Suggestion(many=True))
ItemOut = shape(
    "Item",
    id=s.IntegerField(),
    key=s.CharField(),
    label=s.CharField(),
    predicted=maybe(),
    suspicion=share(allow_null=True),
    loss=maybe(s.FloatField, help_text="Of the model whose losses were sent last."),
    suggestions=Suggestion(many=True),
    probability=share(allow_null=True, help_text="That its label is wrong, by its latest campaign."),
    state=s.ChoiceField(ITEM_STATES, allow_null=True),
    attributes=s.DictField(),
    crop=s.URLField(),
    context=s.URLField(),
)
ExportOut = shape(
    "Export",
    id=s.IntegerField(),
    dataset=s.IntegerField(),
    format=s.CharField(),
    kind=one_of(Export.Kind),
    revision=maybe(s.IntegerField),
    fixes=maybe(s.IntegerField),
    state=one_of(Job.State),
    job=maybe(s.IntegerField),
    at=s.DateTimeField(),
    download=maybe(s.URLField),
)
CampaignOut = shape(
    "Campaign",
    id=s.IntegerField(),
    dataset=s.IntegerField(),
    project=s.IntegerField(),
    state=one_of(Campaign.State),
    created_at=s.DateTimeField(),
    opened_at=maybe(s.DateTimeField),
    job=maybe(s.IntegerField),
    items=s.IntegerField(),
    **CampaignIn().get_fields(),
)
Lease = shape("Lease", expires_at=s.DateTimeField(), now=s.DateTimeField())
Saved = shape("Saved", revision=s.IntegerField(), expires_at=s.DateTimeField(), now=s.DateTimeField())
Mark = shape(
    "Mark", position=s.IntegerField(), reason=one_of(Reason), label=maybe(), comment=s.CharField(allow_blank=True)
)
SUMMARY: dict[str, Any] = {
    "id": s.IntegerField(),
    "campaign": s.IntegerField(),
    "dataset": s.IntegerField(),
    "revision": s.IntegerField(),
    "state": one_of(Assignment.State),
    "opened_at": maybe(s.DateTimeField),
    "expires_at": s.DateTimeField(),
    "now": s.DateTimeField(),
    "policy": one_of(Campaign.Policy),
    "context_shown": one_of(Campaign.Context),
    "unit": s.CharField(allow_blank=True, help_text="Of spans; empty where nobody knows how large things are."),
}
AssignmentLine = shape("AssignmentLine", **SUMMARY, tiles=s.IntegerField())
Tile = shape(
    "Tile",
    position=s.IntegerField(),
    box=box(),
    span=s.ListField(
        child=s.FloatField(),
        min_length=2,
        max_length=2,
        allow_null=True,
        help_text="What the crop spans across and down, in the dataset's unit; null where a pixel's size is not known.",
    ),
    attributes=s.DictField(),
    stack=maybe(
        s.IntegerField, help_text="Neighbours with one number lie in one stack; none where nothing is stacked."
    ),
)
Section = shape(
    "Section",
    label=s.CharField(),
    asks=maybe(help_text="The question turned round: which of these ARE this label? A flag says that it is."),
    value=maybe(help_text="What its items share, where the campaign is sliced by an attribute and shows it."),
    tiles=Tile(many=True),
)
AssignmentOut = shape(
    "Assignment",
    **SUMMARY,
    sections=Section(many=True),
    flags=Mark(many=True),
    seen=s.ListField(child=s.IntegerField()),
)
Nothing = shape(
    "Nothing", assignment=s.JSONField(allow_null=True), reason=s.CharField(), retry_after=maybe(s.IntegerField)
)
HandedIn = shape(
    "HandedIn",
    counted=s.IntegerField(),
    surplus=s.IntegerField(),
    unsaved=s.IntegerField(help_text="Marks that came along and are not in what was handed in before."),
)
Checks = shape(
    "Checks",
    results=shape(
        "Check",
        position=s.IntegerField(),
        shown=s.CharField(help_text="The label that it was shown under."),
        label=s.CharField(help_text="What it is held to be."),
        contest=s.ChoiceField(Contest.State.values, allow_null=True, help_text="Null: not contested."),
    )(many=True),
)
ContestOut = shape(
    "Contest",
    id=s.IntegerField(),
    item=s.IntegerField(),
    key=s.CharField(),
    shown=s.CharField(),
    label=s.CharField(),
    reviewer=s.CharField(),
    mine=s.BooleanField(help_text="The viewer contested it: another supervisor answers."),
    comment=s.CharField(allow_blank=True),
    state=one_of(Contest.State),
    at=s.DateTimeField(),
    crop=s.URLField(),
    context=s.URLField(),
)
PairOut = shape(
    "Pair",
    id=s.IntegerField(),
    reviewers=s.ListField(child=s.CharField(), min_length=2, max_length=2),
    state=one_of(Pair.State),
    common=s.IntegerField(help_text="Items that both looked at."),
    both=s.IntegerField(help_text="Of them, flagged by both."),
    expected=s.FloatField(help_text="How many two people as good as these would both flag."),
    decided_by=maybe(),
)
Evidence = shape(
    "Evidence",
    reviewer=s.CharField(),
    reason=s.CharField(allow_blank=True),
    suggested=maybe(),
    comment=s.CharField(),
    at=s.DateTimeField(),
)
RankingSaid = shape(
    "RankingSaid",
    suspicion=share(allow_null=True, help_text="How probably the label is wrong, before anybody looked."),
    label=maybe(help_text="What it most probably is instead."),
)
FixOut = shape(
    "Fix",
    id=s.IntegerField(),
    item=s.IntegerField(),
    key=s.CharField(),
    kind=one_of(Fix.Kind),
    state=one_of(Fix.State),
    old_label=maybe(),
    new_label=maybe(),
    old_box=box(),
    new_box=box(),
    probability=share(allow_null=True),
    looks=s.IntegerField(),
    flags=s.IntegerField(),
    evidence=Evidence(many=True),
    ranking=RankingSaid(),
    resolution=maybe(s.IntegerField),
    by=s.CharField(),
    at=s.DateTimeField(),
    reverted=s.BooleanField(),
    crop=s.URLField(),
    context=s.URLField(),
)
Vote = shape(
    "Vote",
    reviewer=s.CharField(),
    reason=s.CharField(allow_blank=True, help_text="Empty: left as it is."),
    label=maybe(),
    comment=s.CharField(),
    at=s.DateTimeField(),
    sensitivity=share(),
    specificity=share(),
)
ImageSize = shape("ImageSize", width=s.IntegerField(), height=s.IntegerField())
STATE_COUNTS = {state: s.IntegerField() for state in Verdict.State.values}
ForeseenOut = shape(
    "Foreseen",
    items=s.IntegerField(),
    judged=s.IntegerField(help_text="Items gone through; where that is a sample, the numbers are scaled up."),
    now=shape("StatesNow", **STATE_COUNTS)(),
    then=shape("StatesThen", **STATE_COUNTS)(),
    looks_now=s.IntegerField(help_text="Looks that are wanted still."),
    looks_then=s.IntegerField(),
)
Dispute = shape(
    "Dispute",
    id=s.IntegerField(help_text="The verdict, for its resolution."),
    item=ItemOut(),
    probability=share(),
    looks=s.IntegerField(),
    flags=s.IntegerField(),
    suggested=maybe(),
    remove=s.BooleanField(),
    candidates=Suggestion(many=True),
    proposal=shape("Proposal", action=one_of(Resolution.Action), label=maybe())(
        allow_null=True, help_text="What the looks ask for."
    ),
    box=box(),
    image=ImageSize(),
    mine=s.BooleanField(help_text="The viewer flagged it as a reviewer."),
    votes=Vote(many=True),
)
Resolved = shape(
    "Resolved",
    id=s.IntegerField(),
    verdict=s.IntegerField(),
    action=one_of(Resolution.Action),
    state=one_of(Verdict.State),
    fix=FixOut(allow_null=True),
)
PredictionsOut = shape(
    "Predictions",
    id=s.IntegerField(),
    name=s.CharField(),
    holds=s.ListField(child=s.ChoiceField(["predicted", "probabilities", "losses"])),
    items=s.IntegerField(),
    refused=s.IntegerField(),
    rejected=maybe(s.URLField),
    used=s.BooleanField(help_text="The suspicion is taken from it."),
    job=maybe(s.IntegerField),
    at=s.DateTimeField(),
)
EncoderOut = shape(
    "Encoder",
    id=s.IntegerField(),
    name=s.CharField(),
    dim=s.IntegerField(help_text="0: nothing sound is in yet."),
    takes=s.DictField(),
    used=s.BooleanField(),
    job=maybe(s.IntegerField),
    at=s.DateTimeField(),
)
PixelScale = shape(
    "PixelScale",
    pixel_size=maybe(s.FloatField, help_text="The side of a source pixel, in that unit."),
    pixel_attribute=s.CharField(
        allow_blank=True, help_text="Of items that say it themselves: the attribute that does."
    ),
    pixel_unit=s.CharField(allow_blank=True, help_text="Empty where nobody knows how large things are."),
)
DatasetOut = shape(
    "Dataset",
    id=s.IntegerField(),
    project=s.IntegerField(),
    name=s.CharField(),
    state=one_of(Dataset.State),
    format=s.CharField(),
    group_by=s.CharField(allow_blank=True),
    crop_pixels=s.IntegerField(),
    window=shape("Window", low=s.FloatField(), high=s.FloatField())(allow_null=True),
    scale=PixelScale(),
    items=s.IntegerField(),
    suspected=maybe(s.IntegerField, help_text="Labels more probably wrong than right, once ranked; for supervisors."),
    labels=s.IntegerField(),
    rejected=s.IntegerField(),
    revision=s.IntegerField(),
    archived=s.BooleanField(help_text="Lists leave it out; nothing of it is gone."),
    job=maybe(s.IntegerField),
    ranking=shape("RankingState", encoder=s.CharField(), done=s.BooleanField())(allow_null=True),
    campaigns=CampaignOut(many=True),
    exports=ExportOut(many=True),
)
Problem = shape(
    "Problem",
    type=s.CharField(),
    detail=s.CharField(help_text="A sentence for people."),
    errors=s.DictField(child=s.ListField(child=s.CharField()), help_text="Sentences by field."),
)
