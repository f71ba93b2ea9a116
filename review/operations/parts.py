"""A source in parts: some rows each, their photos read here, decoded and cut by processes of their own."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from django.conf import settings

from .. import crops
from ..cutters import Cut, Cutters, Photo, Task
from ..formats import base

# A part ends at the settings' PART_ROWS, or at so many bytes of photos: memory does not grow with the photos.
PART_BYTES = 32 * 2**20
AHEAD = 2  # parts that are being cut while one is written

Keyed = tuple[base.Row | base.BadRow, str]


@dataclass
class Source:
    """A photo as it was read: what is to be kept of it, with what the decoder said."""

    path: str
    data: bytes
    media_type: str = ""
    width: int = 0
    height: int = 0


@dataclass
class Part:
    """Some rows with their photos decoded and crops cut, ready to be written in one transaction."""

    rows: int = 0
    photos: dict[str, Source] = field(default_factory=dict)
    good: list[tuple[base.Row, str, crops.Crop, crops.Box | None]] = field(default_factory=list)
    bad: list[base.BadRow] = field(default_factory=list)


@dataclass
class Wanted:
    """One photo's rows, and the box of each among the boxes that are cut of it."""

    task: Task
    rows: list[tuple[base.Row, str, int]] = field(default_factory=list)

    def add(self, row: base.Row, key: str) -> None:
        if row.box not in self.task.boxes:
            self.task.boxes.append(row.box)
        self.rows.append((row, key, self.task.boxes.index(row.box)))


class Cutting:
    """A part whose photos are with the cutters."""

    def __init__(self, rows: Iterator[Keyed], images: base.Images) -> None:
        self.part = Part()
        self.wanted: dict[str, Wanted] = {}
        self.promises: list[Future[list[Photo]]] = []
        self.failed: dict[str, base.RowError] = {}
        size = 0
        while self.part.rows < settings.PART_ROWS and size < PART_BYTES and (entry := next(rows, None)):
            self.part.rows += 1
            size += self.read(*entry, images)

    def read(self, row: base.Row | base.BadRow, key: str, images: base.Images) -> int:
        """Take a row in; how many bytes were read for it."""
        if isinstance(row, base.BadRow):
            self.part.bad.append(row)
            return 0
        read = 0
        if row.image not in self.wanted and row.image not in self.failed:
            try:
                self.wanted[row.image] = Wanted(Task(images.read(row.image), [], shares=row.shares))
                read = len(self.wanted[row.image].task.data)
            except base.RowError as error:
                self.failed[row.image] = error
        if failure := self.failed.get(row.image):
            self.part.bad.append(base.refused(row, failure.field, str(failure)))
        else:
            self.wanted[row.image].add(row, key)
        return read

    def begin(self, cutters: Cutters) -> None:
        tasks = [wanted.task for wanted in self.wanted.values()]
        self.promises = [promise for _, promise in cutters.submit(tasks)]

    def finish(self) -> Part:
        """Wait for the cutters; the part with its rows in order."""
        outcomes = (photo for promise in self.promises for photo in promise.result())
        for (path, wanted), photo in zip(self.wanted.items(), outcomes, strict=True):
            self.take(path, wanted, photo)
        self.part.good.sort(key=lambda entry: entry[0].number)
        return self.part

    def take(self, path: str, wanted: Wanted, photo: Photo) -> None:
        source = Source(path, wanted.task.data, photo.media_type, photo.width, photo.height)
        for row, key, number in wanted.rows:
            cut = Cut(error=photo.error) if photo.error else photo.cuts[number]
            if cut.crop:
                self.part.photos[path] = source
                self.part.good.append((row, key, cut.crop, cut.box))
            else:
                field = "image" if photo.error else "box"
                self.part.bad.append(base.refused(row, field, cut.error))


def cut_parts(
    rows: Iterator[Keyed], images: base.Images, cutters: Cutters, finished: dict[int, int]
) -> Iterator[tuple[int, Part]]:
    """(number, part) for all parts that are not finished; `finished` tells how many rows each of those has."""
    waiting: deque[tuple[int, Cutting]] = deque()
    number = 0
    while True:
        if number in finished:
            for _ in range(finished[number]):
                next(rows, None)
            number += 1
            continue
        cutting = Cutting(rows, images)
        if not cutting.part.rows:
            break
        cutting.begin(cutters)
        waiting.append((number, cutting))
        number += 1
        if len(waiting) > AHEAD:
            first, ready = waiting.popleft()
            yield first, ready.finish()
    for last, ready in waiting:
        yield last, ready.finish()
