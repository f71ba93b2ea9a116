"""What happened in the projects of somebody who wants to be written to, and how they are told."""

import datetime
from itertools import groupby

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..models import Digest, Notice, Role, User
from .deliveries import absolute, place

EVERY = datetime.timedelta(days=1)
# What was being written so long ago can be seen now.
WRITTEN = datetime.timedelta(minutes=1)
MOST_LINES = 40  # of a campaign
MEMBER = "campaign__dataset__project__members"
WANTED = {f"{MEMBER}__digest": Digest.DAILY, f"{MEMBER}__role__in": [Role.SUPERVISOR, Role.LEAD]}


def until() -> datetime.datetime:
    return timezone.now() - WRITTEN


def due() -> QuerySet[User]:
    """Whom something is to be told that they were not told yet, a day after the last time, at an address of theirs."""
    reached = User.objects.filter(is_active=True, email=F("confirmed_email")).exclude(email="")
    rested = Q(digest_sent_at=None) | Q(digest_sent_at__lte=until() - EVERY)
    news = Notice.objects.filter(
        **WANTED,
        **{f"{MEMBER}__user": OuterRef("pk")},
        at__gt=Coalesce(OuterRef("digest_sent_at"), F(f"{MEMBER}__digest_since")),
        at__gte=F(f"{MEMBER}__digest_since"),
        at__lte=until(),
    )
    return reached.filter(rested).filter(Exists(news))


def news(user: User, until: datetime.datetime) -> list[Notice]:
    """What they were not told yet, by project and campaign."""
    rows = Notice.objects.filter(
        **WANTED, **{f"{MEMBER}__user": user}, at__gte=F(f"{MEMBER}__digest_since"), at__lte=until
    )
    if user.digest_sent_at:
        rows = rows.filter(at__gt=user.digest_sent_at)
    rows = rows.select_related("campaign__dataset__project", "label")
    return list(rows.order_by("campaign__dataset__project", "campaign", "at", "pk"))


def text(notices: list[Notice]) -> tuple[str, str]:
    """(the subject, the plain text). No name stands in the subject."""
    number = len(notices)
    happened = "One thing happened" if number == 1 else f"{number} things happened"
    lines: list[str] = []
    for project, of_project in groupby(notices, lambda notice: notice.campaign.dataset.project):
        lines += [plain(project.name), "=" * len(plain(project.name)), ""]
        for campaign, found in groupby(of_project, lambda notice: notice.campaign):
            lines += [plain(campaign.name), *told(list(found)), ""]
        lines += [f"How often you are written to: {absolute('project', project.pk)}", ""]
    return f"MLfix: {happened} in your projects", "\n".join(lines)


def told(notices: list[Notice]) -> list[str]:
    """The lines of one campaign, and where to look."""
    lines = [f"- {sentence(notice)}" for notice in notices[:MOST_LINES]]
    if len(notices) > MOST_LINES:
        lines.append(f"- and {len(notices) - MOST_LINES} more")
    return [*lines, *dict.fromkeys(place(notice) for notice in notices)]


def sentence(notice: Notice) -> str:
    if notice.kind == Notice.Kind.CLASS_FINISHED and notice.label:
        return f"The class {plain(notice.label.readable_name)} is finished: all of its items are settled."
    if notice.kind == Notice.Kind.DISPUTES_WAITING:
        return "One dispute waits for a supervisor." if notice.disputes == 1 else f"{notice.disputes} disputes wait."
    if notice.kind == Notice.Kind.CAMPAIGN_STALLED:
        since = datetime.datetime.fromisoformat(notice.about)
        return f"Nothing was handed in since {since:%d %B, %H:%M} UTC, and looks are still wanted."
    return "The campaign is finished: all of its items are settled."


def plain(name: str) -> str:
    """A name on one line, without the signs that turn the direction of what follows or that nobody sees."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
