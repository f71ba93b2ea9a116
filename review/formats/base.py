"""What a reader gives, what a writer takes, and the limits that both hold to. Nothing here knows of Django."""

import contextlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

LABEL_LENGTH = 300
PATH_LENGTH = 1000
LONGEST_LINE = 4_000_000
DEEPEST = 50
MAX_FILE_BYTES = 200 * 2**20

Box = tuple[float, float, float, float]


class SourceError(ValueError):
    """A sentence about the source as a whole: nothing of it can be taken."""


class RowError(ValueError):
    """A sentence about one row, with the field at fault."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


class NoImage(RowError):
    """The file that a row names is not there."""


@dataclass(frozen=True)
class Row:
    """One label of one object as its source states it. `number` counts from 1, the header not counted."""

    number: int
    image: str
    label: str
    box: Box | None = None
    key: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    shares: bool = False  # the box is in shares of the image's sides, not in pixels
    where: str = ""  # what helps a person to find it, beside its number


@dataclass(frozen=True)
class BadRow:
    number: int
    file: str
    field: str
    reason: str

    def __post_init__(self) -> None:
        """What a source sent is told as far as it is text: no zero byte, no half character."""
        for name in ("file", "reason"):
            told = getattr(self, name).replace("\x00", "").encode(errors="replace").decode()
            object.__setattr__(self, name, told)


def refused(row: Row, field: str, reason: str) -> BadRow:
    """A row that cannot be taken, by the key that its source has for it, and by where it is, where that helps."""
    more = [f"Its id is {row.key[:200]}." if row.key else "", f"It is {row.where}." if row.where else ""]
    return BadRow(row.number, row.image, field, " ".join(filter(None, [reason, *more])))


@dataclass(frozen=True)
class Change:
    """What became of a row of the source: another label, another box, or gone."""

    label: str | None = None
    box: Box | None = None
    removed: bool = False
    size: tuple[int, int] | None = None  # of the image whose box is another, in pixels


Changes = dict[int, Change]  # by the row's number


@dataclass(frozen=True)
class Written:
    """An item as a writer needs it where the source cannot be given back with changes in it."""

    row: int
    key: str
    image: str
    width: int
    height: int
    label: str
    box: Box | None
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Columns:
    """What the rows to be written have: whether any has a box, and the names of their attributes."""

    boxes: bool
    attributes: list[str]


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold and a reader may use."""

    entries: int = 2_000_000
    unpacked_bytes: int = 100 * 2**30
    ratio: int = 200
    empty_entries: int = 10_000
    memory_bytes: int = 2 * 2**30


class Images(Protocol):
    """Where a source's image files are: a folder, or an archive."""

    def names(self) -> Iterator[str]: ...

    def read(self, name: str) -> bytes:
        """The file's bytes; raises RowError."""


class Files(Images, Protocol):
    """All files of a source."""

    def head(self, name: str, size: int) -> bytes:
        """Its first bytes, without the cost of the others; raises RowError."""


def check_text(value: str, field: str, longest: int) -> str:
    if not value:
        raise RowError(f"The {field} is empty.", field)
    if len(value) > longest:
        raise RowError(f"The {field} is {len(value):,} characters long; at most {longest} are taken.", field)
    if "\x00" in value:
        raise RowError(f"The {field} holds a zero byte.", field)
    if not (value.isascii() or encodes(value)):
        raise RowError(f"The {field} holds half a character.", field)
    return value


def encodes(text: str) -> bool:
    """Whether a text is whole characters: JSON can name half of one, which neither UTF-8 nor PostgreSQL takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_value(value: Any, field: str, depth: int = 0) -> Any:
    """A value as the database can keep it; raises RowError for one that it cannot."""
    if depth > DEEPEST:
        raise RowError(f"The field {field[:100]} is nested more than {DEEPEST} deep.", field[:200])
    if isinstance(value, str):
        if "\x00" in value or not (value.isascii() or encodes(value)):
            raise RowError(f"The field {field[:100]} holds a character that cannot be kept.", field[:200])
    elif isinstance(value, float) and not math.isfinite(value):
        raise RowError(f"The field {field[:100]} holds a number that is not finite.", field[:200])
    elif isinstance(value, list):
        for one in value:
            check_value(one, field, depth + 1)
    elif isinstance(value, dict):
        for name, one in value.items():
            check_value(name, field, depth + 1)
            check_value(one, field, depth + 1)
    return value


def lines(file: IO[bytes], what: str = "manifest") -> Iterator[str]:
    """A text file line by line with its line ends: UTF-8, with a byte-order mark or without, or UTF-16 with one.
    Raises SourceError at the first line that is not, or that is too long to be one."""
    start = file.read(2)
    file.seek(0)
    if start == b"\x1f\x8b":
        raise SourceError(f"The {what} is packed by gzip. Unpack it and send it as it is.")
    encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")
    number = 1
    try:
        while line := text.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise SourceError(f"Line {number} of the {what} is longer than {LONGEST_LINE:,} characters.")
            if not (line.isascii() or encodes(line)):
                raise SourceError(
                    f"The {what} is not in UTF-8: line {number} holds a byte that is not. Save it as UTF-8."
                )
            yield line
            number += 1
    except UnicodeError:
        raise SourceError(f"The {what} is not in UTF-8 (line {number}). Save it as UTF-8.") from None
    finally:
        with contextlib.suppress(ValueError):  # Whoever lent the file may have closed it.
            text.detach()
