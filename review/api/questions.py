"""Questions: asked from an assignment, answered at the desk, told to whoever asked."""

import secrets

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Campaign, Item, Question
from ..operations import ask
from ..queries import questions
from . import answers, answers_asking, serializers
from .access import checked, find, number_parameter, only_parameters
from .assignments import own
from .errors import conflicts
from .pages import page
from .projects import user_of


class Ask(APIView):
    @extend_schema(
        request=serializers.QuestionIn,
        responses={201: answers_asking.OwnQuestion, 409: answers.Problem},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask a supervisor about a tile, or about its class. Marks stay as they are, and reviewing goes on."""
        assignment, _ = own(request, pk)
        given = checked(serializers.QuestionIn, request)
        key = request.headers.get("Idempotency-Key", "")[:200].replace("\x00", "") or secrets.token_urlsafe(12)
        with conflicts():
            made = ask.ask(assignment=assignment, key=key, **given)
        return Response(questions.own_json(questions.mine(user_of(request)).get(pk=made.pk)), status=201)


class OwnQuestions(APIView):
    """What the person has asked, with the answers, the newest first."""

    @extend_schema(operation_id="own_questions_list", responses={200: answers.page_of(answers_asking.OwnQuestion)})
    def get(self, request: Request) -> Response:
        only_parameters(request, "cursor", "campaign")
        rows = questions.mine(user_of(request))
        if (campaign := number_parameter(request, "campaign")) is not None:
            rows = rows.filter(campaign=int(campaign))
        return page(request, rows, lambda qs: [questions.own_json(q) for q in qs], ordering=("-pk",), size=100)


class Told(APIView):
    """The asker has seen the answer."""

    @extend_schema(request=None, responses={200: answers_asking.OwnQuestion, 409: answers.Problem})
    def post(self, request: Request, pk: int) -> Response:
        question, _ = find(request, Question.objects.filter(by=request.user.pk), pk, rules.can_see)
        with conflicts():
            ask.tell(question=question)
        return Response(questions.own_json(questions.mine(user_of(request)).get(pk=pk)))


class Questions(APIView):
    """What nobody has answered yet, by class, the oldest first; with `answered` the others, the newest first."""

    @extend_schema(
        responses={200: answers.page_of(answers_asking.QuestionOut)}, parameters=[OpenApiParameter("answered", bool)]
    )
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor", "answered")
        campaign, _ = find(request, Campaign.objects.all(), pk, rules.can_supervise)
        answered = request.query_params.get("answered") == "true"
        viewer = user_of(request)
        rows = questions.of_campaign(campaign, answered)
        ordering = ("-pk",) if answered else ("label__name", "pk")
        return page(
            request, rows, lambda qs: [questions.question_json(q, viewer) for q in qs], ordering=ordering, size=200
        )


class Answer(APIView):
    @extend_schema(request=serializers.AnswerIn, responses={200: answers_asking.QuestionOut, 409: answers.Problem})
    def post(self, request: Request, pk: int) -> Response:
        """Answer a reviewer's question: for them, or as a ruling for all, with the item as its example or not."""
        question, _ = find(request, Question.objects.select_related("campaign"), pk, rules.can_supervise)
        given = checked(serializers.AnswerIn, request)
        with conflicts():
            ask.answer(
                question=question,
                text=given["text"],
                shows=given["shows"],
                item=item_of(question, given["item"]),
                for_all=given["for_all"],
                by=user_of(request),
            )
        done = questions.of_campaign(question.campaign, answered=True).filter(pk=pk).first()
        if done is None:
            raise Http404
        return Response(questions.question_json(done, user_of(request)))


def item_of(question: Question, key: str) -> Item | None:
    if not key:
        return None
    item = Item.objects.filter(dataset=question.dataset_id, key=key).first()
    if item is None:
        raise ValidationError({"item": [f"The dataset has no item with the key {key!r}."]})
    return item
