"""Write a part of an import: its photos and crops packed into storage, then the rows that name them, all or none."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from .. import crops
from ..formats.base import Row
from ..models import Dataset, Image, Item, Label, Object, RejectedRow, Shard
from ..storage import store
from . import jobs
from .parts import Part

SHARD_BYTES = 32 * 2**20


def write_part(run: jobs.Run, dataset: Dataset, number: int, part: Part) -> None:
    """Write one part. Its objects are in storage before the rows that name them."""
    known = known_images(dataset, list(part.photos))
    places = pack([photo.data for photo in part.photos.values() if photo.path not in known])
    cut = pack_crops(part)
    with transaction.atomic():
        run.commit_part(number, part.rows)
        photos = write_photos(dataset, part, known, iter(write_shards(dataset, Shard.Kind.PHOTOS, places)))
        write_items(dataset, part, photos, write_crops(dataset, *cut))
        RejectedRow.objects.bulk_create(
            RejectedRow(dataset=dataset, row=b.number, file=b.file[:1000], field=b.field[:200], reason=b.reason)
            for b in part.bad
        )


def known_images(dataset: Dataset, paths: list[str]) -> dict[str, int]:
    """The ids of those that an earlier part brought in. One array instead of a thousand parameters."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path, id FROM review_image WHERE dataset_id = %s AND path = ANY(%s)", [dataset.pk, paths]
        )
        return dict(cursor.fetchall())


def pack_crops(part: Part) -> tuple[dict[int, crops.Crop], list["Place"]]:
    """Put a part's crops into storage: (the crops by their id(), where each of their pictures lies)."""
    cut = {id(crop): crop for _, _, crop, _ in part.good}
    return cut, pack([data for crop in cut.values() for data in distinct(crop)])


def write_crops(dataset: Dataset, cut: dict[int, crops.Crop], places: list["Place"]) -> dict[int, "Where"]:
    """The rows of the shards; for each id() of a crop where its pictures lie."""
    rows = iter(write_shards(dataset, Shard.Kind.CROPS, places))
    return {name: [next(rows) for _ in distinct(crop)] for name, crop in cut.items()}


def distinct(crop: crops.Crop) -> list[bytes]:
    return [crop.small] if crop.small is crop.large else [crop.small, crop.large]


Place = tuple[str, int, int, int]  # storage key, its size in bytes, offset, length
Where = list[tuple[Shard, int, int]]  # offset, length


def pack(blobs: list[bytes]) -> list[Place]:
    """Put blobs back to back into objects of about SHARD_BYTES; where each lies."""
    places: list[Place] = []
    for group in grouped(blobs):
        data = b"".join(group)
        key, offset = store().put(data), 0
        for blob in group:
            places.append((key, len(data), offset, len(blob)))
            offset += len(blob)
    return places


def grouped(blobs: list[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = 0
    for blob in blobs:
        if group and size + len(blob) > SHARD_BYTES:
            yield group
            group, size = [], 0
        group.append(blob)
        size += len(blob)
    if group:
        yield group


def write_shards(dataset: Dataset, kind: str, places: list[Place]) -> list[tuple[Shard, int, int]]:
    sizes = {key: size for key, size, _, _ in places}
    rows = {key: Shard.objects.create(dataset=dataset, kind=kind, key=key, bytes=size) for key, size in sizes.items()}
    return [(rows[key], offset, length) for key, _, offset, length in places]


def write_photos(
    dataset: Dataset, part: Part, known: dict[str, int], places: Iterator[tuple[Shard, int, int]]
) -> dict[str, int]:
    """The ids of the part's images by their paths."""
    new = [photo for path, photo in part.photos.items() if path not in known]
    ids = dict(zip((photo.path for photo in new), new_ids(Image, len(new)), strict=True))
    copy_in(
        Image,
        ("id", "dataset", "path", "width", "height", "media_type", "shard", "offset", "length"),
        (
            (ids[p.path], dataset.pk, p.path, p.width, p.height, p.media_type, shard.pk, offset, length)
            for p, (shard, offset, length) in zip(new, places, strict=True)
        ),
    )
    return ids | known


OBJECT = ("id", "dataset", "image", "x", "y", "width", "height", "shard", "small_offset", "small_length",
          "large_offset", "large_length", "inner")  # fmt: skip
ITEM = ("dataset", "object", "key", "label", "removed", "attributes", "group", "row", "suggestions")


def write_items(dataset: Dataset, part: Part, photos: dict[str, int], where: dict[int, Where]) -> None:
    """One object for each box of each image, and one item for each row."""
    labels = ensure_labels(dataset, {row.label for row, _, _, _ in part.good})
    boxes = {(row.image, box): crop for row, _, crop, box in part.good}
    objects = dict(zip(boxes, new_ids(Object, len(boxes)), strict=True))
    copy_in(
        Object,
        OBJECT,
        (
            (objects[path, box], dataset.pk, photos[path], *(box or (None,) * 4), *place(where[id(crop)]),
             array_text(crop.inner))
            for (path, box), crop in boxes.items()
        ),
    )  # fmt: skip
    copy_in(
        Item,
        ITEM,
        (
            (dataset.pk, objects[row.image, box], key, labels[row.label], False, json.dumps(row.attributes),
             group_of(dataset, row), row.number, "[]")
            for row, key, _, box in part.good
        ),
    )  # fmt: skip


def array_text(values: crops.Box | None) -> str | None:
    """As PostgreSQL writes an array."""
    return f"{{{','.join(map(repr, values))}}}" if values else None


def place(where: Where) -> tuple[int, int, int, int, int]:
    """(shard, small offset, small length, large offset, large length); the two are one where they are equal."""
    (shard, offset, length), (_, large_offset, large_length) = where[0], where[-1]
    return shard.pk, offset, length, large_offset, large_length


def group_of(dataset: Dataset, row: Row) -> str:
    return str(row.attributes.get(dataset.group_by, ""))[:300] if dataset.group_by else ""


def new_ids(model: type[Model], count: int) -> list[int]:
    """Numbers for rows that other rows are to name before any of them is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def copy_in(model: type[Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by COPY, which costs a fifth of inserting them. All constraints hold as ever."""
    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in fields)  # type: ignore[union-attr]
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def ensure_labels(dataset: Dataset, names: set[str]) -> dict[str, int]:
    """The ids of these labels by their names, made where they are new."""
    known = dict(dataset.labels.filter(name__in=names).values_list("name", "pk"))
    if new := sorted(names - known.keys()):
        Label.objects.bulk_create(
            [Label(dataset=dataset, name=name, readable_name=readable(name)) for name in new], ignore_conflicts=True
        )
        known |= dict(dataset.labels.filter(name__in=new).values_list("name", "pk"))
    return known


def readable(name: str) -> str:
    """A label's name as words: `regulatory--speed-limit-60--g1` reads "Speed limit 60"."""
    parts = [p for p in name.split("--") if p]
    if len(parts) > 1 and parts[-1][:1] == "g" and parts[-1][1:].isdigit():
        parts.pop()
    words = (parts[-1] if parts else name).replace("_", " ").replace("-", " ").replace("/", " › ").strip()
    return words[:1].upper() + words[1:] if words else name
