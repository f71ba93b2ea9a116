"""Plain small pixels, evened out in light and contrast: the honest stand-in where no weights can be had."""

import numpy as np

from .base import Crops, Vectors

FLAT = 8.0  # grey levels: a crop of less contrast than this is not blown up to full contrast


class Pixels:
    """Each crop as its own pixels, minus its mean, over its contrast."""

    name = "pixels"

    def __init__(self, pixels: int = 16) -> None:
        self.pixels = pixels
        self.dim = pixels * pixels * 3
        self.version = f"pixels-{pixels}-1"

    def encode(self, crops: Crops) -> Vectors:
        """RGB crops uint8 [n, pixels, pixels, 3] to float32 [n, dim]; a vector's squared length is at most 1."""
        flat = crops.reshape(len(crops), -1).astype(np.float32)
        flat -= flat.mean(axis=1, keepdims=True)
        contrast = flat.std(axis=1, keepdims=True)
        flat /= np.maximum(contrast, np.float32(FLAT)) * np.float32(np.sqrt(self.dim))
        return flat
