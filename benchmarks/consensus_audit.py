"""Whether the audit's intervals hold what they promise, on datasets whose truth is known.

    python -m benchmarks.consensus_audit [--runs 200]

43 labels of very different sizes, a sample of 600 items by label (five of each at least), each label with an error rate
of its own. Errors come one by one; or whole tracks of 15 items are wrong; or they are, and whole tracks are drawn. Then
the truth is the share of errors that tracks like these have, else that of the dataset. For each: how often the interval
holds the truth and its mean width; how often a naive one does, which takes the sample for draws from one pot; how often
all of 20 looks at an audit under way hold it, and the last one's width; and the first again with auditors who find 80 %
of the errors and flag 1 % of what is right, known from 60 and 400 trials.
"""

import argparse

import numpy as np

from benchmarks import support
from review.consensus.audit import Audit, Auditors, Interval, anytime, error_rate

LABELS, COUNT, TRACK, LOOKS = 43, 600, 15, 20
FOUND, ALARM = 0.8, 0.01
KINDS = ("single items", "tracks wrong", "tracks drawn")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    runs = parser.parse_args().runs
    print(f"{runs} runs each; {support.machine()}\n")
    heads = ("rate", "holds", "width", "naive", "all looks", "width", "corrected")
    print(f"{'errors':14}" + "".join(f"{head:>11}" for head in heads))
    for kind in KINDS:
        for rate in (0.003, 0.03, 0.1):
            cells = np.mean([judged(*sample(seed, kind, rate), seed) for seed in range(runs)], axis=0)
            print(f"{kind:14}{rate:11.3f}" + "".join(f"{cell:11.4f}" for cell in cells), flush=True)


def judged(audit: Audit, truth: float, seed: int) -> list[float]:
    fixed = error_rate(audit)
    pot = Audit(
        audit.wrong, np.zeros(len(audit.wrong), int), audit.sizes.sum(keepdims=True), audit.planned.sum(keepdims=True)
    )
    looks = [anytime(first(audit, n)) for n in np.linspace(COUNT / LOOKS, len(audit.wrong), LOOKS).astype(int)]
    return [
        holds(fixed, truth),
        fixed.high - fixed.low,
        holds(error_rate(pot), truth),
        all(holds(look, truth) for look in looks),
        looks[-1].high - looks[-1].low,
        holds(corrected(audit, seed), truth),
    ]


def holds(interval: Interval, truth: float) -> bool:
    return bool(interval.low <= truth <= interval.high)


def first(audit: Audit, n: int) -> Audit:
    assert audit.cluster is not None
    return Audit(audit.wrong[:n], audit.stratum[:n], audit.sizes, audit.planned, audit.cluster[:n])


def corrected(audit: Audit, seed: int) -> Interval:
    rng = np.random.default_rng([seed, 1])
    flagged = rng.random(len(audit.wrong)) < np.where(audit.wrong, FOUND, ALARM)
    known = Auditors((rng.binomial(60, FOUND), 60), (400 - rng.binomial(400, ALARM), 400))
    return error_rate(Audit(flagged, audit.stratum, audit.sizes, audit.planned, audit.cluster), known)


def sample(seed: int, kind: str, rate: float) -> tuple[Audit, float]:
    """(an audit, the true share of wrong labels)."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    sizes = TRACK * (10 + 20 * rng.pareto(1.3, LABELS)).astype(int)
    label = np.repeat(np.arange(LABELS), sizes)
    chance = np.minimum(rate * rng.gamma(0.5, 2.0, LABELS), 0.6)
    track = np.arange(len(label)) // TRACK
    luck = rng.random(len(label))
    wrong = (luck if kind == KINDS[0] else luck[track * TRACK]) < chance[label]
    unit = TRACK if kind == KINDS[2] else 1
    planned = np.maximum((COUNT * sizes / sizes.sum() / unit).astype(int), 1 if unit > 1 else 5)
    drawn = [rng.choice(np.flatnonzero(label == k)[::unit], planned[k], replace=False) for k in range(LABELS)]
    items = (rng.permutation(np.concatenate(drawn))[:, None] + np.arange(unit)).ravel()
    truth = float((chance * sizes).sum() / sizes.sum()) if unit > 1 else float(wrong.mean())
    return Audit(wrong[items], label[items], sizes, planned * unit, track[items]), truth


if __name__ == "__main__":
    main()
