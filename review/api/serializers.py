"""What the API takes in. Only the fields named here are read from a request; anything else in it is ignored,
or refused where it may be a setting that was meant."""

import math
from typing import Any

from rest_framework import serializers

from ..formats import FORMATS
from ..models import Campaign, Digest, LabelChange, Notice, Pair, Reason, Resolution, Role, Ruling
from ..models.dataset import LARGEST_CROP, SMALLEST_CROP
from ..models.own import NAME, SCALES
from ..models.webhook import LONGEST_URL, every_kind
from ..operations import check_up, train
from ..operations.campaigns import SETTINGS
from ..operations.desk import MOST_AT_ONCE, MOST_MORE

LARGEST_ID = 2**63 - 1


class TokenIn(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)


class NameIn(serializers.Serializer):
    name = serializers.CharField(max_length=200)


class TeamIn(serializers.Serializer):
    """What is left out stays as it is. `labels`: names of the labels that its members are lent, of any dataset of the
    project; none: all. `daily_looks`: so many may be lent to each of them a day; null: as many as they like."""

    name = serializers.CharField(required=False, max_length=100)
    labels = serializers.ListField(child=serializers.CharField(max_length=300), required=False)
    daily_looks = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)


class MemberIn(serializers.Serializer):
    """What is left out stays as it is; somebody new is a reviewer. `labels`: names of the labels that they are lent, of
    any dataset of the project; none: those of their team, else all. `daily_looks`: so many may be lent to them a day;
    null: as many as their team may be, else as many as they like."""

    username = serializers.CharField()
    role = serializers.ChoiceField(Role.choices, required=False)
    paused = serializers.BooleanField(required=False)
    labels = serializers.ListField(child=serializers.CharField(max_length=300), required=False)
    team = serializers.CharField(required=False, allow_null=True, max_length=100)
    daily_looks = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)


class WebhookIn(serializers.Serializer):
    """Where to send what happens. `kinds`: of which notices; left out: of all."""

    url = serializers.CharField(max_length=LONGEST_URL)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(Notice.Kind.choices), default=every_kind, allow_empty=False, max_length=20
    )


class WebhookChange(serializers.Serializer):
    """What is left out stays as it is. One that is not `active` is told nothing; what waits for it goes on waiting."""

    url = serializers.CharField(max_length=LONGEST_URL, required=False)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(Notice.Kind.choices), required=False, allow_empty=False, max_length=20
    )
    active = serializers.BooleanField(required=False)


class DigestIn(serializers.Serializer):
    digest = serializers.ChoiceField(Digest.choices)


class AddressIn(serializers.Serializer):
    """One's own e-mail address; empty: none."""

    address = serializers.CharField(max_length=254, allow_blank=True)


class RoleIn(serializers.Serializer):
    role = serializers.ChoiceField(Role.choices, default=Role.REVIEWER)


class SeenIn(serializers.Serializer):
    """How objects are seen: the crops' longer side in pixels, and the window of grey of more than 8 bits."""

    crop_pixels = serializers.IntegerField(
        min_value=SMALLEST_CROP, max_value=LARGEST_CROP, required=False, allow_null=True
    )
    window_low = serializers.FloatField(required=False, allow_null=True)
    window_high = serializers.FloatField(required=False, allow_null=True)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """With `seen`: those of the three that were sent."""
        seen = {name: given.pop(name) for name in ("crop_pixels", "window_low", "window_high") if name in given}
        if any(isinstance(value, float) and not math.isfinite(value) for value in seen.values()):
            raise serializers.ValidationError({"window_low": ["A window is two finite numbers."]})
        return given | {"seen": seen}


class ImportIn(SeenIn):
    """Another way to see what is here already, and whether only to look again."""

    dry_run = serializers.BooleanField(default=False)


class DatasetIn(SeenIn):
    """Files by multipart, or a `source` folder below an allowed root."""

    name = serializers.CharField(max_length=200)
    format = serializers.ChoiceField(FORMATS, default="auto")
    group_by = serializers.CharField(max_length=200, default="", allow_blank=True)
    archive = serializers.FileField(required=False)
    manifest = serializers.FileField(required=False)
    dry_run = serializers.BooleanField(default=False)
    source = serializers.CharField(required=False)  # type: ignore[assignment]


class ScaleIn(serializers.Serializer):
    """How long the side of a source pixel is, and in which unit; all empty where nobody knows."""

    pixel_size = serializers.FloatField(required=False, allow_null=True, default=None)
    pixel_attribute = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    pixel_unit = serializers.CharField(max_length=8, required=False, allow_blank=True, default="")


class OwnIn(serializers.Serializer):
    """A file of a user's own model, by multipart. `use`: the dataset is ranked by it once it is in."""

    file = serializers.FileField()
    name = serializers.RegexField(
        f"^{NAME}$", error_messages={"invalid": "Choose a name of at most 30 small letters, digits, dots and hyphens."}
    )
    use = serializers.BooleanField(default=True)


class EncoderIn(OwnIn):
    """`pixels` where an ONNX network takes any size, and the scale of the values it takes."""

    pixels = serializers.IntegerField(min_value=16, max_value=LARGEST_CROP, required=False, allow_null=True)
    scale = serializers.ChoiceField(SCALES, default=SCALES[0])


class RankingIn(serializers.Serializer):
    """`encoder`: by its name, the dataset's last or the best if left out; `predictions`: whose word becomes the
    suspicion, null for our own classifier's, as it was if left out."""

    encoder = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    predictions = serializers.IntegerField(required=False, allow_null=True)


class LabelIn(serializers.Serializer):
    """What is sent is changed."""

    rest = serializers.BooleanField(required=False)
    readable_name = serializers.CharField(max_length=300, required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given:
            raise serializers.ValidationError("Say what is to change: rest, or readable_name.")
        return given


class IconIn(serializers.Serializer):
    icon = serializers.FileField()


class LabelsFileIn(serializers.Serializer):
    """A CSV with the columns label, readable_name, guideline, parent and icon, or a zip of that and of icons."""

    file = serializers.FileField()


class CampaignIn(serializers.ModelSerializer):
    """Only what was sent is passed on, so that a policy's own defaults hold for the rest. A setting that there is none
    of is refused: a misspelt one would open a campaign by other rules than were meant."""

    no_settings = {"name"}
    team = serializers.CharField(required=False, allow_null=True, max_length=100)

    class Meta:
        model = Campaign
        fields = ["name", *SETTINGS]
        extra_kwargs = {name: {"required": False} for name in SETTINGS}

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(self.initial_data) - set(self.fields)):
            raise serializers.ValidationError({name: ["There is no such setting."] for name in unknown})
        return given

    def settings(self) -> dict[str, Any]:
        sent = set(self.initial_data) - self.no_settings
        return {name: value for name, value in self.validated_data.items() if name in sent}


class CampaignOutlookIn(CampaignIn):
    """The settings of a campaign that nobody has opened; the name may be left out."""

    class Meta(CampaignIn.Meta):
        extra_kwargs = {**CampaignIn.Meta.extra_kwargs, "name": {"required": False, "allow_blank": True}}


SETTABLE_STATES = [Campaign.State.OPEN.value, Campaign.State.PAUSED.value, Campaign.State.CLOSED.value]


class CampaignChangeIn(CampaignIn):
    """Another state, other settings, or both."""

    state = serializers.ChoiceField(SETTABLE_STATES, required=False)

    no_settings = {"state"}

    class Meta(CampaignIn.Meta):
        fields = [*CampaignIn.Meta.fields, "state"]


class LabelChangeIn(serializers.Serializer):
    """`label` is the class to change; `into`, for a merge, what it becomes a part of; `name`, for all else, the new
    name, or the further one."""

    kind = serializers.ChoiceField(LabelChange.Kind.choices)
    label = serializers.CharField(required=False, allow_null=True, default=None, max_length=300)  # type: ignore[assignment]
    into = serializers.CharField(required=False, allow_null=True, default=None, max_length=300)
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)


class ClaimIn(serializers.Serializer):
    """`tiles`: so many at most, those that are planted aside; a whole batch if left out."""

    tiles = serializers.IntegerField(min_value=1, max_value=400, required=False, allow_null=True, default=None)


class ContestIn(serializers.Serializer):
    position = serializers.IntegerField(min_value=0)
    comment = serializers.CharField(max_length=2000, allow_blank=True, default="")


class ContestAnswerIn(serializers.Serializer):
    upheld = serializers.BooleanField()


class PairIn(serializers.Serializer):
    state = serializers.ChoiceField([Pair.State.ONE.value, Pair.State.TWO.value])


class FlagIn(serializers.Serializer):
    position = serializers.IntegerField(min_value=0)
    reason = serializers.ChoiceField(Reason.choices, default=Reason.WRONG_LABEL)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=300, allow_null=True, required=False, default=None
    )
    comment = serializers.CharField(max_length=2000, allow_blank=True, default="", trim_whitespace=False)


class MarksIn(serializers.Serializer):
    revision = serializers.IntegerField(min_value=0)
    flags = FlagIn(many=True, max_length=1000)  # type: ignore[call-arg]
    seen = serializers.ListField(child=serializers.IntegerField(min_value=0), max_length=1000)


class ResolutionIn(serializers.Serializer):
    action = serializers.ChoiceField(Resolution.Action.choices)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=300, required=False, allow_null=True, default=None
    )
    box = serializers.ListField(
        child=serializers.FloatField(), min_length=4, max_length=4, required=False, allow_null=True, default=None
    )
    note = serializers.CharField(max_length=2000, allow_blank=True, default="")
    if_resolution = serializers.IntegerField(required=False, allow_null=True, default=None)


def verdicts_field() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), max_length=MOST_AT_ONCE
    )


class VerdictsIn(serializers.Serializer):
    verdicts = verdicts_field()


class MoreLooksIn(VerdictsIn):
    looks = serializers.IntegerField(min_value=1, max_value=MOST_MORE, default=2)


class CaseIn(serializers.Serializer):
    """A verdict, and the decision that was seen standing on it; none: nobody had decided."""

    verdict = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    if_resolution = serializers.IntegerField(required=False, allow_null=True, default=None)


class CasesIn(serializers.Serializer):
    cases = CaseIn(many=True, allow_empty=False, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]


class ResolutionsIn(CasesIn):
    action = serializers.ChoiceField(Resolution.Action.choices)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=300, required=False, allow_null=True, default=None
    )
    note = serializers.CharField(max_length=2000, allow_blank=True, default="")


class SendBackIn(serializers.Serializer):
    why = serializers.CharField(max_length=300)


class MessageIn(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    text = serializers.CharField(max_length=1000)


class RuleIn(serializers.Serializer):
    said = serializers.CharField(max_length=1000)


class QuestionIn(serializers.Serializer):
    """About the tile at a position, or about a label that the assignment asks about: the only one, if none is named."""

    text = serializers.CharField(max_length=500)
    position = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=300, required=False, allow_blank=True, default=""
    )


class AnswerIn(serializers.Serializer):
    """`shows`: an item is an example of the class, or is none: the one that was asked about, or the one with this key.
    An example is for all; words alone are, unless `for_all` is false."""

    text = serializers.CharField(max_length=1000)
    shows = serializers.ChoiceField(Ruling.Shows.choices, required=False, allow_blank=True, default="")
    item = serializers.CharField(max_length=1100, required=False, allow_blank=True, default="")
    for_all = serializers.BooleanField(default=True)


class GuidelineIn(serializers.Serializer):
    """The whole next version: its text, the rulings that it keeps, and which version the editor had before them."""

    text = serializers.CharField(max_length=4000, allow_blank=True)
    keep = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=100, default=list)
    version = serializers.IntegerField(min_value=0)


class ReadIn(serializers.Serializer):
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class TutorialIn(serializers.Serializer):
    skipped = serializers.BooleanField()


class TutorialCheckIn(serializers.Serializer):
    turn = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)
    round = serializers.IntegerField(min_value=0, max_value=100)
    flags = serializers.ListField(child=serializers.IntegerField(min_value=0), max_length=1000)


class TrainingIn(serializers.Serializer):
    steps = serializers.IntegerField(min_value=train.FEWEST, max_value=train.MOST, default=train.STEPS)


class CheckUpIn(serializers.Serializer):
    """So many items, or all where there are fewer."""

    items = serializers.IntegerField(min_value=check_up.FEWEST, max_value=check_up.MOST, default=check_up.ITEMS)


class ExportIn(serializers.Serializer):
    format = serializers.CharField(default="auto", max_length=20)
    kind = serializers.ChoiceField(["full", "patch"], default="full")
