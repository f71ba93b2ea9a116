"""Draws the demo dataset: photographs of traffic signs in twelve classes that look alike, some of them labelled wrong.

Nothing is downloaded and nothing is anybody's: all is drawn by sign_faces.py and photographs.py from a seed. Several
frames show one physical sign (same place, other pose and light), as in any dataset cut out of videos.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ranking.photographs import find_place, photograph
from ranking.sign_faces import FACES

Progress = Callable[[int, int], None]
FACE_SIDE = 192  # pixels of a flat face, above the largest sign in a picture
SMALLEST, LARGEST = 40, 160  # sides of a picture
JPEG_QUALITIES = (50, 70, 85, 92)
SHARES = {
    "speed-limit-20": 4, "speed-limit-30": 14, "speed-limit-50": 17, "speed-limit-60": 9, "speed-limit-70": 11,
    "speed-limit-80": 10, "speed-limit-100": 8, "speed-limit-120": 6, "end-of-speed-limit-80": 4, "no-overtaking": 7,
    "no-entry": 4, "yield": 6,
}  # fmt: skip
SPEED_LIMITS = tuple(name for name in FACES if name.startswith("speed-limit-"))
LOOK_ALIKES: dict[str, tuple[str, ...]] = {
    **{name: tuple(other for other in SPEED_LIMITS if other != name) for name in SPEED_LIMITS},
    "end-of-speed-limit-80": ("speed-limit-80", "speed-limit-60"),
    "no-overtaking": ("no-entry", "speed-limit-60", "speed-limit-80"),
    "no-entry": ("no-overtaking", "yield"),
    "yield": ("no-entry", "no-overtaking"),
}


@dataclass(frozen=True)
class Frame:
    """One picture to draw: the sign's number, its class and which frame of that sign it is."""

    sign: int
    label: str
    number: int


def plan(seed: int, count: int) -> list[Frame]:
    """Which pictures to draw: `count` frames of signs with three to seven frames each, classes by SHARES, shuffled."""
    rng = np.random.RandomState([seed, 1])
    names, shares = list(SHARES), np.array(list(SHARES.values()), float)
    frames: list[Frame] = []
    sign = 0
    while len(frames) < count:
        # The first signs go round the classes, so that even a small set has each of them.
        label = names[sign] if sign < len(names) else names[rng.choice(len(names), p=shares / shares.sum())]
        frames += [Frame(sign, label, number) for number in range(rng.randint(3, 8))]
        sign += 1
    frames = frames[:count]
    return [frames[k] for k in rng.permutation(count)]


def mislabel(labels: list[str], share: float, seed: int) -> list[str]:
    """The labels with `share` of them wrong, four in five by a look-alike, the fifth by any other class."""
    rng = np.random.RandomState([seed, 2])
    given = list(labels)
    for k in rng.choice(len(labels), round(share * len(labels)), replace=False):
        others = [name for name in FACES if name != labels[k]]
        pool = LOOK_ALIKES[labels[k]] if rng.rand() < 0.8 else others
        given[k] = pool[rng.randint(len(pool))]
    return given


def draw_frame(frame: Frame, seed: int, place=None) -> tuple[Image.Image, tuple[int, ...]]:
    """Draw one picture: RGB image and the sign's box x, y, width, height in its pixels."""
    place = place or place_of(frame.sign, frame.label, seed)
    rng = np.random.RandomState([seed, 4, frame.sign, frame.number])
    box = int(np.clip(26 * np.exp(rng.uniform(0, 1.3)), 26, 96))
    side = int(np.clip(box * rng.uniform(1.25, 1.75), SMALLEST, LARGEST))
    return photograph(place, box, side, rng)


def place_of(sign: int, label: str, seed: int):
    return find_place(FACES[label](FACE_SIDE), np.random.RandomState([seed, 3, sign]))


def draw(
    folder: Path,
    seed: int = 7,
    count: int = 1500,
    wrong: float = 0.03,
    progress: Progress | None = None,
) -> Path:
    """Write `count` pictures, manifest.csv (image, label, x, y, width, height, sign) and truth.csv (image, true_label,
    planted) into the folder, which is made where it is missing. The same arguments draw the same set.

    Returns the folder. ValueError where `count` is below 1 or `wrong` no share.
    """
    if count < 1 or not 0 <= wrong <= 1:
        raise ValueError(
            f"A demo set needs at least one picture and a share of wrong labels in 0..1, not {count}, {wrong}."
        )
    frames = plan(seed, count)
    given = mislabel([frame.label for frame in frames], wrong, seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    boxes = draw_pictures(folder, frames, seed, progress)
    names = [f"images/{k:05d}.jpg" for k in range(count)]
    manifest = [
        (name, label, *box, f"sign-{frame.sign:04d}")
        for name, label, box, frame in zip(names, given, boxes, frames, strict=True)
    ]
    truth = [(name, f.label, int(f.label != label)) for name, f, label in zip(names, frames, given, strict=True)]
    write_csv(folder / "manifest.csv", "image label x y width height sign", manifest)
    write_csv(folder / "truth.csv", "image true_label planted", truth)
    return folder


def draw_pictures(folder: Path, frames: list[Frame], seed: int, progress: Progress | None) -> list[tuple[int, ...]]:
    """Write the pictures sign by sign (a place is costly, its frames are cheap); boxes in the order of `frames`."""
    boxes: list[tuple[int, ...]] = [()] * len(frames)
    last, place = -1, None
    for done, k in enumerate(
        sorted(range(len(frames)), key=lambda k: (frames[k].sign, frames[k].number)),
        start=1,
    ):
        frame = frames[k]
        if frame.sign != last:
            last, place = frame.sign, place_of(frame.sign, frame.label, seed)
        picture, boxes[k] = draw_frame(frame, seed, place)
        picture.save(
            folder / f"images/{k:05d}.jpg",
            quality=JPEG_QUALITIES[(frame.sign + frame.number) % 4],
        )
        if progress:
            progress(done, len(frames))
    return boxes


def write_csv(path: Path, header: str, rows: list[tuple]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split())
        writer.writerows(rows)
