"""Wide tables of many items that are never whole in memory: rows are worked out when they are asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .encoders.base import Vectors
from .kinds import Ints

BLOCK = 2**22  # numbers of a table that are worked on at once, 16 MiB
Moments = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


class Table(Protocol):
    """float32 [n, d]; an array is one."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, rows: Ints | slice, /) -> Vectors:
        """The table's rows [m, d]."""


@dataclass(frozen=True)
class Beside:
    """Arrays [n, d1], [n, d2] ... side by side, less `middle` and divided by `spread` [d1 + d2 + ...]."""

    parts: tuple[Table, ...]
    middle: Vectors
    spread: Vectors

    @property
    def shape(self) -> tuple[int, ...]:
        return self.parts[0].shape[0], len(self.middle)

    def __getitem__(self, rows: Ints | slice) -> Vectors:
        whole = np.concatenate([part[rows] for part in self.parts], axis=1, dtype=np.float32)
        whole -= self.middle
        whole /= self.spread
        return whole


@dataclass(frozen=True)
class Computed:
    """A table whose rows are what a function makes of their numbers int64 [m]."""

    shape: tuple[int, ...]
    of: Callable[[Ints], Vectors]

    def __getitem__(self, rows: Ints | slice) -> Vectors:
        return self.of(np.arange(self.shape[0])[rows])


def chosen(table: Table, rows: Ints) -> Table:
    """A table of some rows of another; ascending ones, so that all of them are the table itself."""
    if len(rows) == table.shape[0]:
        return table
    return Computed((len(rows), table.shape[1]), lambda of: table[rows[of]])


def less_than_all(table: Table, rows: Ints, columns: Ints) -> Table:
    """A table that holds less at (rows, columns) than anywhere else in these rows."""
    if not len(rows):
        return table
    order = np.argsort(rows, kind="stable")
    rows, columns = rows[order], columns[order]

    def of(asked: Ints) -> Vectors:
        found = table[asked].copy()
        first, last = (np.searchsorted(rows, asked, side) for side in ("left", "right"))
        here = np.repeat(np.arange(len(asked)), last - first)
        which = np.arange(len(here)) - np.repeat(np.cumsum(last - first) - last, last - first)
        found[here, columns[which]] = found.min(axis=1)[here] - 1
        return found

    return Computed(table.shape, of)


def blocks(table: Table) -> Iterator[tuple[slice, Vectors]]:
    """The table in blocks of rows: where they stand, and they themselves."""
    step = max(1, BLOCK // max(table.shape[1], 1))
    for start in range(0, table.shape[0], step):
        part = slice(start, min(start + step, table.shape[0]))
        yield part, table[part]


def moments(table: Table) -> Moments:
    """Mean and variance [d] of the columns, both float64."""
    n, d = table.shape
    total, squares = np.zeros(d), np.zeros(d)
    for _, block in blocks(table):
        total += block.sum(axis=0, dtype=np.float64)
    middle = total / n
    for _, block in blocks(table):
        squares += np.square(block - middle).sum(axis=0)
    return middle, squares / n
