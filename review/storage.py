"""Objects in storage, named by the hash of their content: a local folder or a bucket, as STORAGE_URL says."""

import hashlib
import re
from collections.abc import Sequence
from functools import cache

import fsspec
from django.conf import settings

KEY = re.compile(r"[0-9a-f]{64}")


class Store:
    """Content-addressed bytes. Writing the same bytes twice is one object, so a repeated task does no harm."""

    def __init__(self, url: str) -> None:
        self.files, self.root = fsspec.url_to_fs(url)

    def path(self, key: str) -> str:
        """Where an object lies. A key that is no hash names nothing, wherever it points: FileNotFoundError."""
        if not KEY.fullmatch(key):
            raise FileNotFoundError(f"{key!r} is no key of an object in storage.")
        return f"{self.root}/{key[:2]}/{key}"

    def put(self, data: bytes) -> str:
        """Store bytes and return their key; the object is whole or absent, never half written."""
        key = hashlib.sha256(data).hexdigest()
        path = self.path(key)
        if not self.files.exists(path):
            self.files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            with self.files.transaction, self.files.open(path, "wb") as file:
                file.write(data)
        return key

    def put_file(self, source: str) -> str:
        """Store a local file without reading it whole into memory."""
        with open(source, "rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()
        path = self.path(key)
        if not self.files.exists(path):
            self.files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self.files.put_file(source, path + ".part")
            self.files.mv(path + ".part", path)
        return key

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

    def check(self) -> None:
        """Raise OSError unless the place can be listed."""
        self.files.makedirs(self.root, exist_ok=True)
        self.files.ls(self.root)


@cache
def store() -> Store:
    return Store(settings.STORAGE_URL)
