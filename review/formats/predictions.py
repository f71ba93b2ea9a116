"""What a user's own model says, by key: CSV, JSON Lines and Parquet with a row an item, or arrays in an npz."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from . import jsonl, manifest, parquet
from .base import BadRow, Limits, RowError, SourceError, lines
from .columns import words
from .npz import Arrays, numbers, texts

NAMES = {
    "key": ("key", "id", "image", "path", "file", "filename", "image_path", "file_name"),
    "predicted": ("predicted", "prediction", "predicted_label"),
    "probability": ("probability", "confidence"),
    "loss": ("loss",),
    "probabilities": ("probabilities",),
}
OF_LABEL = "p:"  # before a label's name: the column of its probability
SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".npz")
NOTHING = (
    "No column says what the model thinks: predicted, loss, probabilities, or p: and a label's name for each label."
)

Floats = npt.NDArray[np.float64]


@dataclass
class Said:
    """A row's words. None: not said. `probabilities` by label, those it does not name being 0."""

    number: int
    key: str
    predicted: str | None = None
    probability: float | None = None
    loss: float | None = None
    probabilities: Mapping[str, float] | None = None


@dataclass
class Layout:
    """Which column says what."""

    column: dict[str, str]
    of_label: dict[str, str] = field(default_factory=dict)

    @property
    def says(self) -> bool:
        return bool(self.of_label or self.column.keys() & {"predicted", "loss", "probabilities"})


class Header(tuple[str, ...]):
    """The columns of a table that names them first."""


@lru_cache(1000)
def layout(header: tuple[str, ...]) -> Layout:
    names = {name.strip().lower(): name for name in header}
    found = {meaning: names[name] for meaning, known in NAMES.items() for name in reversed(known) if name in names}
    of_label = {name.strip()[len(OF_LABEL) :]: name for name in header if name.strip().startswith(OF_LABEL)}
    return Layout(found, of_label)


def read(file: IO[bytes], limits: Limits) -> Iterator[Said | BadRow]:
    """Every row; raises SourceError for what is no such file, or lacks a column without which no row can be taken."""
    start = file.read(6)
    file.seek(0)
    if start[:2] == b"PK":
        return of_arrays(Arrays(file, limits))
    if start[:4] == b"PAR1":
        return of_rows(parsed(parquet.child_lines(file, limits, parquet.ANY)))
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return of_rows(parsed(lines(file, "file")))
    return of_rows(of_csv(file))


def parsed(given: Iterable[str]) -> Iterator[dict[str, Any] | RowError]:
    for line in given:
        if line.strip():
            try:
                yield jsonl.parse(line)
            except RowError as error:
                yield error


def of_csv(file: IO[bytes]) -> Iterator[Header | dict[str, Any] | RowError]:
    rows = iter(manifest.Parsed(file))
    header, _ = next(rows)
    yield Header(header)
    for cells, _ in rows:
        if len(cells) != len(header):
            yield RowError(f"The row has {len(cells)} columns, the header has {len(header)}.")
        else:
            yield {name: cell for name, cell in zip(header, cells, strict=True) if cell != ""}


def of_rows(rows: Iterable[Header | dict[str, Any] | RowError]) -> Iterator[Said | BadRow]:
    said: set[str] = set()
    number = 0
    for row in rows:
        if not isinstance(row, RowError):
            said |= set(row)
        if isinstance(row, Header):
            check(row)
            continue
        number += 1
        yield BadRow(number, "", row.field, str(row)) if isinstance(row, RowError) else one_row(number, row)
    check(Header(sorted(said)))


def check(header: Header) -> None:
    """Raise SourceError where no row could say anything."""
    found = layout(header)
    if "key" not in found.column:
        raise SourceError(f"There is no column 'key' to know the items by. The file names: {', '.join(header)[:300]}.")
    if not found.says:
        raise SourceError(NOTHING)


def one_row(number: int, row: Mapping[str, Any], known: str = "") -> Said | BadRow:
    """What a row says, of the item whose key is `known` or in the row."""
    found = layout(tuple(row))
    key = known
    try:
        key = known or words(row, found.column, "key").strip()
        if not key:
            raise RowError("The row has no key.", "key")
        return Said(
            number,
            key,
            words(row, found.column, "predicted").strip() or None,
            value(row, found.column.get("probability"), "probability"),
            value(row, found.column.get("loss"), "loss"),
            probabilities(row, found),
        )
    except RowError as error:
        return BadRow(number, key, error.field, str(error))


def value(row: Mapping[str, Any], name: str | None, said: str) -> float | None:
    """The column's number, be it nan, which is for others to judge; None where it is not said."""
    given = row.get(name) if name else None
    if given is None or given == "":
        return None
    try:
        return float(given) if not isinstance(given, bool) else 1 / 0
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise RowError(f"The {said} is {str(given)[:100]!r}, which is not a number.", said) from None


def probabilities(row: Mapping[str, Any], found: Layout) -> dict[str, float] | None:
    given = row.get(found.column.get("probabilities", ""))
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            raise RowError("The probabilities are not an object of labels and numbers.", "probabilities") from None
    if given is None:
        columns = {label: value(row, name, name) for label, name in found.of_label.items()}
        named = {label: p for label, p in columns.items() if p is not None}
        return named or None
    if not isinstance(given, dict):
        raise RowError("The probabilities are not an object of labels and numbers.", "probabilities")
    return {label: p for label in given if (p := value(given, label, "probability")) is not None}


def of_arrays(arrays: Arrays) -> Iterator[Said]:
    """`keys` [n] with `predicted` [n], `probability` [n], `loss` [n], or `labels` [k] and `probabilities` [n, k]."""
    name = arrays.find("keys", "key")
    if name is None:
        raise SourceError(f"There is no array 'keys'. The file has: {', '.join(sorted(arrays.names))[:300]}.")
    keys = texts(arrays.read(name), name)
    n = len(keys)
    columns: dict[str, Any] = {}
    for meaning, known in (("probability", ("probability",)), ("loss", ("loss", "losses"))):
        if name := arrays.find(*known):
            columns[meaning] = numbers(arrays.read(name), name, (n,)).tolist()
    if name := arrays.find("predicted"):
        columns["predicted"] = texts(arrays.read(name), name, n)
    if not columns.keys() & {"loss", "predicted"} and arrays.find("probabilities") is None:
        raise SourceError("The file has neither of the arrays predicted, loss and probabilities.")
    table, labels = vectors(arrays, n)
    for row, key in enumerate(keys):
        more = None if table is None else dict(zip(labels, table[row].tolist(), strict=True))
        yield Said(row + 1, key, **{name: of[row] for name, of in columns.items()}, probabilities=more)


def vectors(arrays: Arrays, n: int) -> tuple[Floats | None, list[str]]:
    if arrays.find("probabilities") is None:
        return None, []
    if arrays.find("labels") is None:
        raise SourceError("There is no array 'labels' to say which label each column of probabilities is.")
    labels = texts(arrays.read("labels"), "labels")
    if len(set(labels)) < len(labels):
        raise SourceError("The array labels names a label twice.")
    return numbers(arrays.read("probabilities"), "probabilities", (n, len(labels))), labels


def fault(said: Said, tolerance: float) -> tuple[str, str] | None:
    """(field, the sentence) of what is wrong with a row's numbers."""
    if said.loss is not None and not math.isfinite(said.loss):
        return "loss", f"The loss is {said.loss}, which is not a finite number."
    if said.probability is not None and not 0 <= said.probability <= 1:
        return "probability", f"The probability is {said.probability:g}, which is not between 0 and 1."
    if said.probabilities is not None:
        given = list(said.probabilities.values())
        if not all(math.isfinite(p) for p in given):
            return "probabilities", "A probability is not a finite number."
        if min(given, default=0) < 0:
            return "probabilities", f"A probability is negative: {min(given):g}."
        if abs(sum(given) - 1) > tolerance:
            return "probabilities", f"The probabilities sum to {sum(given):g} and not to 1."
    elif said.predicted is None and said.loss is None:
        return "", "The row says neither what is predicted nor a loss."
    return None
