"""Crops to what is kept of them: how they look, by the encoder, and what they show, by their edges and by sortnet."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from . import device, edges
from .encoders import sortnet
from .encoders.base import Crops, Encoder, Vectors
from .projection import Projection, fit

BATCH = 64


@dataclass(frozen=True)
class Embedder:
    """An encoder with what was frozen of a dataset. Neighbours and orders go by the look, suspicion by both."""

    encoder: Encoder
    look: Projection
    edges: Projection
    spread: float  # of the projected edges: divided by it they weigh as much as sortnet's vectors

    def embed(self, crops: Crops, medium: Crops, small: Crops) -> tuple[Vectors, Vectors]:
        """Crops of `sizes` to look float32 [n, <=256] and shapes float32 [n, <=448]. Wide vectors live for a batch."""
        looks: list[Vectors] = []
        shapes: list[Vectors] = []
        for start, wide in zip(range(0, len(crops), BATCH), batches(self.encoder, crops), strict=True):
            part = slice(start, start + BATCH)
            outlines = self.edges.apply(edges.encode(medium[part])) / np.float32(self.spread)
            looks.append(self.look.apply(wide))
            shapes.append(np.concatenate([outlines, self.shown(small[part], wide)], axis=1))
        return np.concatenate(looks), np.concatenate(shapes)

    def shown(self, small: Crops, wide: Vectors) -> Vectors:
        """What the objects are, as far as sortnet tells: float32 [n, 192] of spread 1. Where it is the encoder as well,
        its vectors are there already."""
        vectors = wide if self.encoder.version == shipped().version else shipped().encode(small)
        return vectors * np.float32(sortnet.DIM**0.5)

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        np.savez(
            out,
            look_axes=self.look.axes.astype(np.float16),
            look_offset=self.look.offset,
            edges_axes=self.edges.axes.astype(np.float16),
            edges_offset=self.edges.offset,
            spread=self.spread,
        )
        return out.getvalue()


def sizes(encoder: Encoder) -> tuple[int, int, int]:
    """The sides in pixels of the crops that `embed` takes."""
    return encoder.pixels, edges.PIXELS, sortnet.PIXELS


def version(encoder: Encoder) -> str:
    """Changes with all that changes vectors but the projections."""
    return f"{encoder.version}.{edges.VERSION}.{shipped().version[:8]}"


@cache
def shipped() -> Encoder:
    """sortnet with the weights that came with us, kept to what its device can do."""
    return device.Steady(sortnet.Sortnet(sortnet.load()))


def fitted(encoder: Encoder, crops: Crops, medium: Crops, small: Crops) -> Embedder:
    """An embedder whose projections are fitted on these crops of `sizes`."""
    wide = np.empty((len(crops), encoder.dim), np.float32)
    for start, batch in zip(range(0, len(crops), BATCH), batches(encoder, crops), strict=True):
        wide[start : start + BATCH] = batch
    outlines = edges.encode(medium)
    projected = fit(outlines.copy())
    spread = max(float(projected.apply(outlines).std()), 1e-6)
    return Embedder(encoder, fit(wide), projected, spread)


def restored(encoder: Encoder, data: bytes) -> Embedder:
    """The embedder whose projections were stored."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        look, outlines = (
            Projection(file[f"{name}_axes"].astype(np.float32), file[f"{name}_offset"]) for name in ("look", "edges")
        )
        return Embedder(encoder, look, outlines, float(file["spread"]))


def batches(encoder: Encoder, crops: Crops) -> Iterator[Vectors]:
    return (encoder.encode(crops[start : start + BATCH]) for start in range(0, len(crops), BATCH))
