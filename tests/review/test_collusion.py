"""Who agrees too well: copies are found, honest people are not accused, and alike is not copied."""

import numpy as np
import pytest

from review.consensus import agreement
from review.consensus.collusion import ALPHA, Pairs, as_one, suspects
from review.consensus.votes import AGAINST, FOR, NEITHER, Votes, logit

PEOPLE, BATCH = 40, 100
POOLED = (0.85, 0.98)


def crowd(seed: int, *, batches: int = 60, looks: int = 5, copies: dict[int, int] | None = None, share: float = 1.0,
          together: int = 10, hard: float = 0.0, wrong: float = 0.05):  # fmt: skip
    """(votes, rates) over batches of 100. `copies`: who gives whose answers, for a share of the items of `together`
    batches. `hard`: how far the difficulty of wrong items, and the looks of right ones, sway everybody at once."""
    rng = np.random.default_rng(seed)
    truth = rng.random(batches * BATCH) < wrong
    sway = rng.normal(0, hard, len(truth))
    a, b = rng.beta(17, 3, PEOPLE), 1 - rng.beta(2, 98, PEOPLE)
    copies, rows = copies or {}, []
    for batch in range(batches):
        seen = list(copies.items())[0] if batch < together and copies else ()
        rest = rng.permutation([k for k in range(PEOPLE) if k not in copies and k not in copies.values()])
        if batch >= together:
            rest = rng.permutation(PEOPLE)
        people = np.r_[np.array(seen, int)[::-1], rest][:looks]
        item = np.arange(batch * BATCH, (batch + 1) * BATCH)
        said: dict[int, np.ndarray] = {}
        for who in people.tolist():
            odds = np.where(truth[item], logit(a[who]), logit(1 - b[who])) + sway[item]
            flags = rng.random(BATCH) < 1 / (1 + np.exp(-odds))
            if copies.get(who) in said:
                flags = np.where(rng.random(BATCH) < share, said[copies[who]], flags)
            said[who] = flags
            rows.append(np.stack([item, np.full(BATCH, who), np.where(flags, AGAINST, FOR)]))
    table = np.concatenate(rows, axis=1)
    return Votes(table[0], table[1], table[2].astype(np.int8)), np.array([*zip(a, b, strict=True), POOLED])


def judged(votes: Votes, rates: np.ndarray, **more) -> Pairs:
    items = int(votes.item.max()) + 1
    return suspects(votes, rates, np.full(items, logit(0.05)), **more)


def names(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


@pytest.mark.parametrize("share", [1.0, 0.9])
def test_a_copy_is_found_and_nobody_else(share):
    found = 0
    for seed in range(3):
        pairs = judged(*crowd(seed, copies={1: 0}, share=share))
        assert names(pairs.found()) <= {(0, 1)}
        found += names(pairs.found()) == {(0, 1)}
        mine = (pairs.first == 0) & (pairs.second == 1)
        assert pairs.common[mine][0] >= 1000
        assert pairs.both[mine][0] > pairs.expected[mine][0]
    assert found >= 2


@pytest.mark.parametrize("hard", [0.0, 1.5])
def test_honest_people_are_not_accused_even_where_items_are_hard(hard):
    accused = sum(len(names(judged(*crowd(seed, hard=hard)).found())) for seed in range(4))
    assert accused == 0


def test_two_who_flag_everything_or_nothing_are_alike_and_not_copies():
    votes, rates = crowd(3)
    said = votes.said.copy()
    said[votes.reviewer < 2] = AGAINST
    said[(votes.reviewer >= 2) & (votes.reviewer < 4)] = FOR
    rates[:2], rates[2:4] = (0.999, 0.001), (0.01, 0.999)
    assert not names(judged(Votes(votes.item, votes.reviewer, said), rates).found())


def test_frames_of_one_thing_are_one_look():
    """Two who agree about 12 tracks of 15 frames have agreed 12 times."""
    votes, rates = crowd(4, copies={1: 0})
    alone = judged(votes, rates)
    grouped = judged(votes, rates, group=np.arange(int(votes.item.max()) + 1) // 15)
    mine = [(p.first == 0) & (p.second == 1) for p in (alone, grouped)]
    assert 0 < grouped.score[mine[1]][0] < 0.5 * alone.score[mine[0]][0]


def test_the_order_of_arrival_changes_nothing():
    votes, rates = crowd(5, batches=20, copies={1: 0})
    order = np.random.default_rng(0).permutation(len(votes.item))
    one = judged(votes, rates)
    other = judged(Votes(votes.item[order], votes.reviewer[order], votes.said[order]), rates)
    assert names(one) == names(other)
    assert np.allclose(one.score, other.score, atol=1e-9)


@pytest.mark.parametrize(
    "rows",
    [[], [(0, 0, AGAINST)], [(k, r, AGAINST) for k in range(30) for r in (0, 1)], [(0, 0, NEITHER), (0, 1, FOR)]],
)
def test_too_little_to_judge_accuses_nobody(rows):
    rates = np.tile(POOLED, (3, 1))
    pairs = suspects(Votes.of(rows), rates, np.full(30, logit(0.05)))
    assert np.isfinite(pairs.score).all() and not names(pairs.found())


def test_accounts_that_are_linked_count_as_the_first_of_them():
    empty = np.zeros(3)
    pairs = Pairs(np.array([4, 2, 6]), np.array([7, 4, 8]), empty, empty, empty, empty, empty + ALPHA / 2)
    assert pairs.found().groups(9).tolist() == [0, 1, 2, 3, 2, 5, 6, 2, 6]
    votes = Votes.of([(0, 7, FOR), (0, 4, AGAINST), (1, 7, FOR), (1, 6, FOR), (1, 8, AGAINST), (2, 3, FOR)])
    one = as_one(votes, pairs.groups(9))
    kept = list(zip(one.item.tolist(), one.reviewer.tolist(), one.said.tolist(), strict=True))
    assert kept == [(0, 4, AGAINST), (1, 7, FOR), (1, 6, FOR), (2, 3, FOR)]
    assert len(as_one(Votes.of([]), pairs.groups(9)).item) == 0


def test_agreement_by_label_and_by_pair_is_that_of_their_votes_alone():
    votes, _ = crowd(6, batches=10)
    label = np.arange(1000) % 3
    alphas, flags = agreement.alphas(votes, label, 4), agreement.flag_agreements(votes, label, 4)
    for k in range(3):
        mine = label[votes.item] == k
        only = Votes(votes.item[mine], votes.reviewer[mine], votes.said[mine])
        assert alphas[k] == pytest.approx(agreement.krippendorff_alpha(only, 1000))
        assert flags[k] == pytest.approx(agreement.flag_agreement(only, 1000))
    assert np.isnan(alphas[3]) and np.isnan(flags[3])
    pairs = agreement.by_pair(votes, PEOPLE)
    assert pairs.common.sum() == 1000 * 10
    for k in range(0, len(pairs.first), 50):
        two = np.isin(votes.reviewer, [pairs.first[k], pairs.second[k]])
        only = Votes(votes.item[two], votes.reviewer[two], votes.said[two])
        alpha, together = agreement.krippendorff_alpha(only, 1000), agreement.flag_agreement(only, 1000)
        assert pairs.alpha[k] == pytest.approx(np.nan if alpha is None else alpha, nan_ok=True)
        seen = np.bincount(only.item)
        assert pairs.common[k] == (seen == 2).sum()
        assert together is None or pairs.flags[k] <= 1
