"""Suspicion and suggestions from what a user's own model says, by the same calibration as our own classifier's."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from . import evidence
from .neighbours import Ints
from .suspicion import Judgement

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
    probabilities: Floats  # [n, k]


def judge(ours: Judgement, labels: Ints, said: Said) -> Judgement:
    """The judgement with the model's word where it has one, and ours for the other items. labels [n] as given."""
    names = np.unique(np.concatenate([labels, said.labels[said.labels >= 0], said.predicted[said.predicted >= 0]]))
    scores, classes = log_probabilities(said, names)
    given = np.searchsorted(names, labels)
    # Of an item whose label the model does not know it says nothing: its silence is no evidence.
    known = np.isfinite(scores).all(axis=1) & np.isin(labels, taught(said, names))
    if known.sum() < 2 or scores.shape[1] < 2:
        return by_loss(ours, said.losses)
    right = instead(scores[known], given[known])
    suspicion, suggested, probabilities = ours.suspicion.copy(), ours.suggested.copy(), ours.probabilities.copy()
    suspicion[known] = right.sum(axis=1)
    suggested[known], probabilities[known] = suggest(right, classes, suggested.shape[1])
    predicted = np.where(said.predicted >= 0, said.predicted, ours.predicted)
    return replace(ours, suspicion=suspicion, predicted=predicted, suggested=suggested, probabilities=probabilities)


def instead(scores: Floats, given: Ints) -> Floats:
    """The probability [n, c] that each label other than the given is the right one, from log-probabilities [n, c]."""
    lone = np.arange(len(given))
    return evidence.weigh([scores.astype(np.float32)], given, [lone]).instead.astype(np.float64)


def taught(said: Said, names: Ints) -> Ints:
    """The labels that the model can tell: those it gives probabilities of, else all it may name."""
    return said.labels if len(said.labels) else names


def log_probabilities(said: Said, names: Ints) -> tuple[Floats, Ints]:
    """Scores [n, c], nan where nothing is said, and the label of each column, the first of them being `names`.

    Beyond those come the labels that only the model knows, -1 each: what it takes for one of them has a wrong label.
    """
    foreign = np.flatnonzero(said.labels < 0)
    table = np.full((len(said.predicted), len(names) + len(foreign)), np.nan)
    told = np.isfinite(said.probabilities).all(axis=1) if len(said.labels) else np.zeros(len(table), bool)
    own = np.flatnonzero(said.labels >= 0)
    rows = np.flatnonzero(told)
    table[rows] = 0
    # Of labels that were merged since, several columns are of one.
    np.add.at(table, np.ix_(rows, np.searchsorted(names, said.labels[own])), said.probabilities[np.ix_(rows, own)])
    table[np.ix_(rows, len(names) + np.arange(len(foreign)))] = said.probabilities[np.ix_(rows, foreign)]
    named = np.flatnonzero(~told & (said.predicted >= 0))
    sure = np.where(np.isfinite(said.probability[named]), said.probability[named], SURE)
    others = max(len(names) - 1, 1)
    table[named, : len(names)] = ((1 - sure) / others)[:, None]
    table[named, len(names) :] = 0
    table[named, np.searchsorted(names, said.predicted[named])] = sure
    return np.log(np.maximum(table, LEAST)), np.concatenate([names, np.full(len(foreign), -1)])


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


def aligned(values: npt.NDArray, items: Ints, of: Ints, missing: float) -> npt.NDArray:
    """`values` of `of` (ascending) in the order of `items`, `missing` where there is none."""
    places = np.minimum(np.searchsorted(of, items), max(len(of) - 1, 0))
    here = of[places] == items
    out = np.full((len(items), *values.shape[1:]), missing, values.dtype)
    out[here] = values[places[here]]
    return out
