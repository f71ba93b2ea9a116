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
DatasetLine = shape("DatasetLine", id=s.IntegerField(), name=s.CharField(), state=one_of(Dataset.State))
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
    labels=s.ListField(child=s.CharField(), help_text="The labels that they are lent; none: all."),
    joined_at=s.DateTimeField(),
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
}
AssignmentLine = shape("AssignmentLine", **SUMMARY, tiles=s.IntegerField())
Tile = shape(
    "Tile",
    position=s.IntegerField(),
    box=box(),
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
HandedIn = shape("HandedIn", counted=s.IntegerField(), surplus=s.IntegerField())
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


def known_rate(says: str) -> s.Field:
    return maybe(s.ListField, child=s.FloatField(), min_length=3, max_length=3, help_text=f"{says} [rate, low, high]")


RATES: dict[str, Any] = {"before": share(allow_null=True), "now": share(allow_null=True), "interval": interval()}
LabelProgress = shape(
    "LabelProgress",
    label=s.CharField(),
    readable_name=s.CharField(),
    icon=maybe(s.URLField),
    items=s.IntegerField(),
    settled=share(),
    fixes=s.IntegerField(),
    alpha=maybe(s.FloatField, help_text="Krippendorff's, of the reviewers on this label."),
    **RATES,
)
ReviewerProgress = shape(
    "ReviewerProgress",
    username=s.CharField(),
    looks=s.IntegerField(),
    flags=s.IntegerField(),
    sensitivity=share(allow_null=True),
    specificity=share(allow_null=True),
    honeypots=shape(
        "Honeypots",
        **{name: s.IntegerField() for name in ("seen", "found", "hard_seen", "hard_found")},
        interval=interval(),
    )(),
    paused=s.BooleanField(),
    paused_why=s.CharField(allow_blank=True),
)
Confusion = type(
    "Confusion",
    (s.Serializer,),
    {"from": s.CharField(), "to": maybe(help_text="Null: there was no object."), "count": s.IntegerField()},
)
CostOut = shape(
    "Cost",
    batches=s.IntegerField(help_text="Handed in."),
    looks=s.IntegerField(help_text="All that people made, planted and late ones among them."),
    seconds=s.FloatField(help_text="That people were at it, by the signs that they gave."),
    seconds_per_look=maybe(s.FloatField),
    seconds_per_item=maybe(s.FloatField, help_text="Of those that are no longer open."),
    price=maybe(s.FloatField),
    price_per=one_of(Campaign.PricePer),
    currency=s.CharField(allow_blank=True),
    plans=shape(
        "CostPlan",
        name=s.ChoiceField(["so_far", "to_the_end", "three_looks", "one_by_one"]),
        looks=maybe(s.IntegerField),
        seconds=maybe(s.FloatField),
        money=maybe(s.FloatField),
    )(many=True, help_text="Beside what is spent: the whole campaign, three looks each, one item at a time."),
)
AGREED: dict[str, Any] = {"alpha": maybe(s.FloatField), "flag_agreement": maybe(s.FloatField)}
ProgressOut = shape(
    "Progress",
    version=s.IntegerField(help_text="The campaign's, that the numbers are of."),
    at=s.DateTimeField(help_text="When they were reckoned."),
    look_again=maybe(s.FloatField, help_text="Seconds until newer ones may be had; null: these are up to date."),
    state=one_of(Campaign.State),
    items=s.IntegerField(),
    looked=s.IntegerField(help_text="That somebody looked at; the others stand at what the classifier says."),
    states=shape("States", **{name: s.IntegerField() for name in Verdict.State.values})(),
    settled=share(),
    looks=shape("Looks", **{name: s.IntegerField() for name in ("counted", "surplus", "planted", "flags")})(),
    looks_per_item=maybe(s.FloatField),
    batches=shape("Batches", all=s.IntegerField(), open=s.IntegerField())(),
    reviewers_now=s.IntegerField(),
    handed_in_last_hour=s.IntegerField(),
    error_rate=shape("ErrorRate", **RATES)(),
    eta=shape(
        "Eta",
        at=s.DateTimeField(),
        low=s.DateTimeField(),
        high=maybe(s.DateTimeField, help_text="Null: the pace may as well stop."),
    )(allow_null=True),
    cost=CostOut(allow_null=True, help_text="Null for reviewers."),
    agreement=shape(
        "Agreement",
        **AGREED,
        pairs=shape(
            "PairAgreement",
            reviewers=s.ListField(child=s.CharField(), min_length=2, max_length=2),
            common=s.IntegerField(),
            **AGREED,
        )(many=True, help_text="Those that agree least first; none for reviewers."),
    )(),
    audit=shape(
        "AuditSample",
        sample=s.IntegerField(),
        done=s.IntegerField(),
        before=known_rate("How wrong the labels were."),
        left=known_rate("How wrong the campaign leaves them."),
        sensitivity=maybe(
            s.ListField,
            child=s.IntegerField(),
            help_text="Planted errors found, of those met: what misses are corrected by.",
        ),
        below_target=s.BooleanField(),
        second_looks=shape(
            "SecondLooks",
            looked=s.IntegerField(help_text="Items: `left`, above, and the shares below are of them."),
            repeated=s.ListField(child=s.IntegerField(), help_text="Flags given again, of those asked about again."),
            left=s.ListField(child=s.IntegerField(), help_text="Left again, of what was left at first."),
            missed=known_rate("Wrong labels that were overlooked."),
            mistaken=known_rate("Right ones that were mended."),
            both=known_rate("Both together."),
        )(allow_null=True, help_text="Of one person alone; null under other policies."),
    )(allow_null=True),
    prior_trouble=shape(
        "PriorTrouble",
        label=maybe(help_text="Null: all labels together."),
        kind=s.ChoiceField(["calm", "blind", "unproven", "suspicion"]),
        items=s.IntegerField(),
        **{name: s.FloatField() for name in ("expected", "found", "low", "high")},
    )(many=True, help_text="Where suspicion cannot be believed: all but `suspicion` have looks rise by themselves."),
    second_opinions=shape("SecondOpinions", given=s.IntegerField(), agreed=s.IntegerField())(),
    by_label=LabelProgress(many=True),
    by_round=shape(
        "RoundProgress",
        round=s.IntegerField(help_text="1: as planned; more: asked again so often, and once more."),
        items=s.IntegerField(help_text="That came so far."),
        settled=s.IntegerField(),
        open=s.IntegerField(),
        disputed=s.IntegerField(),
    )(many=True),
    confusion=Confusion(many=True),
    found=shape(
        "Found",
        at=s.DateTimeField(),
        looks=s.IntegerField(),
        fixes=s.IntegerField(help_text="Labels found wrong, that stand mended."),
        any_order=maybe(s.FloatField, help_text="Wrong labels in as many items, picked by chance."),
    )(many=True, help_text="Sums until then, hour by hour; none for reviewers."),
    reviewers=ReviewerProgress(many=True),
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
    items=s.IntegerField(),
    labels=s.IntegerField(),
    rejected=s.IntegerField(),
    revision=s.IntegerField(),
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
