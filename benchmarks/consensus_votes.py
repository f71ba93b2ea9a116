"""Labels out of votes, beside crowd-kit: how often right, and how fast.

    python -m benchmarks.consensus_votes [DATA] [--crowdkit PYTHON] [--votes 100000 300000 1000000 3000000]

DATA holds a folder for each set, with votes.csv.gz (task, worker, label) and truth.csv.gz (task, label). Made-up votes
of known truth are judged too: workers of very different quality, each with confusions of their own, a few of whom do
most of the work. crowd-kit is run by the PYTHON that has it. Seconds are of the fit alone, without reading, ours the
better of two runs (µs a vote by CPU time); the difference to the best single one of the others comes with a paired
bootstrap over tasks.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import support
from review.consensus.aggregate import aggregate
from review.consensus.layout import Answers
from review.consensus.vote_files import read_truth, read_votes

OTHERS = ["MajorityVote", "DawidSkene", "OneCoinDawidSkene", "GLAD", "MACE", "Wawa", "ZeroBasedSkill", "MMSR"]
CROWDKIT = """
import sys, time, numpy as np, pandas as pd
from crowdkit import aggregation
data = np.load(sys.argv[1])
votes = pd.DataFrame({name: data[name] for name in ("task", "worker", "label")})
for name in sys.argv[3:]:
    began = time.perf_counter()
    try:
        label = getattr(aggregation, name)().fit_predict(votes)
    except Exception as error:
        print(f"  {name} failed: {error}"[:150], flush=True)
        continue
    np.savez(f"{sys.argv[2]}/{name}", task=label.index, label=label.values, seconds=time.perf_counter() - began)
"""
RESAMPLED = 10_000


@dataclass(frozen=True)
class Votes:
    """A set: votes, which tasks have a known label [n], and that label [n]."""

    name: str
    answers: Answers
    task: np.ndarray
    label: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--crowdkit", help="a Python that has crowd-kit")
    parser.add_argument("--votes", type=int, nargs="*", default=[100_000, 300_000, 1_000_000, 3_000_000])
    arguments = parser.parse_args()
    print(support.machine(), flush=True)
    for kind, sets in (("real", read(arguments.data) if arguments.data else []), ("made up", made_up())):
        compare(kind, list(sets), arguments.crowdkit)
    print(f"\n{'votes':>10} {'labels':>7} {'seconds':>8} {'CPU s':>6} {'µs a vote':>10} {'rounds':>7} {'right':>6}")
    for labels in (2, 4, 10, 100):
        for count in arguments.votes:
            scale(count, labels)


def compare(kind: str, sets: list[Votes], crowdkit: str | None) -> None:
    hits: dict[str, list[np.ndarray]] = {}
    for votes in sets:
        print(f"\n{kind}, {votes.name}: {len(votes.answers.task):,} votes, {len(votes.task):,} tasks of known label")
        for name, label, seconds in judged(votes, crowdkit):
            hits.setdefault(name, []).append(label[votes.task] == votes.label)
            print(f"  {name:20} {hits[name][-1].mean():7.4f} {seconds:9.4f} s", flush=True)
    whole = {name: np.mean([h.mean() for h in found]) for name, found in hits.items() if len(found) == len(sets)}
    others = {name: mean for name, mean in whole.items() if name != "ours"}
    if not sets or not others:
        return
    best = max(others, key=lambda name: others[name])
    low, high = bootstrap(hits["ours"], hits[best])
    print(f"\n{kind}: mean accuracy {whole['ours']:.4f}; best single other, {best}, {whole[best]:.4f}")
    print(f"  difference {whole['ours'] - whole[best]:+.4f}, 95 % of resamples {low:+.4f} to {high:+.4f}")
    for k, votes in enumerate(sets):
        own, top = hits["ours"][k].mean(), max(found[k].mean() for name, found in hits.items() if name in others)
        print(f"  {votes.name}: {own - top:+.4f} beside its own best")


def judged(votes: Votes, crowdkit: str | None) -> Iterator[tuple[str, np.ndarray, float]]:
    runs = [timed(votes.answers) for _ in range(2)]
    yield "ours", runs[0][0], min(seconds for _, seconds in runs)
    if not crowdkit:
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "votes.npz"
        np.savez(source, task=votes.answers.task, worker=votes.answers.worker, label=votes.answers.label)
        subprocess.run([crowdkit, "-W", "ignore", "-c", CROWDKIT, source, folder, *OTHERS], check=True)
        for name in OTHERS:
            if (path := Path(folder) / f"{name}.npz").exists():
                found = np.load(path)
                label = np.full(votes.answers.tasks, -1)
                label[found["task"]] = found["label"]
                yield name, label, float(found["seconds"])


def timed(answers: Answers) -> tuple[np.ndarray, float]:
    began = time.perf_counter()
    label = aggregate(answers).label
    return label, time.perf_counter() - began


def bootstrap(ours: list[np.ndarray], theirs: list[np.ndarray]) -> tuple[float, float]:
    """95 % of the mean difference over sets, tasks of each set drawn anew."""
    rng, total = np.random.default_rng(0), np.zeros(RESAMPLED)
    for mine, other in zip(ours, theirs, strict=True):
        better = mine.astype(int) - other
        shares = np.array([(better == 1).mean(), (better == -1).mean(), (better == 0).mean()])
        drawn = rng.multinomial(len(better), shares, RESAMPLED)
        total += (drawn[:, 0] - drawn[:, 1]) / len(better) / len(ours)
    return float(np.quantile(total, 0.025)), float(np.quantile(total, 0.975))


def read(folder: Path) -> Iterator[Votes]:
    for path in sorted(folder.glob("*/votes.csv.gz")):
        answers, tasks, labels = read_votes(path)
        truth = read_truth(path.with_name("truth.csv.gz"))
        number, names = {name: k for k, name in enumerate(tasks)}, {name.casefold(): k for k, name in enumerate(labels)}
        known = [(number[task], names.get(label.casefold(), -1)) for task, label in truth.items() if task in number]
        if not known:
            print(f"{path.parent.name}: none of the {len(truth)} tasks of known label has votes, so it is left out")
            continue
        task, label = np.array(known).T
        yield Votes(path.parent.name, answers, task, label)


def made_up() -> Iterator[Votes]:
    for seed, (tasks, workers, labels, looks) in enumerate(((1000, 50, 2, 5), (1000, 100, 4, 5), (1000, 100, 4, 3),
                                                            (1000, 40, 20, 5))):  # fmt: skip
        answers, truth = drawn(seed, tasks, workers, labels, looks)
        yield Votes(f"{labels} labels, {workers} workers, {looks} votes a task", answers, np.arange(tasks), truth)


def drawn(seed: int, tasks: int, workers: int, labels: int, looks: int) -> tuple[Answers, np.ndarray]:
    """(votes, truth). A worker's row of confusions is drawn around the one that all share, at the worker's quality."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(labels, tasks, p=rng.dirichlet(np.full(labels, 3.0)))
    quality, instead = rng.beta(6, 3, workers), rng.dirichlet(np.full(max(labels, 2), 0.7), labels)
    instead[np.arange(labels), np.arange(labels)] = 0
    shared = quality[:, None, None] * np.eye(labels) + (1 - quality)[:, None, None] * (
        instead / instead.sum(axis=1, keepdims=True)
    )
    rows = rng.standard_gamma(15 * shared + 1e-3)
    rows /= rows.sum(axis=2, keepdims=True)
    busy = rng.pareto(1.0, workers) + 0.2
    # The largest of log weight + Gumbel noise: draws without replacement, by weight.
    worker = np.argsort(-np.log(busy) - rng.gumbel(size=(tasks, workers)), axis=1)[:, :looks].ravel()
    task = np.repeat(np.arange(tasks), looks)
    label = (rows[worker, truth[task]].cumsum(axis=1) < rng.random(len(task))[:, None]).sum(axis=1)
    return Answers(task, worker, np.minimum(label, labels - 1), tasks, workers, labels), truth


def scale(count: int, labels: int) -> None:
    """`count` votes of 2,000 workers, five a task, in no order."""
    rng = np.random.default_rng(1)
    tasks, quality = count // 5, rng.beta(6, 2.5, 2000)
    truth = rng.integers(0, labels, tasks)
    task, worker = rng.permutation(np.repeat(np.arange(tasks), 5)), rng.integers(0, 2000, 5 * tasks)
    other = (truth[task] + 1 + (rng.random(len(task)) ** 2 * (labels - 1)).astype(int)) % labels
    answers = Answers(
        task, worker, np.where(rng.random(len(task)) < quality[worker], truth[task], other), tasks, 2000, labels
    )
    began, used = time.perf_counter(), time.process_time()
    found = aggregate(answers)
    seconds, used = time.perf_counter() - began, time.process_time() - used
    right, each = (found.label == truth).mean(), 1e6 * used / len(task)
    print(
        f"{len(task):>10,} {labels:>7} {seconds:>8.2f} {used:>6.2f} {each:>10.2f} {found.rounds:>7} {right:>6.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
