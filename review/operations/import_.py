"""Bring a source in: rows to labels, images, objects and items, with their crops packed into shards."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction

from .. import crops
from ..formats import base, detect, image_folder, manifest
from ..models import Dataset, Image, Item, Job, Label, Object, Project, RejectedRow, Shard, User
from ..storage import store
from . import audit, jobs

PART_ROWS = 250
SHARD_BYTES = 32 * 2**20


def start(
    *, project: Project, by: User | None, name: str, source: dict[str, Any], format: str = "auto", group_by: str = ""
) -> tuple[Dataset, Job]:
    """Register a dataset and queue its import. `source` names storage keys (`manifest`, `archive`) or a `folder`."""
    kind = detect(format, bool(source.get("manifest")))
    with transaction.atomic():
        dataset = Dataset.objects.create(
            project=project, name=name, format=kind, group_by=group_by, layout={"source": source}
        )
        job = jobs.create(Job.Kind.IMPORT, project=project, by=by, dataset=dataset)
        audit.record("dataset imported", project=project, actor=by, dataset=dataset.pk, name=name)
    return dataset, job


def run(run: jobs.Run) -> dict[str, Any]:
    """The import itself, part by part; a part that is done is not done again."""
    dataset = run.job.dataset
    assert dataset is not None
    try:
        with open_source(dataset) as (rows, images):
            total = sum(1 for _ in rows())
            if not total:
                raise base.SourceError("The source holds no row.")
            import_parts(run, dataset, rows(), images, total)
    except base.SourceError as error:
        Dataset.objects.filter(pk=dataset.pk).update(state=Dataset.State.FAILED)
        raise jobs.Refused(str(error)) from None
    return finish(run, dataset)


@contextmanager
def open_source(dataset: Dataset) -> Iterator[tuple[Any, base.Images]]:
    """(a function that reads all rows from the start, where the images are)."""
    source = dataset.layout["source"]
    opened: list[IO[bytes]] = []
    try:
        if source.get("archive"):
            opened.append(store().open(source["archive"]))
            images: base.Images = base.ZipImages(opened[0])
        else:
            images = base.FolderImages(Path(source["folder"]))
        if dataset.format == "manifest":
            if not source.get("manifest"):
                raise base.SourceError("The format manifest needs a manifest file.")
            yield (lambda: with_keys(read_manifest(source["manifest"]))), images
        else:
            yield (lambda: with_keys(image_folder.read(images))), images
    finally:
        for file in opened:
            file.close()


def read_manifest(key: str) -> Iterator[base.Row | base.BadRow]:
    with store().open(key) as file:
        yield from manifest.read(file)


def with_keys(rows: Iterator[base.Row | base.BadRow]) -> Iterator[tuple[base.Row | base.BadRow, str]]:
    """Each row with its key: its own, else the image's path, numbered from the image's second row on."""
    met: Counter[str] = Counter()
    taken: set[str] = set()
    for row in rows:
        if isinstance(row, base.BadRow):
            yield row, ""
            continue
        met[row.image] += 1
        key = row.key or (row.image if met[row.image] == 1 else f"{row.image}#{met[row.image]}")
        if key in taken:
            yield base.BadRow(row.number, row.image, "key", f"The key {key!r} occurs more than once."), ""
            continue
        taken.add(key)
        yield row, key


def import_parts(run: jobs.Run, dataset: Dataset, rows: Iterator, images: base.Images, total: int) -> None:
    finished = run.finished_parts()
    done = sum(finished.values())
    run.progress(done, total, "Cutting out the objects")
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for number in itertools.count():
            part = list(itertools.islice(rows, PART_ROWS))
            if not part:
                return
            if number in finished:
                continue
            import_part(run, dataset, number, Part.prepare(dataset, part, images, pool))
            done += len(part)
            run.progress(done, total, "Cutting out the objects")


@dataclass
class Photo:
    """An image of this part: new, with its bytes, or one that an earlier part brought."""

    path: str
    data: bytes = b""
    media_type: str = ""
    width: int = 0
    height: int = 0
    known: Image | None = None


@dataclass
class Part:
    """Some rows with their photos decoded and crops cut, ready to be written in one transaction."""

    photos: dict[str, Photo] = field(default_factory=dict)
    good: list[tuple[base.Row, str, crops.Crop, crops.Box | None]] = field(default_factory=list)
    bad: list[base.BadRow] = field(default_factory=list)

    @classmethod
    def prepare(cls, dataset: Dataset, rows: list, images: base.Images, pool: ThreadPoolExecutor) -> "Part":
        part = cls()
        by_image: dict[str, list[tuple[base.Row, str]]] = {}
        for row, key in rows:
            if isinstance(row, base.BadRow):
                part.bad.append(row)
            else:
                by_image.setdefault(row.image, []).append((row, key))
        known = {i.path: i for i in dataset.images.filter(path__in=by_image).select_related("shard")}
        sources = [(read_photo(images, name, known.get(name)), wanted) for name, wanted in by_image.items()]
        for photo, good, bad in pool.map(lambda pair: cut_rows(*pair), sources):
            part.bad += bad
            part.good += good
            if good:
                part.photos[photo.path] = photo
        part.good.sort(key=lambda entry: entry[0].number)
        return part


def read_photo(images: base.Images, name: str, known: Image | None) -> Photo | base.RowError:
    """Read one file; archives are read by one thread at a time, decoding then runs on all cores."""
    if known:
        data = store().get(known.shard.key, known.offset, known.offset + known.length)
        photo = Photo(name, data, known=known)
    else:
        try:
            photo = Photo(name, images.read(name))
        except base.RowError as error:
            error.add_note(name)
            return error
    return photo


def cut_rows(photo: Photo | base.RowError, rows: list) -> tuple[Any, list, list[base.BadRow]]:
    """Decode a photo once and cut all its rows' objects; (photo, good rows, bad rows)."""
    if isinstance(photo, base.RowError):
        return photo, [], [base.BadRow(row.number, row.image, photo.field, str(photo)) for row, _ in rows]
    try:
        image, photo.media_type = crops.decode(photo.data, settings.MAX_IMAGE_PIXELS)
    except crops.BadImage as error:
        return photo, [], [base.BadRow(row.number, row.image, "image", str(error)) for row, _ in rows]
    photo.width, photo.height = image.size
    good, bad, cuts = [], [], {}
    for row, key in rows:
        try:
            box = crops.check_box(row.box, *image.size) if row.box else None
        except crops.BadImage as error:
            bad.append(base.BadRow(row.number, row.image, "box", str(error)))
            continue
        if box not in cuts:
            cuts[box] = crops.cut(image, box)
        good.append((row, key, cuts[box], box))
    return photo, good, bad


def import_part(run: jobs.Run, dataset: Dataset, number: int, part: Part) -> None:
    """Write one part. Its objects are in storage before the rows that name them."""
    places = pack([photo.data for photo in part.photos.values() if not photo.known])
    cut = {id(crop): crop for _, _, crop, _ in part.good}
    crop_places = pack([data for crop in cut.values() for data in distinct(crop)])
    with transaction.atomic():
        run.commit_part(number, len(part.good) + len(part.bad))
        photos = write_photos(dataset, part, iter(write_shards(dataset, Shard.Kind.PHOTOS, places)))
        crop_rows = iter(write_shards(dataset, Shard.Kind.CROPS, crop_places))
        where = {name: [next(crop_rows) for _ in distinct(crop)] for name, crop in cut.items()}
        write_items(dataset, part, photos, where)
        RejectedRow.objects.bulk_create(
            RejectedRow(dataset=dataset, row=b.number, file=b.file[:1000], field=b.field, reason=b.reason)
            for b in part.bad
        )


def distinct(crop: crops.Crop) -> list[bytes]:
    return [crop.small] if crop.small is crop.large else [crop.small, crop.large]


Place = tuple[str, int, int, int]  # storage key, its size in bytes, offset, length


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


def write_photos(dataset: Dataset, part: Part, places: Iterator[tuple[Shard, int, int]]) -> dict[str, Image]:
    new = []
    for photo in part.photos.values():
        if photo.known:
            continue
        shard, offset, length = next(places)
        new.append(
            Image(
                dataset=dataset,
                path=photo.path,
                width=photo.width,
                height=photo.height,
                media_type=photo.media_type,
                shard=shard,
                offset=offset,
                length=length,
            )
        )
    rows = {image.path: image for image in Image.objects.bulk_create(new)}
    return rows | {photo.path: photo.known for photo in part.photos.values() if photo.known}


def write_items(dataset: Dataset, part: Part, photos: dict[str, Image], where: dict[int, list]) -> None:
    labels = ensure_labels(dataset, {row.label for row, _, _, _ in part.good})
    objects: dict[tuple, Object] = {}
    for row, _, crop, box in part.good:
        (shard, offset, length), (_, large_offset, large_length) = where[id(crop)][0], where[id(crop)][-1]
        x, y, width, height = box or (None, None, None, None)
        objects[row.image, box] = Object(
            dataset=dataset,
            image=photos[row.image],
            x=x,
            y=y,
            width=width,
            height=height,
            shard=shard,
            small_offset=offset,
            small_length=length,
            large_offset=large_offset,
            large_length=large_length,
            inner=list(crop.inner) if crop.inner else None,
        )
    Object.objects.bulk_create(objects.values())
    Item.objects.bulk_create(
        Item(
            dataset=dataset,
            object=objects[row.image, box],
            key=key,
            label=labels[row.label],
            attributes=row.attributes,
            group=str(row.attributes.get(dataset.group_by, ""))[:300] if dataset.group_by else "",
            row=row.number,
        )
        for row, key, _, box in part.good
    )


def ensure_labels(dataset: Dataset, names: set[str]) -> dict[str, Label]:
    Label.objects.bulk_create(
        [Label(dataset=dataset, name=name, readable_name=readable(name)) for name in sorted(names)],
        ignore_conflicts=True,
    )
    return {label.name: label for label in dataset.labels.filter(name__in=names)}


def readable(name: str) -> str:
    """A label's name as words: `regulatory--speed-limit-60--g1` reads "Speed limit 60"."""
    parts = [p for p in name.split("--") if p]
    if len(parts) > 1 and parts[-1][:1] == "g" and parts[-1][1:].isdigit():
        parts.pop()
    words = (parts[-1] if parts else name).replace("_", " ").replace("-", " ").replace("/", " › ").strip()
    return words[:1].upper() + words[1:] if words else name


def finish(run: jobs.Run, dataset: Dataset) -> dict[str, Any]:
    """Count what came in, call the dataset ready and have it ranked."""
    with transaction.atomic():
        items, rejected = dataset.items.count(), dataset.rejected.count()
        if not items:
            Dataset.objects.filter(pk=dataset.pk).update(state=Dataset.State.FAILED)
            first = dataset.rejected.order_by("row").first()
            raise jobs.Refused(
                f"None of the {rejected:,} rows could be taken. The first: {first.reason if first else ''} "
                "All of them with their reasons are in rejected.csv."
            )
        if dataset.group_by and not dataset.items.exclude(group="").exists():
            raise jobs.Refused(f"No row has the attribute {dataset.group_by!r} that rows are to be grouped by.")
        Dataset.objects.filter(pk=dataset.pk).update(state=Dataset.State.READY)
        choose_look_alike_stand_ins(dataset)
        jobs.create(Job.Kind.RANK, project=run.job.project, by=run.job.by, dataset=dataset)
    return {"items": items, "labels": dataset.labels.count(), "rejected": rejected}


def choose_look_alike_stand_ins(dataset: Dataset) -> None:
    """Until ranking knows what is typical of a label, its first items are shown."""
    for label in dataset.labels.all():
        first = list(dataset.items.filter(label=label).order_by("row").values_list("pk", flat=True)[:4])
        Label.objects.filter(pk=label.pk, exemplars=[]).update(exemplars=first)
