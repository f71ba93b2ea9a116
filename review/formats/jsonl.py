"""JSON Lines: an object a line with the fields of the CSV manifest; the box also as `box` or `bbox`, four numbers."""

import json
from collections.abc import Iterable, Iterator
from typing import IO, Any

from . import columns
from .base import PATH_LENGTH, BadRow, Changes, Columns, Row, RowError, Written, lines


def read(file: IO[bytes]) -> Iterator[Row | BadRow]:
    return read_lines(lines(file))


def read_lines(given: Iterable[str]) -> Iterator[Row | BadRow]:
    """A row a line that is not blank. Rows may have different fields."""
    checked = False
    for number, line in enumerate((line for line in given if line.strip()), 1):
        try:
            values = parse(line)
            found = columns.meanings(values)
            if not checked:
                columns.check(found, values)
                checked = True
            yield columns.typed_row(number, values, found)
        except RowError as error:
            yield BadRow(number, name_in(line), error.field, str(error))


def parse(line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise RowError(f"The line is not JSON: {why}.") from None
    if not isinstance(values, dict):
        raise RowError("The line is JSON, but not an object with fields.")
    return values


def name_in(line: str) -> str:
    """The image that a refused line names, as far as it can be told."""
    try:
        values = parse(line)
        return columns.words(values, columns.meanings(values), "image")[:PATH_LENGTH].replace("\x00", "")
    except RowError:
        return ""


def rewrite(file: IO[bytes], changes: Changes) -> Iterator[bytes]:
    """The same lines with the changes in their fields; a line without one keeps its text to the byte."""
    number = 0
    for line in lines(file):
        number += bool(line.strip())
        change = changes.get(number) if line.strip() else None
        if change is None:
            yield line.encode()
        elif not change.removed:
            values = parse(line)
            values = columns.written(values, columns.meanings(values), change.label, change.box)
            end = line[len(line.rstrip("\r\n")) :]
            yield (json.dumps(values, ensure_ascii=False) + end).encode()


def write(rows: Iterable[Written], has: Columns) -> Iterator[bytes]:
    for row in rows:
        values: dict[str, Any] = {"key": row.key, "image": row.image, "label": row.label}
        if row.box:
            values["box"] = [columns.plain(value) for value in row.box]
        yield dumped(values | {name: value for name, value in row.attributes.items() if name not in values})


def patch(fixes: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """One line a fix that stands."""
    return (dumped(fix) for fix in fixes)


def dumped(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False) + "\n").encode()
