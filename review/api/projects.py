"""Projects, members and invitations."""

from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Campaign, Member, Project, User
from ..operations import projects, teams
from . import answers, serializers
from .access import checked, find, only_parameters
from .pages import page


def project_json(project: Project, member: Member) -> dict[str, Any]:
    campaigns = Campaign.objects.filter(dataset__project=project).order_by("pk")
    return {
        "id": project.pk,
        "name": project.name,
        "role": member.role,
        "datasets": [
            {"id": d.pk, "name": d.name, "state": d.state, "archived": d.archived_at is not None}
            for d in project.datasets.order_by("pk")
        ],
        "campaigns": [{"id": c.pk, "name": c.name, "state": c.state, "dataset": c.dataset_id} for c in campaigns],
    }


def member_json(member: Member, viewer: Member) -> dict[str, Any]:
    """Why somebody is paused is for them and for leads alone."""
    told = rules.can_lead(viewer) or viewer.pk == member.pk
    return {
        "username": member.user.username,
        "role": member.role,
        "paused": member.paused,
        "paused_why": member.paused_why if told else "",
        "labels": sorted({label.name for label in member.labels.all()}),
        "team": member.team.name if member.team else None,
        "daily_looks": member.daily_looks,
        "joined_at": member.joined_at,
    }


class Projects(APIView):
    """The projects that the person is a member of."""

    @extend_schema(operation_id="projects_list", responses={200: answers.page_of(answers.ProjectOut)})
    def get(self, request: Request) -> Response:
        only_parameters(request, "cursor")
        mine = Prefetch("members", Member.objects.filter(user=request.user.pk), to_attr="mine")
        rows = Project.objects.filter(members__user=request.user.pk).prefetch_related(mine)
        return page(request, rows, lambda ps: [project_json(p, p.mine[0]) for p in ps], ordering=("pk",), size=100)

    @extend_schema(request=serializers.NameIn, responses={201: answers.ProjectOut})
    def post(self, request: Request) -> Response:
        """Make one, with oneself as its lead."""
        given = checked(serializers.NameIn, request)
        project = projects.create(name=given["name"], by=user_of(request))
        member = rules.membership(user_of(request), project)
        assert member is not None
        return Response(project_json(project, member), status=201)


class OneProject(APIView):
    @extend_schema(responses={200: answers.ProjectOut})
    def get(self, request: Request, pk: int) -> Response:
        """Its name, its datasets and campaigns, and the person's role in it."""
        project, member = find(request, Project.objects.all(), pk, rules.can_see)
        return Response(project_json(project, member))

    @extend_schema(request=serializers.NameIn, responses={200: answers.ProjectOut})
    def patch(self, request: Request, pk: int) -> Response:
        """Call it otherwise."""
        project, member = find(request, Project.objects.all(), pk, rules.can_lead)
        given = checked(serializers.NameIn, request)
        projects.rename(project=project, name=given["name"], by=user_of(request))
        return Response(project_json(project, member))


class Members(APIView):
    @extend_schema(responses={200: answers.page_of(answers.MemberOut)})
    def get(self, request: Request, pk: int) -> Response:
        """Who is in it, with role, team and classes."""
        only_parameters(request, "cursor")
        project, viewer = find(request, Project.objects.all(), pk, rules.can_see)
        rows = project.members.select_related("user", "team").prefetch_related("labels")
        return page(request, rows, lambda ms: [member_json(m, viewer) for m in ms], ordering=("pk",), size=500)

    @extend_schema(request=serializers.MemberIn, responses={200: answers.MemberOut})
    def post(self, request: Request, pk: int) -> Response:
        """Add somebody who has an account, or change their role, team, classes or daily looks, or pause them."""
        project, viewer = find(request, Project.objects.all(), pk, rules.can_lead)
        given = checked(serializers.MemberIn, request)
        by = user_of(request)
        user = named(given["username"])
        with transaction.atomic():
            member = projects.set_member(project=project, user=user, role=given.get("role"), by=by)
            if given.get("paused", member.paused) != member.paused:
                projects.pause_member(member=member, paused=given["paused"], by=by)
            placed: dict[str, Any] = {name: given[name] for name in teams.PLACED if name in given}
            if placed:
                teams.place(member=member, given=placed, by=by)
        return Response(member_json(member, viewer))

    @extend_schema(request=serializers.MemberIn, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take somebody out. What they handed in stays."""
        project, _ = find(request, Project.objects.all(), pk, rules.can_lead)
        username = str(dict(request.data).get("username") or "")
        member = project.members.filter(user__username=username).select_related("user").first()
        if member is None:
            raise ValidationError({"username": [f"There is no member {username!r} in this project."]})
        projects.remove_member(project=project, user=member.user, by=user_of(request))
        return Response(status=204)


class Invitations(APIView):
    @extend_schema(request=serializers.RoleIn, responses={201: answers.InvitationOut})
    def post(self, request: Request, pk: int) -> Response:
        """A link that lets one person in, once, within a week. It is told only now."""
        project, _ = find(request, Project.objects.all(), pk, rules.can_lead)
        given = checked(serializers.RoleIn, request)
        invitation, token = projects.invite(project=project, role=given["role"], by=user_of(request))
        url = request.build_absolute_uri(reverse("invitation", args=[token]))
        return Response({"url": url, "role": invitation.role, "expires_at": invitation.expires_at}, status=201)


def named(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise ValidationError(
            {"username": [f"Nobody here is called {username!r}. Send an invitation to people without an account."]}
        )
    return user


def user_of(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user
