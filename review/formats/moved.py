"""A manifest that names its images from another folder than the archive: `train/1.jpg` for `images/train/1.jpg`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .base import Images, NoImage

SHARE = 0.9  # of some rows' images that must be found at their new place, none of them being at its own


@dataclass(frozen=True)
class Move:
    """What is cut off a path's start, and what is put there."""

    cut: str
    put: str

    def __call__(self, path: str) -> str:
        return self.put + path.removeprefix(self.cut)


class MovedImages:
    """Images that are read from where they are, by the paths that the manifest gives."""

    def __init__(self, images: Images, move: Move) -> None:
        self.images, self.move = images, move

    def names(self) -> Iterator[str]:
        return self.images.names()

    def read(self, name: str) -> bytes:
        try:
            return self.images.read(self.move(name))
        except NoImage:
            return self.images.read(name)


def move_of(wanted: Iterable[str], there: Iterable[str]) -> Move | None:
    """How the wanted paths become those that are there, where nearly all of them fit but for folders at the start; None
    where one of them is there as it is."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in set(wanted):
        by_name[base_name(path)].append(path)
    found: Counter[Move] = Counter()
    for name in there:
        for path in by_name.get(base_name(name), ()):
            if name == path:
                return None
            if name.endswith(f"/{path}"):
                found[Move("", name[: -len(path)])] += 1
            elif path.endswith(f"/{name}"):
                found[Move(path[: -len(name)], "")] += 1
    if not found:
        return None
    best, count = found.most_common(1)[0]
    return best if count >= SHARE * sum(map(len, by_name.values())) else None


def base_name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
