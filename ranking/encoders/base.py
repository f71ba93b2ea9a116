"""What every encoder offers: crops in, one vector a crop out."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

Crops = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float32]


class EncoderUnavailable(RuntimeError):
    """A sentence that says what the encoder lacks and what to do about it."""


class Encoder(Protocol):
    """Turns crops into vectors whose squared Euclidean distance says how unlike two crops look.

    `version` changes with all that changes the vectors: weights, pixel size, code. Vectors of two versions never mix.
    """

    name: str
    version: str
    pixels: int
    dim: int

    def encode(self, crops: Crops) -> Vectors:
        """RGB crops uint8 [n, pixels, pixels, 3] to float32 [n, dim]."""
