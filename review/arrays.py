"""Between rows and arrays. Knows no Django."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np


def chunked(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Rows some at a time, as they come."""
    rows = iter(rows)
    while some := list(itertools.islice(rows, size)):
        yield some


def or_nan(values: Sequence[float | None]) -> np.ndarray:
    """float [n], NaN where there is none."""
    return np.array([np.nan if value is None else value for value in values], float)


def or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def clusters(names: Sequence[str]) -> np.ndarray:
    """int [n]: one number for each name; an item without one ("") is alone under a number of its own."""
    number = {name: k for k, name in enumerate(dict.fromkeys(name for name in names if name))}
    return np.array([number[name] if name else len(number) + k for k, name in enumerate(names)], int)
