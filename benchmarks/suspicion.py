"""How well wrong labels are found: a plain network, ours with and without a group key, cleanlab on our probabilities.

    python -m benchmarks.suspicion [DATA] [--plantings 10] [--kind signs] [--cleanlab PYTHON] [--without network]

DATA holds gtsrb/ (images.zip, manifest.csv) and plant.py, which plants errors in it; half the plantings are by image,
half by sign, or all by one kind. Without DATA a drawn set is judged instead: grey particles of three levels of labels.
cleanlab is run by the PYTHON that has it. Average precision, right label on top, expected calibration error, CPU
seconds: means and standard errors. The plain network's score is what suits each planting best: the margin of the
probabilities by image, one minus the label's probability by sign.
"""

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ranking  # noqa: F401  (before torch: it sets how threads wait)

import numpy as np  # isort: skip
from PIL import Image

from benchmarks import particles, pictures, plain_network, support
from ranking import embedder, encoders, network, outcome, suspicion, telling
from tests.scores import average_precision, calibration_error

CLEANLAB = """
import sys, numpy as np
from cleanlab.rank import get_label_quality_scores as score
data = np.load(sys.argv[1])
for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
    np.save(sys.argv[2] + method, 1 - score(data["labels"], data["probabilities"], method=method))
"""


@dataclass(frozen=True)
class Pictures:
    """n crops: of 48 and 32 px, and the vectors that the ranking would have."""

    crops: np.ndarray
    small: np.ndarray
    look: np.ndarray
    shapes: np.ndarray


@dataclass(frozen=True)
class Planting:
    """Labels as given and true [n] in 0..k-1, and the group key [n]."""

    kind: str
    given: np.ndarray
    true: np.ndarray
    groups: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        return self.given != self.true


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?")
    parser.add_argument("--plantings", type=int, default=10)
    parser.add_argument("--first", type=int, default=1, help="the first planting's seed; 0 for those in gtsrb/")
    parser.add_argument("--kind", choices=("signs", "particles", "images"), help="of errors; both where none is named")
    parser.add_argument("--cleanlab", help="a Python that has cleanlab")
    parser.add_argument("--without", nargs="*", default=[], choices=("network", "reference", "keyless", "fixes"))
    arguments = parser.parse_args()
    seen, plantings = signs(Path(arguments.data), arguments) if arguments.data else drawn(arguments)
    print(f"{len(seen.crops):,} crops, {arguments.plantings} plantings; {support.machine()}\n", flush=True)
    table: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for number, planting in enumerate(plantings, start=1):
        for method, row in rows_of(seen, planting, arguments):
            table[planting.kind, method].append(row)
            print(f"{number:>3} {planting.kind:9} {method:46} " + " ".join(f"{v:8.4f}" for v in row), flush=True)
    print(f"\n{'planting':10}{'':46} {'AP':>15} {'right on top':>15} {'ECE':>15} {'CPU s':>15}")
    for (kind, method), rows in sorted(table.items()):
        error = np.std(rows, axis=0, ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else np.full(4, np.nan)
        cells = " ".join(f"{m:8.3f} ±{e:5.3f}" for m, e in zip(np.mean(rows, axis=0), error, strict=True))
        print(f"{kind:10}{method:46} {cells}  of {len(rows)}")


def rows_of(seen: Pictures, planting: Planting, arguments: Any) -> Iterator[tuple[str, list[float]]]:
    without, keyless = arguments.without, np.full(len(planting.given), -1)
    for crops in (False, True)[: 1 if "network" in without else 2]:
        name = "ours, network and vectors" if crops else "ours, vectors alone"
        judged, seconds, probable = timed(lambda crops=crops: ours(seen, planting, planting.groups, crops))
        if crops and judged.judged_by != "vectors and crops":
            break  # a ranking would not have heard the network
        yield name, row(planting, judged.suspicion, judged.suggested[:, 0], seconds)
        if arguments.cleanlab:
            for method, scores in cleanlab(planting.given, probable, arguments.cleanlab):
                found = row(planting, scores, top(planting.given, probable), np.nan, probability=False)
                yield f"  cleanlab {method}{', network' * crops}", found
        if "keyless" not in without:
            alone, seconds, _ = timed(lambda crops=crops: ours(seen, planting, keyless, crops))
            yield f"  {name}, no key", row(planting, alone.suspicion, alone.suggested[:, 0], seconds)
        if "fixes" not in without and not crops:
            yield from after_fixes(seen, planting, judged)
    if "reference" not in without:
        plain, seconds, _ = timed(lambda: reference(seen, planting))
        yield "plain network", row(planting, bar(planting, plain), plain.argmax(axis=1), seconds, probability=False)


def reference(seen: Pictures, planting: Planting) -> tuple[np.ndarray, np.ndarray]:
    thought = plain_network.out_of_fold(seen.small, planting.given, planting.groups)
    return thought, np.exp(thought)


def ours(
    seen: Pictures, planting: Planting, groups: np.ndarray, crops: bool, settled: suspicion.Settled | None = None
) -> tuple[Any, np.ndarray]:
    """(judgement, out-of-fold probabilities [n, k]), as a ranking makes them of this dataset."""
    rows = np.arange(len(planting.given))
    items = outcome.Items(rows, rows, planting.given, groups, seen.look, seen.shapes)
    both = outcome.together(items.look, items.shapes)
    kin = outcome.kinship(items, both, lambda: None)
    names = np.arange(planting.given.max() + 1)
    judges = suspicion.Judges(planting.given, kin, suspicion.columns(None, names), 0, lambda: None, settled)
    told = telling.told([items.look, items.shapes], planting.given, kin.near)
    judges.hear_all(told, (lambda: seen.crops) if crops else None)
    return judges.conclude(names), np.exp(judges.opinion(rows))


def after_fixes(seen: Pictures, planting: Planting, before: Any) -> Iterator[tuple[str, list[float]]]:
    """Average precision on the rest once people looked at the most suspected until half of the errors were fixed."""
    order = np.argsort(-np.nan_to_num(before.suspicion), kind="stable")
    found = np.cumsum(planting.wrong[order])
    looked = order[: int(np.searchsorted(found, found[-1] / 2)) + 1]
    left = np.setdiff1d(np.arange(len(planting.given)), looked)
    mended = planting.given.copy()
    mended[looked] = planting.true[looked]
    rest = Planting(planting.kind, planting.given[left], planting.true[left], planting.groups[left])
    yield "vectors, left, before the fixes", row(rest, before.suspicion[left], before.suggested[left, 0], np.nan)
    again = Planting(planting.kind, mended, planting.true, planting.groups)
    settled = suspicion.Settled(planting.given, np.isin(np.arange(len(mended)), looked))
    after, seconds, _ = timed(lambda: ours(seen, again, planting.groups, False, settled))
    yield "vectors, left, after the fixes", row(rest, after.suspicion[left], after.suggested[left, 0], seconds)


def row(
    planting: Planting, scores: np.ndarray, suggested: np.ndarray, seconds: float, probability: bool = True
) -> list[float]:
    """Average precision, right label on top, expected calibration error (of a probability), CPU seconds."""
    wrong, scores = planting.wrong, np.nan_to_num(scores)
    right = float((suggested == planting.true)[wrong].mean())
    return [
        average_precision(wrong, scores),
        right,
        calibration_error(wrong, scores) if probability else np.nan,
        seconds,
    ]


def bar(planting: Planting, thought: np.ndarray) -> np.ndarray:
    """The score that suits the planting: the margin of the probabilities, or one minus the label's own."""
    probable, rows = np.exp(thought), np.arange(len(thought))
    own = probable[rows, planting.given]
    others = probable.copy()
    others[rows, planting.given] = 0
    return others.max(axis=1) - own if planting.kind == "images" else 1 - own


def top(given: np.ndarray, probable: np.ndarray) -> np.ndarray:
    """The most probable other label."""
    others = probable.copy()
    others[np.arange(len(given)), given] = -1
    return others.argmax(axis=1)


def cleanlab(given: np.ndarray, probable: np.ndarray, python: str) -> Iterator[tuple[str, np.ndarray]]:
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/in.npz", labels=given, probabilities=probable / probable.sum(axis=1, keepdims=True))
        subprocess.run([python, "-c", CLEANLAB, f"{folder}/in.npz", f"{folder}/"], check=True)
        yield from ((path.stem, np.load(path)) for path in sorted(Path(folder).glob("*.npy")))


def timed(work: Callable[[], tuple[Any, np.ndarray]]) -> tuple[Any, float, np.ndarray]:
    began = cpu_seconds()
    result, probable = work()
    return result, cpu_seconds() - began, probable


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def drawn(arguments: Any) -> tuple[Pictures, Iterator[Planting]]:
    crops, true, groups = particles.draw(900, seed=1)

    def plantings() -> Iterator[Planting]:
        for kind, seed in numbered(arguments, "particles"):
            given = particles.plant(true, groups, kind == "particles", seed)
            yield Planting(kind, given, true, groups)

    return described(crops), plantings()


def signs(data: Path, arguments: Any) -> tuple[Pictures, Iterator[Planting]]:
    found = list(pictures.of_zip(data / "gtsrb" / "manifest.csv", data / "gtsrb" / "images.zip"))
    names = [row["image"] for row, _ in found]

    def plantings() -> Iterator[Planting]:
        for kind, seed in numbered(arguments, "signs"):
            yield planted(data, names, kind, seed)

    return described(np.stack([pictures.cut(image, row, 64) for row, image in found])), plantings()


def numbered(arguments: Any, whole: str) -> list[tuple[str, int]]:
    """Kind and seed of each planting."""
    kinds = [arguments.kind] if arguments.kind else [whole, "images"]
    return [(kinds[k % len(kinds)], arguments.first + k // len(kinds)) for k in range(arguments.plantings)]


def described(crops: np.ndarray) -> Pictures:
    """The sizes and vectors of crops uint8 [n, s, s, 3]; by LPIPS where its weights can be had, else by sortnet."""
    encoder = encoders.default(os.environ.get("MLFIX_WEIGHTS", ""))
    print(f"Vectors by {encoder.name}")
    whole = [Image.fromarray(crop) for crop in crops]
    medium, small = (pictures.resized(whole, side) for side in (network.SIDE, plain_network.SIDE))
    sizes = [pictures.resized(whole, side) for side in embedder.sizes(encoder)]
    sample = np.random.default_rng(0).permutation(len(crops))[:1000]
    look, shapes = embedder.fitted(encoder, *(size[sample] for size in sizes)).embed(*sizes)
    return Pictures(medium, small, look, shapes)


def planted(data: Path, images: list[str], kind: str, seed: int) -> Planting:
    """The planting of a seed; of 0 the one that comes with the data."""
    with tempfile.TemporaryDirectory() as folder:
        tail, place = ("-signs" if kind == "signs" else "", data / "gtsrb") if not seed else ("", Path(folder))
        if seed:
            command = [sys.executable, str(data / "plant.py"), str(seed), kind, folder]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        given, true = (read(place / f"{name}{tail}.csv") for name in ("manifest", "truth"))
    names = sorted({row["true_label"] for row in true.values()})
    numbers = {name: number for number, name in enumerate(names)}
    signs = [given[image].get("sign") or true[image]["track"] for image in images]
    groups = np.unique(signs, return_inverse=True)[1]
    as_given = np.array([numbers[given[image]["label"]] for image in images])
    truly = np.array([numbers[true[image]["true_label"]] for image in images])
    return Planting(kind, as_given, truly, groups)


def read(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="") as file:
        return {row["image"]: row for row in csv.DictReader(file)}


if __name__ == "__main__":
    main()
