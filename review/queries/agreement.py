"""How far the reviewers of a campaign agree: in all, by label, and by pair."""

from typing import Any

import numpy as np

from ..arrays import or_none
from ..consensus import agreement
from ..consensus.votes import Votes
from ..models import Campaign, Look, User
from ..operations.judge import SAID

PAIRS = 20  # shown, those that agree least first
COMMON = 20  # looks in common, below which nothing is said of two people


def agreements(campaign: Campaign, with_pairs: bool) -> tuple[dict[str, Any], dict[int, float | None]]:
    """({alpha, flag_agreement, pairs}, alpha by label id). Pairs name people: only for who may see that."""
    rows = list(
        Look.objects.filter(campaign=campaign, counted=True, planted=False).values_list(
            "item_id", "reviewer_id", "reason", "label_id"
        )
    )
    items = {item: k for k, item in enumerate(dict.fromkeys(row[0] for row in rows))}
    users = sorted({row[1] for row in rows})
    ids, label = np.unique([row[3] for row in rows], return_inverse=True) if rows else (np.zeros(0, int), np.zeros(0))
    number = {user: k for k, user in enumerate(users)}
    votes = Votes.of([(items[item], number[user], SAID[reason]) for item, user, reason, _ in rows])
    of_item = np.zeros(len(items), int)
    of_item[votes.item] = label
    alphas = agreement.alphas(votes, of_item, len(ids))
    said = {
        "alpha": agreement.krippendorff_alpha(votes, len(items)),
        "flag_agreement": agreement.flag_agreement(votes, len(items)),
        "pairs": pairs(votes, users) if with_pairs else [],
    }
    return said, {int(key): or_none(alpha) for key, alpha in zip(ids, alphas, strict=True)}


def pairs(votes: Votes, users: list[int]) -> list[dict[str, Any]]:
    """[{reviewers, common, alpha, flag_agreement}] of people with enough looks in common."""
    found = agreement.by_pair(votes, len(users))
    names = dict(User.objects.filter(pk__in=users).values_list("pk", "username"))
    rows: list[dict[str, Any]] = [
        {
            "reviewers": [names[users[one]], names[users[other]]],
            "common": int(common),
            "alpha": or_none(alpha),
            "flag_agreement": or_none(flags),
        }
        for one, other, common, alpha, flags in zip(
            found.first, found.second, found.common, found.alpha, found.flags, strict=True
        )
        if common >= COMMON and or_none(alpha) is not None
    ]
    return sorted(rows, key=lambda row: row["alpha"])[:PAIRS]
