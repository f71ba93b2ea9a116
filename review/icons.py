"""Icons of labels: pictures from strangers, made into small PNGs by a process of its own (icon_child.py)."""

import os
import subprocess
import sys
import tempfile
from types import TracebackType

from .cutter import read_head, write
from .cutters import KEPT, ROOT

LARGEST = 2**20  # bytes of an icon as it is sent
LARGEST_PNG = 2**18
MEMORY_BYTES, SECONDS = 2**30, 5.0
STOPPED = "It made the process that reads it stop: it takes too long or too much memory, or is made to do harm."


class BadIcon(ValueError):
    """A sentence that says why this is no icon."""


class Icons:
    """Use as a context: `png` of one picture after another."""

    def __enter__(self) -> "Icons":
        self.folder = tempfile.TemporaryDirectory(prefix="mlfix-icons-")
        self.process: subprocess.Popen | None = None
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self.folder.cleanup()

    def png(self, data: bytes, name: str = "") -> bytes:
        """The picture as a PNG that fits 128 pixels; `name` ends in .svg where it is one. Raises BadIcon."""
        if len(data) > LARGEST:
            raise BadIcon(f"It is larger than the {LARGEST >> 10} kB that an icon may have.")
        if not data:
            raise BadIcon("The file is empty.")
        self.process = self.process or self.start()
        assert self.process.stdin and self.process.stdout
        svg = name.lower().endswith(".svg") or data.lstrip()[:5].lower() in (b"<svg ", b"<?xml")
        try:
            write(self.process.stdin, {"length": len(data), "svg": svg}, [data])
            said = read_head(self.process.stdout)
            if said and "error" in said:
                raise BadIcon(str(said["error"])[:300])
            length = int(said["length"])
            picture = self.process.stdout.read(length) if 0 < length <= LARGEST_PNG else b""
        except (OSError, TypeError, KeyError, ValueError) as error:
            if isinstance(error, BadIcon):
                raise
            picture = b""
        if not picture.startswith(b"\x89PNG"):
            self.stop()
            raise BadIcon(STOPPED)
        return picture

    def start(self) -> subprocess.Popen:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "review.icon_child", str(MEMORY_BYTES), str(SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder.name,
            env={**environment, "PYTHONPATH": str(ROOT)},
        )

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe:
                    pipe.close()
            self.process.wait()
        self.process = None
