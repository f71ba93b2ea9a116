"""What a reviewer has in hand. Only they can reach it, and a tile has no address but its position."""

import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Assignment, Member, Tile
from ..operations import flag, quality, submit
from ..queries import assignments, items
from . import answers, media, serializers
from .access import checked, find, number_parameter, only_parameters
from .pages import page

LATE = datetime.timedelta(days=1)
SIDES = (800, 1600)  # pixels of a photo's longer side


def own(request: Request, pk: int) -> tuple[Assignment, Member]:
    """The person's own assignment; anybody else's is not there for them."""
    mine = Assignment.objects.filter(reviewer=request.user.pk).select_related("campaign__dataset")
    return find(request, mine, pk, rules.can_see)


class Assignments(APIView):
    """What the person has in hand: live assignments, and those that lapsed lately with marks on them, which can still
    be handed in. The oldest comes first."""

    @extend_schema(operation_id="assignments_list", responses={200: answers.page_of(answers.AssignmentLine)})
    def get(self, request: Request) -> Response:
        only_parameters(request, "cursor", "mine", "campaign")
        late = Q(state=Assignment.State.LAPSED, revision__gt=0, ended_at__gt=timezone.now() - LATE)
        rows = Assignment.objects.filter(
            Q(state=Assignment.State.LENT) | late,
            reviewer=request.user.pk,
            campaign__dataset__project__members__user=request.user.pk,
        ).select_related("campaign__dataset")
        if (campaign := number_parameter(request, "campaign")) is not None:
            rows = rows.filter(campaign=int(campaign))
        rows = rows.annotate(size=Count("tiles"))

        def render(found: list[Any]) -> list[Any]:
            return [{**assignments.summary(a), "tiles": a.size} for a in found]

        return page(request, rows, render, ordering=("pk",), size=100)


class OneAssignment(APIView):
    @extend_schema(responses={200: answers.AssignmentOut})
    def get(self, request: Request, pk: int) -> Response:
        """The assignment with its sections of tiles, in the order in which they are shown. A tile has a position and
        nothing else."""
        return Response(assignments.whole(own(request, pk)[0]))


class Marks(APIView):
    @extend_schema(request=serializers.MarksIn, responses={200: answers.Saved, 409: answers.Problem})
    def put(self, request: Request, pk: int) -> Response:
        """Save the whole state of the marks. 409 with the server's state where `revision` is not the one that it
        has."""
        assignment, _ = own(request, pk)
        given = checked(serializers.MarksIn, request)
        assignment = flag.save(assignment=assignment, **given)
        return Response({"revision": assignment.revision, **lease(assignment)})


def lease(assignment: Assignment) -> dict[str, Any]:
    known = assignments.summary(assignment)
    return {"expires_at": known["expires_at"], "now": known["now"]}


class Extend(APIView):
    @extend_schema(request=None, responses={200: answers.Lease, 409: answers.Problem})
    def post(self, request: Request, pk: int) -> Response:
        """Keep the lease for another while, from now on. 409 once it has ended."""
        return Response(lease(flag.extend(assignment=own(request, pk)[0])))


class Release(APIView):
    @extend_schema(request=None, responses={200: None})
    def post(self, request: Request, pk: int) -> Response:
        """Give the assignment back: nothing in it counts, and others may have it."""
        submit.release(assignment=own(request, pk)[0])
        return Response({})


class Submit(APIView):
    @extend_schema(request=serializers.MarksIn, responses={200: answers.HandedIn, 409: answers.Problem})
    def post(self, request: Request, pk: int) -> Response:
        """Hand in. Sent again it answers the same; marks may come along. 409 where they are stale. `unsaved`: how many
        of these marks are not in what was handed in before, such as by another window."""
        assignment, _ = own(request, pk)
        marks: dict[str, Any] = {}
        if request.data:
            marks = checked(serializers.MarksIn, request)
        done = submit.submit(assignment=assignment, **marks)
        return Response(
            {"counted": done.counted, "surplus": done.surplus, "unsaved": unsaved(done, marks.get("flags"))}
        )


def unsaved(handed_in: Assignment, sent: list[dict[str, Any]] | None) -> int:
    """How many tiles are flagged in one of the two alone."""
    if sent is None:
        return 0
    return len({mark["position"] for mark in sent} ^ {mark["position"] for mark in handed_in.flags})


class Crops(APIView):
    """All crops of an assignment in one answer: uint32 n, n lengths (little endian), then n JPEGs in tile order; with
    `lean=true` WebPs of about a third of the bytes."""

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    def get(self, request: Request, pk: int) -> HttpResponse:
        only_parameters(request, "size", "lean")
        assignment, _ = own(request, pk)
        tiles = assignment.tiles.order_by("position").select_related("item__object__shard")
        return media.bundle(request, [tile.item.object for tile in tiles])


def tile_of(request: Request, pk: int, position: int) -> tuple[Assignment, Tile]:
    assignment, _ = own(request, pk)
    tiles = assignment.tiles.select_related("item__object__shard", "item__object__image__shard", "label")
    tile = tiles.filter(position=position).first() if position < 2**31 else None
    if tile is None:
        raise Http404
    return assignment, tile


class TileCrop(APIView):
    @extend_schema(responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, pk: int, position: int) -> HttpResponse:
        """The tile's crop, large."""
        _, tile = tile_of(request, pk, position)
        return media.crop(request, tile.item.object, "large")


class TileContext(APIView):
    @extend_schema(responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, pk: int, position: int) -> HttpResponse:
        """The photo that the tile was cut from, with a box around the object, as far as the campaign shows it."""
        only_parameters(request, "side")
        assignment, tile = tile_of(request, pk, position)
        shown = assignment.campaign.context_shown
        if shown == "no":
            raise Http404
        side = int(number_parameter(request, "side") or max(SIDES))
        if side not in SIDES:
            raise ValidationError({"side": ["Choose 800 or 1600."]})
        return media.context(request, tile.item.object, side=side, blurred=shown == "blurred")


class Checks(APIView):
    """The wrong labels that were planted in a handed-in assignment and left alone; one may disagree with each."""

    @extend_schema(responses={200: answers.Checks})
    def get(self, request: Request, pk: int) -> Response:
        assignment, _ = own(request, pk)
        return Response({"results": assignments.checks(assignment)})

    @extend_schema(request=serializers.ContestIn, responses={200: answers.Checks})
    def post(self, request: Request, pk: int) -> Response:
        assignment, _ = own(request, pk)
        given = checked(serializers.ContestIn, request)
        quality.contest(assignment=assignment, **given)
        return Response({"results": assignments.checks(assignment)})


class Suggestions(APIView):
    """What a flagged tile may be instead: always five where the dataset has as many labels, whatever the item is."""

    @extend_schema(responses={200: answers.Suggestions, 409: answers.Problem})
    def get(self, request: Request, pk: int, position: int) -> Response:
        assignment, tile = tile_of(request, pk, position)
        if not any(mark["position"] == position for mark in assignment.flags):
            raise flag.Ended(_("Suggestions are for flagged tiles. Flag it first."))
        return Response({"results": items.tile_suggestions(tile)})
