"""Files of votes and of truth, and the file that comes of them: CSV with a header, packed by gzip or not."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from .layout import Answers

DELIMITERS = ",;\t"
GZIP = b"\x1f\x8b"


class VoteFileError(Exception):
    """What is wrong with a file, in a sentence that says where."""


def read_votes(path: Path) -> tuple[Answers, list[str], list[str]]:
    """(votes, names of tasks, names of labels). Numbers follow the names' order, whatever the order of rows."""
    columns = list(zip(*rows(path, ("task", "worker", "label")), strict=True)) or [(), (), ()]
    numbered = [numbers(list(column)) for column in columns]
    (tasks, task), (workers, worker), (labels, label) = numbered
    return Answers(task, worker, label, len(tasks), len(workers), len(labels)), tasks, labels


def read_truth(path: Path) -> dict[str, str]:
    truth: dict[str, str] = {}
    for task, label in rows(path, ("task", "label")):
        if truth.setdefault(task, label) != label:
            raise VoteFileError(
                f"{path}: task {task!r} has two labels, {truth[task]!r} and {label!r}. Leave one of them."
            )
    return truth


def write_labels(path: Path, tasks: list[str], labels: list[str], probability: list[float]) -> None:
    """One row a task: task, label, probability."""
    try:
        with gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(("task", "label", "probability"))
            out.writerows((t, name, f"{p:.6f}") for t, name, p in zip(tasks, labels, probability, strict=True))
    except OSError as error:
        raise VoteFileError(f"{path} cannot be written: {error.strerror or error}.") from error


def numbers(column: list[str]) -> tuple[list[str], np.ndarray]:
    names = sorted(set(column))
    number = {name: k for k, name in enumerate(names)}
    return names, np.fromiter(map(number.__getitem__, column), np.int64, len(column))


def rows(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The wanted cells of each row that is not empty."""
    try:
        with opened(path) as file:
            header = file.readline()
            delimiter = max(DELIMITERS, key=header.count)
            table = csv.reader(file, delimiter=delimiter)
            places = columns_of(path, next(csv.reader([header], delimiter=delimiter), []), wanted)
            yield from picked(path, table, places, wanted)
    except UnicodeDecodeError as error:
        raise VoteFileError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise VoteFileError(f"{path} is cut off or damaged: it cannot be unpacked.") from error
    except OSError as error:
        raise VoteFileError(f"{path} cannot be read: {error.strerror or error}.") from error


def opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return (gzip.open if packed else open)(path, "rt", encoding="utf-8-sig", newline="")


def columns_of(path: Path, header: list[str], wanted: tuple[str, ...]) -> list[int]:
    names = [cell.strip().lower() for cell in header]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise VoteFileError(
            f"{path}, row 1: no column {' and no column '.join(missing)}. The header must name {', '.join(wanted)}."
        )
    return [names.index(name) for name in wanted]


def picked(
    path: Path, table: Iterator[list[str]], places: list[int], wanted: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    width, number = max(places), 1
    try:
        for number, cells in enumerate(table, start=2):  # noqa: B007
            if not cells:
                continue
            found = tuple(cells[place].strip() if place < len(cells) else "" for place in places)
            if len(cells) <= width or not all(found):
                raise VoteFileError(f"{path}, row {number}, column {wanted[found.index('')]}: nothing stands there.")
            yield found
    except csv.Error as error:
        raise VoteFileError(f"{path}, row {number + 1}: {error}.") from error
