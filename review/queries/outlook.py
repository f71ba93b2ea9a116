"""What a campaign would take and leave, said before it is opened."""

import math
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.functions import Mod

from ..arrays import or_nan
from ..consensus import outlook, sample
from ..consensus.calibration import Prior
from ..consensus.fit import SPREAD, Fit, prevalence_of
from ..models import Campaign, HandIn, Item, Project
from ..operations import slices
from ..operations.judge import policy_of
from .labels import label_count

SEEN = 20_000  # items that the outlook goes by: as many of the slice, or fewer of it again and again


def of(campaign: Campaign) -> dict[str, Any]:
    """Of an unsaved campaign, as `campaigns.draft` gives it. ValidationError where it has no items yet."""
    items = slices.items_in(campaign.dataset, campaign.slice, slices.labels_in(campaign.dataset, campaign.slice))
    sizes = np.array([row["n"] for row in items.values("label").annotate(n=Count("pk"))])
    whole = int(sizes.sum())
    if not whole:
        raise ValidationError("No item is in this slice yet, so there is nothing to reckon.")
    drawn, rules = drawn_of(campaign, whole), policy_of(campaign)
    if not drawn:
        raise ValidationError({"slice": "This sample takes no item."})
    prior = priors(items, whole)
    known = prior.p[prior.known]
    fit = Fit(prevalence=prevalence_of(known), spread=SPREAD)
    audited = audited_of(campaign, np.ceil(sizes * drawn / whole), rules.first_looks(prior.p, np.zeros(len(prior.p))))
    chosen = np.random.default_rng([campaign.seed, 4]).random(len(prior.p)) < audited / drawn
    found = outlook.outlook(prior, chosen, rules, fit, label_count(campaign.dataset_id), campaign.seed)
    looks = found.looks * drawn
    planted = looks * campaign.honeypots / campaign.batch_size
    seconds = pace(campaign.dataset.project)
    return {
        "items": drawn,
        "audited": audited,
        "looks": round(looks),
        "planted": round(planted),
        "seconds_a_look": seconds,
        "hours": None if seconds is None else (looks + planted) * seconds / 3600,
        "fixed": round(found.fixed * drawn),
        "disputed": round(found.disputed * drawn),
        "before": found.before,
        "left": found.left,
        "covered": min(1.0, campaign.budget / looks) if campaign.budget and looks else 1.0,
        "ranked": bool(len(known)),
        "finds": fit.sensitivity,
        "overmarks": 1 - fit.specificity,
    }


def audited_of(campaign: Campaign, sizes: np.ndarray, first: np.ndarray) -> int:
    """How many items the audit sample takes, of labels of these sizes; first: looks that each item is given."""
    if not campaign.audit_share:
        return 0
    return int(sample.planned(sizes, campaign.audit_share, int(np.mean(first == 0) * sizes.sum())).sum())


def drawn_of(campaign: Campaign, items: int) -> int:
    """How many items the slice's sample takes of these; all where it asks for none."""
    where = campaign.slice.get("where", {})
    if "sample_share" in where:
        return math.ceil(where["sample_share"] * items)
    return min(where.get("sample_count") or where.get("check_up") or items, items)


def priors(items: QuerySet[Item], whole: int) -> Prior:
    """Of every so-manieth item, and of each several times where there are few."""
    every = max(1, math.ceil(whole / SEEN))
    rows = items.annotate(turn=Mod(F("pk"), Value(every))).filter(turn=0).values_list("suspicion", "label_id")
    found = list(rows.order_by("pk")) or list(items.values_list("suspicion", "label_id").order_by("pk")[:SEEN])
    again = max(1, SEEN // len(found))
    return Prior(np.tile(or_nan([p for p, _ in found]), again), np.tile([label for _, label in found], again))


def pace(project: Project) -> float | None:
    """Seconds a look, of all that was handed in in the project; None where nothing was."""
    done = HandIn.objects.filter(project=project, seconds__gt=0).aggregate(looks=Sum("looks"), seconds=Sum("seconds"))
    return done["seconds"] / done["looks"] if done["looks"] else None
