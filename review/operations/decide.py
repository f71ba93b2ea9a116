"""From looks to verdicts: a hand-in updates its items under the campaign's fit, a refit estimates everyone anew."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from ..consensus import fit as fitting
from ..consensus import policy as rules
from ..consensus import posterior
from ..consensus.votes import AGAINST, FOR, NEITHER, Votes, sigmoid
from ..models import Campaign, Fit, Look, Reason, Resolution, Verdict
from . import audit, fixes

SAID = {
    "": FOR,
    Reason.WRONG_LABEL: AGAINST,
    Reason.NOT_AN_OBJECT: AGAINST,
    Reason.BAD_BOX: FOR,
    Reason.CANT_TELL: NEITHER,
    Reason.OTHER: NEITHER,
}
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
        campaign.policy, campaign.looks_min, campaign.looks_max, campaign.clean_below, campaign.fix_above
    )


def audited(campaign: Campaign, item: int) -> bool:
    """Whether the campaign's seed draws this item into the audit sample: fixed before any look, and for good."""
    draw = np.random.default_rng([campaign.seed, item]).random()
    return bool(draw < campaign.audit_share)


def first_looks(campaign: Campaign, item: int, prior: float | None) -> int:
    """How many looks an item is given in any case: none where suspicion already calls it clean and no audit asks."""
    policy = policy_of(campaign)
    if policy.first_looks() or policy.kind != Campaign.Policy.EVIDENCE:
        return policy.first_looks() or 1
    calm = prior is not None and prior <= campaign.clean_below
    return 0 if calm and not audited(campaign, item) else 1


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


def judge(
    campaign: Campaign,
    verdicts: Sequence[Verdict],
    looks: Iterable[Seen],
    decided: dict[int, Resolution],
    fit: Fit,
    labels: int,
) -> list[Judged]:
    """A pure function of the items' looks, the supervisors' decisions and one fit; nothing is read or written.

    decided: the current resolution by verdict id. `verdicts` come with their item, for its suggestions. labels: how
    many the dataset has.
    """
    estimate = fitting.Fit.from_json(fit.parameters)
    index = {verdict.item_id: k for k, verdict in enumerate(verdicts)}
    reviewers = {user: k for k, user in enumerate(fit.reviewers)}
    of: dict[int, list[Seen]] = defaultdict(list)
    for look in looks:
        of[index[look.item]].append(look)
    votes = Votes.of(
        [(k, reviewers.get(s.reviewer, len(reviewers)), SAID[s.reason]) for k, seen in of.items() for s in seen]
    )
    n = len(verdicts)
    prior = np.array([np.nan if v.prior is None else v.prior for v in verdicts], float)
    odds = posterior.log_odds(votes, estimate, prior, n)
    for k, verdict in enumerate(verdicts):
        if (action := decided[verdict.pk].action if verdict.pk in decided else None) in KNOWN:
            odds[k] += posterior.RESOLUTION_LOG_ODDS * (2 * KNOWN[Resolution.Action(action)] - 1)
    best = [best_label(v, of.get(k, []), estimate, labels) for k, v in enumerate(verdicts)]
    tally = tally_of(campaign, verdicts, of, sigmoid(odds), np.array([certainty for _, certainty in best]))
    policy = policy_of(campaign)
    codes = rules.states(policy, tally)
    names = [
        RESOLVED[Resolution.Action(decided[v.pk].action)] if v.pk in decided else str(name)
        for v, name in zip(verdicts, STATE_NAMES[codes], strict=True)
    ]
    settled = np.array([rules.State[name.upper()] for name in names])
    wanted = rules.wanted(policy, settled, tally, np.array([v.lent for v in verdicts]))
    return [
        Judged(
            id=v.pk,
            probability=float(tally.probability[k]),
            state=names[k],
            suggested=best[k][0] if best[k][0] != posterior.REMOVE else None,
            remove=best[k][0] == posterior.REMOVE,
            flags=sum(1 for s in of.get(k, []) if s.reason),
            wanted=int(wanted[k]),
            again=max(0, int(tally.counted[k] - tally.first[k]) + (names[k] == Verdict.State.OPEN)),
        )
        for k, v in enumerate(verdicts)
    ]


def tally_of(
    campaign: Campaign,
    verdicts: Sequence[Verdict],
    of: dict[int, list[Seen]],
    probability: np.ndarray,
    certainty: np.ndarray,
) -> rules.Tally:
    def count(test: Any) -> np.ndarray:
        return np.array([sum(1 for seen in of.get(k, []) if test(seen)) for k in range(len(verdicts))], int)

    return rules.Tally(
        first=np.array([first_looks(campaign, v.item_id, v.prior) for v in verdicts], int),
        counted=count(lambda seen: True),
        against=count(lambda seen: SAID[seen.reason] == AGAINST),
        unable=count(lambda seen: seen.reason == Reason.CANT_TELL),
        amiss=count(lambda seen: seen.reason in AMISS),
        probability=probability,
        certainty=certainty,
    )


def best_label(verdict: Verdict, looks: list[Seen], estimate: fitting.Fit, labels: int) -> tuple[int | None, float]:
    """(the label most probable instead, its probability given that the present one is wrong); (None, 0) where nobody
    flagged it."""
    ranked = candidates(verdict, looks, estimate, labels)
    return ranked[0] if ranked else (None, 0.0)


def candidates(verdict: Verdict, looks: list[Seen], estimate: fitting.Fit, labels: int) -> list[tuple[int, float]]:
    """[(label id or REMOVE, probability)] given that the present label is wrong; empty where nobody flagged it."""
    said = Counter(
        posterior.REMOVE if seen.reason == Reason.NOT_AN_OBJECT else seen.suggested
        for seen in looks
        if SAID[seen.reason] == AGAINST
    )
    if not said:
        return []
    named = {label: n for label, n in said.items() if label is not None and label != verdict.label_id}
    prior = {int(label): float(p) for label, p in verdict.item.suggestions}
    return posterior.labels(named, prior, estimate.label_accuracy, labels, verdict.label_id)


def update(campaign: Campaign, verdict_ids: list[int], fit: Fit | None = None) -> list[Judged]:
    """Bring these verdicts up to date under a fit (the campaign's own) and mend what is newly known to be wrong. The
    caller holds their rows; changes nothing where nothing changed."""
    fit = fit or campaign.fit
    assert fit is not None
    verdicts = list(Verdict.objects.filter(pk__in=verdict_ids).select_related("item").order_by("pk"))
    looks = seen_looks(campaign, [v.item_id for v in verdicts])
    decided = {r.verdict_id: r for r in Resolution.objects.filter(verdict__in=verdict_ids, current=True)}
    judged = judge(campaign, verdicts, looks, decided, fit, campaign.dataset.labels.count())
    write(judged, fit)
    fixes.follow(campaign, verdicts, judged, decided)
    return judged


def seen_looks(campaign: Campaign, items: list[int]) -> list[Seen]:
    rows = Look.objects.filter(campaign=campaign, item__in=items, planted=False, counted=True)
    return [Seen(*row) for row in rows.values_list("item_id", "reviewer_id", "reason", "suggested_id")]


def write(judged: list[Judged], fit: Fit) -> None:
    if not judged:
        return
    columns = list(
        zip(
            *((j.id, j.probability, j.state, j.suggested, j.remove, j.flags, j.wanted, j.again) for j in judged),
            strict=True,
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE review_verdict v SET probability = d.probability, state = d.state, suggested_id = d.suggested,
                 remove = d.remove, flags = d.flags, wanted = d.wanted, round = d.again + 1, fit_id = %s,
                 batch_id = CASE WHEN d.again > 0 THEN NULL ELSE v.batch_id END
               FROM unnest(%s::bigint[], %s::float8[], %s::text[], %s::bigint[], %s::bool[], %s::int[], %s::int[],
                 %s::int[]) AS d(id, probability, state, suggested, remove, flags, wanted, again)
               WHERE v.id = d.id""",
            [fit.pk, *map(list, columns)],
        )


def first_fit(campaign: Campaign) -> Fit:
    """What is believed before any look: the stated priors, and the share of wrong labels that suspicion expects."""
    priors = [p for p in campaign.verdicts.values_list("prior", flat=True) if p is not None]
    prevalence = float(np.clip(np.mean(priors), 0.001, 0.5)) if priors else fitting.PREVALENCE
    parameters = fitting.Fit(prevalence=prevalence).as_json()
    return Fit.objects.create(campaign=campaign, number=0, parameters=parameters)


def refit(campaign_id: int) -> Fit | None:
    """Estimate all reviewers anew from all looks, recompute every verdict, and switch in one step. Returns the new fit,
    or None where another refit is under way."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(72001, %s)", [campaign_id % 2**31])
        if not cursor.fetchone()[0]:
            return None
        # A hand-in holds the campaign FOR SHARE: from here on, none is half-way under the old fit.
        campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
        ids = list(campaign.verdicts.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        number = campaign.fits.order_by("-number").values_list("number", flat=True)[0] + 1
        estimate, reviewers = estimate_all(campaign)
        fit = Fit.objects.create(campaign=campaign, number=number, parameters=estimate.as_json(), reviewers=reviewers)
        before = dict(state_counts(campaign))
        update(campaign, ids, fit)
        Campaign.objects.filter(pk=campaign_id).update(fit=fit)
        after = dict(state_counts(campaign))
        audit.record("refitted", project=campaign.dataset.project_id, campaign=campaign, fit=number,
                     before=before, after=after)  # fmt: skip
    return fit


def state_counts(campaign: Campaign) -> list[tuple[str, int]]:
    counts = Counter(campaign.verdicts.values_list("state", flat=True))
    return sorted(counts.items())


def estimate_all(campaign: Campaign) -> tuple[fitting.Fit, list[int]]:
    """(the fit of all counted and planted looks, the user ids that its reviewers stand for)."""
    verdicts = list(campaign.verdicts.order_by("pk").values_list("item_id", "prior", "pk", "label_id"))
    items = {item: k for k, (item, _, _, _) in enumerate(verdicts)}
    known = np.full(len(verdicts), fitting.UNKNOWN)
    decided = dict(
        Resolution.objects.filter(verdict__campaign=campaign, current=True).values_list("verdict_id", "action")
    )
    for k, (_, _, pk, _) in enumerate(verdicts):
        if decided.get(pk) in KNOWN:
            known[k] = KNOWN[Resolution.Action(decided[pk])]
    rows = list(
        Look.objects.filter(campaign=campaign, counted=True)
        .select_related(None)
        .values_list("item_id", "reviewer_id", "reason", "planted", "label_id", "item__label_id")
    )
    reviewers = sorted({row[1] for row in rows})
    number = {user: k for k, user in enumerate(reviewers)}
    votes: list[tuple[int, int, int]] = []
    truths: list[int] = []
    for item, reviewer, reason, is_planted, shown, own in rows:
        if is_planted:
            # A planted look is an item of its own whose truth is known: shown under another label than its own, or not.
            votes.append((len(verdicts) + len(truths), number[reviewer], SAID[reason]))
            truths.append(int(shown != own))
        else:
            votes.append((items[item], number[reviewer], SAID[reason]))
    planted = np.arange(len(verdicts) + len(truths)) >= len(verdicts)
    prior = np.array([np.nan if p is None else p for _, p, _, _ in verdicts] + [np.nan] * len(truths), float)
    estimate = fitting.fit(
        Votes.of(votes),
        items=len(planted),
        reviewers=len(reviewers),
        prior=prior,
        known=np.concatenate([known, np.array(truths, int)]),
        planted=planted,
        label_accuracy=label_accuracy(campaign),
    )
    return estimate, reviewers


def label_accuracy(campaign: Campaign) -> float:
    """How often a suggested label is right: against supervisors' relabels, else against the label most often named."""
    truth = dict(
        Resolution.objects.filter(verdict__campaign=campaign, current=True, action="relabel").values_list(
            "verdict__item_id", "label_id"
        )
    )
    named: dict[int, Counter] = defaultdict(Counter)
    rows = Look.objects.filter(campaign=campaign, counted=True, planted=False, suggested__isnull=False)
    for item, label in rows.values_list("item_id", "suggested_id"):
        named[item][label] += 1
    hits = total = 0.0
    for item, counts in named.items():
        n = sum(counts.values())
        if item in truth:
            hits, total = hits + counts[truth[item]], total + n
        elif n > 1:
            # Of n suggestions, a pair agrees where both are right: the square root of that share is the accuracy.
            pairs = sum(c * (c - 1) for c in counts.values()) / (n * (n - 1))
            hits, total = hits + n * pairs**0.5, total + n
    return fitting.label_accuracy(hits, total)
