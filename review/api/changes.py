"""What changed in a dataset between two versions."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Dataset
from ..queries import changes
from . import answers, answers_history
from .access import LARGEST_ID, find, number_parameter, only_parameters
from .pages import page

PARAMETERS = [
    OpenApiParameter("since", int, description="The version before; 0, the dataset as it came in, if left out."),
    OpenApiParameter("until", int, description="The version after; the newest if left out."),
]


class Changes(APIView):
    """Each item's field whose value is another one at the later version, the last changed first."""

    @extend_schema(responses={200: answers.page_of(answers_history.ChangeOut)}, parameters=PARAMETERS)
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor", "since", "until")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        rows = changes.between(dataset, *versions(request, dataset))
        return page(request, rows, lambda rs: changes.all_json(rs, dataset), ordering=("-number",), size=200)


class ChangeCounts(APIView):
    """How many items were relabelled, removed, taken back in, and given another box; and what became of labels."""

    @extend_schema(responses={200: answers_history.ChangeCountsOut}, parameters=PARAMETERS)
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "since", "until")
        dataset, _ = find(request, Dataset.objects.all(), pk, rules.can_supervise)
        since, until = versions(request, dataset)
        rows = changes.between(dataset, since, until)
        labels = changes.of_labels(dataset, since, until)
        return Response({"since": since, "until": until, **changes.tallied(rows), "labels": labels})


def versions(request: Request, dataset: Dataset) -> tuple[int, int]:
    found = []
    for name, usual in (("since", 0), ("until", dataset.revision)):
        number = number_parameter(request, name)
        value = usual if number is None else int(number) if 0 <= number <= LARGEST_ID else -1
        if not 0 <= value <= dataset.revision:
            raise ValidationError({name: [f"The dataset has the versions 0 to {dataset.revision}."]})
        found.append(value)
    if found[0] > found[1]:
        raise ValidationError({"since": [f"Version {found[0]} is later than {found[1]}. Name the earlier one first."]})
    return found[0], found[1]
