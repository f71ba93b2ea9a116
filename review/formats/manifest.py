"""A CSV manifest: image, label, and optionally a box (x, y, width, height in pixels), a key and attributes."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import IO, Any

from . import columns
from .base import (
    LABEL_LENGTH,
    LONGEST_LINE,
    PATH_LENGTH,
    BadRow,
    Box,
    Changes,
    Columns,
    Row,
    RowError,
    SourceError,
    Written,
    check_text,
    check_value,
    lines,
)
from .columns import BOX, plain

PATCH_COLUMNS = (
    "key", "image", "row", "change", "old_label", "new_label", "old_box", "new_box", "probability", "looks", "flags",
    "resolution", "by", "at",
)  # fmt: skip


class Layout:
    """Which column holds what. Columns with no meaning here are attributes."""

    def __init__(self, header: list[str]) -> None:
        self.header = header
        named = columns.meanings(header)
        columns.check(named, header)
        self.column = {meaning: header.index(name) for meaning, name in named.items()}
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
            {self.header[i]: check_value(cells[i], self.header[i]) for i in self.attributes if cells[i] != ""},
        )


def box(text: dict[str, str]) -> Box | None:
    """The row's box, or None where all four of its columns are empty."""
    if not any(text.get(name) for name in BOX):
        return None
    values = []
    for name in BOX:
        try:
            values.append(float(text[name]))
        except ValueError:
            raise RowError(f"The box's {name} is {text[name][:100]!r}, which is not a number.", name) from None
    return values[0], values[1], values[2], values[3]


class Parsed:
    """The cells of each row together with the text that they were read from; blank lines are passed over."""

    def __init__(self, file: IO[bytes]) -> None:
        csv.field_size_limit(LONGEST_LINE)
        self.lines = lines(file)
        self.taken: list[str] = []
        first = next(self.lines, "")
        if not first.strip():
            raise SourceError("The manifest is empty.")
        self.first = first
        self.dialect = dialect(first)

    def text(self) -> Iterator[str]:
        self.taken.append(self.first)
        yield self.first
        for line in self.lines:
            self.taken.append(line)
            yield line

    def __iter__(self) -> Iterator[tuple[list[str], str]]:
        try:
            for cells in csv.reader(self.text(), self.dialect):
                raw = "".join(self.taken)
                self.taken.clear()
                if cells:
                    yield cells, raw
        except csv.Error as error:
            raise SourceError(f"The manifest is not a CSV file: {error}.") from None


def dialect(first: str) -> type[csv.Dialect]:
    """Comma, semicolon or tab, by which occurs most in the first line."""

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)
        lineterminator = "\r\n" if first.endswith("\r\n") else "\n"

    return Found


def read(file: IO[bytes]) -> Iterator[Row | BadRow]:
    rows = iter(Parsed(file))
    layout = Layout(next(rows)[0])
    for number, (cells, _) in enumerate(rows, 1):
        try:
            yield layout.row(number, cells)
        except RowError as error:
            name = cells[layout.column["image"]] if len(cells) > layout.column["image"] else ""
            yield BadRow(number, name[:PATH_LENGTH], error.field, str(error))


def rewrite(file: IO[bytes], changes: Changes) -> Iterator[bytes]:
    """The same manifest with the changes in its cells; a row without one keeps its text to the byte."""
    parsed = Parsed(file)
    rows = iter(parsed)
    header, raw = next(rows)
    layout = Layout(header)
    yield raw.encode()
    for number, (cells, raw) in enumerate(rows, 1):
        change = changes.get(number)
        if change is None:
            yield raw.encode()
        elif not change.removed:
            new: dict[str, Any] = {} if change.label is None else {"label": change.label}
            if change.box:
                new |= {name: str(plain(value)) for name, value in zip(BOX, change.box, strict=True)}
            for meaning, value in new.items():
                if meaning in layout.column:
                    cells[layout.column[meaning]] = value
            yield line(cells, parsed.dialect)


def write(rows: Iterable[Written], has: Columns) -> Iterator[bytes]:
    """A manifest of items that came in another form."""
    rich = has.boxes or has.attributes
    yield line([*(["key"] if rich else []), "image", "label", *(BOX if has.boxes else ()), *has.attributes])
    for row in rows:
        box = [str(plain(value)) for value in row.box] if row.box else [""] * 4
        values = [row.attributes.get(name, "") for name in has.attributes]
        cells = [*([row.key] if rich else []), row.image, row.label, *(box if has.boxes else ()), *values]
        yield line([harmless(cell) for cell in cells])


def patch(fixes: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """One line a fix that stands: what changed, on what evidence, by whom and when."""
    yield line(PATCH_COLUMNS)
    for fix in fixes:
        yield line([harmless(as_cell(fix[name])) for name in PATCH_COLUMNS])


def as_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}"
    return " ".join(str(plain(part)) for part in value) if isinstance(value, list) else value


def line(cells: Iterable[Any], dialect: type[csv.Dialect] = csv.excel) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, dialect).writerow(cells)
    return out.getvalue().encode()


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if not isinstance(cell, str) or cell[:1] not in ("=", "+", "-", "@", "\t", "\r"):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
