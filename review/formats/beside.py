"""Formats with a file of annotations for each image: `labels/a.txt` or `Annotations/a.xml` for `images/a.jpg`.

Their manifest is a zip of these files, made at the import where the images lie among them. A row is an object in such a
file; rows are numbered through all files in the order of their names, whether their images are there or not.
"""

import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from .base import (
    LABEL_LENGTH,
    PATH_LENGTH,
    BadRow,
    Box,
    Change,
    Changes,
    Files,
    Images,
    Row,
    RowError,
    SourceError,
    Written,
    check_text,
    check_value,
)
from .columns import plain
from .image_folder import hidden

# What the folders are called that hold either the images or the annotations of one place.
FOLDERS = {"images", "labels", "annotations", "jpegimages", "img", "ann", "annots"}
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
CORNERS = ("xmin", "ymin", "xmax", "ymax")  # of a box, in pixels, as several formats call them
LARGEST = 4 * 2**20  # bytes of annotations of one image
HEAD = 2**14
BLOCK = 2**20
LOOKED_AT = 20  # files, to tell what they are


@dataclass(frozen=True)
class Mark:
    """An object as its file states it."""

    label: str
    box: Box | None
    key: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


class Kind(Protocol):
    """The module of a format of this kind."""

    SUFFIX: str

    def besides(self, name: str, /) -> bool: ...

    def sniff(self, data: bytes, /) -> bool: ...


Marks = Callable[[bytes], list[Mark | RowError]]  # raises RowError about the file as a whole
Edit = Callable[[bytes, dict[int, Change]], bytes]  # the file with changes in its objects, numbered from 0


class Finder:
    """Which image a file of annotations is about: the one of its name in the folder that belongs to its own; where none
    of the files has such a one, the only one of its name."""

    def __init__(self, names: Iterable[str], files: Iterable[str]) -> None:
        images = [name for name in names if name.lower().endswith(PICTURES) and not hidden(name)]
        self.images = ByKey(place, images)
        if not any(map(self.images.find, files)):
            self.images = ByKey(stem, images)

    def is_paired(self, file: str) -> bool:
        return bool(self.images.find(file))

    def image(self, file: str) -> str:
        """Raises RowError."""
        found = self.images.find(file)
        if not found:
            raise RowError(f"There is no image for the file {file}.", "image")
        if len(found) > 1:
            raise RowError(f"The file {file} may be about {found[0]} or {found[1]}. Rename one of them.", "image")
        return found[0]


class ByKey:
    """Names by a key of each; of several with one key, two are kept."""

    def __init__(self, key: Callable[[str], str], names: Iterable[str]) -> None:
        self.key = key
        self.first: dict[str, str] = {}
        self.another: dict[str, str] = {}
        for name in names:
            if self.first.setdefault(key(name), name) != name:
                self.another[key(name)] = name

    def find(self, name: str) -> list[str]:
        key = self.key(name)
        return [found[key] for found in (self.first, self.another) if key in found]


def place(name: str) -> str:
    """The path without its suffix and without folders of FOLDERS: the same for an image and its annotations."""
    *folders, base = name.split("/")
    return "/".join([*(part for part in folders if part.lower() not in FOLDERS), stem(base)])


def stem(name: str) -> str:
    base = name.rsplit("/", 1)[-1]
    return base.rsplit(".", 1)[0] if "." in base[1:] else base


def files(names: Iterable[str], suffix: str, besides: Callable[[str], bool]) -> Iterator[str]:
    """Of the names in a manifest, the files of annotations; `besides` are those that say something else."""
    return (
        name for name in names if name.lower().endswith(suffix) and not (hidden(name) or besides(name) or read_me(name))
    )


def read_me(name: str) -> bool:
    return stem(name).split(".")[0].lower() in ("readme", "license")


def wanted(names: list[str], suffix: str, besides: Callable[[str], bool]) -> Iterator[str]:
    """What of a whole source belongs to the manifest: annotations of images or in a folder for them, and `besides`."""
    mine = set(files(names, suffix, besides))
    finder = Finder(names, mine)
    for name in names:
        placed = any(part.lower() in FOLDERS for part in name.split("/")[:-1])
        if (name in mine and (placed or finder.is_paired(name))) or (besides(name) and not hidden(name)):
            yield name


def told(images: Files, kinds: Mapping[str, Kind], paired: bool) -> str:
    """Which of these kinds, by their suffixes and what their files look like, most of the files are that lie beside an
    image, or of all files; "" where they are none."""
    names = list(images.names())
    found = {}
    for name, kind in kinds.items():
        mine = list(files(names, kind.SUFFIX, kind.besides))
        if paired and mine:
            mine = list(filter(Finder(names, mine).is_paired, mine))
        heads = [head(images, name) for name in mine[:: len(mine) // LOOKED_AT + 1]]
        looks = [kind.sniff(data) for data in heads if data]
        if 2 * sum(looks) > len(looks):
            found[name] = len(mine)
    return max(found, key=found.__getitem__, default="")


def head(images: Files, name: str) -> bytes:
    """What a file begins with; nothing where it cannot be read."""
    try:
        return images.head(name, HEAD).strip()
    except RowError:
        return b""


def read(
    manifest: Images, names: Iterable[str], suffix: str, marks: Marks, *, besides: Callable[[str], bool], shares: bool
) -> Iterator[Row | BadRow]:
    """The rows of a manifest about the images of these names. `shares`: boxes are in shares of an image's sides."""
    mine = list(files(manifest.names(), suffix, besides))
    finder, numbers = Finder(names, mine), count(1)
    for file in mine:
        for at, mark in enumerate(marks_of(manifest, file, marks), 1):
            number, where = next(numbers), f"object {at} of {file}"
            try:
                yield row(number, finder.image(file), mark, shares, where)
            except RowError as error:
                told = "" if file in str(error) else f" It is {where}."
                yield BadRow(number, file, error.field, f"{error}{told}")


def row(number: int, image: str, mark: Mark | RowError, shares: bool, where: str) -> Row:
    if isinstance(mark, RowError):
        raise mark
    attributes = {check_value(name, "name"): check_value(value, name) for name, value in mark.attributes.items()}
    label, path = check_text(mark.label, "label", LABEL_LENGTH), check_text(image, "image", PATH_LENGTH)
    key = check_text(mark.key, "key", PATH_LENGTH) if mark.key else ""
    return Row(number, path, label, mark.box, key, attributes, shares and mark.box is not None, where)


def marks_of(manifest: Images, file: str, marks: Marks) -> list[Mark | RowError]:
    try:
        return marks_in(manifest.read(file), file, marks)
    except RowError as error:
        return [error]


def marks_in(data: bytes, file: str, marks: Marks) -> list[Mark | RowError]:
    try:
        if len(data) > LARGEST:
            raise RowError(f"The file {file} is larger than {LARGEST >> 20} MB.")
        return marks(data)
    except RowError as error:
        return [error]


def rewrite(
    manifest: Images, changes: Changes, suffix: str, marks: Marks, edit: Edit, besides: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Each file of annotations: as it came, or with the changes in it."""
    number = 1
    for file in files(manifest.names(), suffix, besides):
        data = whole(manifest, file)
        objects = len(marks_in(data, file, marks))
        here = {at: changes[number + at] for at in range(objects) if number + at in changes}
        number += objects
        yield file, edit(data, here) if here else data


def whole(images: Images, name: str) -> bytes:
    """A file without which nothing can be given back; raises SourceError."""
    try:
        return images.read(name)
    except RowError as error:
        raise SourceError(str(error)) from None


def zipped(members: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A zip of them, the same for the same members. Raises SourceError where two have one name."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            taken: set[str] = set()
            for name, data in members:
                if name in taken:
                    raise SourceError(f"Two images would share the file {name}. Rename one, or choose another form.")
                taken.add(name)
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def by_image(rows: Iterable[Written]) -> dict[str, list[Written]]:
    found: dict[str, list[Written]] = defaultdict(list)
    for row in rows:
        found[row.image].append(row)
    return found


def extent(row: Written) -> Box:
    """The object's box; without one it is its whole image."""
    return row.box or (0.0, 0.0, float(row.width), float(row.height))


def cornered(box: Box) -> dict[str, float]:
    x, y, width, height = box
    return {name: plain(value) for name, value in zip(CORNERS, (x, y, x + width, y + height), strict=True)}


def annotations_path(image: str, suffix: str, images: tuple[str, ...], annotations: str) -> str:
    """Where tools look for an image's annotations: in the folder beside the last that is called like one of `images`,
    else beside the image."""
    folders = image.split("/")[:-1]
    for at in reversed(range(len(folders))):
        if folders[at].lower() in images:
            folders[at] = annotations
            break
    return "/".join([*folders, stem(image) + suffix])
