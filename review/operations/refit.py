"""Estimate all reviewers of a campaign anew, and bring every verdict under the new fit in one step."""

from collections import Counter, defaultdict

import numpy as np
from django.db import connection, transaction

from ..consensus import estimate as fitting
from ..consensus.fit import PREVALENCE
from ..consensus.fit import Fit as Estimate
from ..consensus.votes import Votes
from ..models import Campaign, Fit, Look, Resolution
from . import audit, decide
from .judge import KNOWN, SAID


def first_fit(campaign: Campaign) -> Fit:
    """What is believed before any look: the stated priors, and the share of wrong labels that suspicion expects."""
    priors = [p for p in campaign.verdicts.values_list("prior", flat=True) if p is not None]
    prevalence = float(np.clip(np.mean(priors), 0.001, 0.5)) if priors else PREVALENCE
    parameters = Estimate(prevalence=prevalence).as_json()
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
        before = state_counts(campaign)
        decide.update(campaign, ids, fit)
        Campaign.objects.filter(pk=campaign_id).update(fit=fit)
        after = state_counts(campaign)
        audit.record("refitted", project=campaign.dataset.project_id, campaign=campaign, fit=number,
                     before=before, after=after)  # fmt: skip
    return fit


def state_counts(campaign: Campaign) -> dict[str, int]:
    return dict(Counter(campaign.verdicts.values_list("state", flat=True)))


def estimate_all(campaign: Campaign) -> tuple[Estimate, list[int]]:
    """(the fit of all counted and planted looks, the user ids that its reviewers stand for)."""
    verdicts = list(campaign.verdicts.order_by("pk").values_list("item_id", "prior", "pk"))
    items = {item: k for k, (item, _, _) in enumerate(verdicts)}
    known = np.full(len(verdicts), fitting.UNKNOWN)
    decided = dict(
        Resolution.objects.filter(verdict__campaign=campaign, current=True).values_list("verdict_id", "action")
    )
    for k, (_, _, pk) in enumerate(verdicts):
        if decided.get(pk) in KNOWN:
            known[k] = KNOWN[Resolution.Action(decided[pk])]
    rows = list(
        Look.objects.filter(campaign=campaign, counted=True).values_list(
            "item_id", "reviewer_id", "reason", "planted", "label_id", "item__label_id"
        )
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
    prior = np.array([np.nan if p is None else p for _, p, _ in verdicts] + [np.nan] * len(truths), float)
    estimate = fitting.estimate(
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
