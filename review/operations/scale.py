"""How large things are: the side of a source pixel, for a whole dataset or as an attribute of each item says."""

import math

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import Dataset, User
from . import audit

FIELDS = ("pixel_size", "pixel_attribute", "pixel_unit")


def set_scale(
    *, dataset: Dataset, pixel_size: float | None, pixel_attribute: str, pixel_unit: str, by: User
) -> Dataset:
    """The size in that unit, of every image; where an attribute is named, of each item by itself, and the size for
    those that have none. All three empty: it is not known. Raises ValidationError."""
    size, attribute, unit = pixel_size, pixel_attribute.strip(), pixel_unit.strip()
    if size is not None and not (math.isfinite(size) and size > 0):
        raise ValidationError({"pixel_size": "Write how long the side of a pixel is: a number above 0."})
    known = size is not None or bool(attribute)
    if known and not unit:
        raise ValidationError({"pixel_unit": "Write the unit of that length, such as µm or mm."})
    if unit and not known:
        raise ValidationError({"pixel_size": f"Write how many {unit} the side of a pixel is long."})
    if attribute and not dataset.items.filter(attributes__has_key=attribute).exists():
        raise ValidationError({"pixel_attribute": f"No item of this dataset has the attribute {attribute!r}."})
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        dataset.pixel_size, dataset.pixel_attribute, dataset.pixel_unit = size, attribute, unit
        dataset.save(update_fields=FIELDS)
        audit.record("pixel size set", project=dataset.project_id, actor=by, dataset=dataset.pk, size=size,
                     attribute=attribute, unit=unit)  # fmt: skip
    return dataset
