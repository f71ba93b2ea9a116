"""Lists as {next, previous, results}, read on by a cursor."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response


class Cursor(CursorPagination):
    page_size = 100
    ordering: Any = "pk"


def page(
    request: Request, rows: QuerySet, render: Callable[[list[Any]], list[Any]], *, ordering: tuple[str, ...], size: int
) -> Response:
    """One page of `rows`, sorted by `ordering`, each page rendered as a whole."""
    cursor = Cursor()
    cursor.page_size, cursor.ordering = size, ordering
    found = cursor.paginate_queryset(rows, request)
    return cursor.get_paginated_response(render(list(found or [])))
