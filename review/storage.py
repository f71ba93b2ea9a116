"""Objects in storage, named by the hash of their content: a local folder or a bucket, as STORAGE_URL says."""

import contextlib
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import fsspec
from django.conf import settings

KEY = re.compile("[0-9a-f]{64}")


class Store:
    """Content-addressed bytes. Writing the same bytes twice is one object, so a repeated task does no harm."""

    def __init__(self, url: str) -> None:
        # What was listed once is not believed for ever: other processes write here too.
        self.files, self.root = fsspec.url_to_fs(url, use_listings_cache=False)

    def path(self, key: str) -> str:
        """Where an object lies. A key that is no hash names nothing, wherever it points: FileNotFoundError."""
        if not KEY.fullmatch(key):
            raise FileNotFoundError(f"{key!r} is no key of an object in storage.")
        return f"{self.root}/{key[:2]}/{key}"

    def put(self, data: bytes) -> str:
        """Store bytes and return their key; the object is whole or absent, never half written."""
        key = hashlib.sha256(data).hexdigest()
        self.place(self.path(key), lambda part: self.files.pipe_file(part, data))
        return key

    def put_file(self, source: str) -> str:
        """Store a local file without reading it whole into memory."""
        with open(source, "rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()
        self.place(self.path(key), lambda part: self.files.put_file(source, part))
        return key

    def place(self, path: str, write: Callable[[str], object]) -> None:
        """Have an object written beside its place, in a file of the writer's own, and moved there when it is whole."""
        if self.files.exists(path):
            return
        self.files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        part = f"{path}.{secrets.token_hex(8)}.part"
        write(part)
        self.files.mv(part, path)

    def discard(self, key: str) -> None:
        """Remove an object that no row names any more; one that is gone already is no error."""
        with contextlib.suppress(FileNotFoundError):
            self.files.rm_file(self.path(key))

    def get(self, key: str, start: int | None = None, end: int | None = None) -> bytes:
        """The bytes [start, end) of an object; raises FileNotFoundError."""
        return self.files.cat_file(self.path(key), start=start, end=end)

    def get_ranges(self, ranges: Sequence[tuple[str, int, int]]) -> list[bytes]:
        """Many (key, start, end) in one go; a bucket answers them side by side."""
        paths = [self.path(key) for key, _, _ in ranges]
        return self.files.cat_ranges(paths, [s for _, s, _ in ranges], [e for _, _, e in ranges])

    def open(self, key: str):
        """A seekable binary file."""
        return self.files.open(self.path(key), "rb")

    def size(self, key: str) -> int:
        return int(self.files.size(self.path(key)))

    def every_key(self) -> Iterator[str]:
        """All objects, in the order of their keys; a folder at a time is held in memory."""
        self.check()
        for folder in sorted(self.files.ls(self.root, detail=False)) if self.files.exists(self.root) else []:
            names = (path.rsplit("/", 1)[-1] for path in self.files.ls(folder, detail=False))
            yield from sorted(name for name in names if KEY.fullmatch(name))

    def check(self) -> None:
        """Raise OSError unless the place can be listed. A folder of a bucket is there once an object is in it."""
        self.files.makedirs(self.root, exist_ok=True)
        self.files.ls(self.root if self.files.exists(self.root) else self.root.split("/", 1)[0])


@cache
def store() -> Store:
    return Store(settings.STORAGE_URL)
