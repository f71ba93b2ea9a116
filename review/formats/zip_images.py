"""Members of a zip archive (APPNOTE 6.3.10). Read by ourselves: the standard library of some Pythons in use takes
archives whose entries overlap, and keeps half a kilobyte of memory for each of a million entries."""

import array
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from .base import Limits, NoImage, RowError, SourceError
from .members import Budget, check_name, check_size

END, END64, END64_AT = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
ENTRY = struct.Struct("<4s6H3I5H2I")
LOCAL = struct.Struct("<4s5H3I2H")
STORED, DEFLATED = 0, 8
ENCRYPTED, UTF8 = 1, 0x800
FULL = 0xFFFFFFFF
BLOCK = 2**18
WINDOW, LONGEST_LINE = 2**14, ENTRY.size + 3 * 2**16
SMALL = 2**20  # up to here no ratio is too good
NOT_ZIP = "The archive is not a whole zip file; it was cut off or is broken."


@dataclass(frozen=True)
class Entry:
    """One line of the archive's table of contents; sizes in bytes."""

    name: str
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    mode: int
    at: int


class ZipImages:
    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self.file, self.limits = file, limits
        self.members: dict[str, int] = {}  # name: where its line in the table of contents is
        self.window, self.window_at = b"", 0  # a stretch of the table of contents, and where it begins
        try:
            self.index()
        except (struct.error, EOFError, UnicodeError, OSError):
            raise SourceError(NOT_ZIP) from None

    def index(self) -> None:
        start, size = directory(self.file)
        budget = Budget(self.limits)
        spans = array.array("Q")
        for place, entry in entries(self.file, start, size):
            check_name(entry.name)
            refuse_special(entry)
            if entry.name.endswith("/"):
                continue
            budget.take(entry.size)
            if entry.name in self.members:
                raise SourceError(f"The archive's entry {entry.name[:300]!r} occurs twice. Nothing was imported.")
            self.members[entry.name] = place
            spans.append(entry.at)
            spans.append(entry.at + LOCAL.size + entry.packed)
        refuse_overlap(spans, start)

    def names(self) -> Iterator[str]:
        return iter(sorted(self.members))

    def read(self, name: str) -> bytes:
        with self.broken(name):
            entry = self.found(name)
            packed = self.packed(entry, entry.packed)
            data = packed if entry.method == STORED else zlib.decompressobj(-15).decompress(packed, entry.size + 1)
            if len(data) != entry.size or zlib.crc32(data) != entry.checksum:
                raise RowError(f"The image {name} is not what the archive says it is: it is broken.", "image")
            return data

    def head(self, name: str, size: int) -> bytes:
        """Its first bytes, whose checksum nobody knows."""
        with self.broken(name):
            entry = self.found(name)
            packed = self.packed(entry, min(entry.packed, size + BLOCK))
            return packed[:size] if entry.method == STORED else zlib.decompressobj(-15).decompress(packed, size)

    @contextmanager
    def broken(self, name: str) -> Iterator[None]:
        """What a member that cannot be unpacked raises, as RowError."""
        try:
            yield
        except (struct.error, EOFError, zlib.error, OSError):
            raise RowError(f"The image {name} could not be read from the archive: it is broken.", "image") from None

    def found(self, name: str) -> Entry:
        if name not in self.members:
            raise NoImage(f"There is no image {name} in the archive.", "image")
        return self.entry(self.members[name])

    def entry(self, place: int) -> Entry:
        """The line of the table of contents that begins there. Images are mostly asked for in its order, so some of
        what follows is read with it."""
        for size in (WINDOW, LONGEST_LINE):
            if place < self.window_at or not holds_line(self.window, place - self.window_at):
                self.file.seek(place)
                self.window, self.window_at = self.file.read(size), place
        return parse(self.window, place - self.window_at)[0]

    def packed(self, entry: Entry, size: int) -> bytes:
        """The first bytes of a member as they are in the archive."""
        check_size(entry.name, max(entry.size, entry.packed))
        if entry.flags & ENCRYPTED or entry.method not in (STORED, DEFLATED):
            why = "it is encrypted" if entry.flags & ENCRYPTED else "it is packed by a method other than deflate"
            raise RowError(f"The image {entry.name} cannot be read from the archive: {why}.", "image")
        if entry.size > SMALL and entry.size > self.limits.ratio * max(entry.packed, 1):
            raise RowError(
                f"The image {entry.name} unpacks to more than {self.limits.ratio} times its size in the archive.",
                "image",
            )
        self.file.seek(entry.at)
        head = LOCAL.unpack(self.file.read(LOCAL.size))
        if head[0] != b"PK\x03\x04":
            raise EOFError
        self.file.read(head[-2] + head[-1])
        return self.file.read(size)


def directory(file: IO[bytes]) -> tuple[int, int]:
    """(where the table of contents begins, its length in bytes)."""
    end = file.seek(0, 2)
    tail = min(end, 2**16 + 22)
    file.seek(end - tail)
    data = file.read(tail)
    at = data.rfind(END)
    if at < 0:
        raise SourceError(NOT_ZIP)
    size, start = struct.unpack_from("<2I", data, at + 12)
    place = end - tail + at
    if data[at - 20 : at - 16] == END64_AT and at >= 20:
        (place,) = struct.unpack_from("<Q", data, at - 12)
        file.seek(place)
        record = file.read(56)
        if record[:4] != END64:
            raise SourceError(NOT_ZIP)
        size, start = struct.unpack_from("<2Q", record, 40)
    if start + size > place:
        raise SourceError(NOT_ZIP)
    return start, size


def entries(file: IO[bytes], start: int, size: int) -> Iterator[tuple[int, Entry]]:
    """(its place in the file, entry), read a block at a time."""
    file.seek(start)
    window, at, left, place = b"", 0, size, start
    while left or at < len(window):
        if len(window) - at < LONGEST_LINE and left:
            block = file.read(min(BLOCK + 2**18, left))
            if not block:
                raise EOFError
            window, at, left = window[at:] + block, 0, left - len(block)
        entry, length = parse(window, at)
        yield place, entry
        at, place = at + length, place + length


def holds_line(data: bytes, start: int) -> bool:
    """Whether the line that begins there is whole."""
    if len(data) < start + ENTRY.size:
        return False
    return len(data) >= start + ENTRY.size + sum(ENTRY.unpack_from(data, start)[10:13])


def parse(data: bytes, start: int = 0) -> tuple[Entry, int]:
    """(the entry whose line begins there, the line's length)."""
    (signature, made, _, flags, method, _, _, checksum, packed, size, named, extra, comment, _, _, external, at) = (
        ENTRY.unpack_from(data, start)
    )
    length = ENTRY.size + named + extra + comment
    if signature != b"PK\x01\x02" or len(data) - start < length:
        raise SourceError(NOT_ZIP)
    named_to = start + ENTRY.size + named
    name = data[start + ENTRY.size : named_to].decode("utf-8" if flags & UTF8 else "cp437")
    size, packed, at = large(data[named_to : named_to + extra], size, packed, at)
    mode = external >> 16 if made >> 8 in (3, 19) else 0
    return Entry(name, flags, method, checksum, packed, size, mode, at), length


def large(extra: bytes, *values: int) -> tuple[int, ...]:
    """The values with those that are too large for four bytes taken from the extra field."""
    if FULL not in values:
        return values
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == 1:
            found = iter(struct.unpack_from(f"<{sum(v == FULL for v in values)}Q", extra, 4))
            return tuple(next(found) if value == FULL else value for value in values)
        extra = extra[4 + length :]
    raise SourceError(NOT_ZIP)


def refuse_special(entry: Entry) -> None:
    kind = stat.S_IFMT(entry.mode)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "a link" if kind == stat.S_IFLNK else "no plain file"
        raise SourceError(f"The archive's entry {entry.name[:300]!r} is {what}. Nothing was imported.")


def refuse_overlap(spans: array.array, directory_start: int) -> None:
    """Entries that share their bytes let a small archive unpack to any size (CVE-2024-0450)."""
    order = sorted(range(0, len(spans), 2), key=spans.__getitem__)
    ends = [*(spans[k] for k in order[1:]), directory_start]
    for this, end in zip(order, ends, strict=False):
        if spans[this + 1] > end:
            raise SourceError("The archive's entries overlap, as in an archive made to do harm. Nothing was imported.")
