"""A large JSON object read piece by piece, so that memory does not grow with the file, each piece with its own text, so
that what is not changed is given back to the byte."""

import contextlib
import io
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import IO, Any

from .base import SourceError

READ = 2**20
LARGEST_PIECE = 64 * 2**20
SPACE = " \t\r\n"
CUT_OFF = "The JSON file ends in the middle, after {:,} characters: it was cut off. Send it again, whole."
DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Piece:
    """A value of the object, or one item of an array in it. `before` is the text since the piece before; the last piece
    is the rest of the text and has no key."""

    before: str
    key: str | None = None
    index: int | None = None
    raw: str = ""
    value: Any = None


class Scanner:
    """Walks over a text that is held a window at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = io.TextIOWrapper(file, "utf-8-sig", newline="")
        self.window, self.at, self.ended = "", 0, False
        self.passed = 0  # characters before the window

    def fill(self, least: int = READ) -> bool:
        """Read on; False at the end of the text."""
        try:
            more = self.file.read(max(READ, least))
        except UnicodeDecodeError:
            raise SourceError("The JSON file is not in UTF-8. Save it as UTF-8.") from None
        self.passed += self.at
        self.window, self.at = self.window[self.at :] + more, 0
        self.ended = not more
        return bool(more)

    def space(self) -> str:
        """Step over white space and give it."""
        passed = ""
        while True:
            start = self.at
            while self.at < len(self.window) and self.window[self.at] in SPACE:
                self.at += 1
            passed += self.window[start : self.at]
            if self.at < len(self.window) or not self.fill():
                return passed

    def next(self) -> str:
        return self.window[self.at : self.at + 1]

    def mark(self, wanted: str) -> str:
        if not self.next():
            raise SourceError(CUT_OFF.format(self.passed + self.at))
        if self.next() != wanted:
            where = f"after {self.passed + self.at:,} characters"
            raise SourceError(f"The file is not a JSON object: {where}, {wanted!r} was expected, not {self.next()!r}.")
        self.at += 1
        return wanted

    def value(self) -> tuple[Any, str]:
        """(a value, its text)."""
        while True:
            try:
                value, end = DECODER.raw_decode(self.window, self.at)
                # A number at the edge of the window may go on behind it.
                if self.ended or not isinstance(value, int | float) or len(self.window) - end > 2:
                    raw, self.at = self.window[self.at : end], end
                    return value, raw
            except json.JSONDecodeError as error:
                if self.ended and (error.pos >= len(self.window) or error.msg.startswith("Unterminated")):
                    raise SourceError(CUT_OFF.format(self.passed + len(self.window))) from None
                if self.ended:
                    where = f"after {self.passed + error.pos:,} characters"
                    raise SourceError(f"The file is not JSON {where}: {error.msg}.") from None
            except (ValueError, RecursionError):
                raise SourceError("The JSON file holds a value that is nested too deep or too long.") from None
            if len(self.window) - self.at > LARGEST_PIECE:
                raise SourceError(f"The JSON file holds a single value of more than {LARGEST_PIECE >> 20} MB.")
            self.fill(len(self.window) - self.at)


def pieces(file: IO[bytes]) -> Iterator[Piece]:
    """All of a JSON object's text in order. Raises SourceError where it is none."""
    scan = Scanner(file)
    try:
        before = scan.space() + scan.mark("{") + scan.space()
        while scan.next() != "}":
            key, raw = scan.value()
            if not isinstance(key, str):
                raise SourceError("The file is not a JSON object: a name was expected.")
            before += raw + scan.space() + scan.mark(":") + scan.space()
            if scan.next() == "[":
                before = yield from items(scan, key, before + scan.mark("[") + scan.space())
            else:
                value, raw = scan.value()
                yield Piece(before, key, None, raw, value)
                before = ""
            before += scan.space() + comma(scan, "}")
        yield Piece(before + scan.mark("}") + scan.space())
        if scan.next():
            raise SourceError("The JSON file goes on after its end.")
    finally:
        with contextlib.suppress(ValueError):  # Whoever lent the file may have closed it.
            scan.file.detach()


def items(scan: Scanner, key: str, before: str) -> Generator[Piece, None, str]:
    """The items of an array; returns the text after the last."""
    index = 0
    while scan.next() != "]":
        value, raw = scan.value()
        yield Piece(before, key, index, raw, value)
        before, index = scan.space() + comma(scan, "]"), index + 1
    return before + scan.mark("]")


def comma(scan: Scanner, end: str) -> str:
    """The comma before the next piece with the space after it, or nothing at the end."""
    if scan.next() == end:
        return ""
    text = scan.mark(",") + scan.space()
    if scan.next() == end:
        raise SourceError("The file is not JSON: there is a comma with nothing after it.")
    return text


class Joined:
    """Puts pieces together again; where an item is left out, so is a comma."""

    def __init__(self) -> None:
        self.begun = False  # something of the array at hand has been written

    def kept(self, piece: Piece, raw: str | None = None) -> str:
        before = piece.before
        if piece.index and not self.begun:
            before = before.replace(",", "", 1)
        self.begun = piece.index is not None
        return before + (piece.raw if raw is None else raw)

    def dropped(self, piece: Piece) -> str:
        if piece.index:
            return ""
        self.begun = False
        return piece.before
