"""A campaign's tutorial: a few rounds of tiles out of what everybody is shown anyway, some of them under a wrong label.

Nothing of it is stored: a round is a pure function of the campaign, the person, the turn, and what is typical now.
"""

from dataclasses import dataclass

import numpy as np

from ..models import Assignment, Campaign, Item, Label, Member, Ruling, Section, Tutorial, User
from ..operations.teams import allowed_labels
from .guidelines import heads, rulings_of

ROUNDS = 3
RIGHT, FEWEST_RIGHT = 6, 3  # tiles of the class itself in a round
WRONG = 2


@dataclass(frozen=True)
class Practised:
    """A tile of a round: an item, and the label that it really is of; None where a ruling says only what it is not."""

    item: int
    label: int | None
    wrong: bool


@dataclass(frozen=True)
class Round:
    label: Label
    tiles: list[Practised]


def rounds(campaign: Campaign, member: Member, turn: int = 0) -> list[Round]:
    """The same for the same turn. Classes that have too few typical items, or no look of their own, have no round."""
    rng = np.random.default_rng([campaign.seed, member.user_id, turn, 5])
    labels = {label.pk: label for label in Label.objects.filter(dataset=campaign.dataset_id, rest=False)}
    shown = Shown(labels)
    asked = [labels[key] for key in asked_of(campaign, member) if key in labels]
    able = [label for label in asked if len(shown.right(label)) >= FEWEST_RIGHT and shown.wrong(label)]
    chosen = [able[k] for k in rng.permutation(len(able))[:ROUNDS]]
    return [Round(label, shown.mixed(label, rng)) for label in chosen]


def asked_of(campaign: Campaign, member: Member) -> list[int]:
    """The labels that the campaign asks this person about, in one order."""
    allowed = set(allowed_labels(member) or ())
    found = set(campaign.groups.filter(asks=None).values_list("label", flat=True))
    if not found:  # planned before there were groups
        found = set(Section.objects.filter(batch__campaign=campaign).values_list("label", flat=True))
    return sorted(found & allowed if allowed else found)


class Shown:
    """What everybody is shown of these labels: their typical items and the examples in their guidelines. None of them
    is ever planted (operations/places.py), so that whoever knows them from here is not measured by them."""

    def __init__(self, labels: dict[int, Label]) -> None:
        self.labels = labels
        typical = {item: key for key, label in labels.items() for item in label.exemplars}
        rows = Item.objects.filter(pk__in=typical, removed=False).values_list("pk", "label_id")
        still = {item for item, label in rows if typical[item] == label}
        self.typical = {key: [i for i in label.exemplars if i in still] for key, label in labels.items()}
        self.rulings = {key: rulings_of(guideline) for key, guideline in heads(labels).items()}

    def right(self, label: Label) -> list[int]:
        ruled = [r.item_id for r in self.rulings.get(label.pk, []) if r.shows == Ruling.Shows.YES and r.item_id]
        none = self.ruled_out(label)
        return [item for item in dict.fromkeys([*ruled, *self.typical[label.pk]]) if item not in none]

    def ruled_out(self, label: Label) -> list[int]:
        return [r.item_id for r in self.rulings.get(label.pk, []) if r.shows == Ruling.Shows.NO and r.item_id]

    def wrong(self, label: Label) -> list[Practised]:
        """What is none of it: ruled so, then typical of its look-alikes, then of any other class; in one order."""
        others = [key for key in label.look_alikes if key in self.labels]
        others += [key for key in sorted(self.labels) if key not in others]
        right = set(self.right(label))
        ruled = [Practised(item, None, True) for item in self.ruled_out(label)]
        typical = [
            Practised(item, key, True)
            for key in others
            if key != label.pk and label.pk != self.labels[key].parent_id and key != label.parent_id
            for item in self.typical[key]
            if item not in right
        ]
        return [*ruled, *typical]

    def mixed(self, label: Label, rng: np.random.Generator) -> list[Practised]:
        """Right and wrong tiles of a round, shuffled; the wrong ones of two classes where there are two."""
        right, wrong = self.right(label), self.wrong(label)
        kept = [Practised(right[k], label.pk, False) for k in rng.permutation(len(right))[:RIGHT]]
        near = wrong[: 4 * WRONG]
        planted: list[Practised] = []
        for one in (near[k] for k in rng.permutation(len(near))):
            if len(planted) < WRONG and (one.label is None or one.label not in {p.label for p in planted}):
                planted.append(one)
        tiles = kept + planted
        return [tiles[k] for k in rng.permutation(len(tiles))]


def is_new(campaign: Campaign, user: User) -> bool:
    """Whether the tutorial is to be offered: they have neither been through it nor held anything of this campaign."""
    return campaign.pk in new_to([campaign], user)


def new_to(campaigns: list[Campaign], user: User) -> set[int]:
    """Of these campaigns those that the person is new to. Whoever reviews alone needs no lesson from themselves."""
    keys = {c.pk for c in campaigns if c.state == Campaign.State.OPEN and c.policy != Campaign.Policy.SOLO}
    known = set(Tutorial.objects.filter(user=user, campaign__in=keys).values_list("campaign", flat=True))
    held = Assignment.objects.filter(reviewer=user, campaign__in=keys - known)
    return keys - known - set(held.values_list("campaign", flat=True))
