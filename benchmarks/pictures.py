"""The crops of a CSV manifest and its zip of images, or of drawn signs where none is given; without a site."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ranking import demo_signs

BOX = ("x", "y", "width", "height")


def crops(data: Sequence[str], side: int) -> tuple[np.ndarray, np.ndarray]:
    """(crops uint8 [n, side, side, 3] of the objects alone, names of their labels [n])."""
    if data:
        with zipfile.ZipFile(data[1]) as images:
            return cut(Path(data[0]), images.read, side)
    with tempfile.TemporaryDirectory() as folder:
        place = demo_signs.draw(Path(folder))
        return cut(place / "manifest.csv", lambda name: (place / name).read_bytes(), side)


def cut(manifest: Path, read: Callable[[str], bytes], side: int) -> tuple[np.ndarray, np.ndarray]:
    with open(manifest, newline="") as file:
        rows = list(csv.DictReader(file))
    found = [one(read(row["image"]), row, side) for row in rows]
    return np.stack(found), np.array([row["label"] for row in rows])


def one(data: bytes, row: dict[str, str], side: int) -> np.ndarray:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    box = None
    if row.get("x"):
        x, y, width, height = (float(row[name]) for name in BOX)
        box = (max(x, 0), max(y, 0), min(x + width, image.width), min(y + height, image.height))
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC, box=box))
