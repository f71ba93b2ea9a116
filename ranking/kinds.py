"""What ranking's steps hand to each other, and what they call meanwhile."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]  # places of items, -1 for none
Tick = Callable[[], None]  # called every little while; it raises where the work is to stop
Say = Callable[[str], None]  # told what is being done


def nothing() -> None:
    """The tick of a caller who needs none."""


def silent(message: str) -> None:
    """For a caller who wants to hear nothing."""
