"""What a reader gives: rows, good or bad, and where their images are."""

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

LABEL_LENGTH = 300
PATH_LENGTH = 1000
MAX_FILE_BYTES = 200 * 2**20
MAX_ENTRIES = 2_000_000


class SourceError(ValueError):
    """A sentence about the source as a whole: nothing of it can be taken."""


class RowError(ValueError):
    """A sentence about one row, with the field at fault."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True)
class Row:
    """One label of one object as its source states it. `number` counts from 1, the header not counted."""

    number: int
    image: str
    label: str
    box: tuple[float, float, float, float] | None = None
    key: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BadRow:
    number: int
    file: str
    field: str
    reason: str


class Images(Protocol):
    """Where a source's image files are: a folder, or an archive."""

    def names(self) -> Iterator[str]: ...

    def read(self, name: str) -> bytes:
        """The file's bytes; raises RowError."""


class FolderImages:
    """Files below one folder; a link or a `..` that leads out of it is refused."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if not self.root.is_dir():
            raise SourceError(f"{root} is not a folder.")

    def names(self) -> Iterator[str]:
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                yield path.relative_to(self.root).as_posix()

    def read(self, name: str) -> bytes:
        try:
            path = (self.root / name).resolve()
            if not path.is_relative_to(self.root):
                raise RowError(f"The image {name} lies outside the folder of the images.", "image")
            if not path.is_file():
                raise RowError(f"There is no image {name} in the folder.", "image")
            if path.stat().st_size > MAX_FILE_BYTES:
                raise RowError(f"The image {name} is larger than {MAX_FILE_BYTES >> 20} MB.", "image")
            return path.read_bytes()
        except (OSError, ValueError) as error:
            if isinstance(error, RowError):
                raise
            raise RowError(f"The image {name} could not be read.", "image") from None


class ZipImages:
    """Members of a zip archive, read one at a time and never unpacked."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self.archive = zipfile.ZipFile(file)
        except zipfile.BadZipFile:
            raise SourceError("The archive is not a zip file, or it was cut off.") from None
        members = self.archive.infolist()
        if len(members) > MAX_ENTRIES:
            raise SourceError(f"The archive holds {len(members):,} entries; at most {MAX_ENTRIES:,} are taken.")
        self.members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            refuse_unsafe(member)
            if not member.is_dir():
                self.members[member.filename] = member

    def names(self) -> Iterator[str]:
        return iter(sorted(self.members))

    def read(self, name: str) -> bytes:
        member = self.members.get(name)
        if member is None:
            raise RowError(f"There is no image {name} in the archive.", "image")
        if member.file_size > MAX_FILE_BYTES:
            raise RowError(f"The image {name} is larger than {MAX_FILE_BYTES >> 20} MB.", "image")
        try:
            with self.archive.open(member) as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            raise RowError(f"The image {name} could not be read from the archive: {error}.", "image") from None
        if len(data) > MAX_FILE_BYTES:
            raise RowError(f"The image {name} is larger than {MAX_FILE_BYTES >> 20} MB.", "image")
        return data


def refuse_unsafe(member: zipfile.ZipInfo) -> None:
    """Nothing is ever unpacked, yet an archive that tries to leave its folder is not to be trusted with the rest."""
    name = member.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or (parts and parts[0].endswith(":")):
        raise SourceError(f"The archive's entry {name!r} points outside the archive. Nothing was imported.")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise SourceError(f"The archive's entry {name!r} is a link. Nothing was imported.")


def check_text(value: str, field: str, longest: int) -> str:
    if not value:
        raise RowError(f"The {field} is empty.", field)
    if len(value) > longest:
        raise RowError(f"The {field} is {len(value):,} characters long; at most {longest} are taken.", field)
    if "\x00" in value:
        raise RowError(f"The {field} holds a zero byte.", field)
    return value
