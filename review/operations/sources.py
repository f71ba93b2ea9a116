"""Open what is to be imported: its rows with their keys, and where its images are."""

import hashlib
import random
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from .. import formats
from ..crops import View
from ..cutters import Cutters
from ..cutters import Limits as PhotoLimits
from ..formats import base, beside
from ..formats.images import FolderImages, open_archive
from ..formats.moved import Move, MovedImages, move_of
from ..models import Dataset
from ..storage import store
from .parts import Keyed

MANIFEST_SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet", ".json")
SEVERAL = (
    "The archive holds several annotation files: {}. Send the one that you mean beside the archive, as its manifest."
)
MANY = 50  # JSON files in an archive, more than any tool splits its annotations into
SAMPLED = 100  # rows whose images are looked at before the import


def limits() -> base.Limits:
    return base.Limits(
        entries=settings.MAX_ARCHIVE_ENTRIES,
        unpacked_bytes=settings.MAX_UNPACKED_BYTES,
        ratio=settings.MAX_RATIO,
        memory_bytes=settings.READER_MEMORY_BYTES,
    )


def cutters(view: View) -> Cutters:
    return Cutters(
        PhotoLimits(settings.MAX_IMAGE_PIXELS, settings.READER_MEMORY_BYTES, settings.DECODE_SECONDS),
        settings.DECODERS or None,
        view,
    )


def format_of(given: str, source: dict[str, Any]) -> str:
    """The format to read this source by. Raises ValidationError."""
    key = source.get("manifest")
    if given == "auto" and (kind := told_beside(source)):
        return kind
    head = store().get(key, 0, formats.HEAD_BYTES) if key else None
    if given == "auto" and head and head.startswith(b"PK"):
        raise ValidationError(
            {"manifest": f"{source.get('manifest_name') or 'It'} is a zip without annotations in it."}
        )
    return formats.detect(given, head, source.get("manifest_name", ""))


def told_beside(source: dict[str, Any]) -> str:
    """The format of annotations that lie beside their images, or in a zip of their own; "" where they do not. A tar.gz
    is not looked into, since it would have to be unpacked for it."""
    with ExitStack() as opened:
        try:
            if key := source.get("manifest") or source.get("archive"):
                file = opened.enter_context(store().open(key))
                packed = file.read(2)
                file.seek(0)
                if packed == b"\x1f\x8b" or (source.get("manifest") and packed != b"PK"):
                    return ""
                images: base.Files = open_archive(file, limits())
            else:
                images = FolderImages(Path(source["folder"]))
            return formats.told_beside(images, paired=not source.get("manifest"))
        except (base.SourceError, base.RowError):
            return ""  # The import itself will say what is wrong with it.


def with_own_manifest(source: dict[str, Any]) -> dict[str, Any]:
    """The source; where it is a zip with one manifest in it and none beside it, with that one. Raises ValidationError
    where it holds several."""
    key = source.get("archive")
    if not key or source.get("manifest"):
        return source
    with store().open(key) as file:
        if not zipfile.is_zipfile(file):
            return source
        try:
            images = open_archive(file, limits())
            found = manifests(images)
            if len(found) > 1:
                raise ValidationError({"manifest": SEVERAL.format(", ".join(found[:5]))})
            if not found:
                return source
            return {**source, "manifest": store().put(images.read(found[0])), "manifest_name": found[0]}
        except (base.SourceError, base.RowError):
            return source  # The import itself will say what is wrong with it.


def manifests(images: base.Files) -> list[str]:
    """The one manifest at the top, if it is not about one image alone; else the COCO files below, where the tools that
    write such archives put them."""
    named = [name for name in images.names() if name.lower().endswith(MANIFEST_SUFFIXES)]
    tops = [name for name in named if "/" not in name]
    if len(tops) == 1 and not formats.mtsd.sniff(images.head(tops[0], formats.HEAD_BYTES)):
        return tops
    below = [name for name in named if name.lower().endswith(".json")]
    if len(below) > MANY:  # one beside each image, say: none of them is about all
        return []
    return [name for name in below if formats.is_coco(images.head(name, formats.HEAD_BYTES))]


@dataclass
class Opened:
    dataset: Dataset
    images: base.Images
    # Once they are counted: some of the rows, and how the archive's paths differ from theirs.
    sample: list[base.Row] = field(default_factory=list)
    move: Move | None = None

    def count(self) -> int:
        """How many rows there are, good or bad; from here on images are found though the rows name a folder too many or
        too few. Raises SourceError where there is no row, or none to group rows by."""
        total, grouped, group_by = 0, False, self.dataset.group_by
        rng = random.Random(0)
        for row in rows_of(self.dataset, self.images):
            total += 1
            grouped = grouped or (isinstance(row, base.Row) and group_by in row.attributes)
            if isinstance(row, base.Row):
                keep(self.sample, row, total, rng)
        if not total:
            raise base.SourceError("The source holds no row.")
        if group_by and not grouped:
            raise base.SourceError(
                f"No row has the attribute {group_by!r} that rows are to be grouped by. Import it again without it, or "
                "name a column that is there."
            )
        # Of a large folder or archive only where the first of them is not at its place: to list all names takes long.
        if self.sample and not readable(self.images, self.sample[0].image):
            self.move = move_of((row.image for row in self.sample), self.images.names())
            self.images = MovedImages(self.images, self.move) if self.move else self.images
        return total

    def rows(self) -> Iterator[Keyed]:
        """All rows from the start."""
        return with_keys(rows_of(self.dataset, self.images))


def readable(images: base.Images, name: str) -> bool:
    try:
        images.read(name)
    except base.RowError:
        return False
    return True


def keep(sample: list[base.Row], row: base.Row, number: int, rng: random.Random) -> None:
    """Each row is as likely as any other to be in the sample (Vitter 1985, "Random Sampling with a Reservoir", R)."""
    if len(sample) < SAMPLED:
        sample.append(row)
    elif (place := rng.randrange(number)) < SAMPLED:
        sample[place] = row


@contextmanager
def open_source(dataset: Dataset) -> Iterator[Opened]:
    """Raises SourceError."""
    source = dataset.layout["source"]
    with ExitStack() as opened:
        if source.get("archive"):
            images: base.Images = open_archive(opened.enter_context(store().open(source["archive"])), limits())
        else:
            images = FolderImages(Path(source["folder"]))
        keep_annotations(dataset, images)
        yield Opened(dataset, images)


def keep_annotations(dataset: Dataset, images: base.Images) -> None:
    """Annotations that lie beside their images are the dataset's manifest, as a zip, so that an export gives them back
    as they were at the import."""
    reader, source = formats.READERS[dataset.format], dataset.layout["source"]
    if not reader.beside or source.get("manifest"):
        return
    names = list(images.names())
    found = list(beside.wanted(names, reader.beside.SUFFIX, reader.beside.besides))
    if not any(name.lower().endswith(reader.beside.SUFFIX) for name in found):
        raise base.SourceError(f"There is no {reader.beside.SUFFIX} file with the name of an image in it.")
    with tempfile.NamedTemporaryFile() as file:
        file.writelines(beside.zipped((name, beside.whole(images, name)) for name in found))
        file.flush()
        source["manifest"] = store().put_file(file.name)
    dataset.save(update_fields=["layout"])


def rows_of(dataset: Dataset, images: base.Images) -> Iterator[base.Row | base.BadRow]:
    reader = formats.READERS[dataset.format]
    if reader is formats.IMAGE_FOLDER:
        yield from reader.read(images)
        return
    key = dataset.layout["source"].get("manifest")
    if not key:
        raise base.SourceError(f"There is no manifest, and the format {reader.name} needs one.")
    with store().open(key) as file:
        if reader.beside:
            yield from reader.read(open_archive(file, limits()), images.names())
        else:
            yield from reader.read(file, limits()) if reader.limited else reader.read(file)


def with_keys(rows: Iterator[base.Row | base.BadRow]) -> Iterator[Keyed]:
    """Each row with its key: its own, else the image's path, numbered from the image's second row on."""
    met: Counter[str] = Counter()
    taken: set[bytes] = set()  # a digest each, since keys are long and there may be millions
    for row in rows:
        if row.number > settings.MAX_ROWS:
            raise base.SourceError(f"The source has more than {settings.MAX_ROWS:,} rows. Split it.")
        if isinstance(row, base.BadRow):
            yield row, ""
            continue
        met[row.image] += 1
        key = row.key or (row.image if met[row.image] == 1 else f"{row.image}#{met[row.image]}")
        digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
        if digest in taken:
            yield base.BadRow(row.number, row.image, "key", f"The key {key[:200]!r} occurs more than once."), ""
            continue
        taken.add(digest)
        yield row, key
