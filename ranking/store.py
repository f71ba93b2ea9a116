"""Vectors in storage, one object a crop shard, with the rows that name them. A shard that has its row is done."""

import io

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from review.models import Dataset, EmbeddingShard, Object, Ranking, Shard
from review.operations.jobs import Run
from review.storage import store

from .encoders.base import Vectors
from .kinds import Ints


def missing(ranking: Ranking) -> QuerySet[Shard]:
    """The crop shards of the ranking's dataset whose objects have no vectors yet."""
    embedded = ranking.embeddings.values("shard")
    shards = Shard.objects.filter(dataset=ranking.dataset_id, kind=Shard.Kind.CROPS).exclude(pk__in=embedded)
    return shards.filter(Exists(Object.objects.filter(shard=OuterRef("pk")))).order_by("pk")


def save(run: Run, ranking: Ranking, shard: Shard, objects: list[int], look: Vectors, shapes: Vectors) -> None:
    """Keep the vectors of a shard's objects, look [n, m] and shapes [n, l]; raises Stop where the run is not ours."""
    table = np.empty(
        len(objects), [("object", "<i8"), ("look", "<f4", look.shape[1:]), ("shapes", "<f4", shapes.shape[1:])]
    )
    table["object"], table["look"], table["shapes"] = objects, look, shapes
    key = store().put(to_npy(table))
    with transaction.atomic():
        run.commit_next(len(objects))
        EmbeddingShard.objects.get_or_create(ranking=ranking, shard=shard, defaults={"key": key})


def load(ranking: Ranking) -> tuple[Ints, Vectors, Vectors]:
    """All objects int64 [n], ascending, with their look float32 [n, m] and shapes float32 [n, l]."""
    keys = list(ranking.embeddings.order_by("shard").values_list("key", flat=True))
    sizes = [rows_of(key) for key in keys]
    objects, look, shapes = np.empty(sum(sizes), np.int64), np.empty((0, 0), np.float32), np.empty((0, 0), np.float32)
    for key, start, size in zip(keys, np.cumsum([0, *sizes]).tolist(), sizes, strict=False):
        table = from_npy(store().get(key))
        if not start:  # one shard at a time is here twice
            look, shapes = (np.empty((len(objects), table[name].shape[1]), np.float32) for name in ("look", "shapes"))
        for into, name in ((objects, "object"), (look, "look"), (shapes, "shapes")):
            into[start : start + size] = table[name]
    order = np.argsort(objects, kind="stable")
    return objects[order], picked(look, order), picked(shapes, order)


def picked(vectors: Vectors, rows: Ints) -> Vectors:
    """These rows; the vectors themselves where that is all of them, in order: there may be much of them."""
    return vectors if np.array_equal(rows, np.arange(len(vectors))) else vectors[rows]


def rows_of(key: str) -> int:
    """How many rows a stored table has."""
    with store().open(key) as file:
        np.lib.format.read_magic(file)
        return int(np.lib.format.read_array_header_1_0(file)[0][0])


def to_npy(array: npt.NDArray) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    return out.getvalue()


def from_npy(data: bytes) -> npt.NDArray:
    array: npt.NDArray = np.load(io.BytesIO(data), allow_pickle=False)
    return array


def latest(dataset: Dataset, encoder: str, version: str) -> Ranking | None:
    """The dataset's ranking by this encoder, whatever its projection: that was frozen when its crops were first ranked.
    None where they were cut anew since."""
    return (
        Ranking.objects.filter(dataset=dataset, encoder=encoder, version__startswith=f"{version}-")
        .exclude(projection="")
        .order_by("-pk")
        .first()
    )
