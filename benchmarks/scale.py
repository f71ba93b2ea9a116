"""What ranking costs as items grow: seconds and memory of each step, and what is found, on made-up items.

    python -m benchmarks.scale [--items 20000 50000] [--labels 400] [--dims 256] [--no-key] [--samples | --own-model]

Vectors stand for crops: labels of uneven size with a few modes each, objects of one to twenty frames that are near
duplicates of each other, as many spread and noise as that neighbours of other labels come near, and 3 % wrong labels,
half of single items and half of whole objects, half of each for a label that looks alike. Each size runs in a process
of its own. Peaks are of the memory in use at any time in a step, the vectors included. Recall is the share of the true
nearest neighbours that are found, of a sample.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass

import ranking  # noqa: F401  (before torch: it sets how threads wait)

import numpy as np  # isort: skip
import torch  # isort: skip

from benchmarks import support
from ranking import folds, logistic, outcome, own_model, telling
from ranking.suspicion import Judgement
from ranking.tables import blocks
from tests.scores import average_precision, calibration_error

WRONG = 0.03
EXPONENT = 0.7  # of the labels' sizes by rank
ANOTHER_FRAME, MOST_FRAMES = 0.7, 20
MODES = 3
CENTRES, MODE, OBJECT, FRAME = 0.30, 0.30, 0.55, 0.35  # spreads, each a share of the same falling spectrum
SAMPLES = (8192, 16384)
DISTANCE = 4.5
HEAD = f"  {'step':42} {'seconds':>8} {'CPU s':>8} {'peak GB':>8}"
ASKED = 500  # items whose neighbours are looked for exactly
STATUS = "/proc/self/status"


@dataclass(frozen=True)
class Made:
    """n items: vectors float32 [n, d], true labels and labels as given [n], objects [n]."""

    vectors: np.ndarray
    true: np.ndarray
    given: np.ndarray
    objects: np.ndarray


def made(n: int, labels: int, dims: int, seed: int = 0) -> Made:
    rng = np.random.default_rng(seed)
    frames = np.minimum(rng.geometric(1 - ANOTHER_FRAME, n), MOST_FRAMES)
    objects = np.repeat(np.arange(n), frames)[:n]
    count = int(objects[-1]) + 1
    sizes = np.arange(1, labels + 1) ** -EXPONENT
    label = np.concatenate([np.arange(labels).repeat(3), rng.choice(labels, count, p=sizes / sizes.sum())])[:count]
    rng.shuffle(label)
    spectrum = (1 / np.sqrt(1 + np.arange(dims) / 8)).astype(np.float32)

    def spread(*shape: int) -> np.ndarray:
        return rng.standard_normal((*shape, dims), np.float32) * spectrum

    centres = CENTRES * spread(labels)
    modes = centres[:, None] + MODE * spread(labels, MODES)
    middle = modes[label, rng.integers(0, MODES, count)]
    vectors = np.empty((n, dims), np.float32)
    middle += OBJECT * spread(count)
    for start in range(0, n, 50_000):
        part = objects[start : start + 50_000]
        vectors[start : start + 50_000] = middle[part] + FRAME * spread(len(part))
    true = label[objects]
    return Made(vectors, true, planted(true, objects, squared(centres), rng), objects)


def squared(points: np.ndarray) -> np.ndarray:
    squares = (points * points).sum(axis=1)
    return squares[:, None] + squares - 2 * points @ points.T


def planted(true: np.ndarray, objects: np.ndarray, apart: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels as given: wrong by item and by object, for one of the five that look most alike or for any."""
    labels = len(apart)
    alike = np.argsort(apart, axis=1)[:, 1:6]
    given = true.copy()
    for unit in (np.arange(len(true)), objects):
        wrong = (rng.random(unit.max() + 1) < WRONG / 2)[unit]
        near = alike[true, rng.integers(0, alike.shape[1], unit.max() + 1)[unit]]
        any_other = (true + rng.integers(1, labels, unit.max() + 1)[unit]) % labels
        choice = np.where((rng.random(unit.max() + 1) < 0.5)[unit], near, any_other)
        given = np.where(wrong, choice, given)
    return given


class Clock:
    """Prints a line a step: its seconds of wall and processor and the most memory that was in use."""

    def __init__(self) -> None:
        self.step, self.began, self.whole = "", self.now(), self.now()
        self.peak = 0.0

    @staticmethod
    def now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()

    def say(self, step: str) -> None:
        if self.step:
            self.line(self.step, self.began, peak())
            self.peak = max(self.peak, peak())
        self.step, self.began = step, self.now()
        forget_peak()

    def end(self) -> None:
        self.say("")
        self.line("all of it", self.whole, self.peak)

    def line(self, step: str, began: tuple[float, float], gigabytes: float) -> None:
        wall, processor = (after - before for after, before in zip(self.now(), began, strict=True))
        print(f"  {step:42} {wall:8.1f} {processor:8.1f} {gigabytes:8.2f}", flush=True)


def peak() -> float:
    """The most memory in use since it was last forgotten, GB; 0 where the system does not say."""
    if not os.path.exists(STATUS):
        return 0.0
    with open(STATUS) as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 2**20


def forget_peak() -> None:
    if os.path.exists(STATUS):
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def measure(n: int, labels: int, dims: int, key: bool) -> None:
    items = made(n, labels, dims)
    largest, taken = np.bincount(items.given).max(), items.vectors.nbytes / 2**30
    print(f"\n{n:,} items of {labels} labels, the largest of {largest:,}; vectors {taken:.2f} GB")
    print(f"  {'before the first step':42} {'':17} {peak():8.2f}")
    print(HEAD, flush=True)
    rows, clock = np.arange(n), Clock()
    groups = items.objects if key else np.full(n, -1)
    asked = outcome.Items(rows, rows, items.given, groups, items.vectors, np.empty((n, 0), np.float32))
    found = outcome.conclude(asked, clock.say, lambda: None)
    clock.end()
    print_quality(items, found)


def print_judgement(given: np.ndarray, true: np.ndarray, found: Judgement) -> None:
    wrong, suspicion = given != true, np.nan_to_num(found.suspicion)
    print(f"  wrong labels: average precision {average_precision(wrong, suspicion):.3f}, "
          f"right label on top {(found.suggested[:, 0] == true)[wrong].mean():.3f}, "
          f"calibration error {calibration_error(wrong, suspicion):.4f}", flush=True)  # fmt: skip


def print_quality(items: Made, found: outcome.Outcome) -> None:
    print_judgement(items.given, items.true, found.judgement)
    print(f"  neighbours: {recall(items, found.nearest_any):.3f} of the 32 nearest are found, "
          f"{recall(items, found.nearest_any, 8):.3f} of the 8 nearest", flush=True)  # fmt: skip


def recall(items: Made, nearest: np.ndarray, k: int = 32) -> float:
    asked = np.random.default_rng(0).choice(len(items.true), min(ASKED, len(items.true)), replace=False)
    points = torch.from_numpy(items.vectors)
    away = torch.cdist(points[asked], points)
    away[torch.arange(len(asked)), torch.from_numpy(asked)] = torch.inf
    exact = away.topk(k, largest=False)[1].numpy()
    return float(np.mean([np.isin(one, other).mean() for one, other in zip(exact, nearest[asked], strict=True)]))


def measure_own_model(n: int, labels: int) -> None:
    """What it costs to go by the probabilities of a user's own model, and what is found. They are made up, float32
    [n, labels]: of a model that sees the right label DISTANCE spreads from the others, and knows how sure it is."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, labels, n)
    given = np.where(rng.random(n) < WRONG, (true + rng.integers(1, labels, n)) % labels, true)
    table = rng.standard_normal((n, labels), np.float32)
    table[np.arange(n), true] += DISTANCE
    for part, rows in blocks(table):
        table[part] = np.exp(folds.log_softmax(DISTANCE * rows))
    unsure, nowhere = np.full(n, np.nan), np.full(n, -1)
    said = own_model.Said(nowhere, unsure, unsure, np.arange(labels), table)
    ours = Judgement(np.full(n, WRONG), given, np.full((n, 5), -1), np.full((n, 5), np.nan), np.arange(labels),
                     np.zeros((labels, labels)))  # fmt: skip
    print(f"\n{n:,} items, probabilities of {labels} labels by a model of the user's: {table.nbytes / 2**30:.2f} GB")
    print(HEAD, flush=True)
    clock = Clock()
    clock.say("suspicion and suggestions")
    found = own_model.judge(ours, given, said)
    clock.end()
    print_judgement(given, true, found)


def print_samples(n: int, labels: int, dims: int) -> None:
    """What a classifier finds that learned from a sample, by one minus the probability of the label as given."""
    items = made(n, labels, dims)
    fold, vectors = folds.deal(items.given, items.objects, 0), telling.told([items.vectors], items.given, items.objects)
    learned, judged = np.flatnonzero(fold != 0), np.flatnonzero(fold == 0)
    wrong, points = (items.given != items.true)[judged], torch.from_numpy(vectors[judged])
    print(f"  {'learned from':>14} {'average precision':>18} {'CPU s':>8}")
    for most in (*SAMPLES, n):
        began, logistic.LEARNED = time.process_time(), most
        rows, heed = logistic.drawn(learned, items.given, np.ones(n, np.float32), 0)
        parts = (torch.from_numpy(part) for part in (vectors[rows], items.given[rows], heed))
        weights = logistic.fit(*parts, labels, lambda: None)
        own = torch.addmm(weights[-1], points, weights[:-1]).softmax(dim=1)[range(len(judged)), items.given[judged]]
        found = average_precision(wrong, 1 - own.numpy())
        print(f"  {len(rows):14,} {found:18.3f} {time.process_time() - began:8.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[20_000, 50_000])
    parser.add_argument("--labels", type=int, default=400)
    parser.add_argument("--dims", type=int, default=256)
    parser.add_argument("--no-key", action="store_true", help="without the objects as groups: by near duplicates alone")
    parser.add_argument("--samples", action="store_true", help="what a classifier finds that learned from a sample")
    parser.add_argument("--own-model", action="store_true", help="what it costs to go by a user's own model")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.samples:
        for n in arguments.items:
            print_samples(n, arguments.labels, arguments.dims)
        return
    if arguments.own_model:
        for n in arguments.items:
            measure_own_model(n, arguments.labels)
        return
    if arguments.here:
        measure(arguments.items[0], arguments.labels, arguments.dims, not arguments.no_key)
        return
    print(f"Ranking at scale; {support.machine()}", flush=True)
    for n in arguments.items:
        options = ["--labels", str(arguments.labels), "--dims", str(arguments.dims), *["--no-key"] * arguments.no_key]
        subprocess.run([sys.executable, "-m", "benchmarks.scale", "--here", "--items", str(n), *options], check=True)


if __name__ == "__main__":
    main()
