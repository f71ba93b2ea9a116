"""Guidelines: how a class is judged, what in it is news to a person, and how it came about."""

from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Label, Ruling
from ..operations import guidelines as write
from ..queries import guidelines
from . import answers, answers_asking, media, serializers
from .access import checked, find, only_parameters
from .assignments import own
from .datasets import label_json
from .errors import conflicts
from .pages import page
from .projects import user_of


class LabelGuideline(APIView):
    """All versions of a label's guideline, the newest first; and one more."""

    @extend_schema(operation_id="guideline_versions", responses={200: answers.page_of(answers_asking.GuidelineVersion)})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor")
        label, _ = find(request, Label.objects.all(), pk, rules.can_lead)

        def render(found: list) -> list:
            return [guidelines.version_json(version) for version in found]

        return page(request, guidelines.history(label), render, ordering=("-number",), size=50)

    @extend_schema(request=serializers.GuidelineIn, responses={200: answers.LabelOut, 409: answers.Problem})
    def post(self, request: Request, pk: int) -> Response:
        label, _ = find(request, Label.objects.select_related("dataset"), pk, rules.can_lead)
        given = checked(serializers.GuidelineIn, request)
        with conflicts():
            write.edit(label=label, text=given["text"], keep=given["keep"], seen=given["version"], by=user_of(request))
        return Response(label_json(label))


class ReadGuideline(APIView):
    """The person was shown this version: it is no news to them any more."""

    @extend_schema(request=serializers.ReadIn, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        label, _ = find(request, Label.objects.all(), pk, rules.can_see)
        given = checked(serializers.ReadIn, request)
        write.mark_read(label=label, number=given["version"], by=user_of(request))
        return Response(status=204)


class AssignmentGuidelines(APIView):
    """Of the classes that an assignment asks about: what holds, and what of it is news to its reviewer."""

    @extend_schema(responses={200: answers_asking.Guidelines})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request)
        assignment, _ = own(request, pk)
        return Response({"results": guidelines.of_assignment(assignment)})


class RulingCrop(APIView):
    """An example of a class, or of what is none: what members are shown at the head of its grid."""

    @extend_schema(responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, pk: int) -> HttpResponse:
        ruling, _ = find(request, Ruling.objects.select_related("item__object__shard"), pk, rules.can_see)
        if ruling.item is None:
            raise Http404
        return media.crop(request, ruling.item.object, "large")
