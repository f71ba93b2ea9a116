"""The site itself: is it up, is it ready, and a token for programs."""

from collections.abc import Callable

from django.contrib.auth import authenticate
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found
from drf_spectacular.utils import extend_schema
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from ..storage import store
from . import answers, serializers
from .access import checked
from .errors import body

NOTHING_HERE = "There is nothing at this address. The API is described at /api/docs/."


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up."""
    return JsonResponse({"ok": True})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No address at all: programs get what they get for any other error, people a page."""
    if request.path.startswith("/api/"):
        return JsonResponse(body("not_found", NOTHING_HERE, {}), status=404)
    return page_not_found(request, exception)


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker and storage answer; 503 names those that do not."""
    failed = [name for name, check in CHECKS.items() if not works(check)]
    return JsonResponse({"ok": not failed, "failed": failed}, status=503 if failed else 200)


def database_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


CHECKS = {"database": database_answers, "broker": lambda: cache.get("ready"), "storage": lambda: store().check()}


def works(check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception:  # whatever the engine's own library raises, it is not ready
        return False
    return True


class GetToken(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "token"

    @extend_schema(request=serializers.TokenIn, responses={200: answers.Token})
    def post(self, request: Request) -> Response:
        """A token for scripts, for a user name and password."""
        given = checked(serializers.TokenIn, request)
        user = authenticate(request._request, **given)
        if user is None:
            raise ValidationError({"": ["The name or the password is not right."]})
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})
