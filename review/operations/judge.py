"""What becomes of an item: a pure function of its looks, the decision on it, and one fit, without the database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import or_nan
from ..consensus import policy as rules
from ..consensus import posterior, value
from ..consensus.calibration import Prior
from ..consensus.fit import Fit as Estimate
from ..consensus.votes import AGAINST, FOR, NEITHER, Votes, sigmoid
from ..models import Campaign, Fit, Reason, Resolution, Verdict

SAID = {
    "": FOR,
    Reason.WRONG_LABEL: AGAINST,
    Reason.NOT_AN_OBJECT: AGAINST,
    Reason.BAD_BOX: FOR,
    Reason.CANT_TELL: NEITHER,
    Reason.NO_LABEL: AGAINST,
    Reason.OTHER: NEITHER,
}
AGAINST_REASONS = [str(reason) for reason, said in SAID.items() if said == AGAINST]
AMISS = {Reason.BAD_BOX, Reason.OTHER}
RESOLVED = {
    Resolution.Action.CLEAN: Verdict.State.CLEAN,
    Resolution.Action.RELABEL: Verdict.State.FIX,
    Resolution.Action.REMOVE: Verdict.State.FIX,
    Resolution.Action.REDRAW: Verdict.State.FIX,
    Resolution.Action.UNCLEAR: Verdict.State.UNCLEAR,
}
# What a decision says of the label itself: redrawing a box says that the label is right.
KNOWN = {
    Resolution.Action.CLEAN: 0,
    Resolution.Action.RELABEL: 1,
    Resolution.Action.REMOVE: 1,
    Resolution.Action.REDRAW: 0,
}
STATE_NAMES = np.array([state.name.lower() for state in rules.State])


def policy_of(campaign: Campaign) -> rules.Policy:
    return rules.Policy(
        campaign.policy, campaign.looks_min, campaign.looks_max, campaign.clean_below, campaign.fix_above,
        campaign.clean_after,
    )  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A counted look as the model reads it."""

    item: int
    reviewer: int
    reason: str
    suggested: int | None


@dataclass(frozen=True)
class Judged:
    """What a verdict becomes."""

    id: int
    probability: float
    state: str
    suggested: int | None
    remove: bool
    flags: int
    wanted: int
    again: int  # how often it was asked about again: 0 while it is in the batch that it was planned into
    value: float | None  # of one more look, where the campaign has a budget


def judge(
    campaign: Campaign,
    verdicts: Sequence[Verdict],
    looks: Iterable[Seen],
    decided: dict[int, Resolution],
    fit: Fit,
) -> list[Judged]:
    """A pure function of the items' looks, the supervisors' decisions, one fit and what the verdicts store of the plan
    and of their siblings; nothing is read or written.

    decided: the current resolution by verdict id.
    """
    estimate = Estimate.from_json(fit.parameters)
    index = {verdict.item_id: k for k, verdict in enumerate(verdicts)}
    reviewers = {user: k for k, user in enumerate(fit.reviewers)}
    of: dict[int, list[Seen]] = defaultdict(list)
    aliases = {int(user): one for user, one in fit.aliases.items()}
    doubled: Counter[int] = Counter()

    def counts_as(look: Seen) -> int:
        return aliases.get(look.reviewer, look.reviewer)

    for look in sorted(looks, key=lambda look: look.reviewer):
        k = index[look.item]
        if counts_as(look) in map(counts_as, of[k]):
            doubled[k] += 1  # Two accounts that count as one: the first look is the only one.
        else:
            of[k].append(look)
    votes = Votes.of(
        [
            (k, estimate.rater(reviewers.get(counts_as(s)), verdicts[k].label_id), SAID[s.reason])
            for k, seen in of.items()
            for s in seen
        ]
    )
    prior = Prior(or_nan([v.prior for v in verdicts]), np.array([v.label_id for v in verdicts], int))
    odds = posterior.log_odds(votes, estimate, prior) + np.array([v.kin for v in verdicts])
    for k, verdict in enumerate(verdicts):
        if (known := known_by(decided.get(verdict.pk))) is not None:
            odds[k] += posterior.RESOLUTION_LOG_ODDS * (2 * known - 1)
    policy = policy_of(campaign)
    plain = policy.kind != "evidence"  # By a plain rule people's word holds, whatever the model makes of it.
    best = [
        (plain and agreed_label(v, of.get(k, []))) or best_label(v, of.get(k, []), estimate, fit.label_count)
        for k, v in enumerate(verdicts)
    ]
    audited = np.array([v.audit is not None for v in verdicts], bool)
    planned = policy.first_looks(prior.p, audited)
    # What an audit asks beyond these is blended into others' stretches like anything that is asked again.
    ordinary = policy.first_looks(prior.p, np.zeros(len(verdicts), bool))
    first = np.maximum(planned, np.isin(prior.label, estimate.raised))
    tally = tally_of(verdicts, of, first, sigmoid(odds), np.array([certainty for _, certainty in best]))
    codes = rules.states(policy, tally)
    names = [
        RESOLVED[Resolution.Action(decided[v.pk].action)] if v.pk in decided else str(name)
        for v, name in zip(verdicts, STATE_NAMES[codes], strict=True)
    ]
    settled = np.array([rules.State[name.upper()] for name in names])
    wanted = rules.wanted(policy, settled, tally, np.array([v.lent for v in verdicts]))
    worth = value.worth(tally.probability, tally.counted, audited, policy, estimate)
    return [
        Judged(
            id=v.pk,
            probability=float(tally.probability[k]),
            state=names[k],
            suggested=best[k][0] if best[k][0] != posterior.REMOVE else None,
            remove=best[k][0] == posterior.REMOVE,
            flags=sum(1 for s in of.get(k, []) if s.reason),
            wanted=int(wanted[k]) + doubled[k],
            again=max(0, int(tally.counted[k] - ordinary[k]) + (names[k] == Verdict.State.OPEN)),
            value=float(worth[k]) if campaign.budget else None,
        )
        for k, v in enumerate(verdicts)
    ]


def known_by(decision: Resolution | None) -> int | None:
    """1 where a decision says that the label is wrong, 0 that it is right; None where it says neither, or where nobody
    looked."""
    return KNOWN.get(Resolution.Action(decision.action)) if decision and decision.looked else None


def tally_of(
    verdicts: Sequence[Verdict],
    of: dict[int, list[Seen]],
    first: np.ndarray,
    probability: np.ndarray,
    certainty: np.ndarray,
) -> rules.Tally:
    def count(test: Any) -> np.ndarray:
        return np.array([sum(1 for seen in of.get(k, []) if test(seen)) for k in range(len(verdicts))], int)

    return rules.Tally(
        first=first,
        counted=count(lambda seen: True),
        against=count(lambda seen: SAID[seen.reason] == AGAINST),
        unable=count(lambda seen: seen.reason == Reason.CANT_TELL),
        amiss=count(lambda seen: seen.reason in AMISS),
        probability=probability,
        certainty=certainty,
        least=np.array([v.least for v in verdicts], int),
    )


def best_label(verdict: Verdict, looks: list[Seen], estimate: Estimate, labels: int) -> tuple[int | None, float]:
    """(the label most probable instead, its probability given that the present one is wrong); (None, 0) where nobody
    flagged it."""
    ranked = candidates(verdict, looks, estimate, labels)
    return ranked[0] if ranked else (None, 0.0)


def agreed_label(verdict: Verdict, looks: list[Seen]) -> tuple[int, float] | None:
    """(the label, or REMOVE, that more than half of those name who flagged the present one as wrong, 1)."""
    said = named_in(looks)
    label, n = said.most_common(1)[0] if said else (None, 0)
    return (label, 1.0) if label not in (None, verdict.label_id) and 2 * n > said.total() else None


def named_in(looks: list[Seen]) -> Counter[int | None]:
    """What those who hold the label for wrong name instead: a label, REMOVE, or nothing."""
    return Counter(
        posterior.REMOVE if seen.reason == Reason.NOT_AN_OBJECT else seen.suggested
        for seen in looks
        if SAID[seen.reason] == AGAINST
    )


def candidates(verdict: Verdict, looks: list[Seen], estimate: Estimate, labels: int) -> list[tuple[int, float]]:
    """[(label id or REMOVE, probability)] given that the present label is wrong; empty where nobody flagged it."""
    said = named_in(looks)
    if not said:
        return []
    named = {label: n for label, n in said.items() if label is not None and label != verdict.label_id}
    prior = {int(label): float(p) for label, p in verdict.suggestions}
    return posterior.labels(named, prior, estimate.label_accuracy, labels, verdict.label_id)
