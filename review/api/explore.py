"""Explore: a slice of a dataset as one order of ids, then details and crops of whatever is near the screen."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Dataset, Item
from ..queries import explore
from ..queries.labels import called
from . import answers_explore, media
from .access import LARGEST_ID, find, number_parameter, only_parameters

MOST_AT_ONCE = 256
LONGEST_ID = len(str(LARGEST_ID))  # digits
WORDS, NUMBERS = ("label", "predicted", "search"), ("suspicion_min", "suspicion_max", "pixels_min", "pixels_max")
SLICE = [
    OpenApiParameter("label", str, description="The label's name."),
    OpenApiParameter("predicted", str, description="The name of the label that the item is taken for."),
    OpenApiParameter("suspicion_min", float),
    OpenApiParameter("suspicion_max", float),
    OpenApiParameter("pixels_min", float, description="Of the box's longer side, in pixels of the photo."),
    OpenApiParameter("pixels_max", float),
    OpenApiParameter(
        "state", str, enum=explore.STATES, description="By its latest campaign; `none`: it was in none yet."
    ),
    OpenApiParameter("search", str, description="Letters anywhere in the key, large or small."),
    OpenApiParameter("ordering", str, enum=explore.ORDERINGS, default=explore.ORDERINGS[0]),
]
IDS = OpenApiParameter("ids", str, required=True, description=f"At most {MOST_AT_ONCE} ids with commas between.")


class WholeSlice(APIView):
    """The ids of a slice's items in order, at most 100,000: a list whose place says where each stands, so that any
    window of it costs the same. `count`: how many items fit."""

    @extend_schema(parameters=SLICE, responses={200: answers_explore.SliceOut})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, *WORDS, *NUMBERS, "state", "ordering")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        order = explore.laid_out(dataset, slice_of(request, dataset))
        return Response({"count": order.count, "ids": order.ids})


class SliceItems(APIView):
    """What is known of some items, in the order asked for; an id that is not there is left out."""

    @extend_schema(operation_id="datasets_slice_items", parameters=[IDS], responses={200: answers_explore.SliceItems})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "ids")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        return Response({"results": explore.details(dataset, ids_of(request))})


class SliceCrops(APIView):
    """The crops of some items in one answer: uint32 n, n lengths (little endian), then n JPEGs in the order asked for,
    empty for an id that is not there; with `lean=true` WebPs of about a third of the bytes."""

    @extend_schema(
        parameters=[IDS, OpenApiParameter("size", int, enum=[128, 320]), OpenApiParameter("lean", bool)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        only_parameters(request, "ids", "size", "lean")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        return media.bundle(request, explore.objects(dataset, ids_of(request)))


class ItemAlike(APIView):
    """The ids of what is most like an item, nearest first, at most 32 in its own label and 32 in any. Where that is not
    known, `said` says why."""

    @extend_schema(responses={200: answers_explore.AlikeOut})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request)
        item, _ = find(request, Item.objects.select_related("dataset__ranking"), pk, rules.can_supervise)
        found = explore.alike(item)
        return Response({"in_label": found.in_label, "in_any": found.in_any, "said": found.said})


def slice_of(request: Request, dataset: Dataset) -> explore.Slice:
    """As the address asks. An empty value asks for nothing."""
    given = {name: value for name, value in request.query_params.items() if value != ""}
    wanted: dict[str, Any] = {name: given.get(name) for name in WORDS}
    wanted |= {name: number_parameter(request, name) for name in NUMBERS if name in given}
    errors = {name: ["This holds a character that no name has."] for name in WORDS if "\0" in (wanted[name] or "")}
    named = [name for name in ("label", "predicted") if wanted[name] is not None and name not in errors]
    known = called(dataset.labels.all(), [wanted[name] for name in named])
    for name in named:
        if wanted[name] not in known:
            errors[name] = [f"The dataset has no label {wanted[name]!r}."]
        wanted[name] = known.get(wanted[name])
    for name, choices in (("state", explore.STATES), ("ordering", explore.ORDERINGS)):
        if name in given:
            wanted[name] = given[name]
            if given[name] not in choices:
                errors[name] = [f"Choose one of {', '.join(choices)}."]
    for name in ("suspicion", "pixels"):
        least, most = wanted.get(f"{name}_min"), wanted.get(f"{name}_max")
        if least is not None and most is not None and least > most:
            errors[f"{name}_min"] = ["This is more than the most that is asked for: nothing can fit."]
    if errors:
        raise ValidationError(errors)
    return explore.Slice(**wanted)


def ids_of(request: Request) -> list[int]:
    given = request.query_params.get("ids", "").split(",")
    if not all(one.isascii() and one.isdigit() and len(one) <= LONGEST_ID and int(one) <= LARGEST_ID for one in given):
        raise ValidationError({"ids": ["Name items by their ids, with commas between."]})
    if len(given) > MOST_AT_ONCE:
        raise ValidationError({"ids": [f"These are {len(given)} items; ask for at most {MOST_AT_ONCE} at once."]})
    return list(map(int, given))
