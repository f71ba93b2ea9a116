"""Estimate all reviewers of a campaign anew, and bring its verdicts under the new fit while people go on."""

import dataclasses
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from ..arrays import chunked, or_nan
from ..consensus import calibration, collusion, kin, posterior, trust
from ..consensus import estimate as fitting
from ..consensus.calibration import NO_LABEL, Prior
from ..consensus.estimate import UNKNOWN
from ..consensus.fit import SPREAD, prevalence_of
from ..consensus.fit import Fit as Estimate
from ..consensus.skills import Skill, apart, groups_of, raters
from ..consensus.votes import Votes
from ..models import Assignment, Campaign, Fit, Look, Resolution
from ..queries.labels import label_count
from ..queries.quality import void
from . import audit, audited, batches, campaigns, decide, pairs
from .judge import KNOWN, SAID, policy_of

AT_ONCE = 250  # verdicts, for whose rows others wait meanwhile
READ_VERDICTS = """
    SELECT v.id, v.item_id, v.prior, v.label_id, v.audit, v.counted, v.kin, v.probability IS NOT NULL,
      i."group", v.group_id, v.stack
    FROM review_verdict v JOIN review_item i ON i.id = v.item_id WHERE v.campaign_id = %s ORDER BY v.id
"""


def first_fit(campaign: Campaign) -> Fit:
    """What is believed before any look: the stated priors, and the share of wrong labels that suspicion expects."""
    known = campaign.verdicts.filter(prior__isnull=False).values_list("prior", flat=True)
    parameters = Estimate(prevalence=prevalence_of(np.array(known)), spread=SPREAD).as_json()
    return Fit.objects.create(
        campaign=campaign, number=0, parameters=parameters, label_count=label_count(campaign.dataset_id)
    )


def refit(campaign_id: int) -> Fit | None:
    """Estimate all reviewers anew from all looks, let hand-ins go by the new fit from one moment on, and bring every
    verdict that was judged under it, some at a time: claims and hand-ins go on meanwhile, and wait for a few rows at
    most. A refit that is cut off is done again. Returns the new fit, or None where another refit is under way."""
    key = [campaign_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(72001, %s)", key)
        if not cursor.fetchone()[0]:
            return None
        try:
            return refit_alone(Campaign.objects.select_related("dataset").get(pk=campaign_id))
        finally:
            cursor.execute("SELECT pg_advisory_unlock(72001, %s)", key)


def refit_alone(campaign: Campaign) -> Fit:
    began, number = timezone.now(), campaign.fits.order_by("-number").values_list("number", flat=True)[0] + 1
    looks, found = handed_in(campaign), evidence(campaign, pairs.aliases(campaign))
    estimate = estimate_all(campaign, found)
    if pairs.suspect(campaign, alike(found, estimate)):
        found = evidence(campaign, pairs.aliases(campaign))
        estimate = estimate_all(campaign, found)
    fit = Fit(
        campaign=campaign, number=number, parameters=estimate.as_json(), reviewers=found.reviewers,
        aliases=found.aliases, label_count=label_count(campaign.dataset_id), looks=looks, created_at=began,
        whole=False,
    )  # fmt: skip
    before, doubts = state_counts(campaign), doubts_of(found, estimate)
    write_doubts(campaign, doubts)
    switch(campaign, fit)
    bring_under(campaign, fit, doubts)
    batches.open_wanting(campaign)
    fit.audited, fit.whole = audited.audited(campaign, fit), True
    with transaction.atomic():
        fit.save(update_fields=["audited", "whole"])
        stop_at_target(campaign, fit)
        audit.record("refitted", project=campaign.dataset.project_id, campaign=campaign, fit=number,
                     before=before, after=state_counts(campaign))  # fmt: skip
    return fit


def handed_in(campaign: Campaign) -> int:
    """The looks that hand-ins counted, second ones among them: a row of each hand-in instead of all of their looks.
    Read before the looks are, so that none that came meanwhile is taken for one that the fit knows."""
    ended = campaign.assignments.filter(state=Assignment.State.HANDED_IN)
    return int(ended.aggregate(sum=Sum("counted"))["sum"] or 0)


def switch(campaign: Campaign, fit: Fit) -> None:
    """A hand-in holds the campaign FOR SHARE: none is half-way under the old fit."""
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        fit.save()
        Campaign.objects.filter(pk=campaign.pk).update(fit=fit)
    campaign.fit = fit


def bring_under(campaign: Campaign, fit: Fit, doubts: dict[int, float]) -> None:
    """Each verdict that was judged before under the fit, by the campaign's rules of the moment. What nobody has judged
    stands at its prior, whatever the fit."""
    ids = list(campaign.verdicts.exclude(probability=None).order_by("pk").values_list("pk", flat=True))
    for some in chunked(ids, AT_ONCE):
        with transaction.atomic():
            held = campaigns.hold(campaign)
            verdicts = decide.held(held, some)
            for verdict in verdicts:
                verdict.kin = doubts.get(verdict.pk, verdict.kin)
            decide.settle(held, verdicts, fit)


def stop_at_target(campaign: Campaign, fit: Fit) -> None:
    """Pause a campaign that leaves surely no more wrong than was wanted; its lead may close it, or go on."""
    is_open = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.OPEN)
    if fit.audited.get("below_target") and is_open.update(state=Campaign.State.PAUSED):
        audit.record("target reached", project=campaign.dataset.project_id, campaign=campaign,
                     target=campaign.target_rate, left=fit.audited["left"])  # fmt: skip


def state_counts(campaign: Campaign) -> dict[str, int]:
    return dict(campaign.verdicts.order_by().values_list("state").annotate(n=Count("pk")))


@dataclass(frozen=True)
class Evidence:
    """A campaign's verdicts, in the order of their ids, as arrays [n], and what people said of them."""

    ids: list[int]
    prior: Prior
    chance: np.ndarray
    counted: np.ndarray
    kin: np.ndarray  # as it is stored
    judged: np.ndarray
    group: np.ndarray
    known: np.ndarray
    votes: Votes
    reviewers: list[int]
    skills: list[Skill]  # reviewers with rates of their own in a group of labels; votes and planted are by raters
    groups: dict[int, int]  # of each label, where there are skills
    aliases: dict[int, int]  # users who count as another one
    everybody: Votes  # the same as votes, each account by itself, numbered as in users
    users: list[int]
    planted: Votes  # its items are numbered by themselves
    truths: list[int]  # of the planted ones: 1 where the label shown was wrong


def evidence(campaign: Campaign, aliases: dict[int, int]) -> Evidence:
    with connection.cursor() as cursor:
        cursor.execute(READ_VERDICTS, [campaign.pk])
        rows = cursor.fetchall()
    decisions = Resolution.objects.filter(verdict__campaign=campaign, current=True, looked=True)
    decided = dict(decisions.values_list("verdict_id", "action"))
    known = [KNOWN.get(Resolution.Action(decided[row[0]]), UNKNOWN) if row[0] in decided else UNKNOWN for row in rows]
    items = {row[1]: k for k, row in enumerate(rows)}
    looks = list(
        Look.objects.filter(campaign=campaign, counted=True, second=False)
        .order_by("item_id", "reviewer_id")  # in whatever order they came
        .values_list("item_id", "reviewer_id", "reason", "planted", "label_id", "item__label_id", "pk")
    )
    speaks_of_nobody = void(campaign)
    users = sorted({row[1] for row in looks})
    reviewers = sorted({aliases.get(user, user) for user in users})
    account = {user: k for k, user in enumerate(users)}
    number = {user: reviewers.index(aliases.get(user, user)) for user in users}
    said = [(items[item], who, SAID[reason]) for item, who, reason, planted, *_ in looks if not planted]
    once = first_of_each([(item, number[who], who, what) for item, who, what in said])
    # A planted look is an item of its own whose truth is known: shown under another label than its own, or not.
    shown = [
        (number[who], SAID[reason], int(label != own), label)
        for _, who, reason, planted, label, own, pk in looks
        if planted and pk not in speaks_of_nobody
    ]
    tops = groups_of(dict(campaign.dataset.labels.values_list("pk", "parent_id")))
    asked = np.array([*(rows[item][3] for item, *_ in once), *(label for *_, label in shown)], int)
    of_group = np.array([tops[label] for label in asked.tolist()], int)
    who = np.array([*(reviewer for _, reviewer, _ in once), *(reviewer for reviewer, *_ in shown)], int)
    skills = apart(who, of_group)
    rater = raters(who, of_group, skills, len(reviewers)).tolist()
    return Evidence(
        ids=[row[0] for row in rows],
        prior=Prior(or_nan([row[2] for row in rows]), np.array([row[3] for row in rows], int)),
        chance=or_nan([row[4] for row in rows]),
        counted=np.array([row[5] for row in rows], int),
        kin=np.array([row[6] for row in rows], float),
        judged=np.array([row[7] for row in rows], bool),
        group=families([(row[3], *row[8:]) for row in rows]),
        known=np.array(known, int),
        votes=Votes.of([(item, by, what) for (item, _, what), by in zip(once, rater, strict=False)]),
        reviewers=reviewers,
        skills=skills,
        groups=tops if skills else {},
        aliases=aliases,
        everybody=Votes.of([(item, account[who], what) for item, who, what in said]),
        users=users,
        planted=Votes.of([(k, rater[len(once) + k], reason) for k, (_, reason, *_) in enumerate(shown)]),
        truths=[wrong for _, _, wrong, _ in shown],
    )


def first_of_each(rows: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int]]:
    """(item, reviewer, said) of (item, reviewer, account, said): of several accounts of one reviewer the first."""
    kept: dict[tuple[int, int], int] = {}
    for item, reviewer, _, what in sorted(rows):
        kept.setdefault((item, reviewer), what)
    return [(item, reviewer, what) for (item, reviewer), what in kept.items()]


def alike(found: Evidence, estimate: Estimate) -> list[tuple[int, int, int, int, float]]:
    """(user, user, items that both saw, flagged by both, expected) of accounts that agree beyond their quality."""
    rates = dict(zip(found.reviewers, estimate.mean_rates(), strict=True))
    each = [rates[found.aliases.get(user, user)] for user in found.users]
    pooled = dataclasses.replace(
        estimate, reviewers=[(estimate.sensitivity, estimate.specificity)], skills=[]
    ).mean_rates()
    odds = calibration.log_odds(estimate, found.prior)
    odds = np.where(found.known == UNKNOWN, odds, posterior.RESOLUTION_LOG_ODDS * (2 * found.known - 1))
    alone = found.group == kin.ALONE
    group = np.where(alone, found.group.max(initial=0) + 1 + np.arange(len(alone)), found.group)
    pairs_found = collusion.suspects(found.everybody, np.array(each + pooled), odds, group=group).found()
    users = np.array(found.users, int)
    return list(
        zip(
            users[pairs_found.first].tolist(), users[pairs_found.second].tolist(), pairs_found.common.tolist(),
            pairs_found.both.tolist(), pairs_found.expected.tolist(), strict=True,
        )
    )  # fmt: skip


def families(rows: list[tuple[int, str, int | None, int | None]]) -> np.ndarray:
    """int [n]: what belongs together of one label, by the dataset's group key, or else by the stack; kin.ALONE for what
    is alone. rows: label, group key, the campaign's group, stack."""
    keys = [
        (label, key) if key else (label, part, stack) if stack is not None else None for label, key, part, stack in rows
    ]
    number = {key: k for k, key in enumerate(dict.fromkeys(key for key in keys if key))}
    return np.array([number[key] if key else kin.ALONE for key in keys], int)


def estimate_all(campaign: Campaign, found: Evidence) -> Estimate:
    """The fit of all counted and planted looks, and what it makes of the prior."""
    n, more = len(found.ids), len(found.truths)
    planted = Votes(n + found.planted.item, found.planted.reviewer, found.planted.said)
    both = zip(vars(found.votes).values(), vars(planted).values(), strict=True)
    estimate = fitting.estimate(
        Votes(*(np.concatenate(pair) for pair in both)),
        reviewers=len(found.reviewers),
        prior=Prior(np.r_[found.prior.p, np.full(more, np.nan)], np.r_[found.prior.label, np.full(more, NO_LABEL)]),
        known=np.r_[found.known, np.array(found.truths, int)],
        planted=np.arange(n + more) >= n,
        label_accuracy=label_accuracy(campaign),
        skills=found.skills,
    )
    return trusted(campaign, found, dataclasses.replace(estimate, groups=found.groups))


def trusted(campaign: Campaign, found: Evidence, estimate: Estimate) -> Estimate:
    """The fit with what the audit says of the prior. Where everything is looked at anyway, it raises nothing."""
    raised, reasons = trust.judge(
        found.prior, trust.audited(found.votes, estimate, found.prior, found.chance, found.counted),
        policy_of(campaign),
    )  # fmt: skip
    unseen = campaign.policy == Campaign.Policy.EVIDENCE and campaign.looks_min == 0
    return dataclasses.replace(estimate, raised=raised if unseen else [], reasons=reasons)


def doubts_of(found: Evidence, estimate: Estimate) -> dict[int, float]:
    """What each item's siblings say of it, by verdict, where that is not what is stored. Of items that nobody has
    judged only those whose group somebody has looked at: the work grows with the looks and not with the campaign."""
    if (found.group == kin.ALONE).all():
        return {}
    doubts = kin.doubts(found.votes, estimate, found.prior, found.group, found.known)
    told = found.known != UNKNOWN
    told[found.votes.item] = True
    near = np.isin(found.group, found.group[told & (found.group != kin.ALONE)])
    return {found.ids[k]: float(doubts[k]) for k in np.flatnonzero((doubts != found.kin) & (near | found.judged))}


def write_doubts(campaign: Campaign, doubts: dict[int, float]) -> None:
    """Of the verdicts that nobody has judged; those that are judged get theirs together with their judgement."""
    for some in chunked(sorted(doubts), AT_ONCE):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM review_verdict WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [some])
            cursor.execute(
                """UPDATE review_verdict v SET kin = d.kin FROM unnest(%s::bigint[], %s::float8[]) AS d(id, kin)
                   WHERE v.id = d.id AND v.kin <> d.kin AND v.probability IS NULL""",
                [some, [doubts[verdict] for verdict in some]],
            )


def label_accuracy(campaign: Campaign) -> float:
    """How often a suggested label is right: against supervisors' relabels, else against the label most often named."""
    truth = dict(
        Resolution.objects.filter(verdict__campaign=campaign, current=True, looked=True, action="relabel").values_list(
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
