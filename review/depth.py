"""Grey of more than 8 bits, brought to 8 by one window for a whole dataset: what is dimmer than another stays so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    import numpy as np

MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
SHARES = (0.005, 0.995)  # of the sampled pixels: what lies below the first is black, beyond the last white
STEPS = 400  # values kept of each sampled object, evenly spaced among its sorted pixels

Window = tuple[float, float]


def deep(image: Image.Image) -> bool:
    """Whether its pixels hold more than 8 bits of grey. Of colour with 16 bits a channel Pillow gives the upper 8."""
    return image.mode in MODES


def windowed(image: Image.Image, window: Window) -> Image.Image:
    """A deep image as `L`: low is 0, high is 255, linear between. Pixels that are no number are black."""
    import numpy as np  # Only where there is depth: a decoder of plain photos starts without it.

    low, high = window
    values = np.nan_to_num(pixels(image), copy=False, nan=low, posinf=high, neginf=low)
    values -= low
    values *= 255 / (high - low)
    return Image.fromarray(np.rint(np.clip(values, 0, 255, out=values), out=values).astype(np.uint8))


def sampled(image: Image.Image) -> list[float]:
    """STEPS values that stand for the image's finite pixels, ascending; none where there is no such pixel."""
    import numpy as np

    values = pixels(image)
    values = np.sort(values[np.isfinite(values)])
    if not len(values):
        return []
    places = (np.arange(STEPS) + 0.5) * (len(values) / STEPS)
    return values[places.astype(np.int64)].tolist()


def pixels(image: Image.Image) -> np.ndarray[Any, np.dtype[np.float32]]:
    """[height, width]; whole numbers beyond 2**24 lose their last bits."""
    import numpy as np

    return np.asarray(image).astype(np.float32)


def window_of(samples: Sequence[Sequence[float]]) -> Window:
    """The window between SHARES of the sampled objects' values, each object weighing the same. ValueError for none."""
    values = sorted(value for sample in samples for value in sample)
    if not values:
        raise ValueError
    low, high = (values[min(int(share * len(values)), len(values) - 1)] for share in SHARES)
    return (low, high) if high > low else (low, low + 1.0)
