"""What follows from the evidence: an item is settled, or somebody else must look, or a supervisor must decide."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

AUDIT_LOOKS = 2  # people who look at an audited item before it counts for anything
LABEL_CERTAIN = 0.8  # below this nobody is taken to know what the right label is


class State(IntEnum):
    OPEN = 0
    CLEAN = 1
    FIX = 2
    DISPUTED = 3
    UNCLEAR = 4


@dataclass(frozen=True)
class Policy:
    """`kind` is evidence, fixed, first_agree or solo; for first_agree, looks_min is how many must agree, and
    clean_after how many looks without a flag settle an item as clean (None: as many as must agree)."""

    kind: str
    looks_min: int
    looks_max: int
    clean_below: float
    fix_above: float
    clean_after: int | None = None

    @property
    def blanks(self) -> int:
        """How many looks without a flag settle an item as clean, under first_agree."""
        return max(self.clean_after or self.looks_min, 1)

    def first_looks(self, prior: np.ndarray, audited: np.ndarray) -> np.ndarray:
        """int [n]: how many looks each item is given before anything is decided. By the evidence, none where a prior
        (float [n], NaN where there is none) calls it clean already and looks_min allows, and two people's for what is
        audited (bool [n]); plain rules have looks of their own."""
        usual = {"solo": 1, "first_agree": self.blanks}.get(self.kind, self.looks_min)
        least = np.full(len(prior), max(usual, 1))
        if self.kind != "evidence":
            return least
        least[prior <= self.clean_below] = self.looks_min
        return np.where(audited, np.maximum(least, min(AUDIT_LOOKS, self.looks_max)), least)


@dataclass(frozen=True)
class Tally:
    """What was said of each of n items, int arrays [n]: counted looks; of them against the label; of people who cannot
    tell; of people who find something else amiss; `first`, the looks that it is given in any case; and `least`, those
    that a supervisor asked for. probability and certainty are float [n]: that the label is wrong, and that the most
    probable other label is the right one."""

    first: np.ndarray
    counted: np.ndarray
    against: np.ndarray
    unable: np.ndarray
    amiss: np.ndarray
    probability: np.ndarray
    certainty: np.ndarray
    least: np.ndarray | int = 0


def states(policy: Policy, tally: Tally) -> np.ndarray:
    """int8 [n] of State."""
    rule = {"evidence": by_evidence, "fixed": by_majority, "first_agree": by_first_agreeing, "solo": by_one}
    clean, wrong, unclear, over = rule[policy.kind](policy, tally)
    certain = tally.certainty >= LABEL_CERTAIN
    # Where enough agree before all have come who were to be asked, nobody waits for the others.
    begun = (tally.counted >= tally.first) | (policy.kind == "first_agree")
    enough = tally.counted >= np.clip(tally.first, 1, 2)
    amiss = enough & (2 * tally.amiss > tally.counted)
    return np.select(
        [tally.counted < tally.least, amiss, ~begun, clean, wrong & certain, unclear, wrong & over, over],
        [State.OPEN, State.DISPUTED, State.OPEN, State.CLEAN, State.FIX, State.UNCLEAR, State.DISPUTED, State.DISPUTED],
        State.OPEN,
    ).astype(np.int8)


Outcome = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # clean, wrong, unclear, and that no look is left


def by_evidence(policy: Policy, tally: Tally) -> Outcome:
    """Ask while the probability lies between the thresholds, at most looks_max times."""
    over = tally.counted >= policy.looks_max
    unclear = over & (2 * tally.unable > tally.counted)
    return (
        (tally.probability <= policy.clean_below) & ((tally.counted > tally.unable) | (tally.first == 0)),
        (tally.probability >= policy.fix_above) & ~unclear,
        unclear,
        over,
    )


def by_majority(policy: Policy, tally: Tally) -> Outcome:
    """looks_max looks each. More than half against is a fix, none is clean, a minority that leaves doubt goes to the
    supervisor."""
    over = tally.counted >= policy.looks_max
    opinions = tally.counted - tally.unable
    unclear = over & (2 * tally.unable > tally.counted)
    wrong = over & ~unclear & (2 * tally.against > opinions)
    no_doubt = (tally.against == 0) | (tally.probability <= policy.clean_below)
    return over & ~unclear & ~wrong & no_doubt, wrong, unclear, over


def by_first_agreeing(policy: Policy, tally: Tally) -> Outcome:
    """Settled as soon as looks_min people agree, at most looks_max looks. Clean by `blanks` looks, none of them
    flagged; a flagged item never by fewer."""
    least = max(policy.looks_min, 1)
    good = tally.counted - tally.unable - tally.against
    flagged = tally.unable + tally.against + tally.amiss > 0
    wrong = tally.against >= least
    clean = (good >= np.where(flagged, max(least, policy.blanks), policy.blanks)) & ~wrong
    unclear = ~clean & ~wrong & (tally.unable >= least)
    return clean, wrong, unclear, wrong | (tally.counted >= policy.looks_max)


def by_one(policy: Policy, tally: Tally) -> Outcome:
    """One trusted person's word holds."""
    over = tally.counted >= 1
    wrong, unclear = tally.against >= 1, (tally.unable >= 1) & (tally.against == 0)
    return over & ~wrong & ~unclear, wrong, unclear, over


def wanted(policy: Policy, state: np.ndarray, tally: Tally, lent: np.ndarray) -> np.ndarray:
    """int [n]: how many looks each item is worth now, `lent` of them on their way."""
    busy = tally.counted + lent
    again = np.maximum(busy, np.minimum(tally.counted + 1, policy.looks_max))
    first = np.maximum(tally.first, tally.least)
    return np.where(state == State.OPEN, np.where(busy < first, first, again), busy)
