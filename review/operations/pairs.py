"""Two accounts that may be one person: found by their answers, counted as one until a lead has decided."""

from django.utils import timezone

from ..models import Campaign, Pair, User
from . import audit


def aliases(campaign: Campaign) -> dict[int, int]:
    """Users who count as another one: the first of all who are linked to them."""
    first: dict[int, int] = {}
    linked = campaign.pairs.exclude(state=Pair.State.TWO).order_by("one", "other").values_list("one", "other")
    for one, other in linked:
        a, b = root(first, one), root(first, other)
        first[max(a, b)] = min(a, b)
    return {user: root(first, user) for user in first if root(first, user) != user}


def root(first: dict[int, int], user: int) -> int:
    while first.get(user, user) != user:
        user = first[user]
    return user


def suspect(campaign: Campaign, found: list[tuple[int, int, int, int, float]]) -> bool:
    """Keep (one, other, common, both, expected) of each pair found, by user ids; what a lead decided stands. True where
    a pair is new."""
    new = False
    for one, other, common, both, expected in found:
        _, made = Pair.objects.update_or_create(
            campaign=campaign, one_id=min(one, other), other_id=max(one, other),
            defaults={"common": common, "both": both, "expected": expected},
        )  # fmt: skip
        if made:
            audit.record("pair suspected", project=campaign.dataset.project_id, campaign=campaign, one=one, other=other)
        new |= made
    return new


def decide(*, pair: Pair, state: str, by: User) -> Pair:
    """A lead says whether the two are one person. It holds from the next refit on, which is due at once."""
    pair.state, pair.decided_by, pair.decided_at = state, by, timezone.now()
    pair.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(f"pair is {state}", project=pair.campaign.dataset.project_id, campaign=pair.campaign, actor=by,
                 one=pair.one_id, other=pair.other_id)  # fmt: skip
    return pair
