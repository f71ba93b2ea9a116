"""What an archive's members may be called, how large each may be, and how much all of them."""

import re
from pathlib import PurePosixPath

from .base import MAX_FILE_BYTES, Limits, RowError, SourceError

DRIVE = re.compile(r"[A-Za-z]:")


def check_size(name: str, size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise RowError(f"The image {name} is larger than {MAX_FILE_BYTES >> 20} MB.", "image")


def check_name(name: str) -> None:
    """Nothing is ever unpacked, yet an archive that tries to leave its folder is not to be trusted with the rest."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or DRIVE.match(name) or "\x00" in name:
        raise SourceError(f"The archive's entry {name[:300]!r} points outside the archive. Nothing was imported.")


class Budget:
    """Counts what an archive claims to hold; raises SourceError beyond the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.entries, self.empty, self.bytes = limits, 0, 0, 0

    def take(self, size: int) -> None:
        self.entries += 1
        self.empty += size == 0
        self.bytes += size
        if self.entries > self.limits.entries:
            raise SourceError(
                f"The archive holds more than {self.limits.entries:,} entries. Split it, or import a folder."
            )
        if self.empty > self.limits.empty_entries:
            raise SourceError(f"The archive holds more than {self.limits.empty_entries:,} empty files.")
        if self.bytes > self.limits.unpacked_bytes:
            raise SourceError(f"The archive unpacks to more than {self.limits.unpacked_bytes >> 20:,} MB.")
