"""One reader a file, and this table of them. `detect` tells which one a source wants. Nothing here knows of Django."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import beside, coco, image_folder, jsonl, manifest, mtsd, parquet, voc, yolo
from .base import Files, SourceError

HEAD_BYTES = 2**16


@dataclass(frozen=True)
class Format:
    """A reader with its writers. `rewrite` gives the source's own file back with changes in it; `write` makes one."""

    name: str
    said: str  # to people
    suffix: str
    media_type: str
    read: Callable[..., Iterator[Any]]
    write: Callable[..., Iterator[bytes]]
    rewrite: Callable[..., Iterator[bytes]] | None
    patch: Callable[..., Iterator[bytes]]
    patch_suffix: str
    # Whether the reader has to be told the limits, since it unpacks.
    limited: bool = False
    # Labels stand in it by numbers, so that a renamed one keeps its number: `rewrite` takes {name before: name now}.
    numbered: bool = False
    # The module of a format whose manifest is a zip of files, one for each image.
    beside: Any = None


IMAGE_FOLDER = Format(
    "image_folder", "class folders", ".csv", "text/csv", image_folder.read, manifest.write, None, manifest.patch, ".csv"
)
FILES = {
    "manifest": Format("manifest", "a CSV manifest", ".csv", "text/csv", manifest.read, manifest.write,
                       manifest.rewrite, manifest.patch, ".csv"),
    "jsonl": Format("jsonl", "JSON Lines", ".jsonl", "application/x-ndjson", jsonl.read, jsonl.write, jsonl.rewrite,
                    jsonl.patch, ".jsonl"),
    "parquet": Format("parquet", "Parquet", ".parquet", "application/vnd.apache.parquet", parquet.read, parquet.write,
                      parquet.rewrite, manifest.patch, ".csv", limited=True),
    "coco": Format("coco", "COCO JSON", ".json", "application/json", coco.read, coco.write, coco.rewrite,
                   coco.patch, ".json", numbered=True),
    "yolo": Format("yolo", "YOLO labels", ".zip", "application/zip", yolo.read, yolo.write, yolo.rewrite,
                   manifest.patch, ".csv", numbered=True, beside=yolo),
    "voc": Format("voc", "Pascal VOC", ".zip", "application/zip", voc.read, voc.write, voc.rewrite,
                  manifest.patch, ".csv", beside=voc),
    "mtsd": Format("mtsd", "Mapillary signs", ".zip", "application/zip", mtsd.read, mtsd.write, mtsd.rewrite,
                   manifest.patch, ".csv", beside=mtsd),
}  # fmt: skip
READERS = {IMAGE_FOLDER.name: IMAGE_FOLDER, **FILES}
FORMATS = ("auto", *READERS)
EXPORTS = ("auto", *FILES)
MANIFEST_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")
ARCHIVE_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
BY_SUFFIX = {".csv": "manifest", ".tsv": "manifest", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


BESIDE = {name: found.beside for name, found in FILES.items() if found.beside}
# Formats of which no file in the archive is about all images.
WITHOUT_MANIFEST = {IMAGE_FOLDER.name, *BESIDE}


def told_beside(images: Files, paired: bool) -> str:
    """The format of files that lie beside the images, or (not `paired`) of a zip of such files; "" if there is none."""
    return beside.told(images, BESIDE, paired)


def detect(given: str, head: bytes | None, name: str = "") -> str:
    """The format to read a source by: the one given, else what the manifest's first bytes say, else its name."""
    if given != "auto":
        return given
    if head is None:
        return IMAGE_FOLDER.name
    if head.startswith(b"PAR1"):
        return "parquet"
    named = next((kind for suffix, kind in BY_SUFFIX.items() if name.lower().endswith(suffix)), "")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return "jsonl" if named == "jsonl" else object_kind(head)
    return named or "manifest"


def object_kind(head: bytes) -> str:
    """COCO is one object, JSON Lines are many, each whole in its line."""
    text = head.decode("utf-8-sig", "replace").lstrip()
    line, end, _ = text.partition("\n")
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        # A line that goes on beyond what was read, or one that is broken.
        return "coco" if not end or len(line.strip()) < 3 or '"annotations"' in text else "jsonl"
    return "coco" if isinstance(values, dict) and {"images", "annotations"} <= values.keys() else "jsonl"


def is_coco(head: bytes) -> bool:
    """Whether a JSON file that begins so is one of objects in images, not whatever else lies beside these."""
    return detect("auto", head, ".json") == "coco" and any(f'"{key}"'.encode() in head for key in coco.PARTS)


def exported(given: str, came_as: str) -> Format:
    """The format of an export; `auto` is the form in which the dataset came, class folders a manifest. ValueError."""
    if given not in EXPORTS:
        raise ValueError(f"Choose one of {', '.join(EXPORTS)}.")
    return FILES.get(came_as, FILES["manifest"]) if given == "auto" else FILES[given]


__all__ = [
    "EXPORTS",
    "FILES",
    "FORMATS",
    "READERS",
    "Format",
    "SourceError",
    "detect",
    "exported",
    "is_coco",
    "told_beside",
]
