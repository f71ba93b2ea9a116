"""Labels that are no class to look alike in, such as "other": their items are taken for many other things."""

import numpy as np

from .kinds import Ints
from .suspicion import Judgement

STRAY = 0.5  # of a label's items, taken for another label by classifiers that never saw them
KINDS = 5.0  # labels, at least, that they are taken for: a class mixed up with one or two others has a look of its own
FEWEST = 20  # items that say something
FEWEST_FAMILIES = 12  # of fewer, what the classifiers saw of the label may have been too little


def scattered(judgement: Judgement, labels: Ints, families: Ints) -> set[int]:
    """The labels whose items scatter, by the out-of-fold predictions for items with labels [n] and families [n]."""
    found = set()
    for label in judgement.names.tolist():
        members = (labels == label) & (judgement.predicted >= 0)
        taken_for = judgement.predicted[members]
        away = taken_for[taken_for != label]
        enough = len(taken_for) >= FEWEST and len(np.unique(families[members])) >= FEWEST_FAMILIES
        if enough and len(away) >= STRAY * len(taken_for) and kinds(away) >= KINDS:
            found.add(label)
    return found


def kinds(labels: Ints) -> float:
    """How many labels there are as good as: the exponential of their entropy (Hill's number of order 1)."""
    if not len(labels):
        return 0.0
    _, counts = np.unique(labels, return_counts=True)
    shares = counts / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))
