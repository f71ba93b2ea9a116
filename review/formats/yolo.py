"""YOLO: a text file for each image, a line for each object: its class's number, then its box as the middle, width and
height, or a polygon, in shares of the image's sides. The names of the classes are in `data.yaml` or `classes.txt`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import yaml

from . import beside
from .base import BadRow, Box, Change, Changes, Columns, Images, Row, RowError, SourceError, Written
from .beside import Mark

SUFFIX = ".txt"
NAME_FILES = ("classes.txt", "obj.names", "_darknet.labels")
YAML = (".yaml", ".yml")
LARGEST = 2**20
BOXED = (5, 6)  # numbers of a line with a box: a class's and four, and how sure a model was of it
POLYGON = 7  # a class's number and three corners at least
MOST_CLASSES = 100_000
PARTS = {"val": {"val", "valid", "validation"}, "test": {"test"}}


def besides(name: str) -> bool:
    """Whether this file may hold the names of classes."""
    base = name.rsplit("/", 1)[-1].lower()
    return base in NAME_FILES or base.endswith((*YAML, ".names"))


@dataclass
class Classes:
    """The names of classes by number, of a file if there is one; `posed`: key points follow each box."""

    names: list[str] = field(default_factory=list)
    file: str = ""
    posed: bool = False

    def label(self, number: int) -> str:
        if not self.file:
            return str(number)
        if number >= len(self.names):
            raise RowError(f"The class {number} is none of the {len(self.names):,} that {self.file} names.", "label")
        return self.names[number]

    def number(self, label: str) -> int:
        """Of a label, which is named from here on if it was not."""
        if label not in self.names:
            self.names.append(label)
        return self.names.index(label)


def classes(manifest: Images) -> Classes:
    """Raises SourceError where the file that names the classes cannot be read."""
    named = sorted(filter(besides, manifest.names()), key=lambda name: (name.count("/"), name))
    for name in [n for n in named if n.lower().endswith(YAML)] + [n for n in named if not n.lower().endswith(YAML)]:
        data = beside.whole(manifest, name)
        if found := of_yaml(name, data) if name.lower().endswith(YAML) else of_lines(name, data):
            return found
    return Classes()


def of_yaml(name: str, data: bytes) -> Classes | None:
    """None where the file names no classes."""
    if len(data) > LARGEST:
        raise SourceError(f"The file {name} is larger than {LARGEST >> 20} MB.")
    try:
        yaml.safe_load(data)  # as an export will
        values = yaml.load(data, yaml.BaseLoader)  # every scalar is a text: a class may be called "no"
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SourceError(f"The file {name} is not YAML: {' '.join(str(error).split())[:200]}.") from None
    if not isinstance(values, dict) or "names" not in values:
        return None
    return Classes(listed(name, values["names"]), name, "kpt_shape" in values)


def listed(name: str, names: object) -> list[str]:
    if isinstance(names, dict):
        if not all(isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 6 for key in names):
            raise SourceError(f"In {name} the names of classes are not by whole numbers from 0.")
        given = {int(key): one for key, one in names.items()}
        names = [given.get(number, str(number)) for number in range(max(given, default=-1) + 1)]
    if not isinstance(names, list) or len(names) > MOST_CLASSES:
        raise SourceError(f"In {name} `names` is neither a list of names nor names by number.")
    if not all(isinstance(one, str) for one in names):
        raise SourceError(f"In {name} the name of a class is neither a text nor a number.")
    return names


def of_lines(name: str, data: bytes) -> Classes:
    try:
        text = data[:LARGEST].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(f"The file {name} is not in UTF-8. Save it as UTF-8.") from None
    return Classes([line.strip() for line in text.rstrip().splitlines()], name)


def sniff(data: bytes) -> bool:
    """Whether a file of this suffix looks like one of these: its first line is numbers."""
    line = next((line for line in data[:4096].splitlines() if line.strip()), b"")
    try:
        tokens = [float(token) for token in line.split()]
    except ValueError:
        return False
    return len(tokens) >= 5 and tokens[0].is_integer() and all(-1 <= value <= 2 for value in tokens[1:5])


def read(manifest: Images, names: Iterable[str]) -> Iterator[Row | BadRow]:
    known = partial(marks, known=classes(manifest))
    return beside.read(manifest, names, SUFFIX, known, besides=besides, shares=True)


def lines(data: bytes) -> list[str]:
    """With their ends; those that are blank too."""
    try:
        return data.decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError:
        raise RowError("The file is not text in UTF-8.") from None


def marks(data: bytes, known: Classes) -> list[Mark | RowError]:
    return [mark(line.split(), known) for line in lines(data) if line.strip()]


def mark(tokens: list[str], known: Classes) -> Mark | RowError:
    try:
        number, box = parsed(tokens, known.posed)
        sure = {"confidence": float(tokens[5])} if len(tokens) == 6 and not known.posed else {}
        return Mark(known.label(number), box, attributes=sure)
    except RowError as error:
        return error


def parsed(tokens: list[str], posed: bool) -> tuple[int, Box]:
    """(the class's number, left, top, width and height in shares)."""
    try:
        values = [float(token) for token in tokens[1:]]
        number = class_of(tokens[0])
    except ValueError:
        raise RowError(f"The line {' '.join(tokens)[:100]!r} is not all numbers: a class's, then a box's.") from None
    if not 0 <= number < MOST_CLASSES:
        raise RowError(f"The class {tokens[0][:100]!r} is not a whole number from 0 to 99,999.", "label")
    if len(tokens) in BOXED or (posed and len(values) > 4):
        x, y, width, height = values[:4]
        return number, (x - width / 2, y - height / 2, width, height)
    if len(tokens) >= POLYGON and len(values) % 2 == 0:
        across, down = values[::2], values[1::2]
        return number, (min(across), min(down), max(across) - min(across), max(down) - min(down))
    raise RowError(f"The line has {len(tokens):,} numbers: five or six make a box, seven and more a polygon.", "box")


def class_of(token: str) -> int:
    """-1 for a number that is no class's; raises ValueError for what is no number. Some tools write 3.0 for 3."""
    value = float(token)
    return int(value) if value.is_integer() and abs(value) < MOST_CLASSES else -1


def rewrite(manifest: Images, changes: Changes, renamed: dict[str, str] | None = None) -> Iterator[bytes]:
    """A zip of the annotations with the changes in their lines, and of the file that names the classes."""
    known = classes(manifest)
    if not known.file:
        known.names = [str(number) for number in range(highest(manifest) + 1)]
    came = list(known.names)
    known.names = [(renamed or {}).get(name, name) for name in came]
    edited = beside.rewrite(manifest, changes, SUFFIX, partial(marks, known=known), partial(edit, known=known), besides)

    def members() -> Iterator[tuple[str, bytes]]:
        yield from edited
        for name in filter(besides, manifest.names()):
            if name != known.file or known.names == came:
                yield name, beside.whole(manifest, name)
        if known.names != came:
            yield known.file or "classes.txt", named(known, manifest)

    return beside.zipped(members())


def highest(manifest: Images) -> int:
    """The highest number of a class in any line, -1 where there is none."""
    given = partial(marks, known=Classes())
    every = (beside.marks_of(manifest, file, given) for file in beside.files(manifest.names(), SUFFIX, besides))
    return max((int(one.label) for found in every for one in found if isinstance(one, Mark)), default=-1)


def edit(data: bytes, changes: dict[int, Change], known: Classes) -> bytes:
    kept, at = [], -1
    for line in lines(data):
        at += bool(line.strip())
        change = changes.get(at) if line.strip() else None
        if change is None:
            kept.append(line)
        elif not change.removed:
            kept.append(changed(line, change, known))
    return "".join(kept).encode()


def changed(line: str, change: Change, known: Classes) -> str:
    """A redrawn box takes the place of the old one; a polygon stays, since a mask is not ours to say."""
    tokens, end = line.split(), line[len(line.rstrip()) :]
    new = list(tokens)
    if change.label is not None and class_of(tokens[0]) != (number := known.number(change.label)):
        new[0] = str(number)
    if change.box and change.size and (len(tokens) in BOXED or known.posed):
        new[1:5] = shares(change.box, *change.size)
    return line if new == tokens else " ".join(new) + end


def shares(box: Box, width: int, height: int) -> list[str]:
    x, y, w, h = box
    return [f"{value:.6g}" for value in ((x + w / 2) / width, (y + h / 2) / height, w / width, h / height)]


def named(known: Classes, manifest: Images) -> bytes:
    """The file that names the classes, with those that came up here."""
    if not known.file.lower().endswith(YAML):
        return "".join(f"{name}\n" for name in known.names).encode()
    values = yaml.safe_load(beside.whole(manifest, known.file))
    values["names"] = dict(enumerate(known.names)) if isinstance(values["names"], dict) else known.names
    if "nc" in values:
        values["nc"] = len(known.names)
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False).encode()


def write(rows: Iterable[Written], has: Columns) -> Iterator[bytes]:
    """Labels and `data.yaml` for items that came in another form. An object without a box is its whole image."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        found[row.image].append((row.label, " ".join(shares(beside.extent(row), row.width, row.height))))
    names = sorted({label for objects in found.values() for label, _ in objects})
    numbers = {name: number for number, name in enumerate(names)}

    def members() -> Iterator[tuple[str, bytes]]:
        for image, objects in found.items():
            text = "".join(f"{numbers[label]} {box}\n" for label, box in objects)
            yield beside.annotations_path(image, SUFFIX, ("images",), "labels"), text.encode()
        said = {"path": ".", **split(found), "names": dict(enumerate(names))}
        yield "data.yaml", yaml.safe_dump(said, allow_unicode=True, sort_keys=False).encode()

    return beside.zipped(members())


def split(images: Iterable[str]) -> dict[str, list[str]]:
    """The folders to train, validate and test by, told by what they are called; by all where that tells nothing."""
    folders = sorted({image.rsplit("/", 1)[0] if "/" in image else "." for image in images})
    parts = {part: [folder for folder in folders if PARTS[part] & set(folder.lower().split("/"))] for part in PARTS}
    rest = [folder for folder in folders if not any(folder in found for found in parts.values())]
    train = rest or folders
    return {"train": train, "val": parts["val"] or train} | ({"test": parts["test"]} if parts["test"] else {})
