"""Pascal VOC: an XML file for each image, an `object` in it for each object, with its `name` and its `bndbox`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from . import beside
from .base import BadRow, Box, Change, Changes, Columns, Images, Row, RowError, Written
from .beside import CORNERS, Mark, cornered

SUFFIX = ".xml"
OBJECT = ("annotation", "object")
DEEPEST = 50


def besides(name: str) -> bool:
    return False


def sniff(data: bytes) -> bool:
    return b"<annotation" in data[:4096]


def read(manifest: Images, names: Iterable[str]) -> Iterator[Row | BadRow]:
    return beside.read(manifest, names, SUFFIX, marks, besides=besides, shares=False)


@dataclass
class Field:
    """A text inside an object, and where it is in the file."""

    start: int | None = None
    end: int = 0
    text: str = ""

    @property
    def span(self) -> tuple[int, int]:
        assert self.start is not None
        return self.start, self.end


@dataclass
class Found:
    """An object, where it is in the file, and its fields by their path below it."""

    start: int
    end: int = 0
    fields: dict[str, Field] = field(default_factory=dict)


class Document:
    """The objects of a file, found by expat so that all other bytes can be given back as they came."""

    def __init__(self, data: bytes) -> None:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise RowError("The file is in UTF-16. Save it as UTF-8.")
        self.data, self.encoding = data, "utf-8"
        self.path: list[str] = []
        self.objects: list[Found] = []
        self.field: Field | None = None
        self.parser = expat.ParserCreate()
        self.parser.XmlDeclHandler = self.declared
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.finish
        self.parser.StartCdataSectionHandler = self.begin_text
        self.parser.CharacterDataHandler = self.take
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            raise RowError(f"The file is not XML: {error}.") from None
        except LookupError:
            raise RowError("The file is in an encoding that is not known.") from None

    def declared(self, version: str, encoding: str | None, standalone: int) -> None:
        self.encoding = encoding or "utf-8"

    def refuse(self, *_: object) -> None:
        raise RowError("The file declares a document type, which annotations have no need of.")

    def begin(self, name: str, _: dict[str, str]) -> None:
        self.path.append(name)
        if len(self.path) > DEEPEST:
            raise RowError(f"The file is nested more than {DEEPEST} deep.")
        if tuple(self.path) == OBJECT:
            self.objects.append(Found(self.parser.CurrentByteIndex))
        elif tuple(self.path[:2]) == OBJECT:
            fields, self.field = self.objects[-1].fields, Field()
            fields.pop("/".join(self.path[2:-1]), None)  # what has fields of its own is no text
            fields.setdefault("/".join(self.path[2:]), self.field)

    def begin_text(self) -> None:
        if self.field and self.field.start is None:
            self.field.start = self.parser.CurrentByteIndex

    def take(self, text: str) -> None:
        self.begin_text()
        if self.field:
            self.field.text += text

    def finish(self, name: str) -> None:
        at = self.parser.CurrentByteIndex
        self.begin_text()
        if tuple(self.path) == OBJECT:
            self.objects[-1].end = self.data.index(b">", at) + 1
        elif self.field:
            self.field.end = at
        self.field = None
        self.path.pop()


def marks(data: bytes) -> list[Mark | RowError]:
    return [
        mark({name: field.text.strip() for name, field in found.fields.items()}) for found in Document(data).objects
    ]


def mark(values: dict[str, str]) -> Mark | RowError:
    try:
        box = box_of(values)
    except RowError as error:
        return error
    plainly = {name: text for name, text in values.items() if "/" not in name and name != "name" and text}
    return Mark(values.get("name", ""), box, attributes=plainly)


def box_of(values: dict[str, str]) -> Box:
    corners = []
    for name in CORNERS:
        text = values.get(f"bndbox/{name}", "")
        try:
            corners.append(float(text))
        except ValueError:
            raise RowError(f"The object's {name} is {text[:100]!r}, which is not a number.", "box") from None
    left, top, right, bottom = corners
    return left, top, right - left, bottom - top


def rewrite(manifest: Images, changes: Changes) -> Iterator[bytes]:
    """A zip of the annotations with the changes in their objects; all other bytes are as they came."""
    return beside.zipped(beside.rewrite(manifest, changes, SUFFIX, marks, edit, besides))


def edit(data: bytes, changes: dict[int, Change]) -> bytes:
    document = Document(data)
    pieces = [piece for at, change in changes.items() for piece in edits(document, document.objects[at], change)]
    for start, end, new in sorted(pieces, reverse=True):
        data = data[:start] + new.encode(document.encoding, "xmlcharrefreplace") + data[end:]
    return data


def edits(document: Document, found: Found, change: Change) -> Iterator[tuple[int, int, str]]:
    """(from, to, what is put there)."""
    if change.removed:
        yield len(document.data[: found.start].rstrip()), found.end, ""
        return
    if change.label is not None:
        yield *found.fields["name"].span, escape(change.label)
    if change.box:
        for name, value in cornered(change.box).items():
            yield *found.fields[f"bndbox/{name}"].span, str(value)


def write(rows: Iterable[Written], has: Columns) -> Iterator[bytes]:
    """An XML file for each image of items that came in another form. An object without a box is its whole image."""
    found = beside.by_image(rows).items()
    return beside.zipped((path_of(image), document(image, objects).encode()) for image, objects in found)


def path_of(image: str) -> str:
    return beside.annotations_path(image, SUFFIX, ("jpegimages", "images"), "Annotations")


def document(image: str, objects: list[Written]) -> str:
    size = f"<width>{objects[0].width}</width><height>{objects[0].height}</height><depth>3</depth>"
    lines = ["<annotation>", f"  <filename>{escape(image.rsplit('/', 1)[-1])}</filename>", f"  <size>{size}</size>"]
    for one in objects:
        box = "".join(f"<{name}>{value}</{name}>" for name, value in cornered(beside.extent(one)).items())
        lines += ["  <object>", f"    <name>{escape(one.label)}</name>", f"    <bndbox>{box}</bndbox>", "  </object>"]
    return "\n".join([*lines, "</annotation>", ""])
