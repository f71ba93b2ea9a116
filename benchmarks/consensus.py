"""How many looks a campaign needs for how good an outcome, beside an oracle that knows every reviewer: 100,000 items,
200 reviewers, 3 % wrong, no supervisor. The campaign lives in memory, run by the functions that a real one is run by.

    python -m benchmarks.consensus [--seeds 1 2 3 4 5] [--crowd FILE] [--plots FOLDER]

FILE is a Python file with a Crowd and an oracle of its own, as benchmarks/crowd.py has them. Looks an item: at what is
audited, planted ones, and all others apart, and in total. The oracle's looks are those that it needs for the same F1.
"""

import argparse
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the arrays are short: threads would wait for each other

import numpy as np

from benchmarks import consensus_plots as plots
from benchmarks.crowd import answers, f1, generator
from benchmarks.simulated import STRIDE, Campaign, labels
from review.consensus.calibration import Prior
from review.consensus.estimate import UNKNOWN, estimate
from review.consensus.policy import Policy
from review.consensus.posterior import log_odds
from review.consensus.votes import Votes, logit, sigmoid

FIX_ABOVE, LOOKS_MAX, AUDIT_SHARE, LABELS = 0.98, 8, 0.01, 50
ORACLE_LOWS = (0.05, 0.03, 0.02, 0.01, 0.007, 0.005, 0.004, 0.003, 0.0025, 0.002, 0.0015, 0.001)
BINS = np.array([0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 0.99, 0.997, 1.0])
ECE_BINS = 15


@dataclass(frozen=True)
class Row:
    """Campaigns that differ in clean_below alone, and the F1 at which their looks are compared, where there is one."""

    name: str
    strength: float
    lie: str
    looks_min: int
    lows: tuple[float, ...]
    target: float | None = None


ROWS = (
    Row("no prior", 0.0, "", 1, (0.005, 0.0035), 0.97),
    Row("prior, looks_min 1", 3.0, "", 1, (0.02, 0.01), 0.985),
    Row("prior, looks_min 0", 3.0, "", 0, (0.02, 0.01, 0.005), 0.975),
    Row("log odds doubled", 3.0, "doubled", 0, (0.01,)),
    Row("blind to 1 class in 20", 3.0, "blind", 0, (0.01,)),
    Row("strength 1 sold as 3", 3.0, "weak", 0, (0.003,)),
)


@dataclass
class Outcome:
    """Of one campaign."""

    looks: dict[str, float]
    f1: float
    ece: float
    seconds: float
    slope: float
    raised: int
    reasons: list[dict[str, Any]]
    reliability: np.ndarray  # [3, bins]: items, their mean probability, their share of wrong ones
    total: float = field(init=False)

    def __post_init__(self) -> None:
        self.total = sum(self.looks.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--crowd", type=Path)
    parser.add_argument("--plots", type=Path)
    arguments = parser.parse_args()
    make, oracle = generator(arguments.crowd)
    crowds = [make(seed) for seed in arguments.seeds]
    curves: dict[str, list[tuple[float, float]]] = {}
    sums: dict[str, np.ndarray] = {}
    print(f"{'':24} {'clean<':>7} {'people':>7} {'audit':>6} {'planted':>7} {'total':>6} {'F1':>6} {'± ':>5} "
          f"{'oracle':>6} {'ratio':>6} {'ECE':>7} {'s':>4}")  # fmt: skip
    for row in ROWS:
        run_row(row, crowds, oracle, curves, sums)
    for votes in (3, 5):
        curves |= fixed_looks(crowds, votes)
    if arguments.plots:
        (arguments.plots / "f1-by-looks.svg").write_text(plots.looks(curves), encoding="utf-8")
        (arguments.plots / "reliability.svg").write_text(plots.reliability(sums), encoding="utf-8")


def run_row(
    row: Row, crowds: list[Any], oracle: Any, curves: dict[str, list[tuple[float, float]]], sums: dict[str, np.ndarray]
) -> None:
    """Print the row's lines, and add its curve, its oracle's, and its reliability."""
    asked = [
        np.mean([oracle(crowd, row.strength, row.looks_min, low, FIX_ABOVE) for crowd in crowds], 0)
        for low in ORACLE_LOWS
    ]
    best = np.array(asked)
    points = []
    for low in row.lows:
        runs = [run(row, crowd, low) for crowd in crowds]
        points.append(mean := np.mean([(one.total, one.f1) for one in runs], 0))
        parts = {name: float(np.mean([one.looks[name] for one in runs])) for name in runs[0].looks}
        known = needed(best, float(mean[1])) if not row.lie else None
        print(
            f"{row.name:24} {low:7.4f} {parts['people']:7.3f} {parts['audit']:6.3f} {parts['planted']:7.3f} "
            f"{mean[0]:6.3f} {mean[1]:6.4f} {np.std([one.f1 for one in runs]):5.4f} "
            + (f"{known:6.3f} {(mean[0] - parts['audit']) / known:6.3f}" if known else f"{'':13}")
            + f" {np.mean([one.ece for one in runs]):7.4f} {max(one.seconds for one in runs):4.0f}",
            flush=True,
        )
        if row.lie:
            print(f"{'':24} worst F1 {min(one.f1 for one in runs):.4f}; {noticed(runs)}", flush=True)
        else:
            sums[row.name] = sums.get(row.name, 0) + sum(one.reliability for one in runs)
    if row.target:
        ours, theirs = needed(np.array(points), row.target), needed(best, row.target)
        print(f"{'':24} for F1 {row.target}: {ours:.3f} looks in total, the oracle {theirs:.3f}, "
              f"ratio {ours / theirs:.3f}\n", flush=True)  # fmt: skip
        curves[row.name] = [(float(a), float(b)) for a, b in points]
        curves["oracle, " + row.name] = [(float(a), float(b)) for a, b in best if 0.94 < b < 0.992]


def needed(curve: np.ndarray, target: float) -> float:
    """The looks at which a curve of (looks, F1) reaches the target."""
    curve = curve[np.argsort(curve[:, 0])]
    return float(np.interp(target, np.maximum.accumulate(curve[:, 1]), curve[:, 0]))


def noticed(runs: list[Outcome]) -> str:
    kinds = sorted({reason["kind"] for one in runs for reason in one.reasons})
    of = [f"{kind} in {np.mean([sum(r['kind'] == kind for r in one.reasons) for one in runs]):.1f}" for kind in kinds]
    return (f"slope {np.mean([one.slope for one in runs]):.2f}, labels raised "
            f"{np.mean([one.raised for one in runs]):.1f} of {LABELS}, reasons: {', '.join(of) or 'none'}")  # fmt: skip


def run(row: Row, crowd: Any, low: float) -> Outcome:
    began = time.perf_counter()
    label = labels(crowd.seed, crowd.items, LABELS)
    policy = Policy("evidence", row.looks_min, LOOKS_MAX, low, FIX_ABOVE)
    campaign = Campaign(crowd, policy, prior_of(row, crowd, label), label, AUDIT_SHARE)
    campaign.run()
    seconds = time.perf_counter() - began
    p = sigmoid(campaign.odds)
    return Outcome(
        looks=campaign.spent(),
        f1=f1(campaign.found(), crowd.truth),
        ece=calibration_error(p, crowd.truth),
        seconds=seconds,
        slope=campaign.fit.slope,
        raised=len(campaign.fit.raised),
        reasons=campaign.reasons,
        reliability=binned(p, crowd.truth, np.clip(np.searchsorted(BINS, p, "right") - 1, 0, len(BINS) - 2)),
    )


def prior_of(row: Row, crowd: Any, label: np.ndarray) -> np.ndarray:
    """float [n]: what the classifier says of each item, true or not; NaN where there is none."""
    if not row.strength:
        return np.full(crowd.items, np.nan)
    odds, strength = crowd.prior(row.strength), row.strength
    if row.lie == "doubled":
        odds = 2 * odds
    if row.lie == "blind":
        unseen = np.random.default_rng([crowd.seed, 10]).permutation(LABELS)[: max(1, LABELS // 20)]
        odds = odds - strength**2 * (crowd.truth & np.isin(label, unseen))
    if row.lie == "weak":
        odds = logit(crowd.wrong) + strength * (crowd.truth + crowd.noise) - strength**2 / 2
    return sigmoid(odds)


def calibration_error(p: np.ndarray, truth: np.ndarray) -> float:
    """The expected calibration error over ECE_BINS bins of equal width (Naeini et al. 2015)."""
    items, said, wrong = binned(p, truth, np.minimum((ECE_BINS * p).astype(int), ECE_BINS - 1), ECE_BINS)
    return float(np.abs(said - wrong).sum() / items.sum())


def binned(p: np.ndarray, truth: np.ndarray, of: np.ndarray, count: int = len(BINS) - 1) -> np.ndarray:
    """[3, bins]: items, the sum of their probabilities, and how many are wrong."""
    weights = (None, p, truth.astype(float))
    return np.array([np.bincount(of, weights=weight, minlength=count) for weight in weights], float)


def fixed_looks(crowds: list[Any], votes: int) -> dict[str, list[tuple[float, float]]]:
    """Majority and the model alone, with so many looks at every item."""
    found = []
    for crowd in crowds:
        first = np.random.default_rng([crowd.seed, 11]).integers(crowd.reviewers, size=crowd.items)
        item = np.tile(np.arange(crowd.items), votes)
        who = (first[item] + STRIDE * np.repeat(np.arange(votes), crowd.items)) % crowd.reviewers
        said = answers(crowd, who, item)
        flags = np.bincount(item, weights=said, minlength=crowd.items)
        looks = Votes(item, who, said.astype(np.int8))
        prior = Prior(np.full(crowd.items, np.nan))
        fit = estimate(
            looks,
            reviewers=crowd.reviewers,
            prior=prior,
            known=np.full(crowd.items, UNKNOWN),
            planted=np.zeros(crowd.items, bool),
        )
        found.append((f1(2 * flags > votes, crowd.truth), f1(log_odds(looks, fit, prior) > 0, crowd.truth)))
    majority, model = np.mean(found, 0).tolist()
    for name, score in (("majority", majority), ("Dawid-Skene", model)):
        print(f"{f'{name}, {votes} looks each':24} {'':7} {votes:7.3f} {'':6} {'':7} {votes:6.3f} {score:6.4f}")
    return {f"majority of {votes}": [(votes, majority)], f"Dawid-Skene, {votes} looks": [(votes, model)]}


if __name__ == "__main__":
    main()
