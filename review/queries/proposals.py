"""What the looks at a disputed item ask a supervisor for, and how sure that is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..consensus.posterior import REMOVE
from ..models import Reason, Resolution
from ..operations.judge import Seen

EVEN = 0.5


@dataclass(frozen=True)
class Proposal:
    """An action, with a label's id where it is to relabel; `sure`: the probability that it is right, by the looks."""

    action: str
    label: int | None
    sure: float


def proposed(looks: Sequence[Seen], probability: float, ranked: Sequence[tuple[int, float]]) -> Proposal | None:
    """The commonest reason leads: no object, a bad box, or a wrong label with the one most probable instead; None where
    no label is named. probability: that the label is wrong; ranked: [(label or REMOVE, probability given that)]."""
    said = Counter(look.reason for look in looks)
    wrong = said[Reason.WRONG_LABEL] + said[Reason.OTHER]
    instead = dict(ranked)
    if said[Reason.NOT_AN_OBJECT] > max(wrong, said[Reason.BAD_BOX]):
        return Proposal(Resolution.Action.REMOVE, None, probability * instead.get(REMOVE, 0.0))
    if said[Reason.BAD_BOX] > wrong:
        return Proposal(Resolution.Action.REDRAW, None, EVEN)
    label = next((label for label, _ in ranked if label != REMOVE), None)
    if label is None:
        return None
    return Proposal(Resolution.Action.RELABEL, label, probability * instead[label])


def answer(proposal: Proposal | None, probability: float) -> Proposal | None:
    """What the consensus would do by itself: leave what is rather right, else what is proposed, if anything is."""
    if probability < EVEN:
        return Proposal(Resolution.Action.CLEAN, None, 1 - probability)
    return proposal


def acceptable(given: Proposal | None) -> bool:
    """Whether an answer can be carried out without a look: a box has to be drawn."""
    return given is not None and given.action != Resolution.Action.REDRAW
