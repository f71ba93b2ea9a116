"""Reviewers who agree beyond what their quality explains: one person with two accounts, or one who copies.

For each pair of reviewers, over the items that both have seen, two explanations are weighed. Honest: given the truth
each answers by a sensitivity and a specificity of their own, and some items are hard for everybody, so that answers to
one item go together a little; how much is estimated from all other pairs. Copying: for a share of the items one gives
the other's answer. What is probably true of an item is taken from the others' looks alone. How good the two are is
taken from their other looks and, under either explanation, from these as that explanation reads them, so that neither
is given what it has to show.

The ratio of the two likelihoods is read as an e-value: among honest pairs its mean would be 1, so it exceeds 1/p with
probability p at most (Markov; Vovk & Wang 2021, Annals of Statistics 49), and p is divided among all pairs that are
tested (Bonferroni).
"""

from dataclasses import dataclass

import numpy as np

from .agreement import pairs_within
from .votes import AGAINST, Votes, sigmoid

ALPHA = 0.01
COMMON = 20  # looks in common, below which a pair is not judged
COPIED = np.array([0.5, 0.75, 0.9, 0.98])  # the shares of copied answers that are thought of
# How many looks the pooled sensitivity and the pooled chance to flag a right label weigh in one person's.
RATE_LOOKS = np.array([8.0, 60.0])
# Beliefs before any pair is seen: how far answers to one wrong, one right label go together by how hard it is, and how
# many possible disagreements that is worth.
DIFFICULTY, DIFFICULTY_LOOKS = np.array([0.1, 0.02]), 20.0
EVEN_LOOKS, MEAN = 20.0, 0.03  # how many looks, of what share of wrong labels, it is worth that errors lie evenly
ROUNDS = 8
LEAST, TINY = 1e-4, 1e-9  # no rate, no label is taken to be surer


@dataclass(frozen=True)
class Pairs:
    """n pairs with enough looks in common, arrays [n], the most suspicious first. first < second: reviewers. common:
    items that both saw; both: those that both flagged, and expected, how many that would be of honest people.
    score: log likelihood ratio of copying; p: the chance that any pair at all scores so high by accident."""

    first: np.ndarray
    second: np.ndarray
    common: np.ndarray
    both: np.ndarray
    expected: np.ndarray
    score: np.ndarray
    p: np.ndarray

    def found(self, alpha: float = ALPHA) -> "Pairs":
        """Those that cannot be accident."""
        keep = self.p < alpha
        return Pairs(*(values[keep] for values in vars(self).values()))

    def groups(self, reviewers: int) -> np.ndarray:
        """int [reviewers]: whom each counts as: the first of all who are linked to them through these pairs."""
        counts_as = np.arange(reviewers)
        while True:
            after = counts_as.copy()
            np.minimum.at(after, self.first, counts_as[self.second])
            np.minimum.at(after, self.second, counts_as[self.first])
            if (after == counts_as).all():
                return counts_as
            counts_as = after


def as_one(votes: Votes, counts_as: np.ndarray) -> Votes:
    """Of several looks at one item by people who count as one, only that of the first of them."""
    order = np.lexsort((votes.reviewer, counts_as[votes.reviewer], votes.item))
    item, one = votes.item[order], counts_as[votes.reviewer[order]]
    new = np.r_[True, (item[1:] != item[:-1]) | (one[1:] != one[:-1])][: len(order)]
    keep = np.sort(order[new])
    return Votes(votes.item[keep], votes.reviewer[keep], votes.said[keep])


def suspects(votes: Votes, rates: np.ndarray, log_odds: np.ndarray, *, group: np.ndarray | None = None) -> Pairs:
    """All pairs with COMMON looks in common or more.

    rates: float [reviewers + 1, 2], everybody's sensitivity and specificity, last the pooled ones. log_odds: float
    [items], that each label is wrong, before any look; large where it is known. group: int [items], items that belong
    together (frames of one sign) and count as one.
    """
    votes, reviewers = votes.evidence(), len(rates) - 1
    gain = weights(votes, rates)
    after = log_odds + np.bincount(votes.item, weights=gain, minlength=len(log_odds))
    pair, seen = both_saw(votes, gain, after, reviewers, group)
    outside = elsewhere(votes, rates[-1], sigmoid(after), seen, pair, reviewers)
    copying = alone(seen, outside)
    (a, b), difficulty, wrong = honest(seen, outside)
    expected = wrong * joint(a, difficulty[0]) + (1 - wrong) * joint(b, difficulty[1])
    happened = np.take_along_axis(expected, seen.answer()[None], axis=0)[0]
    copied = np.where(seen.flags[0] == seen.flags[1], chance(seen, copying).mean(axis=0) / happened, 0.0)
    score = np.full(seen.pairs, -np.inf)
    for share in COPIED:
        score = np.logaddexp(score, seen.total(np.log(1 - share + share * copied)))
    score -= np.log(len(COPIED))
    columns = (
        pair // reviewers,
        pair % reviewers,
        np.bincount(seen.pair, minlength=seen.pairs),
        np.bincount(seen.pair, weights=seen.flags.all(axis=0), minlength=seen.pairs).astype(int),
        np.bincount(seen.pair, weights=expected[3], minlength=seen.pairs),
        score,
        np.exp(np.minimum(np.log(max(seen.pairs, 1)) - score, 0.0)),
    )
    order = np.lexsort((pair, -score))
    return Pairs(*(values[order] for values in columns))


@dataclass(frozen=True)
class Common:
    """m items seen by two people. pair: int [m] in 0..pairs-1; item: int [m]; flags: bool [2, m]; wrong: float [m],
    that the label is wrong by what all others said; weight: float [m], how much of a look it is."""

    pairs: int
    pair: np.ndarray
    item: np.ndarray
    flags: np.ndarray
    wrong: np.ndarray
    weight: np.ndarray

    def answer(self) -> np.ndarray:
        """0 nobody flagged it, 1 the first alone, 2 the second alone, 3 both."""
        return self.flags[0] + 2 * self.flags[1]

    def total(self, values: np.ndarray) -> np.ndarray:
        """float [..., pairs]: the weighted sum of values [..., m]."""
        before = values.shape[:-1]
        rows = (values * self.weight).reshape(int(np.prod(before)), len(self.pair))
        sums = [np.bincount(self.pair, weights=row, minlength=self.pairs) for row in rows]
        return np.array(sums).reshape(*before, self.pairs)


def weights(votes: Votes, rates: np.ndarray) -> np.ndarray:
    """float [votes]: what each look adds to the log odds that the label is wrong."""
    a, b = rates[votes.reviewer].T
    return np.where(votes.said == AGAINST, np.log(a) - np.log1p(-b), np.log1p(-a) - np.log(b))


def both_saw(
    votes: Votes, gain: np.ndarray, after: np.ndarray, reviewers: int, group: np.ndarray | None
) -> tuple[np.ndarray, Common]:
    """(pair, int [pairs]: first * reviewers + second; all items that the two saw). after: float [items], log odds."""
    order = np.lexsort((votes.reviewer, votes.item))
    item, who, gain = votes.item[order], votes.reviewer[order], gain[order]
    against = votes.said[order] == AGAINST
    left, right = pairs_within(item)
    pair, number, common = np.unique(who[left] * reviewers + who[right], return_inverse=True, return_counts=True)
    rows = common[number] >= COMMON
    left, right, number = left[rows], right[rows], (np.cumsum(common >= COMMON) - 1)[number[rows]]
    seen = Common(
        pairs=int((common >= COMMON).sum()),
        pair=number,
        item=item[left],
        flags=np.stack([against[left], against[right]]),
        wrong=np.clip(sigmoid(after[item[left]] - gain[left] - gain[right]), TINY, 1 - TINY),
        weight=np.ones(len(left)) if group is None else shares(number, group[item[left]]),
    )
    return pair[common >= COMMON], seen


def shares(number: np.ndarray, group: np.ndarray) -> np.ndarray:
    """float [m]: one over how many items of its group its pair has seen, so that a group weighs as much as one item."""
    _, which, count = np.unique(np.stack([number, group]), axis=1, return_inverse=True, return_counts=True)
    return 1 / count[which.ravel()]


Counts = tuple[np.ndarray, np.ndarray]  # flags and looks, float [2 (wrong, right labels), 2 (people), pairs]


def elsewhere(
    votes: Votes, pooled: np.ndarray, wrong: np.ndarray, seen: Common, pair: np.ndarray, reviewers: int
) -> Counts:
    """What each person of each pair did on all other items, and what the pooled rates weigh."""
    p = wrong[votes.item]
    truths = np.stack([p, 1 - p])
    against = votes.said == AGAINST

    def of_all(weights: np.ndarray) -> np.ndarray:
        return np.array([np.bincount(votes.reviewer, weights=row, minlength=reviewers) for row in weights])

    people = np.stack([pair // reviewers, pair % reviewers])
    here = np.stack([wrong[seen.item], 1 - wrong[seen.item]])
    every = np.stack([np.bincount(seen.pair, weights=row, minlength=seen.pairs) for row in here])
    flagged = np.array(
        [[np.bincount(seen.pair, weights=row * f, minlength=seen.pairs) for f in seen.flags] for row in here]
    )
    flagging = np.array([pooled[0], 1 - pooled[1]])
    flags = of_all(truths * against)[:, people] - flagged + (flagging * RATE_LOOKS)[:, None, None]
    return flags, of_all(truths)[:, people] - every[:, None] + RATE_LOOKS[:, None, None]


def rates_of(seen: Common, outside: Counts, true: np.ndarray) -> np.ndarray:
    """float [2 (wrong, right labels), 2 (people), m]: how often each flags, given `true`, float [2 or 1 (people), m],
    that each label is wrong."""
    truths = np.stack([np.broadcast_to(true, seen.flags.shape), np.broadcast_to(1 - true, seen.flags.shape)])
    flags, looks = outside[0] + seen.total(truths * seen.flags), outside[1] + seen.total(truths)
    return np.clip(flags / looks, LEAST, 1 - LEAST)[..., seen.pair]


def alone(seen: Common, outside: Counts) -> np.ndarray:
    """rates_of each person as if the other had said nothing, by EM."""
    true = seen.wrong[None]
    for _ in range(ROUNDS):
        rates = rates_of(seen, outside, true)
        given = np.where(seen.flags, rates, 1 - rates)
        true = seen.wrong * given[0] / (seen.wrong * given[0] + (1 - seen.wrong) * given[1])
    return rates_of(seen, outside, true)


def chance(seen: Common, rates: np.ndarray) -> np.ndarray:
    """float [2, m]: of each person's answer."""
    given = np.where(seen.flags, rates, 1 - rates)
    return seen.wrong * given[0] + (1 - seen.wrong) * given[1]


def honest(seen: Common, outside: Counts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rates_of two who answer independently but for how hard items are, that difficulty, and how probably each label
    is wrong where these two look), by EM."""
    true, difficulty, wrong = seen.wrong[None], np.tile(DIFFICULTY[:, None], (1, len(seen.pair))), seen.wrong
    for _ in range(ROUNDS):
        rates = rates_of(seen, outside, true)
        answer = seen.answer()[None]
        given = [np.take_along_axis(joint(r, d), answer, axis=0) for r, d in zip(rates, difficulty, strict=True)]
        true = wrong * given[0] / (wrong * given[0] + (1 - wrong) * given[1])
        difficulty, wrong = shared_difficulty(seen, rates, true), shifted(seen, true[0])
    return rates_of(seen, outside, true), difficulty, wrong


def shifted(seen: Common, true: np.ndarray) -> np.ndarray:
    """seen.wrong with its odds multiplied, for each pair, by what the items that they met have more of wrong labels:
    errors come in heaps."""
    more = [(seen.total(p) + EVEN_LOOKS * MEAN) / (seen.total(1 - p) + EVEN_LOOKS) for p in (true, seen.wrong)]
    odds = seen.wrong / (1 - seen.wrong) * (more[0] / more[1])[seen.pair]
    return odds / (1 + odds)


def joint(rates: np.ndarray, together: np.ndarray) -> np.ndarray:
    """float [4, m]: the chance of each answer of two people who flag at these rates [2, m] and whose answers correlate
    by `together`, as far as the rates allow."""
    f, g = rates
    shift = np.minimum(together * np.sqrt(f * (1 - f) * g * (1 - g)), 0.95 * np.minimum(f * (1 - g), g * (1 - f)))
    both = f * g + shift
    return np.stack([1 - f - g + both, f - both, g - both, both])


def shared_difficulty(seen: Common, rates: np.ndarray, true: np.ndarray) -> np.ndarray:
    """float [2, m]: how far honest answers to one item correlate, for wrong and for right labels: of each pair by what
    all others show."""
    truths = np.concatenate([true, 1 - true])
    excess = seen.total(truths * (seen.flags - rates).prod(axis=1))
    possible = seen.total(truths * np.sqrt((rates * (1 - rates)).prod(axis=1)))
    typical = possible.sum(axis=1, keepdims=True) / np.maximum(seen.total(truths).sum(axis=1, keepdims=True), 1e-9)
    prior = DIFFICULTY_LOOKS * typical + 1e-9
    above = excess.sum(axis=1, keepdims=True) - excess + DIFFICULTY[:, None] * prior
    return np.clip(above / (possible.sum(axis=1, keepdims=True) - possible + prior), 0.0, 0.95)[:, seen.pair]
