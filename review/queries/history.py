"""The whole story of an item: who looked, what was said and decided, and how the dataset changed."""

from collections.abc import Iterator
from typing import Any

from ..models import Item, Look, Question, Resolution, Revision, Verdict
from .items import item_json, label_names, pictures

Event = dict[str, Any]


def history(item: Item) -> dict[str, Any]:
    """The item, where each campaign has it, and what happened to it, the newest first."""
    names = label_names(item.dataset_id)
    verdicts = list(item.verdicts.select_related("campaign", "label", "suggested").order_by("-campaign_id"))
    last = verdicts[0] if verdicts else None
    events = [*looks(item), *decisions(item), *revisions(item, names), *questions(item)]
    return {
        "item": item_json(item, names, last.probability if last else None, last.state if last else None),
        "dataset": item.dataset_id,
        "image": {"width": item.object.image.width, "height": item.object.image.height},
        "verdicts": [verdict_json(verdict) for verdict in verdicts],
        "events": sorted(events, key=lambda event: event["at"], reverse=True),
        **pictures(item.pk),
    }


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    standing = verdict.resolutions.filter(current=True).first()
    fix = verdict.fixes.filter(state="applied").first()
    return {
        "id": verdict.pk,
        "campaign": verdict.campaign_id,
        "name": verdict.campaign.name,
        "label": verdict.label.name,
        "state": verdict.state,
        "probability": verdict.probability,
        "suggested": verdict.suggested.name if verdict.suggested else None,
        "looks": verdict.counted,
        "flags": verdict.flags,
        "resolution": standing.pk if standing else None,
        "fix": fix.pk if fix else None,
    }


def event(what: str, at: Any, by: str | None, campaign: str | None = None, **more: Any) -> Event:
    """One line: what is not said of it is null."""
    said: Event = {"label": None, "old": None, "new": None, "reason": None, "note": "", "stands": None}
    return {"what": what, "at": at, "by": by, "campaign": campaign, **said, **more}


def looks(item: Item) -> Iterator[Event]:
    """Ordinary looks; and those at it where it was planted, with the label that it was shown under."""
    rows = Look.objects.filter(item=item).select_related("reviewer", "suggested", "label", "campaign")
    for look in rows:
        yield event(
            "check" if look.planted else "look", look.at, look.reviewer.username, look.campaign.name,
            label=look.label.name, reason=look.reason, new=look.suggested.name if look.suggested else None,
            note=look.comment, stands=look.counted,
        )  # fmt: skip


def decisions(item: Item) -> Iterator[Event]:
    rows = Resolution.objects.filter(verdict__item=item).select_related("by", "label", "verdict__campaign")
    for one in rows:
        yield event(
            "decision" if one.looked else "accepted", one.at, one.by.username, one.verdict.campaign.name,
            reason=one.action, new=one.label.name if one.label else None, note=one.note, stands=one.current,
        )  # fmt: skip


def revisions(item: Item, names: dict[int, str]) -> Iterator[Event]:
    def shown(field: str, value: Any) -> Any:
        return names.get(value) if field == Revision.Field.LABEL else value

    for line in item.revisions.select_related("by").order_by("number"):
        yield event(
            "revision", line.at, line.by.username if line.by else None, reason=line.field,
            old=shown(line.field, line.old), new=shown(line.field, line.new), note=f"{line.number}: {line.cause}",
        )  # fmt: skip


def questions(item: Item) -> Iterator[Event]:
    rows = Question.objects.filter(item=item).select_related("by", "answered_by", "label", "campaign")
    for asked in rows:
        yield event("question", asked.at, asked.by.username, asked.campaign.name, label=asked.label.name,
                    note=asked.text)  # fmt: skip
        if asked.answered_by:
            yield event("answer", asked.answered_at, asked.answered_by.username, asked.campaign.name,
                        label=asked.label.name, note=asked.answer)  # fmt: skip
