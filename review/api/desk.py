"""The supervisor's side: disputes, resolutions, fixes."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Campaign, Contest, Fix, Label, Pair, Verdict
from ..operations import pairs, quality, resolve
from ..queries import items
from ..queries.labels import called
from . import answers, serializers
from .access import checked, find, numbers_parameter, only_parameters
from .pages import page
from .projects import user_of


class Disputes(APIView):
    """What the reviewers could not settle, the most probably wrong first; `verdicts`: of these alone, by their ids."""

    @extend_schema(
        responses={200: answers.page_of(answers.Dispute)},
        parameters=[OpenApiParameter("verdicts", {"type": "array", "items": {"type": "integer"}}, explode=False)],
    )
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor", "verdicts")
        campaign, _ = find(request, Campaign.objects.select_related("fit"), pk, rules.can_supervise)

        def render(found: list[Verdict]) -> list:
            return items.disputes_json(campaign, found, user_of(request).pk)

        rows = items.disputes(campaign, user_of(request))
        if (named := numbers_parameter(request, "verdicts")) is not None:
            rows = rows.filter(pk__in=named)
        return page(request, rows, render, ordering=("-undecided", "pk"), size=200)


class Resolve(APIView):
    @extend_schema(request=serializers.ResolutionIn, responses={200: answers.Resolved, 409: answers.Problem})
    def post(self, request: Request, pk: int) -> Response:
        """Settle a dispute: the last word on this item, and strong evidence on its reviewers."""
        verdict, _ = find(request, Verdict.objects.all(), pk, rules.can_supervise)
        given = checked(serializers.ResolutionIn, request)
        made = resolve.resolve(
            verdict=verdict,
            by=user_of(request),
            action=given["action"],
            label=label_of(verdict.dataset_id, given["label"]),
            box=given["box"],
            note=given["note"],
            seen_resolution=given["if_resolution"],
        )
        verdict.refresh_from_db()
        fix = items.fixes(verdict.campaign).filter(verdict=verdict).exclude(state=Fix.State.REVERTED).first()
        return Response(
            {
                "id": made.pk,
                "verdict": verdict.pk,
                "action": made.action,
                "state": verdict.state,
                "fix": items.fixes_json([fix])[0] if fix else None,
            }
        )


def label_of(dataset: int, name: str | None, field: str = "label") -> Label | None:
    if name is None:
        return None
    label = called(Label.objects.filter(dataset=dataset), [name]).get(name)
    if label is None:
        raise ValidationError({field: [f"The dataset has no label {name!r}."]})
    return label


class Contests(APIView):
    """Planted checks that a reviewer who missed them holds to be wrong, and nobody has answered yet."""

    @extend_schema(responses={200: answers.page_of(answers.ContestOut)})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor")
        campaign, _ = find(request, Campaign.objects.all(), pk, rules.can_supervise)
        viewer = user_of(request).pk
        rows = items.contests(campaign)
        return page(request, rows, lambda cs: [items.contest_json(c, viewer) for c in cs], ordering=("pk",), size=200)


class AnswerContest(APIView):
    @extend_schema(request=serializers.ContestAnswerIn, responses={200: answers.ContestOut})
    def post(self, request: Request, pk: int) -> Response:
        """Answer who disagrees with a planted check: it was wrong, which corrects everybody's score, or it stands."""
        contest, _ = find(request, Contest.objects.all(), pk, rules.can_supervise)
        given = checked(serializers.ContestAnswerIn, request)
        done = quality.answer(contest=contest, upheld=given["upheld"], by=user_of(request))
        return Response(items.contest_json(done, user_of(request).pk))


class Pairs(APIView):
    """Reviewers who agree beyond what their quality explains."""

    @extend_schema(responses={200: answers.page_of(answers.PairOut)})
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "cursor")
        campaign, _ = find(request, Campaign.objects.all(), pk, rules.can_supervise)
        rows = campaign.pairs.select_related("one", "other", "decided_by")
        return page(request, rows, lambda ps: [pair_json(p) for p in ps], ordering=("pk",), size=200)


class DecidePair(APIView):
    @extend_schema(request=serializers.PairIn, responses={200: answers.PairOut})
    def post(self, request: Request, pk: int) -> Response:
        """Decide whether two reviewers who agree too well are one person, and count as one."""
        pair, _ = find(request, Pair.objects.select_related("one", "other"), pk, rules.can_lead)
        given = checked(serializers.PairIn, request)
        return Response(pair_json(pairs.decide(pair=pair, state=given["state"], by=user_of(request))))


def pair_json(pair: Pair) -> dict[str, Any]:
    return {
        "id": pair.pk,
        "reviewers": [pair.one.username, pair.other.username],
        "state": pair.state,
        "common": pair.common,
        "both": pair.both,
        "expected": pair.expected,
        "decided_by": pair.decided_by.username if pair.decided_by else None,
    }


class Fixes(APIView):
    @extend_schema(responses={200: answers.page_of(answers.FixOut)})
    def get(self, request: Request, pk: int) -> Response:
        """Accepted fixes with their evidence, newest first."""
        only_parameters(request, "cursor")
        campaign, _ = find(request, Campaign.objects.all(), pk, rules.can_supervise)
        rows = items.fixes(campaign)
        return page(request, rows, items.fixes_json, ordering=("-pk",), size=200)


class Revert(APIView):
    @extend_schema(request=None, responses={200: answers.FixOut})
    def post(self, request: Request, pk: int) -> Response:
        """Take a fix back: the item is as it was before. 409 where it was changed again since."""
        fix, _ = find(request, Fix.objects.all(), pk, rules.can_supervise)
        done = resolve.revert(fix=fix, by=user_of(request))
        return Response(items.fixes_json(items.fixes(done.campaign).filter(pk=done.pk))[0])
