"""Where images are: a folder, or an archive that is read a member at a time and never unpacked."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .base import Files, Limits, NoImage, RowError, SourceError
from .members import check_size
from .tar_images import TarImages, is_tar, unpacked
from .zip_images import ZipImages

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class FolderImages:
    """Files below one folder; a link or a `..` that leads out of it is refused."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if not self.root.is_dir():
            raise SourceError(f"{root} is not a folder.")

    def names(self) -> Iterator[str]:
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                yield path.relative_to(self.root).as_posix()

    def read(self, name: str) -> bytes:
        path = self.path(name)
        with unreadable(name):
            check_size(name, path.stat().st_size)
            return path.read_bytes()

    def head(self, name: str, size: int) -> bytes:
        with unreadable(name), self.path(name).open("rb") as file:
            return file.read(size)

    def path(self, name: str) -> Path:
        if ADDRESS.match(name):
            raise RowError(f"The image {name} is an address; only files that are in the folder are taken.", "image")
        with unreadable(name):
            path = (self.root / name).resolve()
            if not path.is_relative_to(self.root):
                raise RowError(f"The image {name} lies outside the folder of the images.", "image")
            if not path.is_file():
                raise NoImage(f"There is no image {name} in the folder.", "image")
            return path


@contextmanager
def unreadable(name: str) -> Iterator[None]:
    """What the file system says of a file, as RowError."""
    try:
        yield
    except RowError:
        raise
    except (OSError, ValueError):
        raise RowError(f"The image {name} could not be read.", "image") from None


def open_archive(file: IO[bytes], limits: Limits) -> Files:
    """A zip or tar by its content, whatever it is called. Raises SourceError."""
    start = file.read(512)
    file.seek(0)
    if start[:2] == b"PK":
        return ZipImages(file, limits)
    if start[:2] == b"\x1f\x8b":
        return TarImages(unpacked(file, limits), limits)
    if is_tar(start):
        return TarImages(file, limits)
    raise SourceError("The archive is not a zip, tar or tar.gz file, or it was cut off.")
