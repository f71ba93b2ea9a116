"""Exports: what became of them, and the file itself, for leads only."""

from typing import Any

from django.http import FileResponse, Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Export
from ..operations.export import file_name, media_type
from ..storage import store
from . import answers
from .access import find


def export_json(export: Export) -> dict[str, Any]:
    job = export.jobs.order_by("-pk").first()
    return {
        "id": export.pk,
        "dataset": export.dataset_id,
        "format": export.format,
        "kind": export.kind,
        "revision": export.revision,
        "fixes": export.fixes,
        "state": job.state if job else "done",
        "job": job.pk if job else None,
        "at": export.at,
        "download": reverse("api:export-download", args=[export.pk]) if export.key else None,
    }


class OneExport(APIView):
    @extend_schema(responses={200: answers.ExportOut})
    def get(self, request: Request, pk: int) -> Response:
        """The export, and its download address once it is written."""
        export, _ = find(request, Export.objects.all(), pk, rules.can_lead)
        return Response(export_json(export))


class Download(APIView):
    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    def get(self, request: Request, pk: int) -> FileResponse:
        """The file."""
        export, _ = find(request, Export.objects.select_related("dataset"), pk, rules.can_lead)
        if not export.key:
            raise Http404
        response = FileResponse(
            store().open(export.key), as_attachment=True, filename=file_name(export), content_type=media_type(export)
        )
        response["Cache-Control"] = "private, no-store"
        response["Content-Security-Policy"] = "sandbox"
        return response
