"""How large what a crop shows is, where the dataset says how long a pixel is."""

import math
from collections.abc import Sequence
from typing import Any

from ..crops import surroundings
from ..models import Dataset, Item

GEOMETRY = tuple(f"object__{name}" for name in ("x", "y", "width", "height", "image__width", "image__height"))


def spans(dataset: Dataset, items: Sequence[int]) -> dict[int, tuple[float, float]]:
    """What each item's crop spans, in the dataset's unit: (across, down). What has no size is left out."""
    if not dataset.pixel_unit:
        return {}
    rows = Item.objects.filter(pk__in=items).values_list("pk", "attributes", *GEOMETRY)
    return {
        pk: (size * across, size * down)
        for pk, attributes, *geometry in rows
        if (size := pixel_size(dataset, attributes)) is not None
        for across, down in [pixels(*geometry)]
    }


def pixel_size(dataset: Dataset, attributes: dict[str, Any]) -> float | None:
    """Of one item: by its own attribute where that is a positive number, else the dataset's."""
    try:
        own = float(attributes.get(dataset.pixel_attribute) or 0)
    except (TypeError, ValueError):
        own = 0.0
    return own if math.isfinite(own) and own > 0 else dataset.pixel_size


def pixels(
    x: float | None, y: float, width: float, height: float, image_width: int, image_height: int
) -> tuple[int, int]:
    """Source pixels across and down a crop."""
    if x is None:
        return image_width, image_height
    left, top, right, bottom = surroundings((x, y, width, height), image_width, image_height)
    return right - left, bottom - top
