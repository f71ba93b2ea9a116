"""Mapillary Traffic Sign Dataset: a JSON file for each image, its `objects` with `key`, `label` and `bbox`."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from . import beside
from .base import BadRow, Box, Change, Changes, Columns, Images, Row, RowError, Written
from .beside import CORNERS, Mark, cornered

SUFFIX = ".json"


def besides(name: str) -> bool:
    return False


def sniff(data: bytes) -> bool:
    return b'"objects"' in data and (b'"bbox"' in data or b'"ispano"' in data)


def read(manifest: Images, names: Iterable[str]) -> Iterator[Row | BadRow]:
    return beside.read(manifest, names, SUFFIX, marks, besides=besides, shares=False)


def parsed(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise RowError("The file is not JSON.") from None
    if not isinstance(values, dict) or not isinstance(values.get("objects"), list):
        raise RowError("The file has no list of objects.")
    return values


def marks(data: bytes) -> list[Mark | RowError]:
    return [mark(one) for one in parsed(data)["objects"]]


def mark(values: Any) -> Mark | RowError:
    try:
        if not isinstance(values, dict):
            raise RowError("The object is none with fields.")
        label, key, more = values.get("label"), values.get("key", ""), values.get("properties")
        if not isinstance(label, str) or not isinstance(key, str):
            raise RowError("The object's label or key is not a text.", "label")
        return Mark(label, box_of(values.get("bbox")), key, more if isinstance(more, dict) else {})
    except RowError as error:
        return error


def box_of(values: Any) -> Box:
    corners = [values.get(name) if isinstance(values, dict) else None for name in CORNERS]
    for name, one in zip(CORNERS, corners, strict=True):
        if isinstance(one, bool) or not isinstance(one, int | float) or abs(one) > 1e9:
            raise RowError(f"The object's {name} is {str(one)[:100]!r}, which is not a number of pixels.", "box")
    left, top, right, bottom = map(float, corners)  # type: ignore[arg-type]
    return left, top, right - left, bottom - top


def rewrite(manifest: Images, changes: Changes) -> Iterator[bytes]:
    """A zip of the annotations, those with changes written anew with all their fields."""
    return beside.zipped(beside.rewrite(manifest, changes, SUFFIX, marks, edit, besides))


def edit(data: bytes, changes: dict[int, Change]) -> bytes:
    values = parsed(data)
    objects = enumerate(values["objects"])
    kept = [changed(one, changes.get(at, Change())) for at, one in objects if not changes.get(at, Change()).removed]
    return json.dumps(values | {"objects": kept}, ensure_ascii=False, indent=4).encode()


def changed(values: dict[str, Any], change: Change) -> dict[str, Any]:
    new = values if change.label is None else values | {"label": change.label}
    return new | {"bbox": values["bbox"] | cornered(change.box)} if change.box else new


def write(rows: Iterable[Written], has: Columns) -> Iterator[bytes]:
    """A JSON file for each image of items that came in another form. An object without a box is its whole image."""
    return beside.zipped((path_of(image), document(objects)) for image, objects in beside.by_image(rows).items())


def path_of(image: str) -> str:
    return beside.annotations_path(image, SUFFIX, ("images",), "annotations")


def document(objects: list[Written]) -> bytes:
    said = [
        {
            "key": one.key,
            "label": one.label,
            "bbox": cornered(beside.extent(one)),
            "properties": one.attributes,
        }
        for one in objects
    ]
    values = {"width": objects[0].width, "height": objects[0].height, "objects": said}
    return json.dumps(values, ensure_ascii=False, indent=4).encode()
