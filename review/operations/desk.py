"""What a supervisor does at the desk beside deciding: taking over the consensus, asking for more looks, making a
decision the rule, and saying what they have before them."""

from collections import defaultdict
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from .. import live, rules
from ..models import Campaign, DeskPlace, Label, Member, Resolution, Ruling, User, Verdict
from ..queries.clusters import accepted
from ..queries.labels import merged
from . import audit, decide, guidelines, resolve, teams
from .campaigns import hold

MOST_AT_ONCE = 500
MOST_MORE = 5


def accept(*, campaign: Campaign, verdicts: Sequence[int], by: User) -> resolve.Settled:
    """Settle these disputes as the consensus would, unseen: it is no evidence, so their error stays counted among what
    is still wrong. Those of which it does not say what to do are left."""
    proposals, wholes = accepted(campaign, by, verdicts), merged(campaign.dataset_id)
    named = {verdict: wholes.get(p.label, p.label) for verdict, p in proposals.items() if p.label}
    labels = Label.objects.in_bulk(list(named.values()))
    own = dict(Verdict.objects.filter(pk__in=named).values_list("pk", "label_id"))
    # What is proposed may have become a part of what the item is labelled.
    clean = {verdict for verdict, label in named.items() if label == own[verdict]}
    decisions = {
        verdict: resolve.Decision(
            Resolution.Action.CLEAN if verdict in clean else p.action,
            labels[named[verdict]] if verdict in named and verdict not in clean else None,
            note="The consensus was accepted.",
            looked=False,
        )
        for verdict, p in proposals.items()
    }
    return resolve.settle(campaign=campaign, seen=dict.fromkeys(decisions), decisions=decisions, by=by)


def ask_again(*, campaign: Campaign, verdicts: Sequence[int], looks: int, by: User) -> int:
    """Have so many more people look at each before it is decided; how many verdicts. ValidationError where one is
    decided, or where too few people are left who have not looked at it."""
    if not 1 <= looks <= MOST_MORE:
        raise ValidationError({"looks": f"Ask for 1 to {MOST_MORE} more looks."})
    with transaction.atomic():
        campaign = hold(campaign)
        if campaign.state not in (Campaign.State.OPEN, Campaign.State.PAUSED):
            raise ValidationError(f"The campaign is {campaign.state}; nobody can look at it any more.")
        held = decide.all_held(campaign, verdicts)
        if decide.resolutions(held):
            raise ValidationError("A decision stands on one of them. Reopen it first, then ask for more looks.")
        check_people(campaign, held, looks)
        for verdict in held:
            verdict.least = verdict.counted + verdict.lent + looks
        Verdict.objects.bulk_update(held, ["least"])
        assert campaign.fit is not None
        decide.settle(campaign, held, campaign.fit)
        audit.record("asked again", project=campaign.dataset.project_id, campaign=campaign, actor=by,
                     verdicts=sorted(verdicts), looks=looks)  # fmt: skip
    return len(held)


def check_people(campaign: Campaign, verdicts: Sequence[Verdict], looks: int) -> None:
    """Whoever met an item, also as a check, cannot be asked; nor somebody who is lent other labels only. Raises
    ValidationError where too few are left for one of them."""
    met: dict[int, set[int]] = defaultdict(set)
    items = [verdict.item_id for verdict in verdicts]
    for item, user in campaign.looks.filter(item__in=items).values_list("item_id", "reviewer_id"):
        met[item].add(user)
    members = Member.objects.filter(project=campaign.dataset.project_id, paused=False)
    members = members.select_related("team").prefetch_related("labels", "team__labels")
    lent = {member.user_id: teams.allowed_labels(member) for member in members if rules.is_lent(member, campaign)}
    for verdict in verdicts:
        able = {user for user, labels in lent.items() if labels is None or verdict.label_id in labels}
        left = max(len(able - met[verdict.item_id]) - verdict.lent, 0)
        if left < looks:
            words = f"Only {left} of the project's members are left who have" if left else "Nobody is left who has"
            raise ValidationError({"looks": f"{words} not looked at it. Invite more people, or decide it here."})


def make_rule(*, verdict: Verdict, said: str, by: User) -> list[Ruling]:
    """Write the decision that stands on an item into the guidelines: of its label, that it is one or is none; of the
    label that it was given, that it is one. The item is the example, unless it was removed."""
    if not said.strip():
        raise ValidationError({"said": "Write the rule in a sentence."})
    with transaction.atomic():
        decision = verdict.resolutions.filter(current=True).select_related("label").first()
        if decision is None:
            raise ValidationError("Nobody has decided this yet. Settle it first, then make it the rule.")
        if decision.action in (Resolution.Action.UNCLEAR, Resolution.Action.REDRAW):
            raise ValidationError("This decision says nothing of what is one and what is none.")
        labels = {verdict.label_id: decision.action == Resolution.Action.CLEAN}
        if decision.label_id:
            labels[decision.label_id] = True
        item = None if decision.action == Resolution.Action.REMOVE else verdict.item_id
        shows = {True: Ruling.Shows.YES, False: Ruling.Shows.NO}
        return [
            guidelines.rule(
                label=label,
                said=guidelines.Said(said.strip(), item=item, shows=shows[labels[label.pk]] if item else ""),
                by=by,
            )
            for label in Label.objects.filter(pk__in=labels).select_related("dataset").order_by("pk")
        ]


def take_place(*, campaign: Campaign, verdicts: Sequence[int], by: User) -> None:
    """Say which cases one has before one; others are told, and nothing is held back."""
    DeskPlace.objects.update_or_create(
        user=by, campaign=campaign, defaults={"verdicts": list(verdicts), "at": timezone.now()}
    )
    live.changed("desks", campaign.pk, 0)
