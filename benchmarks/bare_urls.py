"""A view that executes the statements of one recorded claim or hand-in in a transaction and sends its answer: no more
than any view must do that does this work."""

import json
import os
from pathlib import Path

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

PAIRS = json.loads(Path(os.environ["BARE_STATEMENTS"]).read_text())


def view(request: HttpRequest, number: int, half: int) -> HttpResponse:
    recorded = PAIRS[number][half]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in recorded["statements"]:
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()
    return HttpResponse(recorded["answer"], content_type="application/json")


urlpatterns = [
    path("<int:number>/<int:half>/", view),
    path("healthz", lambda request: JsonResponse({})),
]
