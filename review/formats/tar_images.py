"""Members of a tar archive (POSIX ustar, pax and GNU names). Read by ourselves: nothing is unpacked to disk by name,
and a name's length is judged before it is read."""

import tempfile
import zlib
from collections.abc import Iterator
from typing import IO

from .base import Limits, NoImage, SourceError
from .members import Budget, check_name, check_size

BLOCK = 512
LONGEST_NAME = 2**16
REGULAR, FOLDER, GNU_NAME, PAX, PAX_GLOBAL = b"0\x007", b"5", b"L", b"x", b"g"
KINDS = {b"1": "a hard link", b"2": "a link", b"3": "a device", b"4": "a device", b"6": "a pipe"}
CUT_OFF = "The archive is not a whole tar file; it was cut off or is broken."
READ = 2**20
SMALL = 64 * 2**20  # up to here no ratio is too good


class TarImages:
    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self.file = file
        self.members: dict[str, tuple[int, int]] = {}  # name: (offset, size)
        budget = Budget(limits)
        for name, at, size in entries(file, budget):
            if name in self.members:
                raise SourceError(f"The archive's entry {name[:300]!r} occurs twice. Nothing was imported.")
            self.members[name] = at, size

    def names(self) -> Iterator[str]:
        return iter(sorted(self.members))

    def read(self, name: str) -> bytes:
        at, size = self.member(name)
        check_size(name, size)
        self.file.seek(at)
        return self.file.read(size)

    def head(self, name: str, size: int) -> bytes:
        at, whole = self.member(name)
        self.file.seek(at)
        return self.file.read(min(size, whole))

    def member(self, name: str) -> tuple[int, int]:
        if name not in self.members:
            raise NoImage(f"There is no image {name} in the archive.", "image")
        return self.members[name]


def entries(file: IO[bytes], budget: Budget) -> Iterator[tuple[str, int, int]]:
    """(name, offset, size) of each plain file; raises SourceError for what is neither that nor a folder."""
    whole = file.seek(0, 2)
    at = 0
    said: dict[str, str] = {}  # what an entry before said of the next one
    while at + BLOCK <= whole:
        file.seek(at)
        head = file.read(BLOCK)
        if not head.strip(b"\0"):
            return
        if not is_tar(head):
            raise SourceError(CUT_OFF)
        kind, size = head[156:157], number(head[124:136])
        if kind in (GNU_NAME, PAX, PAX_GLOBAL):
            budget.take(1)
            more = told(kind, note(file, size))
            said |= more if kind != PAX_GLOBAL else {}
        else:
            name = said.get("path") or name_of(head)
            size = length(said, size)
            refuse(kind, name, said)
            if kind in REGULAR and not name.endswith("/"):
                budget.take(size)
                if at + BLOCK + size > whole:
                    raise SourceError(CUT_OFF)
                yield plain(name), at + BLOCK, size
            else:
                budget.take(1)
            said = {}
        at += BLOCK + -(-size // BLOCK) * BLOCK
    raise SourceError(CUT_OFF)  # A whole one ends with a block of zeros.


def is_tar(head: bytes) -> bool:
    """Whether a block is a header: its checksum counts its own eight bytes as spaces."""
    if len(head) < BLOCK:
        return False
    try:
        return number(head[148:156]) == sum(head[:148]) + 8 * 32 + sum(head[156:BLOCK])
    except SourceError:
        return False


def number(field: bytes) -> int:
    """An octal number, or GNU's base 256 where the first bit says so."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.split(b"\0", 1)[0].strip() or b"0", 8)
    except ValueError:
        raise SourceError(CUT_OFF) from None


def note(file: IO[bytes], size: int) -> bytes:
    """What an entry says about the next one. Its length is as the archive claims, so it is judged first."""
    if size > LONGEST_NAME:
        raise SourceError(f"The archive has a name of {size:,} bytes. Nothing was imported.")
    return file.read(size)


def told(kind: bytes, data: bytes) -> dict[str, str]:
    if kind == GNU_NAME:
        return {"path": data.rstrip(b"\0").decode("utf-8", "replace")}
    found = {}
    while data:
        length, _, rest = data.partition(b" ")
        if not length.isdigit() or not len(length) < int(length) <= len(data):
            raise SourceError(CUT_OFF)
        name, _, value = rest[: int(length) - len(length) - 1].rstrip(b"\n").partition(b"=")
        found[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        data = data[int(length) :]
    return found


def length(said: dict[str, str], size: int) -> int:
    given = said.get("size", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        raise SourceError(CUT_OFF)
    return int(given) if given else size


def name_of(head: bytes) -> str:
    name, prefix = text(head[:100]), text(head[345:500]) if head[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")


def plain(name: str) -> str:
    """`./a.jpg`, as tar writes it for a whole folder, is `a.jpg`."""
    return name.removeprefix("./")


def refuse(kind: bytes, name: str, said: dict[str, str]) -> None:
    check_name(name)
    if any(key.startswith("GNU.sparse") for key in said):
        raise SourceError(f"The archive's entry {name[:300]!r} is a sparse file. Nothing was imported.")
    if kind not in REGULAR and kind != FOLDER:
        raise SourceError(f"The archive's entry {name[:300]!r} is {KINDS.get(kind, 'no plain file')}. "
                          "Nothing was imported.")  # fmt: skip


def unpacked(file: IO[bytes], limits: Limits) -> IO[bytes]:
    """The tar within a tar.gz, in a file without a name that goes away with the process. Stops at the limits."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the archive is read)
    packed = size = 0
    for data, taken in gunzip(file):
        packed, size = taken, size + len(data)
        if size > limits.unpacked_bytes:
            raise SourceError(f"The archive unpacks to more than {limits.unpacked_bytes >> 20:,} MB.")
        if size > SMALL and size > limits.ratio * packed:
            raise SourceError(f"The archive unpacks to more than {limits.ratio} times its size.")
        out.write(data)
    out.seek(0)
    return out


def gunzip(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """(some bytes, how many packed bytes were read so far), never more than READ bytes at once."""
    stream, taken, data = zlib.decompressobj(31), 0, b""
    try:
        while data or (data := file.read(READ)):
            before = len(data)
            out = stream.decompress(data, READ)
            data = stream.unconsumed_tail or stream.unused_data
            taken += before - len(data)
            yield out, taken
            if stream.eof:
                if not data.startswith(b"\x1f\x8b"):
                    return
                stream = zlib.decompressobj(31)
    except zlib.error:
        raise SourceError("The archive is not a whole tar.gz file; it was cut off or is broken.") from None
    if not stream.eof:
        raise SourceError("The archive is not a whole tar.gz file; it was cut off or is broken.")
