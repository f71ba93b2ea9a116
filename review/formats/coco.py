"""COCO JSON: `images`, `categories`, `annotations`. An annotation is a row: its id the key, its category the label."""

import json
from collections.abc import Iterable, Iterator
from typing import IO, Any

from .base import (
    LABEL_LENGTH,
    PATH_LENGTH,
    BadRow,
    Box,
    Change,
    Changes,
    Columns,
    Row,
    RowError,
    SourceError,
    Written,
    check_text,
    check_value,
)
from .columns import box_of, plain
from .json_pieces import Joined, Piece, pieces

PARTS = ("images", "annotations", "categories")
UNDERSTOOD = {"id", "image_id", "category_id", "bbox", "segmentation", "attributes"}


class Names:
    """What the ids of images and categories stand for; with some categories renamed, as {name before: name now}."""

    def __init__(self, file: IO[bytes], renamed: dict[str, str] | None = None) -> None:
        self.renamed = renamed or {}
        self.images: dict[Any, Any] = {}
        self.categories: dict[Any, dict[str, Any]] = {}
        self.ids: dict[str, Any] = {}  # of a category's name
        found = set()
        for piece in pieces(file):
            found.add(piece.key)
            if piece.key in ("images", "categories") and isinstance(piece.value, dict):
                self.learn(piece.key, piece.value)
        for needed in PARTS:
            if needed not in found:
                raise SourceError(f"The COCO file has no '{needed}', or none in it.")
        file.seek(0)

    def learn(self, kind: str, value: dict[str, Any]) -> None:
        number = value.get("id")
        if not isinstance(number, str | int):
            raise SourceError(f"One of the COCO file's {kind} has no id.")
        known = self.images if kind == "images" else self.categories
        if number in known:
            raise SourceError(f"The COCO file has two {kind} with the id {str(number)[:100]}.")
        if kind == "images":
            self.images[number] = value.get("file_name")
        else:
            self.categories[number] = {name: value.get(name) for name in ("name", "supercategory")}
            self.ids.setdefault(self.name(value), number)

    def name(self, category: dict[str, Any]) -> str:
        name = str(category.get("name"))
        return self.renamed.get(name, name)

    def category(self, piece: Piece) -> str:
        """The text of a category, by its new name."""
        named = self.name(piece.value)
        return piece.raw if named == str(piece.value.get("name")) else dumped(piece.value | {"name": named})

    def add(self, labels: Iterable[str | None]) -> list[dict[str, Any]]:
        """The categories to write besides, for labels that the file has none of: names that came up here."""
        free = max((number for number in self.categories if isinstance(number, int)), default=0) + 1
        new = sorted({label for label in labels if label is not None} - self.ids.keys())
        numbers = {name: number for number, name in enumerate(new, free)}
        self.ids |= numbers
        return [{"id": number, "name": name} for name, number in numbers.items()]


def annotations(file: IO[bytes]) -> Iterator[tuple[int, Piece]]:
    """(number, annotation), numbered from 1; other pieces have the number 0."""
    number = 0
    for piece in pieces(file):
        mine = piece.key == "annotations" and piece.index is not None
        number += mine
        yield (number if mine else 0), piece


def read(file: IO[bytes]) -> Iterator[Row | BadRow]:
    names = Names(file)
    for number, piece in annotations(file):
        if number:
            try:
                yield row(number, piece.value, names)
            except RowError as error:
                yield BadRow(number, image_of(piece.value, names), error.field, f"{error}{id_of(piece.value)}")


def row(number: int, values: Any, names: Names) -> Row:
    if not isinstance(values, dict):
        raise RowError("The annotation is not an object with fields.")
    image = looked_up(values, "image_id", names.images)
    category = looked_up(values, "category_id", names.categories)
    if not isinstance(image, str):
        raise RowError("The annotation's image has no file_name.", "image")
    if not isinstance(category["name"], str):
        raise RowError("The annotation's category has no name.", "label")
    key = values.get("id", "")
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise RowError("The annotation's id is neither a number nor a text.", "key")
    return Row(
        number,
        check_text(image, "image", PATH_LENGTH),
        check_text(category["name"], "label", LABEL_LENGTH),
        box_of(values.get("bbox")),
        check_text(str(key), "key", PATH_LENGTH) if key != "" else "",
        attributes(values, category),
    )


def looked_up(values: dict[str, Any], field: str, known: dict[Any, Any]) -> Any:
    number = values.get(field)
    if isinstance(number, str | int) and number in known:
        return known[number]
    raise RowError(f"The annotation's {field} {str(number)[:100]} is not in the file.", field)


def image_of(values: Any, names: Names) -> str:
    number = values.get("image_id") if isinstance(values, dict) else None
    name = names.images.get(number) if isinstance(number, str | int) else None
    return name[:PATH_LENGTH] if isinstance(name, str) else ""


def id_of(values: Any) -> str:
    number = values.get("id") if isinstance(values, dict) else None
    return f" Its id is {str(number)[:200]}." if isinstance(number, str | int) else ""


def attributes(values: dict[str, Any], category: dict[str, Any]) -> dict[str, Any]:
    """The plain values of an annotation. What is not plain stays in the file, which an export gives back."""
    given = {name: value for name, value in values.items() if name not in UNDERSTOOD}
    if isinstance(values.get("attributes"), dict):
        given = values["attributes"] | given
    if category["supercategory"]:
        given.setdefault("supercategory", category["supercategory"])
    return {check_value(n, "name"): check_value(v, n) for n, v in given.items() if isinstance(v, str | int | float)}


def rewrite(file: IO[bytes], changes: Changes, renamed: dict[str, str] | None = None) -> Iterator[bytes]:
    """The same file with the changes in its annotations, with categories renamed, and with those that the changes need;
    all other text is given back to the byte."""
    names, joined = Names(file, renamed), Joined()
    last, added = len(names.categories) - 1, names.add(change.label for change in changes.values())
    for number, piece in annotations(file):
        change = changes.get(number) if number else None
        if piece.key == "categories" and isinstance(piece.value, dict):
            more = map(dumped, added if piece.index == last else ())
            yield joined.kept(piece, ", ".join([names.category(piece), *more])).encode()
        elif change is None:
            yield joined.kept(piece).encode()
        elif change.removed:
            yield joined.dropped(piece).encode()
        elif (new := changed(piece.value, change, names)) != piece.value:
            yield joined.kept(piece, dumped(new)).encode()
        else:
            yield joined.kept(piece).encode()


def excerpt(
    file: IO[bytes], changes: Changes, fixes: dict[int, dict[str, Any]], renamed: dict[str, str] | None = None
) -> Iterator[bytes]:
    """A patch in the file's own ids: the annotations of these rows as they are now, each with its evidence as `fix`.
    One that was removed is as it came in and has the change "remove" there. Their images come along, and all
    categories."""
    names, images = Names(file, renamed), set()
    added = names.add(changes[row].label for row in fixes if row in changes)
    yield b'{"annotations": ['
    between = b"\n"
    for number, piece in annotations(file):
        if fix := fixes.get(number):
            images.add(piece.value["image_id"])
            yield between + dumped(changed(piece.value, changes.get(number, Change()), names) | {"fix": fix}).encode()
            between = b",\n"
    file.seek(0)
    kept: dict[str | None, list[str]] = {"images": [], "categories": []}
    for piece in pieces(file):
        mine = piece.key in kept and isinstance(piece.value, dict)
        if mine and (piece.key == "categories" or piece.value["id"] in images):
            kept[piece.key].append(names.category(piece) if piece.key == "categories" else piece.raw)
    kept["categories"] += map(dumped, added)
    for kind, rows in kept.items():
        yield (f'\n],\n"{kind}": [\n' + ",\n".join(rows)).encode()
    yield b"\n]}\n"


def changed(values: dict[str, Any], change: Change, names: Names) -> dict[str, Any]:
    new = dict(values)
    if change.label is not None:
        new["category_id"] = names.ids[change.label]
    if change.box:
        old = values.get("bbox")
        new["bbox"] = [plain(value) for value in change.box]
        # The area of a box follows the box; the area of a mask is not ours to say.
        if isinstance(old, list) and len(old) == 4 and values.get("area") == old[2] * old[3]:
            new["area"] = plain(change.box[2] * change.box[3])
    return new


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class Numbered:
    """Gives each name its number, from 1, in the order of asking."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def of(self, name: Any) -> int:
        return self.numbers.setdefault(name, len(self.numbers) + 1)


def write(rows: Iterable[Written], has: Columns) -> Iterator[bytes]:
    """A COCO file of items that came in another form; annotations first, since images are known when all are read."""
    return assembled((row, {}) for row in rows)


def patch(fixes: Iterable[tuple[Written, dict[str, Any]]]) -> Iterator[bytes]:
    """The same of items that came in another form: annotations of ids of our own. `id` is the item's key."""
    return assembled((row, {"fix": fix}) for row, fix in fixes)


def assembled(rows: Iterable[tuple[Written, dict[str, Any]]]) -> Iterator[bytes]:
    images, categories = Numbered(), Numbered()
    yield b'{"annotations": ['
    for number, (row, more) in enumerate(rows, 1):
        image = images.of((row.image, row.width, row.height))
        entry = annotation(row, number, image, categories.of(row.label)) | more
        yield ((",\n" if number > 1 else "\n") + dumped(entry)).encode()
    yield b'\n],\n"images": '
    yield dumped([{"id": i, "file_name": n, "width": w, "height": h} for (n, w, h), i in images.numbers.items()])\
        .encode()  # fmt: skip
    yield b',\n"categories": '
    yield dumped([{"id": i, "name": name} for name, i in categories.numbers.items()]).encode() + b"}\n"


def annotation(row: Written, number: int, image: int, category: int) -> dict[str, Any]:
    """`id` is the key where that is a whole number, as COCO's own ids are; else a running number beside the key."""
    whole = row.key.isdecimal() and row.key == str(int(row.key[:18]))
    entry: dict[str, Any] = {"id": int(row.key) if whole else number, "image_id": image, "category_id": category}
    if not whole:
        entry["key"] = row.key
    box: Box = row.box or (0, 0, row.width, row.height)
    entry |= {"bbox": [plain(value) for value in box], "area": plain(box[2] * box[3]), "iscrowd": 0}
    return entry | {name: value for name, value in row.attributes.items() if name not in entry or name == "iscrowd"}
