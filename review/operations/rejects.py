"""Refused rows as people download them, and other tables: CSV."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from ..formats.base import BadRow
from ..formats.manifest import harmless

HEADER = ("row", "file", "field", "reason")
Line = tuple[Any, ...]


class Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[Line], header: tuple[str, ...] = HEADER) -> Iterator[str]:
    """The lines; no cell is a formula."""
    writer = csv.writer(Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def lines(rows: Iterable[BadRow]) -> Iterator[Line]:
    return ((row.number, row.file, row.field, row.reason) for row in rows)
