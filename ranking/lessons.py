"""What sortnet learns of a dataset's own crops, and whether that is better: knows no Django, train_task.py does it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import agreement, families, training
from .encoders import sortnet
from .encoders.base import Crops
from .kinds import Ints

CROP_PIXELS = 48  # a little more than the network sees, since views zoom in
BATCH, RATE, WARM_UP, SEED = 128, 3e-4, 25, 1
DRAWN, BACKGROUNDS = 600, 1024  # families of drawn objects, and what they are drawn before
HELD_OUT = 5  # one family in so many is not learnt from, and judges what was learnt


@dataclass(frozen=True)
class Lesson:
    """What there is to learn from, all [n]: crops of CROP_PIXELS, the same as sortnet sees them, labels (-1 for none),
    families of near duplicates, what is no neighbour of another in the judgement, and what is held out for that."""

    crops: Crops
    small: Crops
    labels: Ints
    near: Ints
    kin: Ints
    held: npt.NDArray[np.bool_]


def lesson(crops: Crops, small: Crops, labels: Ints, groups: Ints) -> Lesson:
    """Groups [n] are a user's own, -1 for none: then near duplicates are held together."""
    kinship = families.near_duplicates(sortnet.maker("").encode(small))
    kin = np.unique(np.where(groups >= 0, groups, groups.max() + 1 + kinship.apart), return_inverse=True)[1]
    count = int(kin.max()) + 1
    judges = np.random.default_rng(SEED).permutation(count)[: count // HELD_OUT]
    return Lesson(crops, small, labels, kinship.near, kin, np.isin(kin, judges))


def course(lesson: Lesson, steps: int) -> training.Training:
    """The training at its start: the weights that we ship."""
    plan = training.Plan(steps=steps, batch=BATCH, rate=RATE, warm_up=min(WARM_UP, steps // 4), seed=SEED)
    learnt = ~lesson.held
    vectors = sortnet.maker("").encode(lesson.small[learnt])
    frames = training.Frames(lesson.crops[learnt], lesson.near[learnt], vectors)
    return training.Further(sortnet.load(), frames, training.Drawn(DRAWN, SEED + 1, BACKGROUNDS), plan)


def judge(lesson: Lesson, before: sortnet.Net, after: sortnet.Net) -> agreement.Compared:
    """By the labels as given of what was held out."""
    labelled = lesson.labels >= 0
    judged = np.flatnonzero(lesson.held[labelled])
    if not len(judged):
        return agreement.Compared(0.0, 0.0, False)
    old, new = (sortnet.Sortnet(net).encode(lesson.small[labelled]) for net in (before, after))
    return agreement.compare(old, new, lesson.labels[labelled], lesson.kin[labelled], judged)


def sentence(found: agreement.Compared) -> str:
    """For whoever asked for it."""
    shares = (
        f"{found.after:.1%} of the crops nearest to one that was held out have its label, {found.before:.1%} before"
    )
    if found.better:
        return f"What was learnt is kept: {shares}. The dataset is ranked by it now."
    return f"What was learnt is not kept, as it is not surely better: {shares}. All stays as it was."


def sides() -> Sequence[int]:
    """Of the crops that a lesson takes, in pixels."""
    return CROP_PIXELS, sortnet.PIXELS
