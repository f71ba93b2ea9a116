"""Refused rows as people download them: CSV, with the reason in a sentence."""

import csv
from collections.abc import Iterable, Iterator

from ..formats.base import BadRow
from ..formats.manifest import harmless

HEADER = ("row", "file", "field", "reason")
Line = tuple[int, str, str, str]


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
