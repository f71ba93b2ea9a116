"""The columns of a manifest and their meanings, the same in CSV, JSON Lines and Parquet."""

from collections.abc import Iterable, Mapping
from typing import Any

from .base import LABEL_LENGTH, PATH_LENGTH, Box, Row, RowError, SourceError, check_text, check_value

NAMES = {
    "image": ("image", "path", "file", "filename", "image_path", "file_name"),
    "label": ("label", "class", "category", "class_name"),
    "key": ("key", "id"),
    "x": ("x", "left"),
    "y": ("y", "top"),
    "width": ("width", "w"),
    "height": ("height", "h"),
}
BOX = ("x", "y", "width", "height")
WHOLE_BOX = ("box", "bbox")
MEANING = {name: (meaning, rank) for meaning, names in NAMES.items() for rank, name in enumerate(names)}


def meanings(header: Iterable[str]) -> dict[str, str]:
    """{meaning: the column that has it}. Columns with no meaning here are attributes."""
    found: dict[str, tuple[int, str]] = {}
    for name in header:
        meaning, rank = MEANING.get(name.strip().lower(), ("", 0))
        if meaning and (meaning not in found or rank < found[meaning][0]):
            found[meaning] = rank, name
    return {meaning: name for meaning, (_, name) in found.items()}


def check(found: Mapping[str, str], header: Iterable[str]) -> None:
    """Raise SourceError where a column is missing without which no row can be taken."""
    for needed in ("image", "label"):
        if needed not in found:
            raise SourceError(
                f"The manifest has no column '{needed}'. It names: {', '.join(header)[:300]}. "
                "It needs at least: image,label."
            )
    given = [name for name in BOX if name in found]
    if given and len(given) < 4:
        missing = ", ".join(name for name in BOX if name not in found)
        raise SourceError(f"The manifest has a part of a box only: the column {missing} is missing.")


def typed_row(number: int, values: dict[str, Any], found: Mapping[str, str]) -> Row:
    """A row of named values (JSON's kinds) under these meanings; raises RowError."""
    whole = next((name for name in WHOLE_BOX if name in values), None)
    used = set(found.values()) | {whole}
    return Row(
        number,
        check_text(words(values, found, "image"), "image", PATH_LENGTH),
        check_text(words(values, found, "label"), "label", LABEL_LENGTH),
        box_of(values[whole]) if whole else box_of_parts(values, found),
        check_text(key, "key", PATH_LENGTH) if (key := words(values, found, "key")) else "",
        {name: check_value(value, name) for name, value in values.items() if name not in used and value is not None},
    )


def words(values: Mapping[str, Any], found: Mapping[str, str], meaning: str) -> str:
    """The field's text; a whole number counts as its digits, nothing as an empty text."""
    value = values.get(found.get(meaning, ""))
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RowError(f"The {meaning} is {str(value)[:100]!r}, which is neither a text nor a whole number.", meaning)
    return str(value)[: 20 * PATH_LENGTH]


def box_of_parts(values: Mapping[str, Any], found: Mapping[str, str]) -> Box | None:
    parts = [values.get(found[name]) if name in found else None for name in BOX]
    return None if all(part is None for part in parts) else box_of(parts)


def box_of(value: Any) -> Box | None:
    """[x, y, width, height] as floats, None for none at all; raises RowError."""
    if value is None or value == []:
        return None
    if not isinstance(value, list) or len(value) != 4:
        raise RowError("The box is not a list of four numbers: x, y, width, height.", "box")
    for name, one in zip(BOX, value, strict=True):
        if isinstance(one, bool) or not isinstance(one, int | float):
            raise RowError(f"The box's {name} is {str(one)[:100]!r}, which is not a number.", name)
        if abs(one) > 1e9:
            raise RowError(f"The box's {name} is larger than any image.", name)
    return float(value[0]), float(value[1]), float(value[2]), float(value[3])


def plain(number: float) -> float:
    """A whole number without its point, so that it reads as it was written."""
    return int(number) if float(number).is_integer() else number


def written(values: dict[str, Any], found: Mapping[str, str], label: str | None, box: Box | None) -> dict[str, Any]:
    """The values with another label or box, in the fields and kinds that they have."""
    changed = dict(values)
    if label is not None:
        whole = isinstance(values.get(found["label"]), int) and label.lstrip("-").isdigit()
        changed[found["label"]] = int(label) if whole else label
    if box is not None:
        whole_box = next((name for name in WHOLE_BOX if name in values), None)
        if whole_box or "x" not in found:
            changed[whole_box or "box"] = [plain(value) for value in box]
        else:
            changed |= {found[name]: plain(value) for name, value in zip(BOX, box, strict=True)}
    return changed
