"""A campaign in memory, by the functions that a real one is run by: estimate, log_odds, states, wanted."""

import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.crowd import answers
from review.consensus import posterior, sample, trust, value
from review.consensus.calibration import Prior
from review.consensus.estimate import UNKNOWN, estimate
from review.consensus.fit import SPREAD, Fit
from review.consensus.policy import Policy, State, Tally, states, wanted
from review.consensus.votes import Votes, sigmoid

BATCH, PLANTED_A_BATCH = 100, 2
REFIT_SHARE, REFIT_LOOKS = 0.1, 200  # as the sweep has them
AT_ONCE = 2000  # looks, before verdicts follow, where the most valuable come first
STRIDE = 37  # from an item's one reviewer to its next


@dataclass
class Ledger:
    """All looks so far, as growing arrays."""

    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    def add(self, item: np.ndarray, reviewer: np.ndarray, said: np.ndarray) -> None:
        self.parts.append((item, reviewer, said.astype(np.int8)))

    def votes(self) -> Votes:
        if len(self.parts) > 1:
            self.parts = [tuple(np.concatenate(column) for column in zip(*self.parts, strict=True))]  # type: ignore[list-item]
        if not self.parts:
            return Votes.of([])
        return Votes(*self.parts[0])


class Campaign:
    """`prior`: probabilities [n], NaN for none; `label`: ids [n]; `budget`: looks, in their turn or, `by_value`,
    the most valuable first."""

    def __init__(
        self, crowd: Any, policy: Policy, prior: np.ndarray, label: np.ndarray, audit_share: float,
        budget: int | None = None, by_value: bool = True,
    ) -> None:  # fmt: skip
        self.crowd, self.policy, self.prior = crowd, policy, Prior(prior, label)
        self.budget, self.by_value = budget, by_value
        self.rng = np.random.default_rng([crowd.seed, 7])
        n = crowd.items
        unseen = int((policy.first_looks(prior, np.zeros(n, bool)) == 0).sum())
        self.audit = sample.draw(np.arange(n), label, share=audit_share, unseen=unseen, seed=crowd.seed)
        self.first = policy.first_looks(prior, ~np.isnan(self.audit))
        self.planned = self.first
        # Batches are cut along labels, and each goes to whoever comes.
        place = np.empty(n, int)
        place[np.lexsort((self.rng.random(n), label))] = np.arange(n)
        comers = self.rng.integers(crowd.reviewers, size=n // BATCH + 1)
        self.comer = comers[place // BATCH]
        self.place = place
        self.counted, self.against = np.zeros(n, int), np.zeros(n, int)
        self.looks, self.planted = Ledger(), Ledger()
        self.pots = pots(crowd)
        self.met = np.zeros(crowd.reviewers)
        self.planted_for = np.zeros(crowd.reviewers, int)
        self.fits = 0
        self.reasons: list[dict[str, Any]] = []
        prevalence = float(np.nanmean(prior)) if not np.isnan(prior).all() else Fit().prevalence
        self.fit = Fit(prevalence=prevalence, spread=SPREAD)
        self.judge()

    def judge(self) -> None:
        """Every verdict under the fit."""
        self.odds = posterior.log_odds(self.looks.votes(), self.fit, self.prior)
        none = np.zeros(len(self.odds), int)
        tally = Tally(np.maximum(self.planned, np.isin(self.prior.label, self.fit.raised)), self.counted, self.against,
                      none, none, sigmoid(self.odds), np.ones(len(self.odds)))  # fmt: skip
        self.state = states(self.policy, tally)
        self.wanted = wanted(self.policy, self.state, tally, none)

    def run(self) -> None:
        fitted = 0
        while True:
            made = int(self.counted.sum())
            room = int(max(REFIT_LOOKS, REFIT_SHARE * made)) - (made - fitted)
            free = np.flatnonzero(self.wanted > self.counted)
            left = len(self.counted) * self.policy.looks_max if self.budget is None else self.budget - made
            if not len(free) or not left:
                if made == fitted:
                    return
                room = 0
            if room <= 0:
                self.refit()
                fitted = made
                continue
            room = min(room, left)
            if self.by_value and len(free) > left:
                self.look(self.most_valuable(free, left, min(room, AT_ONCE)))
                continue
            # Stretches before what is asked again, each along the labels.
            again = self.counted[free] >= self.planned[free]
            self.look(free[np.lexsort((self.place[free], again))][:room])

    def most_valuable(self, free: np.ndarray, left: int, room: int) -> np.ndarray:
        """As claims have it: of those that the budget reaches for, a batch of the label with the most valuable one,
        then of the next."""
        drawn = ~np.isnan(self.audit)
        worth = value.worth(sigmoid(self.odds), self.counted, drawn, self.policy, self.fit)
        free = free[np.lexsort((self.place[free], -worth[free]))][:left]
        of = self.prior.label[free]
        stretches = [
            part
            for label in np.unique(of)
            for part in np.split(free[of == label], range(BATCH, (of == label).sum(), BATCH))
        ]
        return np.concatenate(sorted(stretches, key=lambda part: -worth[part[0]]))[:room]

    def look(self, items: np.ndarray) -> None:
        who = (self.comer[items] + STRIDE * self.counted[items]) % self.crowd.reviewers
        said = answers(self.crowd, who, items)
        self.looks.add(items, who, said)
        self.counted[items] += 1
        self.against[items] += said
        self.plant(who)
        self.judge()

    def plant(self, who: np.ndarray) -> None:
        """Known errors among what these reviewers were lent."""
        self.met += np.bincount(who, minlength=len(self.met))
        due = (self.met * PLANTED_A_BATCH / BATCH).astype(int) - self.planted_for
        self.planted_for += due
        people = np.repeat(np.arange(len(due)), due)
        pots = self.rng.integers(self.pots.items, size=len(people))
        self.planted.add(pots, people, answers(self.pots, people, pots))

    def refit(self) -> None:
        looks, planted = self.looks.votes(), self.planted.votes()
        n, more = len(self.first), len(planted.item)
        self.fits += 1
        self.fit = estimate(
            Votes(*(np.concatenate(pair) for pair in ((looks.item, n + np.arange(more)),
                                                      (looks.reviewer, planted.reviewer),
                                                      (looks.said, planted.said)))),
            reviewers=self.crowd.reviewers,
            prior=Prior(np.r_[self.prior.p, np.full(more, np.nan)], np.r_[self.prior.label, np.full(more, -1)]),
            known=np.r_[np.full(n, UNKNOWN), np.ones(more, int)],
            planted=np.arange(n + more) >= n,
        )  # fmt: skip
        audit = trust.audited(looks, self.fit, self.prior, self.audit, self.counted)
        raised, self.reasons = trust.judge(self.prior, audit, self.policy)
        self.fit = replace(self.fit, raised=raised if self.policy.looks_min == 0 else [])
        self.judge()

    def spent(self) -> dict[str, float]:
        """Looks an item: at what is audited, at all the rest, and planted."""
        drawn = ~np.isnan(self.audit)
        n = len(self.first)
        return {
            "people": float(self.counted[~drawn].sum()) / n,
            "audit": float(self.counted[drawn].sum()) / n,
            "planted": len(self.planted.votes().item) / n,
        }

    def found(self) -> np.ndarray:
        return self.odds > 0


def pots(crowd: Any) -> Any:
    """Errors to be planted: like those in the dataset, and none of them."""
    made = copy.copy(crowd)
    rng = np.random.default_rng([crowd.seed, 8])
    made.items, made.seed = 5000, crowd.seed + 100_000
    made.truth = np.ones(made.items, bool)
    made.difficulty = rng.permutation(crowd.difficulty)[: made.items]
    return made


def labels(seed: int, items: int, count: int = 50) -> np.ndarray:
    """int [items]: labels of uneven size, from 0: the commonest has about ten times as many items as the rarest."""
    rng = np.random.default_rng([seed, 9])
    weight = 10 ** rng.random(count)
    return rng.choice(count, size=items, p=weight / weight.sum())


__all__ = ["Campaign", "Policy", "State", "labels"]
