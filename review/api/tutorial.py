"""The tutorial of a campaign: rounds of tiles, and what is right once one has said what is not."""

from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Campaign, Item, Label, Member
from ..operations import tutorial as note
from ..queries import tutorial
from . import answers_work, media, serializers
from .access import checked, find, number_parameter, only_parameters
from .projects import user_of

TURN = OpenApiParameter("turn", int, description="How often one has been through it: other tiles each time.")
MOST_TURNS = 1_000_000


def begun(request: Request, pk: int) -> tuple[Campaign, Member]:
    return find(request, Campaign.objects.select_related("dataset"), pk, rules.can_see)


def whole(request: Request, name: str, most: int) -> int:
    value = number_parameter(request, name) or 0
    if not 0 <= value <= most or value != int(value):
        raise ValidationError({name: [f"Choose a whole number from 0 to {most}."]})
    return int(value)


def found(campaign: Campaign, member: Member, turn: int, number: int) -> tutorial.Round:
    rounds = tutorial.rounds(campaign, member, turn)
    if number >= len(rounds):
        raise Http404
    return rounds[number]


class Tutorial(APIView):
    @extend_schema(responses={200: answers_work.TutorialOut}, parameters=[TURN])
    def get(self, request: Request, pk: int) -> Response:
        """Practice tiles of the campaign's classes, in rounds."""
        only_parameters(request, "turn")
        campaign, member = begun(request, pk)
        rounds = tutorial.rounds(campaign, member, whole(request, "turn", MOST_TURNS))
        return Response(
            {
                "dataset": campaign.dataset_id,
                "new": tutorial.is_new(campaign, user_of(request)),
                "rounds": [{"label": one.label.name, "tiles": len(one.tiles)} for one in rounds],
            }
        )

    @extend_schema(request=serializers.TutorialIn, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """One has been through it, or skips it."""
        campaign, _ = begun(request, pk)
        given = checked(serializers.TutorialIn, request)
        note.note(campaign=campaign, user=user_of(request), skipped=given["skipped"])
        return Response(status=204)


class TutorialCrops(APIView):
    """The crops of a round in one answer, as those of an assignment: nothing tells which are right."""

    @extend_schema(
        responses={(200, "application/octet-stream"): bytes}, parameters=[TURN, OpenApiParameter("round", int)]
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        only_parameters(request, "turn", "round")
        campaign, member = begun(request, pk)
        one = found(campaign, member, whole(request, "turn", MOST_TURNS), whole(request, "round", 100))
        items = Item.objects.select_related("object__shard").in_bulk([tile.item for tile in one.tiles])
        crops = media.crops([items[tile.item].object for tile in one.tiles], "large")
        return media.answer(request, media.packed(crops), "application/octet-stream")


class TutorialCheck(APIView):
    """Say which tiles do not belong, and hear of each whether it does. Nothing of it is kept."""

    @extend_schema(request=serializers.TutorialCheckIn, responses={200: answers_work.TutorialChecked})
    def post(self, request: Request, pk: int) -> Response:
        campaign, member = begun(request, pk)
        given = checked(serializers.TutorialCheckIn, request)
        one = found(campaign, member, given["turn"], given["round"])
        names = dict(Label.objects.filter(dataset=campaign.dataset_id).values_list("pk", "name"))
        flagged = set(given["flags"])
        results = [
            {"position": k, "wrong": tile.wrong, "flagged": k in flagged, "label": names.get(tile.label or 0)}
            for k, tile in enumerate(one.tiles)
        ]
        return Response({"results": results})
