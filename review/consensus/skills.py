"""Where a reviewer is as good as elsewhere, and where not: rates of their own in the groups of labels in which they
have looked at enough.

A rater is what the model estimates: a reviewer, or a reviewer in one group. Raters are numbered: reviewers first, then
the pairs of `skills` in their order.
"""

from collections.abc import Mapping

import numpy as np

ENOUGH = 1000  # looks in a group, and as many elsewhere: of 3 % wrong labels, some thirty errors to find in each

Skill = tuple[int, int]  # a reviewer and a group of labels


def apart(reviewer: np.ndarray, group: np.ndarray) -> list[Skill]:
    """The pairs with rates of their own, of looks' reviewers and groups, int [n]."""
    if not len(reviewer):
        return []
    groups, of = np.unique(group, return_inverse=True)
    pairs, counts = np.unique(reviewer * len(groups) + of, return_counts=True)
    who, where = np.divmod(pairs, len(groups))
    own = (counts >= ENOUGH) & (np.bincount(reviewer)[who] - counts >= ENOUGH)
    return list(zip(who[own].tolist(), groups[where[own]].tolist(), strict=True))


def raters(reviewer: np.ndarray, group: np.ndarray, skills: list[Skill], reviewers: int) -> np.ndarray:
    """int [n]: the rater of each look."""
    if not skills:
        return np.array(reviewer, int)
    groups, of = np.unique(group, return_inverse=True)
    number = np.tile(np.arange(reviewers)[:, None], len(groups))
    place = {int(one): k for k, one in enumerate(groups)}
    for rater, (one, other) in enumerate(skills, reviewers):
        if other in place:
            number[one, place[other]] = rater
    return number[reviewer, of]


def homes(skills: list[Skill], reviewers: int) -> np.ndarray:
    """int [raters]: the reviewer whom each rater is."""
    return np.r_[np.arange(reviewers), np.array([one for one, _ in skills], int)].astype(int)


def groups_of(parents: Mapping[int, int | None]) -> dict[int, int]:
    """Of each label the top of its tree; a label without parents or children is a group of its own. parents: the label
    above each, by id; a ring ends where it began."""
    tops = {}
    for label in parents:
        top, met = label, {label}
        while (above := parents.get(top)) is not None and above not in met:
            top = above
            met.add(top)
        tops[label] = top
    return tops
