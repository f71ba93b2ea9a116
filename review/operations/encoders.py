"""Register an encoder of the user's own: vectors by key, or an ONNX network. The ranking worker looks at it."""

from typing import Any

from django.db import transaction

from ..models import Dataset, Job, OwnEncoder, User
from . import audit, jobs


def start(
    *, dataset: Dataset, by: User | None, name: str, source: str, onnx: bool, wish: dict[str, Any], use: bool = True
) -> tuple[OwnEncoder, Job]:
    """Queue the taking in of an upload, `source` being its storage key; `wish`: pixels and scale for an ONNX network.
    `use`: the dataset is ranked by it once it is in. What was there under this name stays until the new is in."""
    with transaction.atomic():
        made, _ = OwnEncoder.objects.get_or_create(dataset=dataset, name=f"{'onnx' if onnx else 'own'}:{name}")
        parameters = {"encoder": made.pk, "source": source, "wish": wish, "use": use}
        job = jobs.create(Job.Kind.ENCODER, project=dataset.project, by=by, dataset=dataset, parameters=parameters)
        audit.record("encoder sent", project=dataset.project, actor=by, dataset=dataset.pk, name=made.name)
    return made, job
