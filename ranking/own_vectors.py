"""A user's own embeddings, by key: read from npz or Parquet, checked as a whole, then an encoder like any other."""

import io
import itertools
import json
from collections.abc import Callable, Iterator
from typing import IO, Any

import numpy as np

from review.arrays import chunked
from review.formats import parquet
from review.formats.base import Limits, SourceError
from review.formats.npz import Arrays, texts

from .encoders.base import EncoderUnavailable, Vectors
from .kinds import Ints

KEYS, VECTORS = ("keys", "key", "id"), ("vectors", "embeddings", "vector", "embedding")
WIDEST = 2**16  # values a vector
CHUNK = 2000
Keyed = tuple[list[str], Vectors]


class OwnVectors:
    """Vectors of objects. It is given their ids where other encoders are given crops."""

    pixels = 0

    def __init__(self, name: str, data: bytes, key: str) -> None:
        self.name, self.version = name, key[:16]
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            self.objects, self.vectors = file["objects"], file["vectors"]
        self.dim = self.vectors.shape[1]

    def encode(self, objects: Ints) -> Vectors:
        """Ids [n] to float32 [n, dim]; raises EncoderUnavailable where one has no vector."""
        places = np.minimum(np.searchsorted(self.objects, objects), len(self.objects) - 1)
        if lacking := int((self.objects[places] != objects).sum()):
            raise EncoderUnavailable(f"{self.name} has no vector of {lacking:,} objects. Send vectors of all items.")
        found: Vectors = self.vectors[places]
        return found


def read(file: IO[bytes], limits: Limits, tick: Callable[[int], None]) -> Keyed:
    """(keys [n], vectors float32 [n, d]); raises SourceError with the row or key at fault."""
    start = file.read(4)
    file.seek(0)
    if start[:2] == b"PK":
        keys, vectors = of_arrays(Arrays(file, limits))
    elif start == b"PAR1":
        keys, vectors = of_table(parquet.child_lines(file, limits, parquet.ANY), limits, tick)
    else:
        raise SourceError("The vectors are neither an npz with keys and vectors nor a Parquet table.")
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
        raise SourceError(f"The vector of {keys[row][:200]!r} (row {row + 1:,}) holds a value that is not a number.")
    if len(set(keys)) < len(keys):
        twice = next(key for key, n in itertools.groupby(sorted(keys)) if len(list(n)) > 1)
        raise SourceError(f"The key {twice[:200]!r} occurs more than once.")
    return keys, vectors


def of_arrays(arrays: Arrays) -> Keyed:
    name, other = arrays.find(*KEYS), arrays.find(*VECTORS)
    if name is None or other is None:
        raise SourceError(f"The npz needs arrays keys and vectors. It has: {', '.join(sorted(arrays.names))[:300]}.")
    keys, vectors = texts(arrays.read(name), name), arrays.read(other)
    if vectors.ndim != 2 or len(vectors) != len(keys) or vectors.dtype.kind not in "fiu":
        raise SourceError(f"The array {other} must hold a row of numbers for each of the {len(keys):,} keys.")
    check_width(vectors.shape[1])
    return keys, vectors.astype(np.float32)


def of_table(lines: Iterator[str], limits: Limits, tick: Callable[[int], None]) -> Keyed:
    keys: list[str] = []
    parts: list[Vectors] = []
    width = 0
    for some in chunked(lines, CHUNK):
        rows = [one_row(json.loads(line), len(keys) + number) for number, line in enumerate(some, 1)]
        width = width or len(rows[0][1])
        check_width(width)
        for number, (key, vector) in enumerate(rows, len(keys) + 1):
            if len(vector) != width:
                raise SourceError(
                    f"The vector of {key[:200]!r} (row {number:,}) has {len(vector)} values, those before it {width}."
                )
        parts.append(np.array([vector for _, vector in rows], np.float32))
        keys += [key for key, _ in rows]
        if 4 * width * len(keys) > limits.memory_bytes:
            raise SourceError(f"The vectors take more than {limits.memory_bytes >> 20:,} MB.")
        tick(len(keys))
    return keys, np.concatenate(parts) if parts else np.empty((0, 1), np.float32)


def one_row(values: dict[str, Any], number: int) -> tuple[str, list[float]]:
    key = next((values[name] for name in KEYS if values.get(name) not in (None, "")), None)
    vector = next((values[name] for name in VECTORS if name in values), None)
    if key is None:
        raise SourceError(f"Row {number:,} has no key. The table needs the columns key and vector.")
    if not isinstance(vector, list) or not all(isinstance(v, int | float) or v is None for v in vector):
        raise SourceError(f"The vector of {str(key)[:200]!r} (row {number:,}) is not a list of numbers.")
    return str(key), [np.nan if value is None else value for value in vector]


def check_width(width: int) -> None:
    if not 1 <= width <= WIDEST:
        raise SourceError(f"The vectors have {width:,} values each; 1 to {WIDEST:,} are taken.")
