"""One reviewer of a campaign, for those who care for them: how good, in which batches, and where others see it
otherwise."""

from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from ..models import Assignment, AuditEvent, Campaign, Look, Member, User, Verdict
from ..operations.judge import AGAINST_REASONS
from .items import label_names, pictures
from .progress import honeypots
from .quality import rates_of, scores
from .work import agreement

BATCHES, OTHERWISE = 30, 60
SETTLED = (Verdict.State.CLEAN, Verdict.State.FIX)


def reviewer(campaign: Campaign, user: User) -> dict[str, Any]:
    member = Member.objects.filter(project=campaign.dataset.project_id, user=user).prefetch_related("labels").first()
    own = campaign.looks.filter(reviewer=user, planted=False)
    rates = rates_of(campaign.fit).get(user.pk) if campaign.fit else None
    return {
        "username": user.username,
        "role": member.role if member else None,
        "paused": bool(member and member.paused),
        "paused_why": member.paused_why if member else "",
        "labels": sorted(label.name for label in member.labels.all()) if member else [],
        "in_hand": in_hand(campaign, user),
        "looks": own.count(),
        "flags": own.exclude(reason="").count(),
        "sensitivity": rates[0] if rates else None,
        "specificity": rates[1] if rates else None,
        "honeypots": honeypots(scores(campaign, user.pk).get(user.pk)),
        "agreement": agreement(campaign, user),
        "batches": [batch_json(one) for one in batches(campaign, user)],
        "otherwise": otherwise(campaign, user),
    }


def in_hand(campaign: Campaign, user: User) -> dict[str, Any]:
    """What is lent to them now, and until when at the latest."""
    lent = campaign.assignments.filter(reviewer=user, state=Assignment.State.LENT)
    return lent.aggregate(batches=Count("pk", distinct=True), tiles=Count("tiles"), until=Max("expires_at"))


def batches(campaign: Campaign, user: User) -> QuerySet[Assignment]:
    """The last ones handed in, with how many tiles were planted errors and how many of these were found."""
    amiss = Q(looks__planted=True, looks__second=False) & ~Q(looks__label=Subquery(OWN_LABEL))
    done = Assignment.objects.filter(campaign=campaign, reviewer=user, state=Assignment.State.HANDED_IN)
    rows = done.annotate(
        met=Count("looks", filter=amiss), found=Count("looks", filter=amiss & Q(looks__reason__in=AGAINST_REASONS))
    )
    return rows.order_by("-ended_at")[:BATCHES]


OWN_LABEL = Look.objects.filter(pk=OuterRef("looks")).values("item__label")[:1]


def batch_json(one: Assignment) -> dict[str, Any]:
    return {
        "id": one.pk,
        "at": one.ended_at,
        "tiles": len(one.seen),
        "flags": len(one.flags),
        "counted": one.counted,
        "planted": one.met,  # type: ignore[attr-defined]
        "found": one.found,  # type: ignore[attr-defined]
        "sent_back": one.counted == 0 and bool(one.seen),
    }


def otherwise(campaign: Campaign, user: User) -> list[dict[str, Any]]:
    """Items that are settled otherwise than this person said, the newest first."""
    verdict = Verdict.objects.filter(campaign=campaign, item=OuterRef("item"))
    looks = (
        campaign.looks.filter(reviewer=user, planted=False, counted=True)
        .annotate(state=Subquery(verdict.values("state")[:1]), became=Subquery(verdict.values("suggested__name")[:1]))
        .filter(state__in=SETTLED)
    )
    differs = Q(reason__in=AGAINST_REASONS, state="clean") | (Q(state="fix") & Q(reason=""))
    rows = looks.filter(differs).select_related("label", "suggested", "item").order_by("-at", "-pk")[:OTHERWISE]
    return [
        {
            "item": look.item_id,
            "key": look.item.key,
            "label": look.label.name,
            "reason": look.reason,
            "said": look.suggested.name if look.suggested else None,
            "state": look.state,
            "became": look.became,
            "at": look.at,
            **pictures(look.item_id),
        }
        for look in rows
    ]


def grid(assignment: Assignment) -> dict[str, Any]:
    """What somebody saw and said in a batch that they handed in, for a supervisor: planted tiles too, as such."""
    names = label_names(assignment.campaign.dataset_id)
    marks = {mark["position"]: mark for mark in assignment.flags}
    seen = set(assignment.seen)
    sent_back = AuditEvent.objects.filter(campaign=assignment.campaign_id, verb="sent back")
    last = sent_back.filter(data__assignment=assignment.pk).order_by("-pk").first()
    return {
        "id": assignment.pk,
        "campaign": assignment.campaign_id,
        "reviewer": assignment.reviewer.username,
        "at": assignment.ended_at,
        "counted": assignment.counted,
        "sent_back": last.data["why"] if last else None,
        "tiles": [
            {
                "position": tile.position,
                "item": tile.item_id,
                "label": names[tile.label_id],
                "own_label": names[tile.item.label_id],
                "planted": tile.planted,
                "seen": tile.position in seen,
                "reason": marks.get(tile.position, {}).get("reason", ""),
                "said": names.get(marks.get(tile.position, {}).get("label") or 0),
                "comment": marks.get(tile.position, {}).get("comment", ""),
                **pictures(tile.item_id),
            }
            for tile in assignment.tiles.select_related("item").order_by("position")
        ],
    }
