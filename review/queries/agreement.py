"""How far the reviewers of a campaign agree: in all, by label, and by pair."""

from typing import Any

import numpy as np

from ..arrays import or_none
from ..consensus import agreement
from ..models import Campaign, User
from . import tallies

PAIRS = 20  # shown, those that agree least first
COMMON = 20  # looks in common, below which nothing is said of two people
MANY, GROWTH = 100_000, 0.02


def agreements(campaign: Campaign, found: list[tallies.Alike]) -> tuple[dict[str, Any], dict[int, float | None]]:
    """({alpha, flag_agreement}, alpha by label id). found: what tallies.items says of the campaign."""
    ids, label = np.unique(np.array([row.label for row in found], np.int64), return_inverse=True)
    looks, flags, items = (np.array([getattr(row, of) for row in found], float) for of in ("looks", "flags", "items"))
    one = agreement.Alike(np.zeros(len(found), int), looks, flags, items)
    alphas = agreement.alphas_of(agreement.Alike(label.ravel(), looks, flags, items), len(ids))
    said = {
        "alpha": agreement.number(agreement.alphas_of(one, 1)),
        "flag_agreement": agreement.number(agreement.flag_agreements_of(one, 1)),
    }
    return said, {int(key): or_none(alpha) for key, alpha in zip(ids, alphas, strict=True)}


def pairs(campaign: Campaign, looks: int, before: dict[str, Any] | None) -> dict[str, Any]:
    """{of: so many looks, rows: pairs_now}. The dearest of a board's numbers by far, and the slowest to move: of a
    large campaign those of `before` stand until the looks have grown by a part in so many."""
    if before is not None and looks >= MANY and before["of"] <= looks < before["of"] * (1 + GROWTH):
        return before
    return {"of": looks, "rows": pairs_now(campaign)}


def pairs_now(campaign: Campaign) -> list[dict[str, Any]]:
    """[{reviewers, common, alpha, flag_agreement}] of people with enough looks in common. They name people: only for
    who may see that."""
    sums = np.array(tallies.pairs(campaign, COMMON), np.int64).reshape(-1, 5)
    found = agreement.pairs_of(*sums[:, :2].T, *sums[:, 2:].T.astype(float))
    names = dict(User.objects.filter(pk__in=np.unique(sums[:, :2]).tolist()).values_list("pk", "username"))
    rows: list[dict[str, Any]] = [
        {
            "reviewers": [names[int(one)], names[int(other)]],
            "common": int(common),
            "alpha": or_none(alpha),
            "flag_agreement": or_none(flags),
        }
        for one, other, common, alpha, flags in zip(
            found.first, found.second, found.common, found.alpha, found.flags, strict=True
        )
        if or_none(alpha) is not None
    ]
    return sorted(rows, key=lambda row: row["alpha"])[:PAIRS]
