"""A user's own model: its predictions, its encoder, and ranking by them."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Dataset, Predictions
from ..operations import encoders, predictions, rankings
from ..queries import own
from ..storage import store
from . import answers, serializers
from .access import checked, find, only_parameters
from .csv_file import answer
from .datasets import keep
from .errors import Conflict, conflicts
from .pages import page
from .projects import user_of


def ready(dataset: Dataset) -> None:
    if dataset.state != Dataset.State.READY:
        raise Conflict(f"The dataset is {dataset.state}: its items have to be in first.")


class DatasetPredictions(APIView):
    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(responses={200: answers.page_of(answers.PredictionsOut)})
    def get(self, request: Request, pk: int) -> Response:
        """What models of one's own said of its items."""
        only_parameters(request, "cursor")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)

        def render(found: list[Any]) -> list[Any]:
            return [own.predictions_json(one, dataset) for one in found]

        return page(request, own.predictions_of(dataset), render, ordering=("name", "pk"), size=100)

    @extend_schema(request=serializers.OwnIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        """Take in a model's predictions, probabilities or losses by key; with `use` suspicion goes by them next."""
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.OwnIn, request)
        ready(dataset)
        made, job = predictions.start(
            dataset=dataset, by=user_of(request), name=given["name"], source=keep(given["file"]), use=given["use"]
        )
        return Response({"id": made.pk, "job": job.pk}, status=202)


class RejectedPredictions(APIView):
    @extend_schema(responses={(200, "text/csv"): str})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """The rows that were refused, with the reason of each."""
        found, _ = find(request, Predictions.objects.all(), pk, rules.can_supervise)
        if not found.rejected:
            raise Http404
        return answer("rejected", iter([store().get(found.rejected)]))


class DatasetEncoders(APIView):
    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(responses={200: answers.page_of(answers.EncoderOut)})
    def get(self, request: Request, pk: int) -> Response:
        """Embeddings and ONNX encoders of one's own."""
        only_parameters(request, "cursor")
        dataset, _ = find(request, Dataset.objects.select_related("ranking"), pk, rules.can_supervise)

        def render(found: list[Any]) -> list[Any]:
            return [own.encoder_json(one, dataset) for one in found]

        return page(request, own.encoders_of(dataset), render, ordering=("name", "pk"), size=100)

    @extend_schema(request=serializers.EncoderIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        """Take in embeddings by key, or an ONNX encoder; with `use` the dataset is ranked by it next."""
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.EncoderIn, request)
        ready(dataset)
        made, job = encoders.start(
            dataset=dataset,
            by=user_of(request),
            name=given["name"],
            source=keep(given["file"]),
            onnx=given["file"].name.lower().endswith(".onnx"),
            wish={"pixels": given.get("pixels"), "scale": given["scale"]},
            use=given["use"],
        )
        return Response({"id": made.pk, "job": job.pk}, status=202)


class DatasetRankings(APIView):
    """Rank it again: by another encoder, or with another's word for the suspicion."""

    @extend_schema(request=serializers.RankingIn, responses={202: answers.Started})
    def post(self, request: Request, pk: int) -> Response:
        dataset, _ = find(request, Dataset.objects.select_related("project"), pk, rules.can_lead)
        given = checked(serializers.RankingIn, request)
        wish: dict[str, Any] = {}
        if "predictions" in given:
            wish["predictions"] = chosen(dataset, given["predictions"])
        with conflicts():
            job = rankings.start(dataset=dataset, by=user_of(request), encoder=given["encoder"], **wish)
        return Response({"id": dataset.pk, "job": job.pk}, status=202)


def chosen(dataset: Dataset, pk: int | None) -> Predictions | None:
    if pk is None:
        return None
    found = dataset.predictions_in.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise DjangoValidationError({"predictions": "The dataset has no such predictions."})
    return found
