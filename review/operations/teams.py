"""Who is lent what, and how much a day: by what a member has of their own, else by their team."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from ..models import Assignment, HandIn, Label, Member, Project, Team, Tile, User
from ..queries.labels import called
from . import audit

PLACED = ("team", "daily_looks", "labels")  # what may be said of a member


def create(*, project: Project, given: dict[str, Any], by: User) -> Team:
    """given: `name`, and what `change` takes. Raises ValidationError by field."""
    with transaction.atomic():
        team = Team(project=project, name=named(project, given["name"]))
        team.save()
        return change(team=team, given=given, by=by, verb="team made")


def named(project: Project, name: str) -> str:
    name = name.strip()
    if not name:
        raise ValidationError({"name": "Give the team a name."})
    if project.teams.filter(name=name).exists():
        raise ValidationError({"name": f"There is a team {name!r} already."})
    return name


def change(*, team: Team, given: dict[str, Any], by: User, verb: str = "team changed") -> Team:
    """given: `name`, `labels` (names), `daily_looks`, or some of them. Raises ValidationError by field."""
    with transaction.atomic():
        if (name := given.get("name", team.name).strip()) != team.name:
            team.name = named(team.project, name)
        team.daily_looks = given.get("daily_looks", team.daily_looks)
        team.save()
        if "labels" in given:
            team.labels.set(labels_called(team.project, given["labels"]))
        audit.record(verb, project=team.project_id, actor=by, team=team.name, given=given)
    return team


def dissolve(*, team: Team, by: User) -> None:
    """Its members stay, and are lent what anybody is; so do the campaigns that were for it alone."""
    with transaction.atomic():
        audit.record("team dissolved", project=team.project_id, actor=by, team=team.name)
        team.delete()


def place(*, member: Member, given: dict[str, Any], by: User) -> Member:
    """given: `team` (its name, None for none), `daily_looks`, `labels` (names), or some of them. Raises ValidationError
    by field."""
    with transaction.atomic():
        if "team" in given:
            member.team = team_called(member.project, given["team"])
        member.daily_looks = given.get("daily_looks", member.daily_looks)
        member.save(update_fields=["team", "daily_looks"])
        if "labels" in given:
            member.labels.set(labels_called(member.project, given["labels"]))
        audit.record("member placed", project=member.project_id, actor=by, user=member.user.username, given=given)
    return member


def team_called(project: Project, name: str | None) -> Team | None:
    if name is None:
        return None
    if (team := project.teams.filter(name=name).first()) is None:
        raise ValidationError({"team": f"The project has no team {name!r}."})
    return team


def labels_called(project: Project, names: list[str]) -> set[Label]:
    """Of whatever datasets of the project have them. Raises ValidationError."""
    found = [called(dataset.labels.all(), names) for dataset in project.datasets.all()]
    if unknown := sorted(set(names).difference(*found)):
        raise ValidationError({"labels": f"No dataset of this project has a label {unknown[0]!r}."})
    return {label for labels in found for label in labels.values()}


def allowed_labels(member: Member) -> list[int] | None:
    """The ids of the labels that a member is lent; None: all."""
    own = [label.pk for label in member.labels.all()]
    if own or member.team is None:
        return own or None
    return [label.pk for label in member.team.labels.all()] or None


def daily_looks(member: Member) -> int | None:
    return member.daily_looks or (member.team.daily_looks if member.team else None)


def left_today(member: Member) -> int | None:
    """How many more looks may be lent to a member before midnight; None: as many as they like."""
    most = daily_looks(member)
    if most is None:
        return None
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    done = HandIn.objects.filter(project=member.project_id, reviewer=member.user_id, at__gte=today)
    lent = Tile.objects.filter(
        assignment__campaign__dataset__project=member.project_id,
        assignment__reviewer=member.user_id,
        assignment__state=Assignment.State.LENT,
    )
    return max(0, most - (done.aggregate(sum=Sum("looks"))["sum"] or 0) - lent.count())


def seconds_of_today() -> int:
    """Until midnight."""
    now = timezone.localtime()
    midnight = (now + datetime.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - now).total_seconds()) + 1
