"""Reads for the server-rendered pages: what a person has, and what they can do there."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q

from ..models import Assignment, Campaign, Dataset, Member, Project, Question, User, Verdict
from ..rules import can_supervise, is_lent
from .tutorial import new_to

LISTED = Q(dataset__archived_at=None) | Q(state__in=Campaign.UNDER_WAY)


@dataclass
class CampaignRow:
    """A campaign as a line of a list; `held` is what this person has in hand there; what waits for a supervisor is None
    for reviewers."""

    campaign: Campaign
    held: int = 0
    disputes: int | None = None
    questions: int | None = None
    new: bool = False  # the person is offered the tutorial first
    primary: bool = False

    @property
    def open(self) -> bool:
        return self.campaign.state == Campaign.State.OPEN


@dataclass
class ProjectRow:
    project: Project
    member: Member
    datasets: list[Dataset] = field(default_factory=list)
    campaigns: list[CampaignRow] = field(default_factory=list)


def home(user: User) -> list[ProjectRow]:
    """The person's projects with what is shown of their datasets and campaigns, newest first: seven queries, however
    many there are."""
    members = Member.objects.filter(user=user).select_related("project").order_by("-project_id")
    rows = {member.project_id: ProjectRow(member.project, member) for member in members}
    for dataset in Dataset.objects.filter(project__in=rows, archived_at=None).order_by("pk"):
        rows[dataset.project_id].datasets.append(dataset)
    campaigns = Campaign.objects.filter(LISTED, dataset__project__in=rows).select_related("dataset").order_by("-pk")
    held = holding(user)
    mine = [one for one in campaigns if is_shown(rows[one.dataset.project_id].member, one, held)]
    for line in campaign_rows(mine, user, held, {key for key, row in rows.items() if can_supervise(row.member)}):
        rows[line.campaign.dataset.project_id].campaigns.append(line)
    mark_primary([line for row in rows.values() for line in row.campaigns])
    return list(rows.values())


def campaigns_of(project: Project, member: Member, dataset: Dataset | None = None) -> list[CampaignRow]:
    """The campaigns that a project lists for this member, newest first; of a dataset, all that are for them."""
    of = LISTED if dataset is None else Q(dataset=dataset)
    campaigns = Campaign.objects.filter(of, dataset__project=project).select_related("dataset").order_by("-pk")
    supervised = {project.pk} if can_supervise(member) else set()
    held = holding(member.user)
    return campaign_rows([one for one in campaigns if is_shown(member, one, held)], member.user, held, supervised)


def holding(user: User) -> dict[int, int]:
    """How many assignments the person has in hand, by campaign."""
    live = Assignment.objects.filter(reviewer=user, state=Assignment.State.LENT)
    return dict(live.values_list("campaign").annotate(n=Count("pk")))


def is_shown(member: Member, campaign: Campaign, held: dict[int, int]) -> bool:
    return campaign.pk in held or is_lent(member, campaign)


def campaign_rows(
    campaigns: list[Campaign], user: User, held: dict[int, int], supervised: set[int]
) -> list[CampaignRow]:
    """`supervised`: the projects where the person is told how many disputes and questions wait."""
    watched = [campaign.pk for campaign in campaigns if campaign.dataset.project_id in supervised]
    waiting = Verdict.objects.filter(campaign__in=watched, state=Verdict.State.DISPUTED)
    disputes: dict[int, int] = defaultdict(int, waiting.values_list("campaign").annotate(n=Count("pk")))
    asked = Question.objects.filter(campaign__in=watched, answered_at=None)
    questions: dict[int, int] = defaultdict(int, asked.values_list("campaign").annotate(n=Count("pk")))
    new = new_to(campaigns, user)
    rows = [CampaignRow(campaign, held.get(campaign.pk, 0), new=campaign.pk in new) for campaign in campaigns]
    for row in rows:
        if row.campaign.pk in watched:
            row.disputes, row.questions = disputes[row.campaign.pk], questions[row.campaign.pk]
    return rows


def mark_primary(lines: list[CampaignRow]) -> None:
    """One thing to do first: what is in hand, else the newest open campaign."""
    candidates = [line for line in lines if line.open]
    if candidates:
        max(candidates, key=lambda line: bool(line.held)).primary = True
