"""What planted looks lead to: a reviewer who surely misses too much is paused, and one who disagrees is heard."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..consensus.quality import surely_below
from ..models import Assignment, Campaign, Contest, Look, Member, Pause, User
from ..queries.quality import scores, told
from . import audit
from .judge import AGAINST_REASONS

SPARED_MIN = 0.5  # whoever flags more than half of what is known to be right sees nothing


def watch(campaign: Campaign, reviewer: User) -> bool:
    """Pause a reviewer whose planted looks surely lie below the campaign's bar. True where that happened now."""
    member = Member.objects.filter(project=campaign.dataset.project_id, user=reviewer).first()
    if member is None or member.paused or not campaign.quality_min or campaign.policy == Campaign.Policy.SOLO:
        return False
    score = scores(campaign, reviewer.pk, member.admitted_at).get(reviewer.pk)
    if surely_below(score.found, score.seen, campaign.quality_min):
        why, of, flagged = Pause.MISSED, score.seen, score.found
    elif surely_below(score.spared, score.clean_seen, SPARED_MIN):
        why, of, flagged = Pause.OVERMARKED, score.clean_seen, score.clean_seen - score.spared
    else:
        return False
    pause = {"paused_for": why, "paused_of": of, "paused_flagged": flagged}
    Member.objects.filter(pk=member.pk).update(paused=True, **pause)
    audit.record("reviewer paused", project=member.project_id, campaign=campaign, user=reviewer.username, why=why,
                 of=of, flagged=flagged)  # fmt: skip
    return True


def missed(assignment: Assignment) -> list[Look]:
    """The planted errors of a handed-in assignment that were left alone, in display order; but for those of which the
    reviewer had been told what they are."""
    looks = assignment.looks.filter(planted=True, second=False).exclude(reason__in=AGAINST_REASONS)
    looks = looks.exclude(pk__in=told(assignment.campaign, assignment.pk))
    places = dict(assignment.tiles.values_list("item_id", "position"))
    amiss = [look for look in looks.select_related("item__label", "label") if look.label_id != look.item.label_id]
    return sorted(amiss, key=lambda look: places[look.item_id])


def contest(*, assignment: Assignment, position: int, comment: str = "") -> Contest:
    """The reviewer says that what was planted at this position is none amiss. Twice is once."""
    tile = assignment.tiles.filter(position=position).first()
    looks = {look.item_id: look for look in missed(assignment)} if assignment.state == "handed_in" else {}
    if tile is None or tile.item_id not in looks:
        raise ValidationError({"position": _("Nothing was planted there that you left alone.")})
    with transaction.atomic():
        made, new = Contest.objects.get_or_create(
            look=looks[tile.item_id], defaults={"campaign": assignment.campaign, "comment": comment[:2000]}
        )
        if new:
            campaign = assignment.campaign
            audit.record("check contested", project=campaign.dataset.project_id, campaign=campaign,
                         actor=assignment.reviewer, contest=made.pk)  # fmt: skip
    return made


def answer(*, contest: Contest, upheld: bool, by: User) -> Contest:
    """A supervisor agrees, and nobody is measured by that item under that label any more; or does not. Whoever was
    paused by what no longer counts is let go on."""
    with transaction.atomic():
        contest = Contest.objects.select_for_update(no_key=True).select_related("campaign__dataset", "look").get(
            pk=contest.pk
        )  # fmt: skip
        if contest.look.reviewer_id == by.pk:
            raise ValidationError("You contested this yourself. Another supervisor answers it.")
        contest.state = Contest.State.UPHELD if upheld else Contest.State.REJECTED
        contest.answered_by, contest.answered_at = by, timezone.now()
        contest.save(update_fields=["state", "answered_by", "answered_at"])
        audit.record(f"check {contest.state}", project=contest.campaign.dataset.project_id, campaign=contest.campaign,
                     actor=by, contest=contest.pk)  # fmt: skip
        if upheld:
            reconsider(contest)
    return contest


def reconsider(contest: Contest) -> None:
    """Let go on whoever met that check and was paused by some that no longer say so."""
    campaign, look = contest.campaign, contest.look
    met = campaign.looks.filter(planted=True, item=look.item_id, label=look.label_id).values("reviewer")
    members = Member.objects.filter(project=campaign.dataset.project_id, paused=True, user__in=met)
    for member in members.exclude(paused_for="").select_related("user"):
        Member.objects.filter(pk=member.pk).update(paused=False, paused_for="")
        watch(campaign, member.user)
