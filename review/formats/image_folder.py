"""Class folders: the folder that an image lies in is its label (ImageNet's layout)."""

import os
from collections.abc import Iterator
from pathlib import PurePosixPath

from .base import LABEL_LENGTH, PATH_LENGTH, BadRow, Images, Row, RowError, SourceError, check_text

IGNORED = {".ds_store", "thumbs.db", "desktop.ini"}


def read(images: Images) -> Iterator[Row | BadRow]:
    """A row an image, in the order of names. A single folder around all class folders is looked through."""
    names = [n for n in images.names() if not hidden(n)]
    if not names:
        raise SourceError("There is no image in it. Put each class's images in a folder named after the class.")
    skip = len(shared_root(names))
    for number, name in enumerate(names, 1):
        parts = PurePosixPath(name).parts[skip:]
        try:
            if len(parts) < 2:
                raise RowError("The image lies in no class folder, so it has no label.", "label")
            check_text(name, "image", PATH_LENGTH)
            yield Row(number, name, check_text("/".join(parts[:-1]), "label", LABEL_LENGTH))
        except RowError as error:
            yield BadRow(number, name, error.field, str(error))


def hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[-1].lower() in IGNORED or any(p.startswith((".", "__MACOSX")) for p in parts)


def shared_root(names: list[str]) -> tuple[str, ...]:
    """The folders that all names share, as long as class folders are left below them."""
    common = os.path.commonpath(names) if len(names) > 1 else ""
    parts = PurePosixPath(common).parts
    deepest = min(len(PurePosixPath(n).parts) for n in names)
    return parts[: max(0, deepest - 2)]
