"""Datasets: bringing them in, what is in them, and giving them back."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Dataset, Label, Member, Project
from ..operations import datasets as operation
from ..operations import export, import_, plan, recut, rejects, scale, train, window
from ..operations import labels as naming
from ..queries import items, labels
from ..queries.labels import called, described
from ..storage import store
from . import answers, serializers
from .access import checked, find, number_parameter, only_parameters
from .campaigns import campaign_json
from .csv_file import answer
from .errors import conflicts
from .exports import export_json
from .pages import page
from .projects import user_of

ORDERINGS = {"row": ("row", "pk"), "key": ("key", "pk"), "suspicion": ("suspicion", "pk"),
             "-suspicion": ("-suspicion", "pk")}  # fmt: skip


SUSPECTED = 0.5  # from here a label is more probably wrong than right


def dataset_json(dataset: Dataset, member: Member) -> dict[str, Any]:
    """What members are told; what is suspected of the items only supervisors are."""
    present = dataset.items.filter(removed=False)
    told = dataset.ranking is not None and rules.can_supervise(member)
    job = dataset.jobs.filter(kind__in=["check", "import", "rank", "train", "recut"]).order_by("-pk").first()
    return {
        "id": dataset.pk,
        "project": dataset.project_id,
        "name": dataset.name,
        "state": dataset.state,
        "format": dataset.format,
        "group_by": dataset.group_by,
        "crop_pixels": dataset.crop_pixels,
        "window": window.as_json(dataset.view.window),
        "scale": scale_json(dataset),
        "items": present.count(),
        "suspected": present.filter(suspicion__gte=SUSPECTED).count() if told else None,
        "labels": labels.label_count(dataset.pk),
        "rejected": dataset.rejected.count(),
        "revision": dataset.revision,
        "archived": dataset.archived_at is not None,
        "job": job.pk if job else None,
        "ranking": {"encoder": dataset.ranking.encoder, "done": dataset.ranking.done} if dataset.ranking else None,
        "campaigns": [campaign_json(c) for c in dataset.campaigns.order_by("pk")],
        "exports": [export_json(e) for e in dataset.exports.order_by("-pk")[:20]],
    }


class ProjectDatasets(APIView):
    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(request=serializers.DatasetIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        """Bring in a dataset: files by multipart, or a folder of the site."""
        project, _ = find(request, Project.objects.all(), pk, rules.can_lead)
        given = checked(serializers.DatasetIn, request)
        dataset, job = import_.start(
            project=project,
            by=user_of(request),
            name=given["name"],
            source=source_of(given),
            format=given["format"],
            group_by=given["group_by"],
            dry_run=given["dry_run"],
            seen=given["seen"],
        )
        return Response({"id": dataset.pk, "job": job.pk}, status=202)


class DatasetImport(APIView):
    """Import what was looked through (or failed), from the files that are here already; or look again."""

    @extend_schema(request=serializers.ImportIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.ImportIn, request)
        with conflicts():
            dataset, job = import_.begin(dataset=dataset, by=user_of(request), **given)
        return Response({"id": dataset.pk, "job": job.pk}, status=202)


def source_of(given: dict[str, Any]) -> dict[str, str]:
    """Uploads into storage, or a folder below one of the roots that this site allows."""
    if folder := given.get("source"):
        path = Path(folder).resolve()
        if not any(path.is_relative_to(root) for root in settings.IMPORT_ROOTS):
            raise ValidationError({"source": ["This folder is not below one that the site may import from."]})
        if not path.is_dir():
            raise ValidationError({"source": ["There is no such folder."]})
        return {"folder": str(path)}
    if not given.get("archive"):
        raise ValidationError(
            {"archive": ["Send a zip or tar of the images, with a manifest or with class folders in it."]}
        )
    kept = {name: keep(given[name]) for name in ("archive", "manifest") if given.get(name)}
    return kept | ({"manifest_name": given["manifest"].name} if "manifest" in kept else {})


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


def keep(upload: UploadedFile) -> str:
    """Put an upload into storage without reading it whole into memory; returns its storage key."""
    if (upload.size or 0) > settings.MAX_UPLOAD_BYTES:
        raise TooLarge(f"The upload is larger than the {settings.MAX_UPLOAD_BYTES:,} bytes that are taken.")
    if isinstance(upload, TemporaryUploadedFile):
        return store().put_file(upload.temporary_file_path())
    return store().put(upload.read())


class OneDataset(APIView):
    @extend_schema(responses={200: answers.DatasetOut})
    def get(self, request: Request, pk: int) -> Response:
        """Its state, what is in it, its campaigns and exports, and the job at work on it."""
        dataset, member = find(request, Dataset.objects.select_related("ranking"), pk, rules.can_see)
        return Response(dataset_json(dataset, member))

    @extend_schema(request=serializers.ImportIn, responses={202: answers.Started})
    def patch(self, request: Request, pk: int) -> Response:
        """Have its crops cut anew; with `dry_run` only show a few of them as they would be."""
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.ImportIn, request)
        with conflicts():
            job = recut.start(dataset=dataset, by=user_of(request), **given)
        return Response({"id": dataset.pk, "job": job.pk}, status=202)


class DatasetRename(APIView):
    @extend_schema(request=serializers.NameIn, responses={200: answers.DatasetOut})
    def post(self, request: Request, pk: int) -> Response:
        """Call it otherwise. Nothing but its name changes."""
        dataset, member = find(request, Dataset.objects.select_related("ranking"), pk, rules.can_lead)
        given = checked(serializers.NameIn, request)
        dataset = operation.rename(dataset=dataset, name=given["name"], by=user_of(request))
        return Response(dataset_json(dataset, member))


class DatasetArchive(APIView):
    @extend_schema(request=None, responses={200: answers.DatasetOut})
    def post(self, request: Request, pk: int) -> Response:
        """Leave it, and its closed campaigns, out of lists. 409 while a campaign or a job is under way on it."""
        dataset, member = find(request, Dataset.objects.all(), pk, rules.can_lead)
        with conflicts():
            dataset = operation.archive(dataset=dataset, by=user_of(request))
        return Response(dataset_json(dataset, member))


class DatasetUnarchive(APIView):
    @extend_schema(request=None, responses={200: answers.DatasetOut})
    def post(self, request: Request, pk: int) -> Response:
        """Take it out of the archive."""
        dataset, member = find(request, Dataset.objects.all(), pk, rules.can_lead)
        return Response(dataset_json(operation.unarchive(dataset=dataset, by=user_of(request)), member))


class DatasetScale(APIView):
    @extend_schema(request=serializers.ScaleIn, responses={200: answers.PixelScale})
    def put(self, request: Request, pk: int) -> Response:
        """Say how large a pixel is, so that tiles carry a scale bar and can be seen at true scale."""
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_lead)
        given = checked(serializers.ScaleIn, request)
        return Response(scale_json(scale.set_scale(dataset=dataset, by=user_of(request), **given)))


def scale_json(dataset: Dataset) -> dict[str, Any]:
    return {name: getattr(dataset, name) for name in scale.FIELDS}


MOST_REJECTED = 200  # rows that are named in an answer


class Labels(APIView):
    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(responses={200: answers.page_of(answers.LabelOut)})
    def get(self, request: Request, pk: int) -> Response:
        """Its classes, with readable names, icons, typical items and look-alikes."""
        only_parameters(request, "cursor")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_see)
        names = items.label_names(dataset.pk)
        rows = described(dataset)
        return page(request, rows, lambda ls: labels.all_json(ls, names), ordering=("name", "pk"), size=2000)

    @extend_schema(request=serializers.LabelsFileIn, responses={200: answers.LabelsDescribed})
    def post(self, request: Request, pk: int) -> Response:
        """Take readable names, guidelines, parents and icons of labels out of one file."""
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.LabelsFileIn, request)
        done = naming.describe(dataset=dataset, file=given["file"], by=user_of(request))
        return Response(
            {
                "names": done.names,
                "icons": done.icons,
                "guidelines": done.guidelines,
                "rejected": [
                    {"row": row.number, "file": row.file, "field": row.field, "reason": row.reason}
                    for row in done.rejected[:MOST_REJECTED]
                ],
                "refused": len(done.rejected),
            }
        )


def label_json(label: Label) -> dict[str, Any]:
    [found] = labels.all_json([described(label.dataset).get(pk=label.pk)], items.label_names(label.dataset_id))
    return found


class OneLabel(APIView):
    @extend_schema(request=serializers.LabelIn, responses={200: answers.LabelOut})
    def patch(self, request: Request, pk: int) -> Response:
        """Give the class a readable name, or say whether it is a rest such as "other"."""
        label, _ = find(request, Label.objects.select_related("dataset"), pk, rules.can_lead)
        given = checked(serializers.LabelIn, request)
        if "readable_name" in given:
            naming.call(label=label, readable_name=given["readable_name"], by=user_of(request))
        if "rest" in given:
            naming.mark_rest(label=label, rest=given["rest"], by=user_of(request))
        return Response(label_json(label))


class Items(APIView):
    @extend_schema(
        responses={200: answers.page_of(answers.ItemOut)},
        parameters=[
            OpenApiParameter("label", str, description="The name of a class."),
            OpenApiParameter("suspicion_min", float, description="0 to 1."),
            OpenApiParameter("ordering", str, enum=list(ORDERINGS), default="row",
                             description="With a minus: the largest first."),
            OpenApiParameter("cursor", str, description="As `next` and `previous` have it."),
        ],
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        """Its items, by label and suspicion, in the order that is asked for."""
        only_parameters(request, "cursor", "label", "suspicion_min", "ordering")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        rows = items.of_dataset(dataset)
        if label := request.query_params.get("label"):
            rows = rows.filter(label__in=called(dataset.labels.all(), [label]).values())
        if (least := number_parameter(request, "suspicion_min")) is not None:
            rows = rows.filter(suspicion__gte=least)
        ordering = request.query_params.get("ordering", "row")
        if ordering not in ORDERINGS:
            raise ValidationError({"ordering": [f"Choose one of {', '.join(ORDERINGS)}."]})
        if "suspicion" in ordering:
            rows = rows.filter(suspicion__isnull=False)
        names = items.label_names(dataset.pk)

        def render(found: list[Any]) -> list[Any]:
            return [items.item_json(item, names, item.probability, item.state) for item in found]

        return page(request, rows, render, ordering=ORDERINGS[ordering], size=200)


class Rejected(APIView):
    @extend_schema(responses={(200, "text/csv"): str})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """The rows that were refused at the import, with the reason of each."""
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        rows = dataset.rejected.order_by("row").values_list("row", "file", "field", "reason")
        return answer("rejected", rejects.as_csv(rows.iterator(2000)))


class DatasetCampaigns(APIView):
    @extend_schema(request=serializers.CampaignIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        """Plan a campaign on a slice of it. It opens by itself when that is done."""
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        data = serializers.CampaignIn(data=request.data)
        data.is_valid(raise_exception=True)
        campaign, job = plan.start(
            dataset=dataset, by=user_of(request), name=data.validated_data["name"], settings=data.settings()
        )
        return Response({"id": campaign.pk, "job": job.pk}, status=202)


class DatasetTraining(APIView):
    @extend_schema(request=serializers.TrainingIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        """Teach MLfix's own encoder on its crops, without labels; kept only where that is better."""
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.TrainingIn, request)
        with conflicts():
            job = train.start(dataset=dataset, by=user_of(request), **given)
        return Response({"id": dataset.pk, "job": job.pk}, status=202)


class DatasetExports(APIView):
    @extend_schema(request=serializers.ExportIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        """Write the dataset with its fixes, or the fixes alone (`kind: patch`)."""
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.ExportIn, request)
        made, job = export.start(dataset=dataset, by=user_of(request), **given)
        return Response({"id": made.pk, "job": job.pk}, status=202)
