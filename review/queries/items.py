"""Items, disputes and fixes as supervisors and leads see them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Exp, Greatest, Least, Round
from django.urls import reverse

from ..consensus.fit import Fit
from ..consensus.posterior import REMOVE, RESOLUTION_LOG_ODDS
from ..models import Campaign, Contest, Dataset, Fix, Item, Label, Look, Resolution, Tile, User, Verdict
from ..operations import second
from ..operations.judge import KNOWN, Seen, candidates
from .proposals import proposed
from .quality import rates_of

SHOWN_CANDIDATES = TILE_SUGGESTIONS = 5
LEAST = 1e-6  # the weight of a label that nothing speaks for
NEAR, DIGITS = 1e-12, 1e-9  # a probability is no nearer to 0 and 1; to how many it is told


def of_dataset(dataset: Dataset) -> QuerySet[Item]:
    """The items with what their latest campaign says of them."""
    last = Verdict.objects.filter(item=OuterRef("pk")).order_by("-campaign_id")
    return (
        Item.objects.filter(dataset=dataset)
        .select_related("label", "predicted")
        .annotate(probability=Subquery(last.values("probability")[:1]), state=Subquery(last.values("state")[:1]))
    )


def item_json(item: Item, names: dict[int, str], probability: float | None, state: str | None) -> dict[str, Any]:
    return {
        "id": item.pk,
        "key": item.key,
        "label": item.label.name,
        "predicted": item.predicted.name if item.predicted else None,
        "suspicion": item.suspicion,
        "loss": item.loss,
        "suggestions": suggestions(item, names),
        "probability": probability,
        "state": "removed" if item.removed else state,
        "attributes": item.attributes,
        **pictures(item.pk),
    }


def pictures(item: int) -> dict[str, str]:
    return {"crop": reverse("api:item-crop", args=[item]), "context": reverse("api:item-context", args=[item])}


def suggestions(item: Item | Verdict, names: dict[int, str]) -> list[dict[str, Any]]:
    return [{"label": names[key], "probability": p} for key, p in item.suggestions[:5] if key in names]


def label_names(dataset_id: int) -> dict[int, str]:
    return dict(Label.objects.filter(dataset=dataset_id).values_list("pk", "name"))


def disputes(campaign: Campaign, supervisor: User) -> QuerySet[Verdict]:
    """What waits for a supervisor, with `undecided`: how probably it is wrong without the decision that may stand on
    it; among it decided cases of which their second opinion is wanted, which nothing tells apart."""
    wanted = Q(state=Verdict.State.DISPUTED) | Q(pk__in=second.waiting(campaign, supervisor))
    return undecided(campaign.verdicts.filter(wanted))


def undecided(rows: QuerySet[Verdict]) -> QuerySet[Verdict]:
    """Verdicts with `undecided`: how probably each is wrong without the decision that may stand on it."""
    decision = Resolution.objects.filter(verdict=OuterRef("pk"), current=True, looked=True).values("action")
    return rows.annotate(decided=Subquery(decision), undecided=without_decision()).select_related(
        "item__label", "item__predicted", "item__object__image", "suggested", "label"
    )


def without_decision() -> Case:
    """In SQL, since the desk's list is sorted by it; rounded, since what differs in the last digit would tell."""
    p = Greatest(Least(F("probability"), Value(1 - NEAR)), Value(NEAR))
    said = [When(decided=action, then=Value(2.0 * known - 1)) for action, known in KNOWN.items()]
    odds = p / (1 - p) * Exp(-RESOLUTION_LOG_ODDS * Case(*said, default=Value(0.0)))
    return Case(
        When(probability__isnull=False, then=Round(odds / (1 + odds) / DIGITS) * DIGITS), output_field=FloatField()
    )


def disputes_json(campaign: Campaign, verdicts: list[Verdict], viewer: int) -> list[dict[str, Any]]:
    """Each of `disputes` with its votes and how good each voter is."""
    if not verdicts or campaign.fit is None:
        return []
    names = label_names(campaign.dataset_id)
    fit = Fit.from_json(campaign.fit.parameters)
    rates = rates_of(campaign.fit)
    looks: dict[int, list[Look]] = defaultdict(list)
    rows = Look.objects.filter(
        campaign=campaign, planted=False, counted=True, item__in=[v.item_id for v in verdicts]
    ).select_related("reviewer", "suggested")
    for look in rows.order_by("at", "pk"):
        looks[look.item_id].append(look)
    return [dispute_json(v, looks[v.item_id], names, fit, campaign.fit.label_count, rates, viewer) for v in verdicts]


def as_it_came(verdict: Verdict, names: dict[int, str], probability: float | None) -> dict[str, Any]:
    """The item as it was before anybody decided."""
    state = Verdict.State.OPEN if verdict.state == Verdict.State.OPEN else Verdict.State.DISPUTED
    return {
        **item_json(verdict.item, names, probability, state),
        "state": state.value,
        "label": verdict.label.name,
        "suspicion": verdict.prior,
        "suggestions": suggestions(verdict, names),
    }


def dispute_json(
    verdict: Verdict,
    looks: list[Look],
    names: dict[int, str],
    fit: Fit,
    label_count: int,
    rates: dict[int, tuple[float, float]],
    viewer: int,
) -> dict[str, Any]:
    thing = verdict.item.object
    probability = getattr(verdict, "undecided")  # noqa: B009 (annotated)
    seen = [Seen(look.item_id, look.reviewer_id, look.reason, look.suggested_id) for look in looks]
    ranked = candidates(verdict, seen, fit, label_count) or doubted(verdict)
    suggested = verdict.suggested_id or (ranked[0][0] if ranked and not verdict.remove else None)
    proposal = proposed(seen, probability or 0.0, ranked)
    return {
        "id": verdict.pk,
        "item": as_it_came(verdict, names, probability),
        "probability": probability,
        "looks": verdict.counted,
        "flags": verdict.flags,
        "suggested": names.get(suggested) if suggested else None,
        "remove": verdict.remove,
        "candidates": [
            {"label": names[key], "probability": p} for key, p in ranked[:SHOWN_CANDIDATES] if key != REMOVE
        ],
        "proposal": {"action": proposal.action, "label": names[proposal.label] if proposal.label else None}
        if proposal
        else None,
        "box": list(thing.box) if thing.box else None,
        "image": {"width": thing.image.width, "height": thing.image.height},
        "mine": any(look.reviewer_id == viewer and look.reason for look in looks),
        "votes": [
            {
                "reviewer": look.reviewer.username,
                "reason": look.reason,
                "label": look.suggested.name if look.suggested else None,
                "comment": look.comment,
                "at": look.at,
                "sensitivity": rates.get(look.reviewer_id, (fit.sensitivity, fit.specificity))[0],
                "specificity": rates.get(look.reviewer_id, (fit.sensitivity, fit.specificity))[1],
            }
            for look in looks
        ],
    }


def doubted(verdict: Verdict) -> list[tuple[int, float]]:
    """What the classifier takes an item for that nobody flagged and it alone holds to be wrong."""
    others = [(int(label), float(p)) for label, p in verdict.suggestions if label != verdict.label_id]
    whole = sum(p for _, p in others)
    return [(label, p / whole) for label, p in others] if whole else []


def fixes(campaign: Campaign) -> QuerySet[Fix]:
    return Fix.objects.filter(campaign=campaign).select_related(
        "item", "old_label", "new_label", "by", "resolution", "verdict"
    )


def fixes_json(fixes: Iterable[Fix]) -> list[dict[str, Any]]:
    fixes = list(fixes)
    taken = {fix.pk: max(doubted(fix.verdict), key=lambda one: one[1], default=(0, 0.0))[0] for fix in fixes}
    names = dict(Label.objects.filter(pk__in=taken.values()).values_list("pk", "name"))
    return [fix_json(fix, names.get(taken[fix.pk])) for fix in fixes]


def fix_json(fix: Fix, taken_for: str | None) -> dict[str, Any]:
    """taken_for: what the ranking held it for, if not for what it was labelled, before anybody looked."""
    return {
        "id": fix.pk,
        "item": fix.item_id,
        "key": fix.item.key,
        "kind": fix.kind,
        "state": fix.state,
        "old_label": fix.old_label.name if fix.old_label else None,
        "new_label": fix.new_label.name if fix.new_label else None,
        "old_box": fix.old_box,
        "new_box": fix.new_box,
        "probability": fix.probability,
        "looks": fix.looks,
        "flags": fix.flags,
        "evidence": fix.evidence,
        "ranking": {"suspicion": fix.verdict.prior, "label": taken_for},
        "resolution": fix.resolution_id,
        "by": fix.by.username if fix.by else "consensus",
        "at": fix.at,
        "reverted": fix.state == Fix.State.REVERTED,
        **pictures(fix.item_id),
    }


def tile_suggestions(tile: Tile) -> list[dict[str, Any]]:
    """Five labels that a tile may have instead of the one it is shown under, made alike for every kind of tile: of the
    classifier's probabilities those of other labels, filled up with look-alikes, scaled to a sum of one; what is
    equally probable stands in that order."""
    names = label_names(tile.dataset_id)
    item = tile.item
    weights = {int(label): float(p) for label, p in item.suggestions}
    weights[item.label_id] = 1 - (item.suspicion or 0)
    for label in [*tile.label.look_alikes, *sorted(names)]:
        if len(weights) > TILE_SUGGESTIONS:
            break
        weights.setdefault(label, 0.0)
    others = [(max(p, LEAST), label) for label, p in weights.items() if label in names and label != tile.label_id]
    best = sorted(others, key=lambda pair: -pair[0])[:TILE_SUGGESTIONS]
    whole = sum(p for p, _ in best)
    return [{"label": names[label], "probability": p / whole} for p, label in best]


def contests(campaign: Campaign) -> QuerySet[Contest]:
    """Those that nobody has answered yet."""
    return campaign.contests.filter(state=Contest.State.OPEN).select_related(
        "look__item__label", "look__label", "look__reviewer"
    )


def contest_json(contest: Contest, viewer: int) -> dict[str, Any]:
    look = contest.look
    return {
        "id": contest.pk,
        "item": look.item_id,
        "key": look.item.key,
        "shown": look.label.name,
        "label": look.item.label.name,
        "reviewer": look.reviewer.username,
        "mine": look.reviewer_id == viewer,
        "comment": contest.comment,
        "state": contest.state,
        "at": contest.at,
        **pictures(look.item_id),
    }
