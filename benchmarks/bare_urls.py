"""One view: reads a row and writes one."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path


def view(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM review_label ORDER BY id LIMIT 1")
        row = cursor.fetchone()
        cursor.execute("INSERT INTO bench_scratch (note) VALUES ('x')")
    return JsonResponse({"id": row[0]})


urlpatterns = [path("", view), path("healthz", lambda request: JsonResponse({}))]
