"""How far a campaign is, how good, and how wrong the labels still are: what the board and the API show."""

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Max, Q
from django.utils import timezone

from ..arrays import clusters, or_nan
from ..consensus import calibration, residual
from ..consensus.fit import PREVALENCE
from ..consensus.fit import Fit as Estimate
from ..consensus.quality import interval
from ..consensus.votes import sigmoid
from ..models import Assignment, AuditEvent, Campaign, Fix, Label, Member, User, Verdict
from ..operations import second
from ..rules import can_supervise
from .agreement import agreements
from .labels import icon
from .quality import Score, rates_of, scores

STATES = Verdict.State.values
SETTLED = (Verdict.State.CLEAN, Verdict.State.FIX, Verdict.State.UNCLEAR)  # neither open nor waiting for a supervisor
PACE_DAYS = 3
FEWEST_SETTLED = 50  # below this nothing is said of the pace
COMMONEST = 12


@dataclass(frozen=True)
class Counts:
    """The verdicts of a campaign as arrays [n]: label ids, state codes, probabilities (NaN: unknown), fixed, groups."""

    label: np.ndarray
    state: np.ndarray
    probability: np.ndarray
    prior: np.ndarray
    fixed: np.ndarray
    looked: np.ndarray
    group: np.ndarray | None


def counts(campaign: Campaign) -> Counts:
    rows = list(
        campaign.verdicts.order_by("pk").values_list(
            "label_id", "state", "probability", "prior", "counted", "item__group", "pk"
        )
    )
    mended = set(Fix.objects.filter(campaign=campaign, state=Fix.State.APPLIED).values_list("verdict_id", flat=True))
    groups = [row[5] for row in rows]
    return Counts(
        label=np.array([row[0] for row in rows], np.int64),
        state=np.array([STATES.index(row[1]) for row in rows], np.int64),
        probability=or_nan([row[2] for row in rows]),
        prior=believed(campaign, or_nan([row[3] for row in rows]), [row[0] for row in rows]),
        fixed=np.array([row[6] in mended for row in rows], bool),
        looked=np.array([row[4] > 0 for row in rows], bool),
        group=clusters(groups) if any(groups) else None,
    )


def believed(campaign: Campaign, prior: np.ndarray, labels: list[int]) -> np.ndarray:
    """float [n]: the probability that each label is wrong before anybody looks, as the campaign's fit has it."""
    if campaign.fit is None:
        return np.nan_to_num(prior, nan=PREVALENCE)
    fit = Estimate.from_json(campaign.fit.parameters)
    return sigmoid(calibration.log_odds(fit, calibration.Prior(prior, np.array(labels, int))))


def progress(campaign: Campaign, viewer: Member | None = None) -> dict[str, Any]:
    """The whole snapshot. A viewer who may not supervise sees of the reviewers only their own row."""
    tally = counts(campaign)
    looks = look_counts(campaign)
    settled = np.isin(tally.state, [STATES.index(state) for state in SETTLED])
    agreed, alphas = agreements(campaign, viewer is None or can_supervise(viewer))
    return {
        "version": version(campaign),
        "items": len(tally.label),
        "states": {name: int((tally.state == k).sum()) for k, name in enumerate(STATES)},
        "settled": float(settled.mean()) if settled.size else 0.0,
        "looks": looks,
        "looks_per_item": looks["counted"] / len(tally.label) if tally.label.size else None,
        "batches": campaign.batches.aggregate(all=Count("pk"), open=Count("pk", filter=Q(open=True))),
        **pace_now(campaign),
        "error_rate": error_rate(campaign, tally),
        "eta": eta(campaign, int((tally.state == STATES.index(Verdict.State.OPEN)).sum())),
        "agreement": agreed,
        # A fit of an earlier release says nothing of second looks.
        "audit": {"second_looks": None, **campaign.fit.audited} if campaign.fit and campaign.fit.audited else None,
        "prior_trouble": prior_trouble(campaign),
        "second_opinions": second.agreement(campaign),
        "by_label": by_label(campaign, tally, settled, alphas),
        "confusion": confusion(campaign),
        "reviewers": reviewers(campaign, viewer),
    }


def version(campaign: Campaign) -> int:
    """The number that live pages watch: the last event of the campaign."""
    return AuditEvent.objects.filter(campaign=campaign).aggregate(last=Max("pk"))["last"] or 0


def look_counts(campaign: Campaign) -> dict[str, int]:
    found = campaign.looks.aggregate(
        n_counted=Count("pk", filter=Q(counted=True, planted=False)),
        n_surplus=Count("pk", filter=Q(counted=False)),
        n_planted=Count("pk", filter=Q(planted=True)),
        n_flags=Count("pk", filter=~Q(reason="") & Q(planted=False)),
    )
    return {name.removeprefix("n_"): n for name, n in found.items()}


def pace_now(campaign: Campaign) -> dict[str, int]:
    now = timezone.now()
    live = campaign.assignments.filter(state=Assignment.State.LENT, expires_at__gt=now)
    done = campaign.assignments.filter(state=Assignment.State.HANDED_IN, ended_at__gt=now - datetime.timedelta(hours=1))
    return {"reviewers_now": live.values("reviewer").distinct().count(), "handed_in_last_hour": done.count()}


def error_rate(campaign: Campaign, tally: Counts) -> dict[str, Any]:
    """Before: the share of labels that were wrong; now: of those still wrong. Unknown until somebody has looked."""
    known = ~np.isnan(tally.probability)
    if not tally.looked.any() or not known.any():
        return {"before": None, "now": None, "interval": None}
    probability = np.where(known, tally.probability, tally.prior)
    now, low, high = residual.residual(probability, tally.fixed, tally.group)
    return {"before": float(probability.mean()), "now": now, "interval": [low, high]}


def prior_trouble(campaign: Campaign) -> list[dict[str, Any]]:
    """Where suspicion says too much or too little by what people found: the fit's reasons, labels by name."""
    parameters = campaign.fit.parameters if campaign.fit else {}
    # Where all is looked at anyway, a sample that proves nothing is no trouble.
    reasons = [r for r in parameters.get("reasons", []) if r["kind"] != "unproven" or parameters.get("raised")]
    names = dict(Label.objects.filter(pk__in=[r["label"] for r in reasons if r["label"]]).values_list("pk", "name"))
    return [{**reason, "label": names.get(reason["label"])} for reason in reasons]


def eta(campaign: Campaign, left: int) -> dict[str, str] | None:
    """When all is settled at the pace of the last days, and the range that the pace's own spread gives."""
    if not left:
        return None
    now = timezone.now()
    since = max(campaign.opened_at or now, now - datetime.timedelta(days=PACE_DAYS))
    hours = (now - since).total_seconds() / 3600
    looks = campaign.looks.filter(counted=True, planted=False, at__gt=since).count()
    missing = sum(
        max(wanted - counted, 1) * n
        for wanted, counted, n in campaign.verdicts.filter(state=Verdict.State.OPEN)
        .values_list("wanted", "counted")
        .annotate(n=Count("pk"))
    )
    if looks < FEWEST_SETTLED or hours <= 0:
        return None
    at = missing / (looks / hours)
    spread = 1 + 2 / np.sqrt(max(campaign.assignments.filter(ended_at__gt=since).count(), 1))
    return {
        name: (now + datetime.timedelta(hours=min(value, 24 * 3650))).isoformat()
        for name, value in (("at", at), ("low", at / spread), ("high", at * spread))
    }


def by_label(
    campaign: Campaign, tally: Counts, settled: np.ndarray, alphas: dict[int, float | None]
) -> list[dict[str, Any]]:
    labels = Label.objects.in_bulk(np.unique(tally.label).tolist())
    rows = []
    for key, label in sorted(labels.items(), key=lambda pair: pair[1].readable_name):
        of = tally.label == key
        part = Counts(*(None if v is None else v[of] for v in vars(tally).values()))  # type: ignore[arg-type]
        if part.group is not None:
            part = Counts(**{**vars(part), "group": np.unique(part.group, return_inverse=True)[1]})
        rows.append(
            {
                "label": label.name,
                "readable_name": label.readable_name,
                "icon": icon(label),
                "items": int(of.sum()),
                "settled": float(settled[of].mean()),
                "fixes": int(part.fixed.sum()),
                "alpha": alphas.get(int(key)),
                **error_rate(campaign, part),
            }
        )
    return rows


def confusion(campaign: Campaign) -> list[dict[str, Any]]:
    pairs = Counter(
        Fix.objects.filter(campaign=campaign, state=Fix.State.APPLIED, kind=Fix.Kind.RELABEL).values_list(
            "old_label__name", "new_label__name"
        )
    )
    return [{"from": old, "to": new, "count": n} for (old, new), n in pairs.most_common(COMMONEST)]


def honeypots(score: Score) -> dict[str, Any]:
    """Planted errors that somebody met and found, those that the dataset had apart; 95 % of where the share lies."""
    return {
        "seen": score.seen,
        "found": score.found,
        "hard_seen": score.hard_seen,
        "hard_found": score.hard_found,
        "interval": list(interval(score.found, score.seen)) if score.seen else None,
    }


def reviewers(campaign: Campaign, viewer: Member | None) -> list[dict[str, Any]]:
    rates = rates_of(campaign.fit) if campaign.fit else {}
    planted = scores(campaign)
    paused = dict(campaign.dataset.project.members.filter(paused=True).values_list("user_id", "paused_why"))
    looks = campaign.looks.values("reviewer").annotate(
        n_looks=Count("pk", filter=Q(planted=False)), n_flags=Count("pk", filter=~Q(reason="") & Q(planted=False))
    )
    if viewer is not None and not can_supervise(viewer):
        looks = looks.filter(reviewer=viewer.user_id)
    names = User.objects.in_bulk([row["reviewer"] for row in looks])
    return sorted(
        (
            {
                "username": names[row["reviewer"]].username,
                "looks": row["n_looks"],
                "flags": row["n_flags"],
                "sensitivity": rates[row["reviewer"]][0] if row["reviewer"] in rates else None,
                "specificity": rates[row["reviewer"]][1] if row["reviewer"] in rates else None,
                "honeypots": honeypots(planted.get(row["reviewer"])),
                "paused": row["reviewer"] in paused,
                "paused_why": paused.get(row["reviewer"], ""),
            }
            for row in looks
        ),
        key=lambda row: -row["looks"],
    )
