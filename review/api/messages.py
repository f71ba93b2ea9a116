"""Messages to members of a project: written by those who supervise, shown to whom they are for."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Member, Message, Project
from ..operations import messages
from . import answers_reviewer, serializers
from .access import checked, find, only_parameters
from .pages import page
from .projects import user_of


def message_json(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "project": message.project_id,
        "to": message.to.username,
        "by": message.by.username,
        "text": message.text,
        "at": message.at,
        "read_at": message.read_at,
    }


class ProjectMessages(APIView):
    """What was written to members, the newest first; to one of them where `username` names them."""

    @extend_schema(responses={200: answers_reviewer.MessagePage}, parameters=[OpenApiParameter("username", str)])
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor", "username")
        project, _ = find(request, Project.objects.all(), pk, rules.can_supervise)
        rows = Message.objects.filter(project=project).select_related("to", "by")
        if username := request.query_params.get("username"):
            rows = rows.filter(to__username=username)
        return page(request, rows, lambda ms: [message_json(m) for m in ms], ordering=("-pk",), size=50)

    @extend_schema(request=serializers.MessageIn, responses={201: answers_reviewer.MessageOut})
    def post(self, request: Request, pk: int) -> Response:
        project, _ = find(request, Project.objects.all(), pk, rules.can_supervise)
        given = checked(serializers.MessageIn, request)
        to = Member.objects.filter(project=project, user__username=given["username"]).select_related("user").first()
        if to is None:
            raise ValidationError({"username": [f"There is no member {given['username']!r} in this project."]})
        return Response(message_json(messages.send(to=to, text=given["text"], by=user_of(request))), status=201)


class OwnMessages(APIView):
    """What was written to the person and they have not read yet, the oldest first."""

    @extend_schema(operation_id="own_messages_list", responses={200: answers_reviewer.MessagePage})
    def get(self, request: Request) -> Response:
        only_parameters(request, "cursor")
        mine = Message.objects.filter(to=request.user.pk, read_at=None, project__members__user=request.user.pk)
        rows = mine.select_related("to", "by")
        return page(request, rows, lambda ms: [message_json(m) for m in ms], ordering=("pk",), size=50)


class MessageRead(APIView):
    """The person has seen it."""

    @extend_schema(request=None, responses={200: answers_reviewer.MessageOut})
    def post(self, request: Request, pk: int) -> Response:
        own = Message.objects.filter(to=request.user.pk).select_related("to", "by")
        message, _ = find(request, own, pk, rules.can_see)
        return Response(message_json(messages.read(message=message)))
