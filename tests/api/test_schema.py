"""The OpenAPI description: made without a warning, and it names every route of the API."""

from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from review.api import urls


def test_the_schema_is_valid_and_names_every_route(capsys):
    schema = SchemaGenerator().get_schema(public=True)
    validate_schema(schema)
    assert "rror" not in capsys.readouterr().err
    routes = {f"/api/{pattern.pattern}".replace("<int:", "{").replace(">", "}") for pattern in urls.urlpatterns}
    named = {path.replace("{id}", "{pk}") for path in schema["paths"]}
    assert routes - named == {"/api/schema/", "/api/docs/"}


def test_the_schema_is_served_and_readable(client, db):
    assert client.get(reverse("api:schema")).status_code == 200
    page = client.get(reverse("api:docs"))
    assert page.status_code == 200 and "swagger" in page.content.decode()
