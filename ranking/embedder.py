"""Crops to what is kept of them: how they look, by the encoder, and their shapes, each in at most 256 dimensions."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import edges
from .encoders.base import Crops, Encoder, Vectors
from .projection import Projection, fit

BATCH = 64


@dataclass(frozen=True)
class Embedder:
    """An encoder with its frozen projections. Neighbours and orders go by the look, suspicion by look and shapes."""

    encoder: Encoder
    look: Projection
    shapes: Projection

    def embed(self, crops: Crops, small: Crops) -> tuple[Vectors, Vectors]:
        """Crops of `sizes` to look float32 [n, <=256] and shapes float32 [n, <=256]. Wide vectors live for a batch."""
        looks = [self.look.apply(wide) for wide in batches(self.encoder, crops)]
        return np.concatenate(looks), self.shapes.apply(edges.encode(small))

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        np.savez(
            out,
            look_axes=self.look.axes.astype(np.float16),
            look_offset=self.look.offset,
            shapes_axes=self.shapes.axes.astype(np.float16),
            shapes_offset=self.shapes.offset,
        )
        return out.getvalue()


def sizes(encoder: Encoder) -> tuple[int, int]:
    """The sides in pixels of the crops that `embed` takes."""
    return encoder.pixels, edges.PIXELS


def version(encoder: Encoder) -> str:
    """Changes with all that changes vectors but the projections."""
    return f"{encoder.version}.{edges.VERSION}"


def fitted(encoder: Encoder, crops: Crops, small: Crops) -> Embedder:
    """An embedder whose projections are fitted on these crops."""
    wide = np.empty((len(crops), encoder.dim), np.float32)
    for start, batch in zip(range(0, len(crops), BATCH), batches(encoder, crops), strict=True):
        wide[start : start + BATCH] = batch
    return Embedder(encoder, fit(wide), fit(edges.encode(small)))


def restored(encoder: Encoder, data: bytes) -> Embedder:
    """The embedder whose projections were stored."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        parts = [Projection(file[f"{n}_axes"].astype(np.float32), file[f"{n}_offset"]) for n in ("look", "shapes")]
    return Embedder(encoder, *parts)


def batches(encoder: Encoder, crops: Crops) -> Iterator[Vectors]:
    return (encoder.encode(crops[start : start + BATCH]) for start in range(0, len(crops), BATCH))
