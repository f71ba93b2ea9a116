"""A dataset's own encoders: taken in by a job once they are found sound, and found again by their names."""

import io
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from review.formats.base import SourceError
from review.models import Dataset, Item, OwnEncoder
from review.operations import jobs, rankings
from review.operations.sources import limits
from review.storage import store

from .encoders.base import Encoder, EncoderUnavailable
from .onnx_encoder import OnnxEncoder
from .own_vectors import OwnVectors, read

PREFIXES = ("own:", "onnx:")


def make(dataset: Dataset, name: str) -> Encoder:
    """The dataset's encoder of this name; raises EncoderUnavailable."""
    found = dataset.encoders.filter(name=name).exclude(file="").first()
    if found is None:
        raise EncoderUnavailable(f"The dataset has no encoder {name!r}. Upload it first.")
    return network(found.name, found.file, found.takes) if name.startswith("onnx:") else vectors(found)


def network(name: str, key: str, takes: dict[str, Any]) -> OnnxEncoder:
    data = store().get(key)
    return OnnxEncoder(name, data, takes, memory_bytes=settings.ONNX_MEMORY_BYTES, seconds=settings.ONNX_SECONDS)


def vectors(found: OwnEncoder) -> Any:
    return OwnVectors(found.name, store().get(found.file), found.file)


def take(run: jobs.Run) -> dict[str, Any]:
    """Look at what was uploaded and keep it where it is sound; ranks by it where the lead asked for that."""
    wish, dataset = run.job.parameters, run.job.dataset
    made = OwnEncoder.objects.filter(pk=wish["encoder"]).first()
    if dataset is None or made is None:
        raise jobs.Refused("The dataset is gone.")
    if wish["use"]:
        rankings.wait_for_none(dataset)
    run.progress(0, None, "Looking at the encoder")
    look = take_network if made.name.startswith("onnx:") else take_vectors
    try:
        fields, said = look(run, dataset, made)
    except SourceError as reason:
        raise jobs.Refused(str(reason)) from None
    with transaction.atomic():
        run.commit_next(1)
        OwnEncoder.objects.filter(pk=made.pk).update(**fields)
        if wish["use"]:
            rankings.go_on(run, dataset, encoder=made.name)
    return {"encoder": made.name, "dim": fields["dim"], "used": wish["use"], **said}


def take_network(run: jobs.Run, dataset: Dataset, made: OwnEncoder) -> tuple[dict[str, Any], dict[str, Any]]:
    source, wish = run.job.parameters["source"], run.job.parameters["wish"]
    tried = network(made.name, source, wish)
    tried.close()
    takes = {"pixels": tried.pixels, "scale": wish["scale"]}
    return {"file": source, "dim": tried.dim, "takes": takes}, takes


def take_vectors(run: jobs.Run, dataset: Dataset, made: OwnEncoder) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every item must have a vector: an order with holes in it would be no order."""
    with store().open(run.job.parameters["source"]) as file:
        keys, table = read(file, limits(), lambda rows: run.progress(rows, None, "Reading the vectors"))
    place = {key: row for row, key in enumerate(keys)}
    items = Item.objects.filter(dataset=dataset).order_by("row", "pk").values_list("key", "object_id")
    row_of: dict[int, int] = {}
    lacking, first, met = 0, "", 0
    for key, thing in items.iterator(5000):
        if (row := place.get(key)) is None:
            lacking, first = lacking + 1, first or key
        else:
            met += 1
            row_of.setdefault(thing, row)
    if lacking:
        raise SourceError(f"{lacking:,} of the dataset's items have no vector, {first[:200]!r} the first. Send all.")
    objects = np.array(sorted(row_of), np.int64)
    out = io.BytesIO()
    np.savez(out, objects=objects, vectors=table[[row_of[thing] for thing in objects.tolist()]])
    fields = {"file": store().put(out.getvalue()), "dim": table.shape[1], "takes": {}}
    return fields, {"items": met, "unknown_keys": len(keys) - met}
