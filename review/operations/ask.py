"""A reviewer asks about a class or a tile, a supervisor answers, and what is true for all joins the guideline."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Assignment, Item, Question, Ruling, User
from ..queries.guidelines import asked_labels
from . import audit, flag, guidelines

MOST_OPEN = 20  # questions of one person in one campaign that nobody has answered yet


def ask(*, assignment: Assignment, text: str, key: str, position: int | None = None, label: str = "") -> Question:
    """The question of this key, kept now if the key is new: about the tile at a position, or about one of the labels
    that the assignment asks about (the only one, where none is named). It is the same for every kind of tile."""
    if assignment.state == Assignment.State.RELEASED:
        raise ValidationError(_("This batch was given back. Ask from one that you have in hand."))
    if not text.strip():
        raise ValidationError({"text": _("Write what you would like to know.")})
    mine = Question.objects.filter(by=assignment.reviewer_id, campaign=assignment.campaign_id)
    if known := mine.filter(ask_key=key).first():
        return known
    item, about = tile_at(assignment, position) if position is not None else (None, label_of(assignment, label))
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=assignment.reviewer_id)
        if mine.filter(answered_at=None).count() >= MOST_OPEN:
            said = _("%(n)d of your questions wait for an answer. Ask again when some have theirs.")
            raise ValidationError(said % {"n": MOST_OPEN})
        made, new = mine.get_or_create(
            ask_key=key,
            by=assignment.reviewer,
            campaign=assignment.campaign,
            defaults={
                "dataset_id": assignment.campaign.dataset_id,
                "label_id": about,
                "assignment": assignment if item else None,
                "item_id": item,
                "text": text.strip(),
            },
        )
        if new:
            audit.record("asked", project=assignment.campaign.dataset.project_id, campaign=assignment.campaign,
                         actor=assignment.reviewer, question=made.pk)  # fmt: skip
    return made


def tile_at(assignment: Assignment, position: int) -> tuple[int, int]:
    """(its item, the label that is asked about)."""
    tile = assignment.tiles.select_related("group").filter(position=position).first() if position < 2**31 else None
    if tile is None:
        raise ValidationError({"position": flag.NO_TILE % {"position": position}})
    return tile.item_id, (tile.group.asks_id if tile.group else None) or tile.label_id


def label_of(assignment: Assignment, name: str) -> int:
    labels = {name: key for key, name in asked_labels(assignment).items()}
    if not name and len(labels) == 1:
        return next(iter(labels.values()))
    if name not in labels:
        raise ValidationError({"label": f"Name the class: one of {', '.join(sorted(labels))}."})
    return labels[name]


def answer(
    *, question: Question, text: str, by: User, shows: str = "", item: Item | None = None, for_all: bool = True
) -> Question:
    """Tell the asker; `for_all`: the guideline too. `shows`: the item (the asked one, if none is named) is an example
    of the class (yes) or not (no), which is for all. ValidationError where it is answered already, or by the asker."""
    if not text.strip():
        raise ValidationError({"text": "Write the answer."})
    with transaction.atomic():
        question = (
            Question.objects.select_for_update(no_key=True, of=("self",))
            .select_related("label__dataset", "campaign__dataset", "item")
            .get(pk=question.pk)
        )
        if question.answered_by:  # fetched by itself: a row joined while waiting for the lock would be an old one
            raise ValidationError(f"{question.answered_by.username} has answered this meanwhile: “{question.answer}”")
        if question.by_id == by.pk:
            raise ValidationError("You asked this yourself. Another supervisor answers it.")
        question.answer, question.answered_by, question.answered_at = text.strip(), by, timezone.now()
        if shows or for_all:
            question.ruling = ruling_of(question, shows, item or question.item, by)
        question.save(update_fields=["answer", "answered_by", "answered_at", "ruling"])
        audit.record("answered", project=question.campaign.dataset.project_id, campaign=question.campaign, actor=by,
                     question=question.pk)  # fmt: skip
    return question


def ruling_of(question: Question, shows: str, item: Item | None, by: User) -> Ruling:
    if not shows:
        said = guidelines.Said(question.answer, question.text)
        return guidelines.rule(label=question.label, said=said, by=by)
    if shows not in Ruling.Shows.values:
        raise ValidationError({"shows": f"Choose one of {', '.join(Ruling.Shows.values)}."})
    if item is None:
        raise ValidationError({"item": "This question is about the class. Choose the item that shows the answer."})
    if item.dataset_id != question.dataset_id:
        raise ValidationError({"item": "This item belongs to another dataset."})
    if item.removed:
        raise ValidationError({"item": "This item was removed from the dataset. Choose another one."})
    said = guidelines.Said(question.answer, question.text, item.pk, shows)
    return guidelines.rule(label=question.label, said=said, by=by)


def tell(*, question: Question) -> Question:
    """The asker was shown the answer. Twice does no harm."""
    if question.answered_at is None:
        raise ValidationError("Nobody has answered this yet.")
    Question.objects.filter(pk=question.pk, told_at=None).update(told_at=timezone.now())
    question.refresh_from_db()
    return question
