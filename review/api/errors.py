"""Every error as {"type", "detail", "errors"}: a word for programs, a sentence for people, sentences by field."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as Invalid
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from ..operations import flag, resolve
from ..queries import assignments

AWAY_SECONDS = 5
log = logging.getLogger(__name__)


class Conflict(exceptions.APIException):
    status_code = 409
    default_code = "conflict"


@contextmanager
def conflicts() -> Iterator[None]:
    """What an operation refuses as a whole is a conflict; what it says of single fields stays a matter of these."""
    try:
        yield
    except Invalid as error:
        if hasattr(error, "error_dict"):
            raise
        raise Conflict(" ".join(error.messages)) from None


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, Invalid):
        return answer(400, "invalid", first(by_field(error)), by_field(error))
    if isinstance(error, flag.Stale):
        return answer(409, "stale", str(error), {}, assignments.marks(error.assignment))
    if isinstance(error, flag.Ended):
        return answer(409, "ended", str(error), {})
    if isinstance(error, resolve.Overtaken):
        return answer(409, "overtaken", str(error), {}, {"resolution": error.current.pk})
    if isinstance(error, Http404):
        return answer(404, "not_found", _("There is nothing here, or not for you."), {})
    if isinstance(error, PermissionDenied):
        return answer(403, "forbidden", str(error) or _("Your role in this project does not allow this."), {})
    if isinstance(error, OperationalError | InterfaceError):
        log.error("The database did not answer.", exc_info=error)
        said = _("The site is busy, or its database is away. Nothing that you did is lost; try again in a moment.")
        away = answer(503, "unavailable", said, {})
        away.headers["Retry-After"] = str(AWAY_SECONDS)
        return away
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        errors = flat(error.detail)
        response.data = body("invalid", first(errors), errors)
    else:
        detail = getattr(error, "detail", "")
        kind = getattr(detail, "code", None) or getattr(error, "default_code", "error")
        response.data = body(str(kind), str(detail), {})
    return response


def answer(code: int, kind: str, detail: str, errors: dict[str, list[str]], more: dict | None = None) -> Response:
    set_rollback()
    return Response({**body(kind, detail, errors), **(more or {})}, status=code)


def body(kind: str, detail: str, errors: dict[str, list[str]]) -> dict[str, Any]:
    return {"type": kind, "detail": detail, "errors": errors}


def by_field(error: Invalid) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return error.message_dict
    return {"": error.messages}


def flat(detail: Any, name: str = "") -> dict[str, list[str]]:
    """DRF's nested details with dotted names."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            found.update(flat(value, f"{name}.{key}" if name else str(key)))
        return found
    if isinstance(detail, list) and any(isinstance(entry, dict | list) for entry in detail):
        found = {}
        for number, entry in enumerate(detail):
            if entry:
                found.update(flat(entry, f"{name}.{number}"))
        return found
    return {name: [str(entry) for entry in (detail if isinstance(detail, list) else [detail])]}


def first(errors: dict[str, list[str]]) -> str:
    for name, sentences in errors.items():
        if sentences:
            return f"{name}: {sentences[0]}" if name and name != "non_field_errors" else sentences[0]
    return _("The request could not be understood.")
