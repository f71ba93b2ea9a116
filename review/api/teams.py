"""Teams of a project: members who are lent the same kind of work."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Project, Team
from ..operations import teams
from . import answers, serializers
from .access import checked, find, only_parameters
from .pages import page
from .projects import user_of

TEAMS = Team.objects.select_related("project").prefetch_related("labels", "members__user")


def team_json(team: Team) -> dict[str, Any]:
    return {
        "id": team.pk,
        "name": team.name,
        "labels": sorted({label.name for label in team.labels.all()}),
        "daily_looks": team.daily_looks,
        "members": sorted(member.user.username for member in team.members.all()),
    }


class Teams(APIView):
    @extend_schema(responses={200: answers.page_of(answers.TeamOut)})
    def get(self, request: Request, pk: int) -> Response:
        """Its teams, with what their members are lent."""
        only_parameters(request, "cursor")
        project, _ = find(request, Project.objects.all(), pk, rules.can_supervise)
        rows = TEAMS.filter(project=project)
        return page(request, rows, lambda ts: [team_json(team) for team in ts], ordering=("pk",), size=200)

    @extend_schema(request=serializers.TeamIn, responses={201: answers.TeamOut})
    def post(self, request: Request, pk: int) -> Response:
        """Make a team. 400 where there is one of that name."""
        project, _ = find(request, Project.objects.all(), pk, rules.can_lead)
        given = checked(serializers.TeamIn, request)
        if "name" not in given:
            raise ValidationError({"name": ["Give the team a name."]})
        team = teams.create(project=project, given=given, by=user_of(request))
        return Response(team_json(team), status=201)


class OneTeam(APIView):
    @extend_schema(request=serializers.TeamIn, responses={200: answers.TeamOut})
    def patch(self, request: Request, pk: int) -> Response:
        """Change its name, classes or daily looks."""
        team, _ = find(request, TEAMS, pk, rules.can_lead)
        given = checked(serializers.TeamIn, request)
        teams.change(team=team, given=given, by=user_of(request))
        return Response(team_json(TEAMS.get(pk=pk)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Dissolve it. Its members stay in the project."""
        team, _ = find(request, TEAMS, pk, rules.can_lead)
        teams.dissolve(team=team, by=user_of(request))
        return Response(status=204)
