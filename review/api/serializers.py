"""What the API takes in. Only the fields named here are read from a request; anything else in it is ignored."""

from typing import Any

from rest_framework import serializers

from ..formats import FORMATS
from ..models import Campaign, Reason, Resolution, Role
from ..operations.campaigns import SETTINGS


class TokenIn(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)


class ProjectIn(serializers.Serializer):
    name = serializers.CharField(max_length=200)


class MemberIn(serializers.Serializer):
    username = serializers.CharField()
    role = serializers.ChoiceField(Role.choices, default=Role.REVIEWER)


class RoleIn(serializers.Serializer):
    role = serializers.ChoiceField(Role.choices, default=Role.REVIEWER)


class DatasetIn(serializers.Serializer):
    """Files by multipart, or a `source` folder below an allowed root."""

    name = serializers.CharField(max_length=200)
    format = serializers.ChoiceField(FORMATS, default="auto")
    group_by = serializers.CharField(max_length=200, default="", allow_blank=True)
    archive = serializers.FileField(required=False)
    manifest = serializers.FileField(required=False)
    dry_run = serializers.BooleanField(default=False)
    source = serializers.CharField(required=False)  # type: ignore[assignment]


class LabelIn(serializers.Serializer):
    rest = serializers.BooleanField()


class CampaignIn(serializers.ModelSerializer):
    """Only what was sent is passed on, so that a policy's own defaults hold for the rest."""

    class Meta:
        model = Campaign
        fields = ["name", *SETTINGS]
        extra_kwargs = {name: {"required": False} for name in SETTINGS}

    def settings(self) -> dict[str, Any]:
        return {
            name: value for name, value in self.validated_data.items() if name in self.initial_data and name != "name"
        }


SETTABLE_STATES = [Campaign.State.OPEN.value, Campaign.State.PAUSED.value, Campaign.State.CLOSED.value]


class CampaignStateIn(serializers.Serializer):
    state = serializers.ChoiceField(SETTABLE_STATES)


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


class ExportIn(serializers.Serializer):
    format = serializers.CharField(default="auto", max_length=20)
    kind = serializers.ChoiceField(["full", "patch"], default="full")
