"""What is said of labels in one file: a CSV of names, guidelines and parents, or a zip of that and icons."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from .base import LABEL_LENGTH, BadRow, Limits, RowError, SourceError, check_text
from .zip_images import ZipImages

COLUMNS = ("label", "readable_name", "guideline", "parent", "icon")
ICONS = (".png", ".svg", ".jpg", ".jpeg", ".webp", ".gif")
MOST_ROWS = 20_000
LARGEST_CSV = 20 * 2**20
LONGEST_GUIDELINE = 4000


@dataclass(frozen=True)
class LabelRow:
    """What a row says of a label; None: nothing, so that it stays. `icon`: the name of a member of the archive."""

    number: int
    label: str
    readable_name: str | None = None
    guideline: str | None = None
    parent: str | None = None
    icon: str | None = None


@dataclass
class Sheet:
    """The rows that can be read, those that cannot, and where icons are (None: the file is a CSV alone)."""

    rows: list[LabelRow]
    rejected: list[BadRow]
    archive: ZipImages | None = None

    def icon(self, row: LabelRow) -> bytes:
        """Raises RowError where there is none of this name."""
        if self.archive is None:
            raise RowError("Icons come in a zip beside the CSV; this is a CSV alone.", "icon")
        return self.archive.read(row.icon or "")


def read(file: IO[bytes], limits: Limits) -> Sheet:
    """The sheet; raises SourceError with a sentence where the file as a whole is none."""
    head = file.read(4)
    file.seek(0)
    if head != b"PK\x03\x04":
        return sheet(file.read(LARGEST_CSV + 1))
    archive = ZipImages(file, limits)
    tables = [name for name in archive.names() if name.lower().endswith(".csv") and not hidden(name)]
    if len(tables) > 1:
        raise SourceError(f"The zip holds {len(tables)} CSV files. Leave one, with a row for each label.")
    found = sheet(archive.read(tables[0])) if tables else Sheet([], [])
    found.archive = archive
    named = {row.label: row.icon for row in found.rows if row.icon}
    pictures = by_name(archive, max((row.number for row in found.rows), default=0))
    found.rows += [row for row in pictures if row.label not in named and row.icon not in named.values()]
    return found


def hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def by_name(archive: ZipImages, number: int) -> Iterator[LabelRow]:
    """A picture that is called like a label is its icon."""
    for name in archive.names():
        path = PurePosixPath(name)
        if path.suffix.lower() in ICONS and not hidden(name):
            number += 1
            yield LabelRow(number, path.stem, icon=name)


def sheet(data: bytes) -> Sheet:
    if len(data) > LARGEST_CSV:
        raise SourceError(f"The CSV is larger than {LARGEST_CSV >> 20} MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError("The CSV is not UTF-8 text. Save it as CSV UTF-8.") from None
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        header = ["label" if name == "name" else name for name in header]
        if "label" not in header:
            raise SourceError(f"The CSV has no column label. Its first line names some of: {', '.join(COLUMNS)}.")
        if unknown := [name for name in header if name and name not in COLUMNS]:
            raise SourceError(f"The CSV's column {unknown[0]!r} means nothing here. Take {', '.join(COLUMNS)}.")
        return rows_of(header, lines)
    except csv.Error as error:
        raise SourceError(f"The CSV is broken near line {lines.line_num}: {error}.") from None


def rows_of(header: list[str], lines: Iterator[list[str]]) -> Sheet:
    found = Sheet([], [])
    for number, cells in enumerate(lines, 1):
        if number > MOST_ROWS:
            raise SourceError(f"The CSV has more than {MOST_ROWS:,} rows.")
        if not any(cell.strip() for cell in cells):
            continue
        try:
            found.rows.append(row_of(number, dict(zip(header, cells, strict=False))))
        except RowError as error:
            found.rejected.append(BadRow(number, "", error.field, str(error)))
    return found


def row_of(number: int, cells: dict[str, str]) -> LabelRow:
    said = {name: cells[name].strip() for name in COLUMNS if cells.get(name, "").strip()}
    if "label" not in said:
        raise RowError("The row names no label.", "label")
    for name in ("label", "readable_name", "parent"):
        if name in said:
            check_text(said[name], name, LABEL_LENGTH)
    if "guideline" in said:
        check_text(said["guideline"].replace("\n", " "), "guideline", LONGEST_GUIDELINE)
    return LabelRow(number, **said)
