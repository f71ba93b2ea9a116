"""The shape of a campaign's numbers."""

from typing import Any

from rest_framework import serializers as s

from ..models import Campaign, Verdict
from .answers import interval, maybe, one_of, shape, share


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
