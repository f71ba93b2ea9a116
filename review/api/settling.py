"""The desk's acts on many cases at once, and what there is to settle."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import rules
from ..models import Campaign, Verdict
from ..operations import desk, resolve
from ..queries import clusters, items, look_alikes
from ..queries.guidelines import ruling_json
from . import answers, answers_desk, serializers
from .access import checked, find, numbers_parameter, only_parameters
from .desk import label_of
from .projects import user_of

CAMPAIGNS = Campaign.objects.select_related("dataset", "fit")


class Desk(APIView):
    @extend_schema(responses={200: answers_desk.DeskOut})
    def get(self, request: Request, pk: int) -> Response:
        """What is to be settled, as questions that one decision may answer, and which supervisors are at what."""
        only_parameters(request)
        campaign, _ = find(request, CAMPAIGNS, pk, rules.can_supervise)
        return Response(clusters.desk_json(campaign, user_of(request)))

    @extend_schema(request=serializers.VerdictsIn, responses={204: None})
    def put(self, request: Request, pk: int) -> Response:
        """Say which cases you have before you, for other supervisors to see."""
        campaign, _ = find(request, CAMPAIGNS, pk, rules.can_supervise)
        given = checked(serializers.VerdictsIn, request)
        desk.take_place(campaign=campaign, verdicts=given["verdicts"], by=user_of(request))
        return Response(status=204)


class LookAlikes(APIView):
    """What is like cases just settled and is open still, the nearest first; with `label`, only what may be that."""

    @extend_schema(
        responses={200: answers_desk.LookAlikesOut},
        parameters=[
            OpenApiParameter("verdicts", {"type": "array", "items": {"type": "integer"}}, explode=False, required=True),
            OpenApiParameter("label", str),
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        only_parameters(request, "verdicts", "label")
        campaign, _ = find(request, CAMPAIGNS.select_related("ranking"), pk, rules.can_supervise)
        settled = numbers_parameter(request, "verdicts", desk.MOST_AT_ONCE) or []
        label = label_of(campaign.dataset_id, request.query_params.get("label"))
        found = look_alikes.offered(campaign, settled, label.pk if label else None)
        return Response({"results": items.disputes_json(campaign, found, user_of(request).pk)})


class Resolutions(APIView):
    """Settle many cases alike: all that nobody else has settled meanwhile."""

    @extend_schema(request=serializers.ResolutionsIn, responses={200: answers_desk.SettledOut})
    def post(self, request: Request, pk: int) -> Response:
        campaign, _ = find(request, CAMPAIGNS, pk, rules.can_supervise)
        given = checked(serializers.ResolutionsIn, request)
        label = label_of(campaign.dataset_id, given["label"])
        decision = resolve.Decision(given["action"], label, note=given["note"])
        seen = standing(given["cases"])
        done = resolve.settle(
            campaign=campaign, seen=seen, decisions=dict.fromkeys(seen, decision), by=user_of(request)
        )
        return Response(settled_json(done))


class Reopen(APIView):
    """Withdraw decisions: each item becomes what its looks make of it."""

    @extend_schema(request=serializers.CasesIn, responses={200: answers_desk.SettledOut})
    def post(self, request: Request, pk: int) -> Response:
        campaign, _ = find(request, CAMPAIGNS, pk, rules.can_supervise)
        given = checked(serializers.CasesIn, request)
        done = resolve.reopen(campaign=campaign, seen=standing(given["cases"]), by=user_of(request))
        return Response(settled_json(done))


class Accept(APIView):
    """Settle disputes as the consensus would, unseen; those of which it does not say what to do are left."""

    @extend_schema(request=serializers.VerdictsIn, responses={200: answers_desk.SettledOut})
    def post(self, request: Request, pk: int) -> Response:
        campaign, _ = find(request, CAMPAIGNS, pk, rules.can_supervise)
        given = checked(serializers.VerdictsIn, request)
        return Response(settled_json(desk.accept(campaign=campaign, verdicts=given["verdicts"], by=user_of(request))))


class MoreLooks(APIView):
    @extend_schema(request=serializers.MoreLooksIn, responses={200: answers_desk.AskedAgain})
    def post(self, request: Request, pk: int) -> Response:
        """Have more people look at these items before they are settled."""
        campaign, _ = find(request, CAMPAIGNS, pk, rules.can_supervise)
        given = checked(serializers.MoreLooksIn, request)
        return Response({"verdicts": desk.ask_again(campaign=campaign, by=user_of(request), **given)})


class MakeRule(APIView):
    """Write the decision that stands on an item into the guidelines of the labels that it speaks of."""

    @extend_schema(request=serializers.RuleIn, responses={200: answers.RulingOut(many=True)})
    def post(self, request: Request, pk: int) -> Response:
        verdict, _ = find(request, Verdict.objects.all(), pk, rules.can_supervise)
        given = checked(serializers.RuleIn, request)
        return Response(
            [ruling_json(r) for r in desk.make_rule(verdict=verdict, said=given["said"], by=user_of(request))]
        )


def standing(cases: Iterable[dict[str, Any]]) -> dict[int, int | None]:
    """Which decision was seen on which verdict; the same verdict twice is refused."""
    seen: dict[int, int | None] = {}
    for case in cases:
        if case["verdict"] in seen:
            raise ValidationError({"cases": [f"Verdict {case['verdict']} is named twice."]})
        seen[case["verdict"]] = case["if_resolution"]
    return seen


def settled_json(done: resolve.Settled) -> dict[str, Any]:
    states = dict(Verdict.objects.filter(pk__in=done.made).values_list("pk", "state"))
    return {
        "settled": [{"verdict": pk, "id": made.pk, "state": states[pk]} for pk, made in sorted(done.made.items())],
        "overtaken": [
            {"verdict": pk, "resolution": other.pk, "detail": str(resolve.Overtaken(other))}
            for pk, other in sorted(done.overtaken.items())
        ],
    }
