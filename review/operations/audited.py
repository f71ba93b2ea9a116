"""What the audit sample says: how wrong the labels were, and how wrong the campaign leaves them.

The sample was drawn at the planning, label by label, and each of its items is looked at by two people at least. So of
each it is known what the campaign would have made of it with the looks that it gives to any such item, and what the
others found then: an item that would have passed for clean and is wrong is one that is left in the dataset.
"""

from collections import defaultdict
from typing import Any

import numpy as np

from ..arrays import or_nan
from ..consensus import audit as sampling
from ..consensus.audit import Auditors
from ..consensus.policy import AUDIT_LOOKS, State
from ..models import Campaign, Fit, Verdict
from ..queries.quality import scores
from . import second_looks
from .decide import seen_looks
from .judge import Seen, judge, policy_of
from .strata import listed, sample_of

WRONG = 0.5  # an audited item counts as wrong where that is the likelier


def audited(campaign: Campaign, fit: Fit) -> dict[str, Any]:
    """{sample, done, before, left, sensitivity, below_target, second_looks}: before and left as [rate, low, high], None
    where nothing is known. Empty where the campaign has no sample. Verdicts are under `fit` already."""
    verdicts = in_drawn_order(campaign)
    if not verdicts:
        return {}
    least = min(AUDIT_LOOKS, campaign.looks_max)
    done = np.array([v.counted >= least or v.state == Verdict.State.FIX for v in verdicts])
    ready = [v for v, is_done in zip(verdicts, done, strict=True) if is_done]
    wrong = or_nan([v.probability for v in ready]) > WRONG
    found, seen = planted(campaign)
    one, people = trials(found, seen, 1), trials(found, seen, least)
    whole = sample_of(campaign, verdicts)
    by_evidence = campaign.policy == Campaign.Policy.EVIDENCE
    left = wrong & passed_for_clean(campaign, ready, fit) if by_evidence else None
    alone = second_looks.said(campaign, verdicts, whole, (found, seen)) if campaign.policy == "solo" else None
    # At any time at once: only as far as the sample is done without a gap, in the order in which it was drawn.
    prefix = int(np.argmin(done)) if not done.all() else len(done)
    return {
        "sample": len(verdicts),
        "done": int(done.sum()),
        "before": listed(sampling.error_rate(whole.of(ready, wrong), people)) if ready else None,
        "left": alone["both"] if alone
                else listed(sampling.error_rate(whole.of(ready, left), one)) if ready and left is not None else None,
        "sensitivity": [found, seen] if seen else None,
        "below_target": bool(
            campaign.target_rate and left is not None and prefix
            and sampling.falls_below(whole.of(ready[:prefix], left[:prefix]), campaign.target_rate, one)
        ),
        "second_looks": alone,
    }  # fmt: skip


def in_drawn_order(campaign: Campaign) -> list[Verdict]:
    sample = campaign.verdicts.filter(audit__isnull=False).select_related("item")
    rows = list(sample.defer("item__attributes", "item__suggestions").order_by("item_id"))
    order = np.random.default_rng([campaign.seed, 3]).permutation(len(rows))
    return [rows[k] for k in order]


def planted(campaign: Campaign) -> tuple[int, int]:
    """(found, met) of all planted errors."""
    of = scores(campaign).of.values()
    return sum(score.found for score in of), sum(score.seen for score in of)


def trials(found: int, seen: int, people: int) -> Auditors:
    """How surely so many people find an error that any one of them finds `found` times in `seen`."""
    if not seen:
        return Auditors()
    return Auditors(sensitivity=(seen * (1 - (1 - found / seen) ** people), seen))


def passed_for_clean(campaign: Campaign, verdicts: list[Verdict], fit: Fit) -> np.ndarray:
    """bool [n]: what the campaign would have left as it is, had no audit asked for more looks at it."""
    ordinary = policy_of(campaign).first_looks(or_nan([v.prior for v in verdicts]), np.zeros(len(verdicts), bool))
    first: dict[int, list[Seen]] = defaultdict(list)
    for look in seen_looks(campaign, [v.item_id for v in verdicts]):
        first[look.item].append(look)
    kept = [
        look
        for verdict, looks in zip(verdicts, ordinary.tolist(), strict=True)
        for look in first[verdict.item_id][:looks]
    ]
    plain = [Verdict(**{f.attname: getattr(v, f.attname) for f in Verdict._meta.concrete_fields} | {"audit": None})
             for v in verdicts]  # fmt: skip
    state = {made.id: made.state for made in judge(campaign, plain, kept, {}, fit)}
    return np.array([state[v.pk] == State.CLEAN.name.lower() for v in verdicts], bool)
