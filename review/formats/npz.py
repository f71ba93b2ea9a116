"""Arrays of a NumPy archive, read by ourselves: sizes are judged before memory is taken, and nothing is unpickled."""

import math
import zipfile
import zlib
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from .base import Limits, SourceError

MOST_ENTRIES = 50
MOST_AT_ONCE = 2**24  # bytes of a block of rows
BROKEN = "The file is not a whole npz archive; it was cut off or is broken."
FAULTS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, KeyError)


class Arrays:
    """The arrays of an npz by name. Raises SourceError for what is none, or is larger than the limits."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        try:
            self.archive = zipfile.ZipFile(file)
        except FAULTS:
            raise SourceError(BROKEN) from None
        entries = self.archive.infolist()
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > limits.memory_bytes:
            raise SourceError(f"The npz archive unpacks to more than {limits.memory_bytes >> 20:,} MB.")
        self.names = {entry.filename.removesuffix(".npy") for entry in entries}

    def find(self, *names: str) -> str | None:
        return next((name for name in names if name in self.names), None)

    def read(self, name: str) -> np.ndarray[Any, Any]:
        """The whole array. Raises SourceError where it is broken or would have to be unpickled."""
        try:
            with self.archive.open(f"{name}.npy") as file:
                shape, turned, kind = head(file)
                if kind.hasobject:
                    raise SourceError(f"The array {name} holds Python objects, which are not taken. Save it as text "
                                      "(dtype U) or numbers.")  # fmt: skip
                size = math.prod(shape) * kind.itemsize
                if size > self.archive.getinfo(f"{name}.npy").file_size:
                    raise SourceError(BROKEN)
                data = file.read(size)
        except FAULTS as error:
            if isinstance(error, SourceError):
                raise
            raise SourceError(BROKEN) from None
        if len(data) != size:
            raise SourceError(BROKEN)
        return np.frombuffer(data, kind).reshape(shape, order="F" if turned else "C")


def head(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """(shape, whether columns come first, dtype) of an array whose file begins here."""
    version = npy.read_magic(file)
    if version == (1, 0):
        return npy.read_array_header_1_0(file)
    if version == (2, 0):
        return npy.read_array_header_2_0(file)
    raise SourceError(BROKEN)


def texts(array: np.ndarray[Any, Any], name: str, length: int | None = None) -> list[str]:
    """A list of names or whole numbers as texts; raises SourceError."""
    if array.ndim != 1 or array.dtype.kind not in "USiu" or length not in (None, len(array)):
        wanted = "as many texts or whole numbers as there are keys" if length is not None else "a list of texts"
        raise SourceError(f"The array {name} must be {wanted}.")
    if array.dtype.kind == "S":
        return [value.decode("utf-8", "replace") for value in array.tolist()]
    return [str(value) for value in array.tolist()]


def numbers(array: np.ndarray[Any, Any], name: str, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An array of numbers of this shape as floats; raises SourceError."""
    if array.shape != shape or array.dtype.kind not in "fiu":
        wanted = " × ".join(f"{side:,}" for side in shape)
        raise SourceError(f"The array {name} must hold {wanted} numbers, as many as there are keys and labels.")
    return array.astype(np.float64)
