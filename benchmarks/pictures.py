"""The objects of a CSV manifest and its zip of images, cut as ranking cuts them; or drawn signs. Without a site."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ranking import demo_signs

BOX = ("x", "y", "width", "height")
PADDING = 0.04  # of the box's sides, as the ranking cuts its crops
Row = dict[str, str]
Box = tuple[float, float, float, float]


def crops(data: Sequence[str], side: int) -> tuple[np.ndarray, np.ndarray]:
    """(crops uint8 [n, side, side, 3], names of their labels [n]) of a manifest and a zip; of drawn signs for none."""
    with tempfile.TemporaryDirectory() as folder:
        found = list(of_zip(*map(Path, data)) if data else of_folder(demo_signs.draw(Path(folder))))
        return np.stack([cut(image, row, side) for row, image in found]), np.array([row["label"] for row, _ in found])


def of_zip(manifest: Path, images: Path) -> Iterator[tuple[Row, Image.Image]]:
    """The manifest's rows with their images, which are found by their names in whatever folder of the zip."""
    with zipfile.ZipFile(images) as files:
        places = {Path(name).name: name for name in files.namelist()}
        yield from of_rows(manifest, lambda name: files.read(places[Path(name).name]))


def of_folder(folder: Path) -> Iterator[tuple[Row, Image.Image]]:
    return of_rows(folder / "manifest.csv", lambda name: (folder / name).read_bytes())


def of_rows(manifest: Path, read: Callable[[str], bytes]) -> Iterator[tuple[Row, Image.Image]]:
    with manifest.open(newline="") as file:
        for row in csv.DictReader(file):
            yield row, Image.open(io.BytesIO(read(row["image"]))).convert("RGB")


def cut(image: Image.Image, row: Row, side: int) -> np.ndarray:
    """The row's object as uint8 [side, side, 3]."""
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC, box=box_of(image, row), reducing_gap=2.0))


def box_of(image: Image.Image, row: Row) -> Box | None:
    """(left, top, right, bottom), a little wider than the row's box; None for the whole image."""
    if not row.get("x"):
        return None
    x, y, width, height = (float(row[name]) for name in BOX)
    aside, up = PADDING * width, PADDING * height
    return (
        max(0.0, x - aside),
        max(0.0, y - up),
        min(float(image.width), x + width + aside),
        min(float(image.height), y + height + up),
    )


def resized(pictures: Sequence[Image.Image], side: int) -> np.ndarray:
    """uint8 [n, side, side, 3]."""
    return np.stack([np.asarray(p.resize((side, side), Image.Resampling.BICUBIC)) for p in pictures])
