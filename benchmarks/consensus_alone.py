"""How well it is told what one person, reviewing alone, leaves wrong.

    python -m benchmarks.consensus_alone [--runs 50] [--items 5000]

3 % wrong in ten labels, errors of differing difficulty; two planted errors in a hundred, as hard as these or easy ones;
the audit sample and a fifth of the flags are looked at twice, the second time with the same answer as before in so many
cases. Shares of the items, in percent. `holds`: how often the 95 % interval holds the share that is left.
"""

import argparse

import numpy as np

from benchmarks.crowd import HARDER, WRONG
from review.consensus import retest, sample
from review.consensus.audit import Audit
from review.consensus.votes import logit, sigmoid

LABELS, PLANTED, AGAIN, AUDIT_SHARE = 10, 0.02, 0.2, 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--items", type=int, default=5000)
    arguments = parser.parse_args()
    print("finds  spares  as before  planted   twice   left   said    low   high  holds")
    for finds, spares in ((0.9, 0.998), (0.9, 0.98), (0.7, 0.99)):
        for alike in (0.0, 0.3):
            for easy in (False, True):
                rng = np.random.default_rng(1)
                runs = [one(rng, arguments.items, finds, spares, alike, easy) for _ in range(arguments.runs)]
                twice, left, low, said, high = np.array(runs).T
                holds = ((low <= left) & (left <= high)).mean()
                print(f"{finds:5.2f} {spares:7.3f} {alike:10.1f}  {'easy' if easy else 'as hard':>7} "
                      f"{100 * twice.mean():7.1f} {100 * left.mean():6.2f} {100 * said.mean():6.2f} "
                      f"{100 * low.mean():6.2f} {100 * high.mean():6.2f} {holds:6.2f}",
                      flush=True)  # fmt: skip


def one(
    rng: np.random.Generator, items: int, finds: float, spares: float, alike: float, easy: bool
) -> tuple[float, float, float, float, float]:
    """Of one campaign: the share looked at twice, what is left wrong, and (low, rate, high) of what is said of it."""
    label, truth = rng.integers(LABELS, size=items), rng.random(items) < WRONG
    chance = np.where(truth, found(rng, finds, items, False), 1 - spares)
    first = rng.random(items) < chance
    second = np.where(rng.random(items) < alike, first, rng.random(items) < chance)
    planted = int(PLANTED * items)
    hits = int((rng.random(planted) < found(rng, finds, planted, easy)).sum())
    drawn = sample.draw(np.arange(items), label, share=AUDIT_SHARE, unseen=0, seed=int(rng.integers(1 << 30)))
    sampled, again = np.flatnonzero(~np.isnan(drawn)), np.flatnonzero(first & (rng.random(items) < AGAIN))
    sizes, planned = np.bincount(label, minlength=LABELS), np.bincount(label[sampled], minlength=LABELS)
    left = Audit((second & ~first)[sampled], label[sampled], sizes, planned)
    rate, low, high = retest.leaves(first, (hits, planted), (int(second[again].sum()), len(again)), left).both
    return (len(sampled) + len(again)) / items, float((first != truth).mean()), float(low), float(rate), float(high)


def found(rng: np.random.Generator, finds: float, count: int, easy: bool) -> np.ndarray:
    hard = 0.0 if easy else HARDER * np.maximum(0.7 * rng.standard_normal(count), 0)
    return sigmoid(logit(finds) - hard * np.ones(count))


if __name__ == "__main__":
    main()
