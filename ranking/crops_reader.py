"""Crops out of storage, cut to the object itself and brought to the sizes that encoders take."""

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image

from review.models import Dataset, Object, Shard
from review.storage import store

from .encoders.base import Crops
from .kinds import Ints, Tick

PADDING = 0.04  # of the box's sides: an outline that the box just touches stays in view
FIELDS = ("id", "shard__key", "small_offset", "small_length", "inner")


@dataclass(frozen=True)
class Place:
    """Where an object's small crop lies and where in it the object is, as fractions (x, y, width, height)."""

    id: int
    key: str
    offset: int
    length: int
    inner: list[float] | None


def places_of_shard(shard: Shard) -> list[Place]:
    """The objects whose crops lie in a shard, by id."""
    return [Place(*row) for row in Object.objects.filter(shard=shard).order_by("id").values_list(*FIELDS)]


def places_of(ids: Sequence[int]) -> list[Place]:
    """These objects, by id."""
    return [Place(*row) for row in Object.objects.filter(pk__in=ids).order_by("id").values_list(*FIELDS)]


def read_shard(places: list[Place], sides: Sequence[int]) -> list[Crops]:
    """One shard's crops by one read: for each side in pixels uint8 [n, side, side, 3]."""
    start, end = min(p.offset for p in places), max(p.offset + p.length for p in places)
    data = store().get(places[0].key, start, end)
    return decode_all([data[p.offset - start : p.offset - start + p.length] for p in places], places, sides)


def read_all(dataset: Dataset, objects: Ints, side: int, tick: Tick) -> Crops:
    """The crops of objects [n] of a dataset, shard by shard: uint8 [n, side, side, 3]."""
    names, rows = np.unique(objects, return_inverse=True)
    crops = np.zeros((len(names), side, side, 3), np.uint8)
    for shard in dataset.shards.filter(kind=Shard.Kind.CROPS).order_by("pk"):
        tick()
        places = places_of_shard(shard)
        at = np.searchsorted(names, [place.id for place in places])
        wanted = [k for k, place in enumerate(places) if at[k] < len(names) and names[at[k]] == place.id]
        if wanted:
            crops[at[wanted]] = read_shard([places[k] for k in wanted], (side,))[0]
    return crops if len(names) == len(rows) and (np.diff(rows) == 1).all() else crops[rows]


def read_scattered(places: list[Place], sides: Sequence[int]) -> list[Crops]:
    """Crops from here and there, each by its own range: as `read_shard`."""
    blobs = store().get_ranges([(p.key, p.offset, p.offset + p.length) for p in places])
    return decode_all(blobs, places, sides)


def decode_all(blobs: list[bytes], places: list[Place], sides: Sequence[int]) -> list[Crops]:
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        decoded = list(pool.map(lambda blob, place: decode(blob, place.inner, sides), blobs, places))
    return [np.stack(same_side) for same_side in zip(*decoded, strict=True)]


def decode(data: bytes, inner: Sequence[float] | None, sides: Sequence[int]) -> list[Crops]:
    """One JPEG crop's object alone, stretched to a square of each side: uint8 [side, side, 3]."""
    image = Image.open(io.BytesIO(data), formats=["JPEG"]).convert("RGB")
    box = object_box(inner, *image.size) if inner else None
    cut = {
        side: np.asarray(image.resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=2.0))
        for side in set(sides)  # sortnet as the encoder and beside it sees one size
    }
    return [cut[side] for side in sides]


def object_box(inner: Sequence[float], width: int, height: int) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) in the crop's pixels, a little wider than the box and at least a pixel a side."""
    x, y, w, h = inner
    edges = []
    for low, size, limit in ((x, w, width), (y, h, height)):
        start = min(max(0.0, (low - PADDING * size) * limit), limit - 1.0)
        end = min(float(limit), (low + size * (1 + PADDING)) * limit)
        edges.append((start, max(end, start + 1.0)))
    return edges[0][0], edges[1][0], edges[0][1], edges[1][1]
