"""Pictures: cut from storage for one person, of a type that our own decoder gave, never to be run as a page."""

import hashlib
import struct
from collections.abc import Sequence

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseNotModified
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import crops as cutting
from .. import icons, rules
from ..models import Item, Label, Object
from ..operations import labels
from ..storage import store
from . import serializers
from .access import checked, find, number_parameter, only_parameters
from .projects import user_of

SIZES = {128: "small", 320: "large"}
POLICY = "sandbox; default-src 'none'"
A_MINUTE = 60  # then it is asked whether it is the same still: crops are cut anew, boxes redrawn


def answer(request: Request, data: bytes, media_type: str) -> HttpResponse:
    """Bytes for this person alone."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    same = request.headers.get("If-None-Match") == tag
    response: HttpResponse = HttpResponseNotModified() if same else HttpResponse(data, content_type=media_type)
    response["Cache-Control"] = f"private, max-age={A_MINUTE}, immutable"
    response["Vary"] = "Cookie, Authorization"
    response["ETag"] = tag
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    return response


def place(thing: Object, which: str) -> tuple[str, int, int]:
    """(storage key, start, end) of an object's `small` or `large` crop."""
    start = getattr(thing, f"{which}_offset")
    return thing.shard.key, start, start + getattr(thing, f"{which}_length")


def crops(things: Sequence[Object | None], which: str) -> list[bytes]:
    """The objects' crops in order; one that is not there or that storage has lost is empty."""
    found = iter(store().get_ranges([place(thing, which) for thing in things if thing]))
    # What could not be read is in the list as its error.
    read = [next(found) if thing else b"" for thing in things]
    return [data if isinstance(data, bytes) else b"" for data in read]


def packed(crops: Sequence[bytes]) -> bytes:
    """uint32 n, n lengths (little endian), then n pictures."""
    return struct.pack(f"<{len(crops) + 1}I", len(crops), *map(len, crops)) + b"".join(crops)


def bundle(request: Request, things: Sequence[Object | None]) -> HttpResponse:
    """All crops in one answer, of the `size` and as `lean` as the request asks for."""
    size = int(number_parameter(request, "size") or 128)
    if size not in SIZES:
        raise ValidationError({"size": ["Choose 128 or 320."]})
    lean = request.query_params.get("lean", "false")
    if lean not in ("true", "false"):
        raise ValidationError({"lean": ["Choose true or false."]})
    found = crops(things, SIZES[size])
    if lean == "true":
        found = [cutting.lean(crop, size) for crop in found]
    return answer(request, packed(found), "application/octet-stream")


def one_crop(where: tuple[str, int, int]) -> bytes:
    try:
        return store().get(*where)
    except (FileNotFoundError, OSError):
        return b""


def crop(request: Request, thing: Object, which: str) -> HttpResponse:
    data = one_crop(place(thing, which))
    if not data:
        raise Http404
    return answer(request, data, "image/jpeg")


def context(request: Request, thing: Object, *, side: int = 1600, blurred: bool = False) -> HttpResponse:
    """The whole photo, its longer side at most `side` pixels, with the object framed."""
    photo = thing.image
    data = one_crop((photo.shard.key, photo.offset, photo.offset + photo.length))
    if not data:
        raise Http404
    picture = cutting.photo_with_box(
        data, thing.box, settings.MAX_IMAGE_PIXELS, window=thing.dataset.view.window, side=side, blurred=blurred
    )
    return answer(request, picture, "image/jpeg")


class ItemCrop(APIView):
    @extend_schema(responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The item's crop."""
        only_parameters(request, "size")
        item, _ = find(request, Item.objects.select_related("object__shard"), pk, rules.can_supervise)
        size = number_parameter(request, "size")
        if size not in (None, 128, 320):
            raise ValidationError({"size": ["Choose 128 or 320."]})
        return crop(request, item.object, "small" if size == 128 else "large")


class ItemContext(APIView):
    @extend_schema(responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The whole photo with a box around the item."""
        item, _ = find(request, Item.objects.select_related("object__image__shard"), pk, rules.can_supervise)
        return context(request, item.object)


class LabelIcon(APIView):
    """The icon that a label was given."""

    parser_classes = [MultiPartParser]

    @extend_schema(responses={(200, "image/png"): bytes})
    def get(self, request: Request, pk: int) -> HttpResponse:
        label, _ = find(request, Label.objects.all(), pk, rules.can_see)
        data = one_icon(label.icon) if label.icon else b""
        if not data:
            raise Http404
        return answer(request, data, "image/png")

    @extend_schema(request=serializers.IconIn, responses={204: None})
    def put(self, request: Request, pk: int) -> Response:
        label, _ = find(request, Label.objects.select_related("dataset"), pk, rules.can_lead)
        given = checked(serializers.IconIn, request)
        sent = given["icon"]
        # One byte more than is taken tells that it is too large.
        labels.set_icon(label=label, data=sent.read(icons.LARGEST + 1), name=sent.name or "", by=user_of(request))
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        label, _ = find(request, Label.objects.select_related("dataset"), pk, rules.can_lead)
        labels.set_icon(label=label, data=None, by=user_of(request))
        return Response(status=204)


def one_icon(key: str) -> bytes:
    try:
        return store().get(key)
    except (FileNotFoundError, OSError):
        return b""


class LabelExemplar(APIView):
    """A typical crop of a label: what members are shown at the head of its grid."""

    @extend_schema(responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, pk: int, number: int) -> HttpResponse:
        label, _ = find(request, Label.objects.all(), pk, rules.can_see)
        if number >= len(label.exemplars):
            raise Http404
        item = Item.objects.filter(pk=label.exemplars[number]).select_related("object__shard").first()
        if item is None:
            raise Http404
        return crop(request, item.object, "small")
