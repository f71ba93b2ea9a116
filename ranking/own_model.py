"""Suspicion and suggestions from what a user's own model says, by the same calibration as our own classifier's."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from . import evidence
from .encoders.base import Vectors
from .kinds import Ints, nothing
from .suspicion import Judgement
from .tables import Computed, Table, blocks, chosen

Floats = npt.NDArray[np.float64]
LEAST = 1e-7  # a probability below it counts as this much
SURE = 0.9  # how sure a model counts as that names a label and no probability


@dataclass(frozen=True)
class Said:
    """What a model says of n items; -1 and nan where it says nothing."""

    predicted: Ints  # [n], labels
    probability: Floats  # [n], of the prediction
    losses: Floats  # [n]
    labels: Ints  # [k], whose probabilities the columns are; -1 for a label that the dataset lacks
    probabilities: Table  # float32 [n, k], nan where it gives none


def judge(ours: Judgement, labels: Ints, said: Said) -> Judgement:
    """The judgement with the model's word where it has one, and ours for the other items. labels [n] as given. The
    model's probabilities are never whole in memory, beyond what `said` holds of them."""
    names = np.unique(np.concatenate([labels, said.labels[said.labels >= 0], said.predicted[said.predicted >= 0]]))
    scores, classes, told = log_probabilities(said, names)
    # Of an item whose label the model does not know it says nothing: its silence is no evidence.
    known = np.flatnonzero(told & np.isin(labels, taught(said, names)))
    if len(known) < 2 or len(classes) < 2:
        return by_loss(ours, said.losses)
    suspicion, suggested, probabilities = ours.suspicion.copy(), ours.suggested.copy(), ours.probabilities.copy()
    for rows, instead in explained(chosen(scores, known), np.searchsorted(names, labels[known])).judge(nothing):
        right, here = instead.astype(np.float64), known[rows]
        suspicion[here] = np.minimum(right.sum(axis=1), 1)
        suggested[here], probabilities[here] = suggest(right, classes, suggested.shape[1])
    predicted = np.where(said.predicted >= 0, said.predicted, ours.predicted)
    return replace(ours, suspicion=suspicion, predicted=predicted, suggested=suggested, probabilities=probabilities)


def explained(scores: Table, given: Ints) -> evidence.Explanation:
    """Item by item, nothing being settled; what the model has learned from is not known, so that it is all its word."""
    lone, unsettled, fold = np.arange(len(given)), np.full(len(given), -1), np.zeros(len(given), np.int64)
    enough = np.full((1, scores.shape[1]), np.inf)
    return evidence.explain(evidence.Heard([scores], given, unsettled, fold, enough), [lone])


def taught(said: Said, names: Ints) -> Ints:
    """The labels that the model can tell: those it gives probabilities of, else all it may name."""
    return said.labels if len(said.labels) else names


def log_probabilities(said: Said, names: Ints) -> tuple[Table, Ints, npt.NDArray[np.bool_]]:
    """Scores [n, c], the label of each column, the first being `names`, and of which items [n] anything is said.

    Beyond those come the labels that only the model knows, -1 each: what it takes for one of them has a wrong label.
    """
    foreign = said.labels < 0
    classes = np.concatenate([names, np.full(foreign.sum(), -1)])
    # Which column a probability counts for; of labels that were merged since, several are of one.
    column = np.where(foreign, len(names) - 1 + np.cumsum(foreign), np.searchsorted(names, said.labels))
    into = np.zeros((len(said.labels), len(classes)))
    into[np.arange(len(said.labels)), column] = 1
    gives = np.zeros(said.probabilities.shape[0], bool)
    for rows, part in blocks(said.probabilities):
        gives[rows] = bool(len(said.labels)) & np.isfinite(part).all(axis=1)
    sure = np.where(np.isfinite(said.probability), said.probability, SURE)
    others = max(len(names) - 1, 1)

    def of(rows: Ints) -> Vectors:
        table = np.zeros((len(rows), len(classes)))
        table[:, : len(names)] = ((1 - sure[rows]) / others)[:, None]
        table[np.arange(len(rows)), np.searchsorted(names, np.maximum(said.predicted[rows], names[0]))] = sure[rows]
        table[gives[rows]] = said.probabilities[rows[gives[rows]]] @ into
        return np.log(np.maximum(table, LEAST)).astype(np.float32)

    return Computed((len(gives), len(classes)), of), classes, gives | (said.predicted >= 0)


def suggest(right: Floats, classes: Ints, most: int) -> tuple[Ints, Floats]:
    """The labels most probable instead [n, most], -1 where there are no more, and how probable each is."""
    others = np.where(classes < 0, 0, right)  # Of those that only the model knows the dataset has none to suggest.
    count = min(most, others.shape[1])
    best = np.argsort(-others, axis=1, kind="stable")[:, :count]
    labels, probabilities = np.full((len(right), most), -1), np.full((len(right), most), np.nan)
    probabilities[:, :count] = np.take_along_axis(others, best, axis=1)
    labels[:, :count] = np.where(probabilities[:, :count] > 0, classes[best], -1)
    return labels, probabilities


def by_loss(ours: Judgement, losses: Floats) -> Judgement:
    """Suspicion that never falls as the loss grows; ours for items without one.

    A loss alone has no scale. Our own suspicion is a probability, though, and its mean among items of one loss is the
    probability there: the isotonic regression of it on the loss (Barlow et al. 1972; Zadrozny & Elkan 2002 for
    calibration), drawn through the middles of its steps so that the order by loss is kept.
    """
    fits = np.isfinite(losses) & np.isfinite(ours.suspicion)
    if fits.sum() < 2:
        return ours
    known = np.sort(losses[fits])
    level = isotonic_regression(ours.suspicion[fits][np.argsort(losses[fits], kind="stable")]).x
    heights, first, size = np.unique(level, return_index=True, return_counts=True)
    suspicion = ours.suspicion.copy()
    said = np.isfinite(losses)
    suspicion[said] = np.interp(place(losses[said], known), first + (size - 1) / 2, heights)
    return replace(ours, suspicion=suspicion, probabilities=rescaled(ours, suspicion))


def place(values: Floats, among: Floats) -> Floats:
    """Where values stand among ascending ones, the middle for equal ones."""
    return (np.searchsorted(among, values, "left") + np.searchsorted(among, values, "right") - 1) / 2


def rescaled(ours: Judgement, suspicion: Floats) -> Floats:
    """Our suggestions' probabilities [n, 5] brought to another suspicion of the same item."""
    factor = suspicion / np.maximum(np.nan_to_num(ours.suspicion, nan=1.0), 1e-9)
    return np.minimum(ours.probabilities * factor[:, None], 1.0)


def places(items: Ints, of: Ints) -> Ints:
    """Where each of the items [n] stands among `of` (ascending), -1 where it does not."""
    found = np.minimum(np.searchsorted(of, items), max(len(of) - 1, 0))
    return np.where(of[found] == items, found, -1) if len(of) else np.full(len(items), -1)


def of_rows(table: npt.NDArray, rows: Ints, missing: float = np.nan) -> npt.NDArray:
    """The rows of a table, `missing` for -1."""
    found = np.full((len(rows), *table.shape[1:]), missing, table.dtype)
    found[rows >= 0] = table[rows[rows >= 0]]
    return found
