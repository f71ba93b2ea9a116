"""A table as a file to download; no cell is a formula."""

from collections.abc import Iterable
from typing import Any

from django.http import StreamingHttpResponse

from ..operations.rejects import as_csv


def csv_file(name: str, header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> StreamingHttpResponse:
    return answer(name, as_csv(rows, header))


def answer(name: str, lines: Iterable[str] | Iterable[bytes]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
