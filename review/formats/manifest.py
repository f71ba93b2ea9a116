"""A CSV manifest: image, label, and optionally a box (x, y, width, height in pixels), a key and attributes."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from .base import LABEL_LENGTH, PATH_LENGTH, BadRow, Row, RowError, SourceError, check_text

NAMES = {
    "image": ("image", "path", "file", "filename", "image_path", "file_name"),
    "label": ("label", "class", "category", "class_name"),
    "key": ("key", "id"),
    "x": ("x", "left"),
    "y": ("y", "top"),
    "width": ("width", "w"),
    "height": ("height", "h"),
}
BOX = ("x", "y", "width", "height")
LONGEST_LINE = 1_000_000


class Layout:
    """Which column holds what. Columns with no meaning here are attributes."""

    def __init__(self, header: list[str]) -> None:
        self.header = header
        lower = [name.strip().lower() for name in header]
        self.column = {
            meaning: next(lower.index(name) for name in names if name in lower)
            for meaning, names in NAMES.items()
            if any(name in lower for name in names)
        }
        for needed in ("image", "label"):
            if needed not in self.column:
                raise SourceError(
                    f"The manifest has no column '{needed}'. Its first line names: {', '.join(header)[:300]}. "
                    "It needs at least: image,label."
                )
        given = [name for name in BOX if name in self.column]
        if given and len(given) < 4:
            missing = ", ".join(name for name in BOX if name not in self.column)
            raise SourceError(f"The manifest has a part of a box only: the column {missing} is missing.")
        self.attributes = [i for i in range(len(header)) if i not in self.column.values()]

    def row(self, number: int, cells: list[str]) -> Row:
        if len(cells) != len(self.header):
            raise RowError(f"The row has {len(cells)} columns, the header has {len(self.header)}.")
        text = {meaning: cells[i].strip() for meaning, i in self.column.items()}
        return Row(
            number,
            check_text(text["image"], "image", PATH_LENGTH),
            check_text(text["label"], "label", LABEL_LENGTH),
            box(text),
            text.get("key", "") and check_text(text["key"], "key", PATH_LENGTH),
            {self.header[i]: cells[i] for i in self.attributes if cells[i] != ""},
        )


def box(text: dict[str, str]) -> tuple[float, float, float, float] | None:
    """The row's box, or None where all four of its columns are empty."""
    if not any(text.get(name) for name in BOX):
        return None
    values = []
    for name in BOX:
        try:
            values.append(float(text[name]))
        except ValueError:
            raise RowError(f"The box's {name} is {text[name]!r}, which is not a number.", name) from None
    return values[0], values[1], values[2], values[3]


def decode(data: bytes) -> str:
    """UTF-8, with a byte-order mark or without, or UTF-16 with one."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SourceError(
            f"The manifest is not in UTF-8: line {line} holds a byte that is not. Save it as UTF-8."
        ) from None


def dialect(text: str) -> type[csv.Dialect]:
    """Comma, semicolon or tab, by which occurs most in the first line."""
    first = text.split("\n", 1)[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)
        lineterminator = "\r\n" if first.endswith("\r") else "\n"

    return Found


class RawLines:
    """Hands lines to a CSV reader and remembers what made up the last row, for rows given back untouched."""

    def __init__(self, text: str) -> None:
        self.lines = io.StringIO(text, newline="")
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.taken.append(line)
            yield line

    def raw(self) -> str:
        raw = "".join(self.taken)
        self.taken.clear()
        return raw


def parse(text: str) -> Iterator[tuple[list[str], str]]:
    """(cells, the text they were read from), the header first; blank lines are passed over."""
    csv.field_size_limit(LONGEST_LINE)
    lines = RawLines(text)
    try:
        for cells in csv.reader(lines, dialect(text)):
            raw = lines.raw()
            if cells:
                yield cells, raw
    except csv.Error as error:
        raise SourceError(f"The manifest is not a CSV file: {error}.") from None


def read(file: IO[bytes]) -> Iterator[Row | BadRow]:
    rows = parse(decode(file.read()))
    layout = header(rows)
    for number, (cells, _) in enumerate(rows, 1):
        try:
            yield layout.row(number, cells)
        except RowError as error:
            name = cells[layout.column["image"]] if len(cells) > layout.column["image"] else ""
            yield BadRow(number, name[:PATH_LENGTH], error.field, str(error))


def header(rows: Iterator[tuple[list[str], str]]) -> Layout:
    first = next(rows, None)
    if first is None:
        raise SourceError("The manifest is empty.")
    return Layout(first[0])


def rewrite(data: bytes, change: Callable[[int], dict[str, Any] | None]) -> Iterable[str]:
    """The same manifest with `change(row number)` applied: None drops the row, a dict (of label, x, y, width,
    height) replaces those cells, an empty one leaves the row's text as it was, to the byte."""
    text = decode(data)
    rows = parse(text)
    first = next(rows)
    layout = Layout(first[0])
    yield first[1]
    for number, (cells, raw) in enumerate(rows, 1):
        changes = change(number)
        if changes is None:
            continue
        if not changes:
            yield raw
            continue
        for meaning, value in changes.items():
            if meaning in layout.column:
                cells[layout.column[meaning]] = str(value)
        out = io.StringIO(newline="")
        csv.writer(out, dialect(text)).writerow(cells)
        yield out.getvalue()
