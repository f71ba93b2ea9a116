"""Votes of several labels: what each task's label is, and how far each worker is to be believed.

The model of Dawid & Skene 1979 (Applied Statistics 28): a worker who sees a task of true label k says l with chance
p[worker, k, l]. Few votes say little of a worker, so each row p[worker, k, :] has a Dirichlet prior of `strength` votes
around the row of all workers together, tilted by how often this worker is right at all. Strength is what makes the
votes most probable, inside bounds (Minka 2000, "Estimating a Dirichlet distribution", equation 55, on the expected
counts). EM begins at the majority and ends at a posterior mode.

With FEW labels every label is a candidate for every task. With more, those that somebody said of it are, and all others
as one, so that time grows with the votes and not with the labels.
"""

from dataclasses import dataclass

import numpy as np

from .layout import Answers, Dense, Sparse, compressed
from .votes import logit, sigmoid

FEW = 4
# What is believed before any vote, in votes: that PRIOR_RIGHT of answers are right, that what is said instead is any
# label, that a worker is as good as all; and one task of each label.
PRIOR_RIGHT, RIGHT_VOTES, INSTEAD_VOTES, WORKER_VOTES, LABEL_TASKS = 0.7, 2.0, 1.0, 10.0, 1.0
# How many votes a row's prior weighs: at first, at least, and at most for each label in it. There is a most since the
# expected counts make workers look more alike than they are.
STRENGTH, WEAKEST, PER_LABEL = 4.0, 2.0, 2.0
ROUNDS, MOVED = 50, 5e-4
PLENTY = 100_000  # cells
TINY = 1e-12


@dataclass(frozen=True)
class Aggregate:
    """What the votes add up to. label, probability: [tasks], the most probable label (the first of equals) and how
    probable it is; -1 and 0 without a vote. right: float [workers], how often each is right; NaN without a vote."""

    label: np.ndarray
    probability: np.ndarray
    right: np.ndarray
    strength: float
    rounds: int


def aggregate(answers: Answers) -> Aggregate:
    """The same for the same votes in any order."""
    answers = answers.in_order()
    voted, task = compressed(answers.task)
    label, probability = np.full(answers.tasks, -1), np.zeros(answers.tasks)
    if not len(task):
        return Aggregate(label, probability, np.full(answers.workers, np.nan), STRENGTH, 0)
    votes = Answers(task, answers.worker, answers.label, len(voted), answers.workers, answers.labels)
    model = Model(votes)
    probable, rounds = model.majority(), 0
    for rounds in range(1, ROUNDS + 1):  # noqa: B007
        model.learn(probable)
        after = model.judge()
        moved = np.abs(after - probable).sum() / votes.tasks
        probable = after
        if moved < MOVED:
            break
    label[voted], probability[voted] = model.layout.best(probable)
    return Aggregate(label, probability, model.worker_right(), model.strength, rounds)


class Model:
    """What is believed of labels and workers; `learn` is the M step, `judge` the E step."""

    def __init__(self, votes: Answers) -> None:
        self.votes, self.strength = votes, STRENGTH
        self.layout: Dense | Sparse = Dense(votes) if votes.labels <= FEW else Sparse(votes)
        k = votes.labels
        # A kind is a worker and a true label, a confusion a true label and what is said.
        self.kinds, self.kind = compressed(self.layout.worker * k + self.layout.true)
        self.confusions, self.confusion = compressed(self.layout.true * k + self.layout.said)
        self.hit = self.layout.true == self.layout.said
        self.looks = np.bincount(votes.worker, minlength=votes.workers)
        # The strength is fitted on every so many workers where there is plenty of them.
        self.sample = np.flatnonzero(self.layout.worker % -(-len(self.kind) // PLENTY) == 0)
        self.sample_kind = compressed(self.kind[self.sample])[1]

    def majority(self) -> np.ndarray:
        """Each candidate's share of its task's votes."""
        return self.layout.normal(np.log(np.maximum(self.layout.scores(self.hit.astype(float)), TINY)))

    def learn(self, probable: np.ndarray) -> None:
        k = self.votes.labels
        count = self.layout.counts(probable)
        of_label = np.bincount(self.layout.label, weights=probable, minlength=k)
        self.share = np.log((of_label + LABEL_TASKS) / (self.votes.tasks + LABEL_TASKS * k))
        expected = self.expected(count)
        row = np.bincount(self.kind, weights=count)[self.kind]
        self.cell = np.log((count + self.strength * expected) / (row + self.strength))
        self.strength = self.fitted_strength(count, expected)

    def expected(self, count: np.ndarray) -> np.ndarray:
        """float [cells]: what a worker says of whom nothing is known but how often they are right."""
        k = self.votes.labels
        pooled = np.bincount(self.confusion, weights=count)
        true, said = np.divmod(self.confusions, k)
        hits = np.bincount(true, weights=np.where(true == said, pooled, 0.0), minlength=k)
        total = np.bincount(true, weights=pooled, minlength=k)
        right = (hits + PRIOR_RIGHT * RIGHT_VOTES) / (total + RIGHT_VOTES)
        instead = (pooled + INSTEAD_VOTES / max(k - 1, 1)) / (total - hits + INSTEAD_VOTES)[true]
        self.hits = np.bincount(self.layout.worker, weights=count * self.hit, minlength=self.votes.workers)
        self.right = right
        self.pooled_right = (hits.sum() + PRIOR_RIGHT * RIGHT_VOTES) / (total.sum() + RIGHT_VOTES)
        self.said_instead = np.bincount(said, weights=np.where(true == said, 0.0, pooled), minlength=k) + INSTEAD_VOTES
        tilt = self.tilt(count)[self.layout.worker]
        chance = sigmoid(logit(right)[self.layout.true] + tilt)
        return np.where(self.hit, chance, (1 - chance) * instead[self.confusion])

    def tilt(self, count: np.ndarray) -> np.ndarray:
        """float [workers]: log odds by which each is better than all are with the labels that they met."""
        met = np.bincount(self.layout.worker, weights=count * self.right[self.layout.true], minlength=len(self.looks))
        looks = np.bincount(self.layout.worker, weights=count, minlength=len(self.looks))
        like_all = np.where(looks > 0, met / np.maximum(looks, TINY), self.pooled_right)
        return logit((self.hits + WORKER_VOTES * like_all) / (self.looks + WORKER_VOTES)) - logit(like_all)

    def worker_right(self) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return self.hits / self.looks

    def fitted_strength(self, count: np.ndarray, expected: np.ndarray) -> float:
        count, expected = count[self.sample], expected[self.sample]
        row = np.bincount(self.sample_kind, weights=count)
        above = (expected * (digamma(count + self.strength * expected) - digamma(self.strength * expected))).sum()
        below = (digamma(row + self.strength) - digamma(np.full_like(row, self.strength))).sum()
        return float(np.clip(self.strength * above / max(below, TINY), WEAKEST, PER_LABEL * self.votes.labels))

    def judge(self) -> np.ndarray:
        scores = self.layout.scores(self.cell) + self.share[self.layout.label]
        return self.layout.normal(scores, None if isinstance(self.layout, Dense) else self.others())

    def others(self) -> np.ndarray:
        """float [tasks]: the log score of the labels that nobody said of a task: all its voters err."""
        missed = (self.looks - self.hits + (1 - self.pooled_right) * WORKER_VOTES) / (self.looks + WORKER_VOTES)
        wrong = np.log(np.maximum(missed, TINY))[self.votes.worker]
        wrong += np.log(self.said_instead / self.said_instead.sum())[self.votes.label]
        said = np.bincount(self.layout.task, weights=np.exp(self.share)[self.layout.label], minlength=self.votes.tasks)
        return np.bincount(self.votes.task, weights=wrong) + np.log(np.maximum(1 - said, TINY))


def digamma(x: np.ndarray) -> np.ndarray:
    """The derivative of log gamma for x > 0: its asymptotic series at x + 6, less 1/x + 1/(x + 1) + ... + 1/(x + 5)
    taken in pairs (Abramowitz & Stegun 6.3.18 and 6.3.6)."""
    y = x * (x + 5)
    fall = (2 * x + 5) * (1 / y + 1 / (y + 4) + 1 / (y + 6))
    x = x + 6
    square = 1 / (x * x)
    return np.log(x) - 0.5 / x - square * (1 / 12 - square * (1 / 120 - square / 252)) - fall
