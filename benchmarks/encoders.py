"""How well encoders find wrong labels by their neighbours, how fast they are and how much they keep: in one run.

    python -m benchmarks.encoders MANIFEST IMAGES TRUTH [--plantings 5] [--threads 2]

MANIFEST has image, label, x, y, width, height; IMAGES is a zip; TRUTH has image, true_label, planted, track. Neighbours
are looked for among other tracks only: frames of one sign are near duplicates and would flatter every score. The score
of an item is the share of its 10 nearest whose label is another than its own; its average precision for the planted
errors is given for the manifest's own labels, and as a mean over plantings of two kinds that are made here (3 % of the
images; 5 % of the tracks in all their frames), with its standard error. MLFIX_WEIGHTS names the folder of the
backbones' weights; those that cannot be had are left out, with a line that says so.
"""

import argparse
import csv
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ranking  # noqa: F401  (before torch: it sets how threads wait)

import numpy as np  # isort: skip
import torch  # isort: skip
from PIL import Image  # isort: skip

from benchmarks import pictures, recipe, support
from ranking import encoders, projection
from ranking.encoders.base import Crops, Vectors
from ranking.kinds import Ints

NEAREST = 10
BLOCK = 512
SHARES = {"images": 0.03, "tracks": 0.05}
ROUNDS = 3
Floats = np.ndarray


@dataclass(frozen=True)
class Data:
    """Labelled crops [n]; `given` holds the planted errors."""

    pictures: list[Image.Image]
    given: Ints
    true: Ints
    tracks: Ints

    def crops(self, side: int) -> Crops:
        return pictures.resized(self.pictures, side)


@dataclass(frozen=True)
class Line:
    """One encoder's vectors, what encoding a crop took in ms, and bytes an item."""

    name: str
    vectors: Vectors
    milliseconds: float
    size: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--plantings", type=int, default=5, help="of each kind")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    data = read(options.manifest, options.images, options.truth)
    wrong = int((data.given != data.true).sum())
    print(f"Encoders on {len(data.true):,} crops of {len(np.unique(data.tracks)):,} tracks, {wrong:,} labels wrong; "
          f"{options.threads} threads; {support.machine()}")  # fmt: skip
    plantings = {kind: [plant(data, kind, seed) for seed in range(options.plantings)] for kind in SHARES}
    print(f"{'encoder':<34}{'AP':>6}  {'images':>11}  {'tracks':>11}{'accuracy':>10}{'crops/s':>9}{'bytes':>7}")
    for line in lines(data):
        print(told(line, data, plantings), flush=True)


def read(manifest: Path, images: Path, truth: Path) -> Data:
    rows, cuts = zip(*((row, cut(image, row)) for row, image in pictures.of_zip(manifest, images)), strict=True)
    known = {row["image"]: row for row in csv.DictReader(truth.open())}
    names = sorted({row["label"] for row in rows} | {row["true_label"] for row in known.values()})
    number = {name: k for k, name in enumerate(names)}
    tracks = sorted({row["track"] for row in known.values()})
    return Data(
        list(cuts),
        np.array([number[row["label"]] for row in rows]),
        np.array([number[known[row["image"]]["true_label"]] for row in rows]),
        np.array([tracks.index(known[row["image"]]["track"]) for row in rows]),
    )


def cut(image: Image.Image, row: dict[str, str]) -> Image.Image:
    box = pictures.box_of(image, row)
    return image.crop(tuple(map(int, box))) if box else image


def plant(data: Data, kind: str, seed: int) -> Ints:
    """The true labels with a share of them made wrong, by image or by whole track."""
    rng = np.random.default_rng([seed, len(kind)])
    units = np.arange(len(data.true)) if kind == "images" else data.tracks
    chosen = rng.choice(np.unique(units), round(SHARES[kind] * len(np.unique(units))), replace=False)
    labels = np.unique(data.true)
    moved = {unit: int(rng.integers(1, len(labels))) for unit in chosen}
    shift = np.array([moved.get(unit, 0) for unit in units])
    return labels[(np.searchsorted(labels, data.true) + shift) % len(labels)]


def lines(data: Data) -> Iterator[Line]:
    for name in ("lpips-squeeze", "sortnet", "pixels"):
        try:
            yield encoded(encoders.make(name, os.environ.get("MLFIX_WEIGHTS", "")), data)
        except encoders.EncoderUnavailable as reason:
            print(f"{name}: left out. {reason}")
    yield words(data)


def encoded(encoder: encoders.Encoder, data: Data) -> Line:
    """As the ranking does it: encoded and projected to what is kept."""
    crops = data.crops(encoder.pixels)
    sample = projection.choose(np.arange(len(crops)), encoder.dim)
    project = projection.fit(np.concatenate(list(in_batches(encoder.encode, crops[sample]))))
    work = lambda part: project.apply(encoder.encode(part))  # noqa: E731
    vectors, milliseconds = timed(work, crops)
    return Line(encoder.name, vectors, milliseconds, vectors[0].nbytes)


def words(data: Data) -> Line:
    """MLfix's first recipe."""
    made = recipe.Words(data.crops(recipe.PIXELS))
    bags, milliseconds = timed(made.bags, data.crops(recipe.PIXELS))
    return Line(made.name, bags.astype(np.float32), milliseconds, bags.shape[1] // 8)


def in_batches(work: Callable[[Crops], Floats], crops: Crops) -> Iterator[Floats]:
    return (work(crops[start : start + 64]) for start in range(0, len(crops), 64))


def timed(work: Callable[[Crops], Floats], crops: Crops) -> tuple[Floats, float]:
    """(all vectors, ms a crop: the fastest of some rounds over the first 2,000)."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in in_batches(work, crops[:2000]):
            pass
        seconds.append(time.perf_counter() - began)
    return np.concatenate(list(in_batches(work, crops))), min(seconds) / len(crops[:2000]) * 1000


def told(line: Line, data: Data, plantings: dict[str, list[Ints]]) -> str:
    rows = nearest_elsewhere(line.vectors, data.tracks)
    own = average_precision(disagreement(rows, data.given), data.given != data.true)
    found = {
        kind: [average_precision(disagreement(rows, given), given != data.true) for given in made]
        for kind, made in plantings.items()
    }
    means = [f"{np.mean(v):5.3f}±{np.std(v) / max(1, len(v) - 1) ** 0.5:.3f}" for v in found.values()]
    accuracy = (voted(rows, data.true) == data.true).mean()
    speed = f"{1000 / line.milliseconds:,.0f}"
    return f"{line.name:<34}{own:6.3f}  {means[0]:>11}  {means[1]:>11}{accuracy:10.3f}{speed:>9}{line.size:>7,}"


def nearest_elsewhere(vectors: Vectors, tracks: Ints) -> Ints:
    """The nearest rows of other tracks: int [n, NEAREST]."""
    points, groups = torch.from_numpy(vectors - vectors.mean(axis=0)), torch.from_numpy(tracks)
    lengths, found = (points * points).sum(dim=1), []
    for start in range(0, len(points), BLOCK):
        squares = lengths - 2 * points[start : start + BLOCK] @ points.T
        squares[groups[start : start + BLOCK, None] == groups] = torch.inf
        found.append(squares.topk(NEAREST, dim=1, largest=False).indices.numpy())
    return np.concatenate(found)


def disagreement(rows: Ints, labels: Ints) -> Floats:
    return (labels[rows] != labels[:, None]).mean(axis=1)


def voted(rows: Ints, labels: Ints) -> Ints:
    """The label that most neighbours have; the nearer ones decide a tie."""
    votes = np.zeros((len(rows), labels.max() + 1))
    weights = 1 + 1e-3 * np.linspace(1, 0, rows.shape[1])
    np.add.at(votes, (np.arange(len(rows))[:, None], labels[rows]), weights)
    return votes.argmax(axis=1)


def average_precision(scores: Floats, wanted: Floats) -> float:
    """Equal scores are one step of the curve: their order is nobody's merit."""
    _, step = np.unique(-scores, return_inverse=True)
    hits, met = np.bincount(step, wanted).cumsum(), np.bincount(step).cumsum()
    recall = hits / wanted.sum()
    return float((np.diff(recall, prepend=0) * hits / met).sum())


if __name__ == "__main__":
    main()
