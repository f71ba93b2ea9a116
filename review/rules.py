"""Who may do what. Pages, API and sockets all ask here, and nowhere else."""

from .models import Campaign, Member, Project, Role, User

RANK = {Role.REVIEWER: 1, Role.SUPERVISOR: 2, Role.LEAD: 3}


def membership(user: User, project: Project | int) -> Member | None:
    """The person's membership, read anew at each request so that a removal holds at once."""
    if not user.is_authenticated or not user.is_active:
        return None
    key = project.pk if isinstance(project, Project) else project
    member = Member.objects.filter(user=user, project_id=key).first()
    if member is not None:
        member.user = user
    return member


def has_role(member: Member | None, role: str) -> bool:
    """True where the member's role is this one or one that includes it."""
    return member is not None and RANK[Role(member.role)] >= RANK[Role(role)]


def can_see(member: Member | None) -> bool:
    return member is not None


def can_review(member: Member | None) -> bool:
    return member is not None and not member.paused


def is_lent(member: Member, campaign: Campaign) -> bool:
    """Whether a campaign is for this member: for their team, for everybody, or theirs to supervise; a check-up is for
    leads alone, since one person's word is a fix in it and what it says of the dataset rests on them."""
    if campaign.is_check_up:
        return can_lead(member)
    return campaign.team_id in (None, member.team_id) or can_supervise(member)


def can_supervise(member: Member | None) -> bool:
    return has_role(member, Role.SUPERVISOR)


def can_lead(member: Member | None) -> bool:
    return has_role(member, Role.LEAD)
