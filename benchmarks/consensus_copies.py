"""How many looks two people must have in common until copying is found, and how often honest people are accused.

    python -m benchmarks.consensus_copies [--runs 5] [--honest 20]

100 reviewers, 50,000 items of which 3 % are wrong, of differing difficulty, in batches of 100 that three or five people
look at. Ten pairs share some batches, where one gives the other's answers: all of them, or nine in ten. Then nobody
copies, and every accusation is false. Rates are estimated from the looks, copies and all.
"""

import argparse

import numpy as np

from benchmarks import support
from benchmarks.crowd import Crowd
from review.consensus.aggregate import aggregate
from review.consensus.collusion import RATE_LOOKS, Pairs, suspects
from review.consensus.layout import Answers
from review.consensus.votes import AGAINST, FOR, Votes, logit

PEOPLE, ITEMS, BATCH, COPIES = 100, 50_000, 100, 10
OFTEN = 10  # own false flags and own misses in the shared batches, from which copying leaves traces


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--honest", type=int, default=20)
    arguments = parser.parse_args()
    print(f"{arguments.runs} runs of {COPIES} pairs each; {support.machine()}\n")
    print(f"{'looks':>6} {'copied':>7} {'in common':>10} {'found':>6} {'of those who erred often':>25} {'false':>6}")
    for looks in (3, 5):
        for share in (1.0, 0.9):
            for shared in (3, 6, 10, 15):
                runs = [copying(seed, looks, share, shared) for seed in range(arguments.runs)]
                found, often = (np.concatenate([run[k] for run in runs]) for k in (0, 1))
                false = sum(run[2] for run in runs)
                print(
                    f"{looks:>6} {share:>7.0%} {shared * BATCH:>10,} {found.mean():>6.0%} "
                    f"{found[often].mean():>10.0%} of {often.sum():>3}{'':>8} {false:>6}",
                    flush=True,
                )
    honest = [accused(*crowd(seed, looks, 1.0, 0)[:1]) for seed in range(arguments.honest) for looks in (3, 5)]
    print(f"\nNobody copies: somebody accused in {sum(len(p.p) > 0 for p in honest)} of {len(honest)} runs")


def copying(seed: int, looks: int, share: float, shared: int) -> tuple[np.ndarray, np.ndarray, int]:
    """(whether each pair was found, whether the copied one erred OFTEN where they met, how many others were)."""
    votes, errors = crowd(seed, looks, share, shared)
    found = accused(votes)
    copies = (found.first % 2 == 0) & (found.second == found.first + 1) & (found.second < 2 * COPIES)
    return np.isin(2 * np.arange(COPIES), found.first[copies]), errors >= OFTEN, int((~copies).sum())


def accused(votes: Votes) -> Pairs:
    against = votes.said == AGAINST
    judged = aggregate(Answers(votes.item, votes.reviewer, against.astype(int), ITEMS, PEOPLE, 2))
    wrong = np.where(judged.label == 1, judged.probability, 1 - judged.probability)[votes.item]
    rates = np.stack(
        [shrunk(votes.reviewer, wrong, against, 0), shrunk(votes.reviewer, 1 - wrong, ~against, 1)], axis=1
    )
    return suspects(votes, rates, np.full(ITEMS, logit(wrong.mean()))).found()


def shrunk(who: np.ndarray, weight: np.ndarray, right: np.ndarray, kind: int) -> np.ndarray:
    """float [PEOPLE + 1]: how often each answers rightly, and all together."""
    hits, all_looks = (np.bincount(who, weights=weight * k, minlength=PEOPLE) for k in (right, 1))
    pooled = hits.sum() / all_looks.sum()
    each = (hits + pooled * RATE_LOOKS[kind]) / (all_looks + RATE_LOOKS[kind])
    return np.append(each, pooled)


def crowd(seed: int, looks: int, share: float, shared: int) -> tuple[Votes, np.ndarray]:
    """(votes, int [COPIES]: errors of each who is copied, where they were). Reviewer 2k + 1 copies reviewer 2k in
    `shared` batches of their own."""
    people, rng = Crowd(seed, ITEMS, PEOPLE), np.random.default_rng([seed, looks])
    batches = rng.permutation(ITEMS // BATCH)
    errors, rows = np.zeros(COPIES, int), []
    for number, batch in enumerate(batches.tolist()):
        item = np.arange(batch * BATCH, (batch + 1) * BATCH)
        pair = number // shared if shared and number < shared * COPIES else None
        together = [] if pair is None else [2 * pair, 2 * pair + 1]
        rest = [who for who in rng.permutation(PEOPLE).tolist() if who not in together]
        said = {who: people.look(who, item) for who in (together + rest)[:looks]}
        if pair is not None:
            copied = rng.random(BATCH) < share
            said[together[1]] = np.where(copied, said[together[0]], said[together[1]])
            errors[pair] += (said[together[0]] != people.truth[item]).sum()
        rows += [np.stack([item, np.full(BATCH, who), np.where(flags, AGAINST, FOR)]) for who, flags in said.items()]
    table = np.concatenate(rows, axis=1)
    return Votes(table[0], table[1], table[2].astype(np.int8)), errors


if __name__ == "__main__":
    main()
