"""Class folders: the folder that an image lies in is its label (ImageNet's layout)."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from .base import LABEL_LENGTH, PATH_LENGTH, BadRow, Images, Row, RowError, SourceError, check_text

IGNORED = {".ds_store", "thumbs.db", "desktop.ini"}
MOST = 0.75


def read(images: Images) -> Iterator[Row | BadRow]:
    """A row an image, in the order of names. Folders around all class folders are looked through."""
    names = [n for n in images.names() if not hidden(n)]
    if not names:
        raise SourceError("There is no image in it. Put each class's images in a folder named after the class.")
    root = shared_root(names)
    for number, name in enumerate(names, 1):
        parts = PurePosixPath(name).parts[len(root) :]
        try:
            if len(parts) < 2:
                raise RowError("This file lies in no class folder, so it has no label.", "label")
            check_text(name, "image", PATH_LENGTH)
            yield Row(number, name, check_text("/".join(parts[:-1]), "label", LABEL_LENGTH))
        except RowError as error:
            yield BadRow(number, name, error.field, str(error))


def hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[-1].lower() in IGNORED or any(p.startswith((".", "__MACOSX")) for p in parts)


def shared_root(names: list[str]) -> tuple[str, ...]:
    """The folders around all class folders. A little that lies beside those, such as a readme, does not count."""
    paths = [PurePosixPath(name).parts for name in names]
    root: tuple[str, ...] = ()
    while True:
        inside = [path for path in paths if path[: len(root)] == root and len(path) >= len(root) + 2]
        heads = {path[len(root)] for path in inside}
        labelled = sum(len(path) >= len(root) + 3 for path in inside)
        if len(heads) != 1 or labelled <= len(names) * MOST:
            return root
        root += (heads.pop(),)
