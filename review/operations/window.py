"""The window that a dataset of deep grey is seen through: found once, on a sample, before anything is cut."""

import base64
import math
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError

from .. import depth
from ..crops import SMALL, View
from ..cutters import Photo, Task
from ..formats import base
from ..models import Dataset
from ..models.dataset import LARGEST_CROP, SMALLEST_CROP
from . import jobs
from .sources import Opened, cutters

PREVIEWS = 8
CHUNK_BYTES = 32 * 2**20

Asked = tuple[Task, list[base.Row]]  # a photo, and the rows whose boxes are asked for


def given(*, low: float | None, high: float | None) -> dict[str, float]:
    """The fields of a window that the lead names, none for none. Raises ValidationError."""
    if low is None and high is None:
        return {}
    if low is None or high is None or not (low < high and math.isfinite(high - low)):
        raise ValidationError({"window_low": "A window is two numbers, the lower one first."})
    return {"window_low": low, "window_high": high}


def see(dataset: Dataset, wished: dict[str, Any]) -> None:
    """Set how the dataset's objects are seen, of `crop_pixels`, `window_low` and `window_high` what is wished and not
    None. Nothing is saved. Raises ValidationError."""
    asked = wished.get("crop_pixels")
    pixels = dataset.crop_pixels if asked is None else asked
    if not SMALLEST_CROP <= pixels <= LARGEST_CROP:
        raise ValidationError({"crop_pixels": f"Choose {SMALLEST_CROP} to {LARGEST_CROP} pixels."})
    fields = given(low=wished.get("window_low"), high=wished.get("window_high"))
    for name, value in (fields | {"crop_pixels": pixels}).items():
        setattr(dataset, name, value)


def settle(run: jobs.Run, dataset: Dataset, source: Opened) -> None:
    """Keep the window that the sample asks for, where the dataset has none yet and there is deep grey in the sample."""
    if dataset.window_low is not None:
        return
    if found := of_sample(run, dataset, source):
        dataset.window_low, dataset.window_high = found
        dataset.save(update_fields=["window_low", "window_high"])


def of_sample(run: jobs.Run, dataset: Dataset, source: Opened) -> depth.Window | None:
    """The window that the sample asks for; none where nothing in it is deep."""
    samples: list[list[float]] = []
    for photo, _ in look(run, source, View(dataset.crop_pixels), sample=True):
        samples += photo.samples
    return depth.window_of(samples) if any(samples) else None


def previews(run: jobs.Run, dataset: Dataset, source: Opened) -> list[tuple[str, str]]:
    """A few of the sampled objects as they will be seen: JPEG in base64, at most SMALL pixels a side, and the label."""
    view = View(min(dataset.crop_pixels, SMALL), dataset.view.window)
    seen = look(run, source, view, most=PREVIEWS)
    cuts = ((cut, row) for photo, rows in seen for cut, row in zip(photo.cuts, rows, strict=False))
    return [(base64.b64encode(cut.crop.small).decode(), row.label) for cut, row in cuts if cut.crop][:PREVIEWS]


def look(
    run: jobs.Run, source: Opened, view: View, *, sample: bool = False, most: int | None = None
) -> Iterator[tuple[Photo, list[base.Row]]]:
    """What the cutters say of the sampled rows' photos, some MiB of them in memory at once."""
    rows: dict[str, list[base.Row]] = {}
    for row in source.sample[:most]:
        rows.setdefault(row.image, []).append(row)
    with cutters(view) as pool:
        for chunk in chunks(source, rows, sample):
            run.progress(0, None, "Looking how deep the images are")
            photos = (photo for _, promise in pool.submit([task for task, _ in chunk]) for photo in promise.result())
            yield from ((photo, wanted) for photo, (_, wanted) in zip(photos, chunk, strict=True))


def chunks(source: Opened, rows: dict[str, list[base.Row]], sample: bool) -> Iterator[list[Asked]]:
    """Images that cannot be read are passed over: the import itself refuses their rows."""
    chunk: list[Asked] = []
    size = 0
    for name, wanted in rows.items():
        try:
            boxes = [row.box for row in wanted]
            task = Task(source.images.read(name), boxes, sample, shares=wanted[0].shares)
        except base.RowError:
            continue
        chunk.append((task, wanted))
        size += len(task.data)
        if size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def as_json(window: depth.Window | None) -> dict[str, float] | None:
    return {"low": window[0], "high": window[1]} if window else None
