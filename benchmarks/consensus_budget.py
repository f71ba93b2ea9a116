"""What a budget of fewer looks than are wanted gives, lent in turn and the most valuable looks first.

    python -m benchmarks.consensus_budget [--seeds 1 2 3] [--items 20000] [--shares .4 .6 .8] [--crowd FILE]

Campaigns as in benchmarks/consensus.py. Looks an item are people's and the audit's, planted ones aside; each budget is
a share of what the campaign takes without one.
"""

import argparse
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.consensus import AUDIT_SHARE, FIX_ABOVE, LABELS, LOOKS_MAX, ROWS, Row, prior_of
from benchmarks.crowd import f1, generator
from benchmarks.simulated import Campaign, labels
from review.consensus.policy import Policy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.4, 0.6, 0.8])
    parser.add_argument("--crowd", type=Path)
    arguments = parser.parse_args()
    make, _ = generator(arguments.crowd)
    crowds = [make(seed, arguments.items) for seed in arguments.seeds]
    print(f"{'':24} {'budget':>6} {'looks':>6} {'F1 in turn':>11} {'by value':>9}")
    for row in ROWS:
        if not row.lie:
            run_row(row, crowds, arguments.shares)


def run_row(row: Row, crowds: list[Any], shares: list[float]) -> None:
    whole = [spent(campaign_of(row, crowd)) for crowd in crowds]
    print(f"{row.name:24} {'none':>6} {np.mean([n for n, _ in whole]) / crowds[0].items:6.3f} "
          f"{np.mean([score for _, score in whole]):11.4f}", flush=True)  # fmt: skip
    for share in shares:
        runs = [
            [spent(campaign_of(row, crowd, round(share * looks), by_value)) for by_value in (False, True)]
            for crowd, (looks, _) in zip(crowds, whole, strict=True)
        ]
        in_turn, by_value = np.mean(runs, 0)
        print(f"{row.name:24} {share:6.2f} {by_value[0] / crowds[0].items:6.3f} {in_turn[1]:11.4f} {by_value[1]:9.4f}",
              flush=True)  # fmt: skip


def campaign_of(row: Row, crowd: Any, budget: int | None = None, by_value: bool = True) -> Campaign:
    label = labels(crowd.seed, crowd.items, LABELS)
    policy = Policy("evidence", row.looks_min, LOOKS_MAX, row.lows[-1], FIX_ABOVE)
    campaign = Campaign(crowd, policy, prior_of(row, crowd, label), label, AUDIT_SHARE, budget, by_value)
    campaign.run()
    return campaign


def spent(campaign: Campaign) -> tuple[int, float]:
    return int(campaign.counted.sum()), f1(campaign.found(), campaign.crowd.truth)


if __name__ == "__main__":
    main()
