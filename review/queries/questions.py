"""Questions as their asker and as supervisors see them."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from ..models import Campaign, Question, Tile, User
from .guidelines import ruling_json
from .items import pictures

TILE = Tile.objects.filter(assignment=OuterRef("assignment"), item=OuterRef("item"))


def mine(user: User) -> QuerySet[Question]:
    """A person's own, where they are still a member."""
    rows = Question.objects.filter(by=user, campaign__dataset__project__members__user=user)
    return rows.select_related("label", "ruling").annotate(position=Subquery(TILE.values("position")[:1]))


def own_json(question: Question) -> dict[str, Any]:
    """For its asker: a tile by its position, as everywhere; nothing of the item but its crop."""
    at: int | None = question.position  # type: ignore[attr-defined]
    return {
        "id": question.pk,
        "campaign": question.campaign_id,
        "label": question.label.name,
        "assignment": question.assignment_id,
        "position": at,
        "crop": reverse("api:tile-crop", args=[question.assignment_id, at]) if at is not None else None,
        "text": question.text,
        "at": question.at,
        "answer": question.answer,
        "answered_at": question.answered_at,
        "ruling": ruling_json(question.ruling) if question.ruling else None,
        "told": question.told_at is not None,
    }


def of_campaign(campaign: Campaign, answered: bool) -> QuerySet[Question]:
    rows = campaign.questions.filter(answered_at__isnull=not answered)
    rows = rows.select_related("label", "item__label", "by", "answered_by", "ruling", "campaign")
    return rows.annotate(planted=Subquery(TILE.values("planted")[:1]))


def question_json(question: Question, viewer: User) -> dict[str, Any]:
    """For supervisors, who may know an item. Of a question of their own they are shown what its asker is shown: else
    they would be told what their own tile is."""
    own = question.by_id == viewer.pk
    item = None if own else question.item
    return {
        "id": question.pk,
        "label": question.label.name,
        "text": question.text,
        "by": question.by.username,
        "mine": own,
        "at": question.at,
        "item": {"id": item.pk, "key": item.key, "label": item.label.name, **pictures(item.pk)} if item else None,
        "planted": bool(item and question.planted),  # type: ignore[attr-defined]
        "answer": question.answer,
        "answered_by": question.answered_by.username if question.answered_by else None,
        "answered_at": question.answered_at,
        "ruling": ruling_json(question.ruling) if question.ruling else None,
    }
