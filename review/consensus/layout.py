"""The index arrays on which votes of several labels are fitted.

A candidate is a task and a label that it may have. A cell is a worker, a true label and what the worker says. Both
layouts number candidates and cells and go from one to the other: `scores` adds up what votes say of each candidate,
`counts` how often each cell happened, given how probable the candidates are.
"""

from dataclasses import dataclass

import numpy as np

TABLE = 50_000_000  # keys below it are looked up in a table, which is faster than sorting them


@dataclass(frozen=True)
class Answers:
    """n votes, int arrays [n] of indices from 0."""

    task: np.ndarray
    worker: np.ndarray
    label: np.ndarray
    tasks: int
    workers: int
    labels: int

    def in_order(self) -> "Answers":
        """By task, in one order whatever that of arrival; a vote that is there twice, word for word, counts once."""
        key = np.sort((self.task.astype(np.int64) * self.workers + self.worker) * self.labels + self.label)
        rest, label = np.divmod(distinct(key), self.labels)
        task, worker = np.divmod(rest, self.workers)
        return Answers(task, worker, label, self.tasks, self.workers, self.labels)


def distinct(ordered: np.ndarray) -> np.ndarray:
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)]]


def compressed(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(distinct keys, which of them each is)."""
    size = int(key.max(initial=-1)) + 1
    if size > TABLE:
        return np.unique(key, return_inverse=True)
    there = np.zeros(size, bool)
    there[key] = True
    return np.flatnonzero(there), (np.cumsum(there, dtype=np.int32) - 1)[key]


class Dense:
    """Every label is a candidate of every task: candidate = label * tasks + task; a column of votes for each label.

    votes: in order, each task with one vote or more. worker, true, said: int [cells].
    """

    def __init__(self, votes: Answers) -> None:
        self.labels, self.tasks = votes.labels, votes.tasks
        self.task, self.vote = votes.task, votes.worker * votes.labels + votes.label
        self.starts = np.searchsorted(votes.task, np.arange(votes.tasks))
        self.width = votes.workers * votes.labels
        self.votes_each = np.bincount(self.vote, minlength=self.width)
        self.true, rest = np.divmod(np.arange(self.labels * self.width), self.width)
        self.worker, self.said = np.divmod(rest, votes.labels)
        self.label = np.repeat(np.arange(votes.labels), votes.tasks)
        self.row = np.empty(len(votes.task))  # one for all rounds: fresh memory costs more than what is done in it

    def scores(self, cell: np.ndarray) -> np.ndarray:
        """Sums less those of the first label."""
        out, tables = np.zeros((self.labels, self.tasks)), cell.reshape(self.labels, -1)
        for column, table in zip(out[1:], tables[1:] - tables[0], strict=True):
            np.add.reduceat(np.take(table, self.vote, out=self.row, mode="clip"), self.starts, out=column)
        return out.ravel()

    def counts(self, probable: np.ndarray) -> np.ndarray:
        out = np.empty((self.labels, self.width))
        for column, p in zip(out[1:], probable.reshape(self.labels, -1)[1:], strict=True):
            weights = np.take(p, self.task, out=self.row, mode="clip")
            column[:] = np.bincount(self.vote, weights=weights, minlength=self.width)
        out[0] = np.maximum(self.votes_each - out[1:].sum(axis=0), 0.0)
        return out.ravel()

    def normal(self, scores: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
        """Probabilities of candidates from their log scores, those of one task adding up to 1."""
        score = scores.reshape(self.labels, -1)
        score = np.exp(score - score.max(axis=0))
        return (score / score.sum(axis=0)).ravel()

    def best(self, probable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p = probable.reshape(self.labels, -1)
        return p.argmax(axis=0), p.max(axis=0)


class Sparse:
    """Candidates are the labels that somebody said of a task, in the order of tasks; a row is a candidate and one vote
    on its task."""

    def __init__(self, votes: Answers) -> None:
        k = votes.labels
        self.tasks = votes.tasks
        candidate = distinct(np.sort(votes.task * k + votes.label))
        self.task, self.label = np.divmod(candidate, k)
        self.firsts = np.searchsorted(self.task, np.arange(votes.tasks))
        looks = np.bincount(votes.task, minlength=votes.tasks)
        rows = looks[self.task]
        self.starts = np.cumsum(rows) - rows
        self.candidate = np.repeat(np.arange(len(rows)), rows)
        begins = np.cumsum(looks) - looks
        vote = np.arange(len(self.candidate)) + (begins[self.task] - self.starts)[self.candidate]
        key = (votes.worker[vote] * k + self.label[self.candidate]) * k + votes.label[vote]
        cells, self.cell = compressed(key)
        rest, self.said = np.divmod(cells, k)
        self.worker, self.true = np.divmod(rest, k)
        self.row = np.empty(len(self.cell))

    def scores(self, cell: np.ndarray) -> np.ndarray:
        return np.add.reduceat(np.take(cell, self.cell, out=self.row, mode="clip"), self.starts)

    def counts(self, probable: np.ndarray) -> np.ndarray:
        weights = np.take(probable, self.candidate, out=self.row, mode="clip")
        return np.bincount(self.cell, weights=weights, minlength=len(self.said))

    def normal(self, scores: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
        """The same, but that they leave room for the labels that nobody said: others, float [tasks], their score."""
        top = np.maximum.reduceat(scores, self.firsts)
        top = top if others is None else np.maximum(top, others)
        score = np.exp(scores - top[self.task])
        whole = np.add.reduceat(score, self.firsts) + (0.0 if others is None else np.exp(others - top))
        return score / whole[self.task]

    def best(self, probable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        top = np.maximum.reduceat(probable, self.firsts)
        hit = np.flatnonzero(probable == top[self.task])
        first = hit[np.searchsorted(self.task[hit], np.arange(self.tasks))]
        return self.label[first], top
