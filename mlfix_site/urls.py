"""All addresses: the API, the pages, and whether the site is up."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from review.api import site

urlpatterns = [
    path("healthz", site.healthz, name="healthz"),
    path("readyz", site.readyz, name="readyz"),
    path("api/", include("review.api.urls")),
    path("admin/", admin.site.urls),
    path("language/", require_POST(set_language), name="set-language"),
    path("", include("frontend.urls")),
]
handler404 = "review.api.site.not_found"
if settings.DEMO:
    urlpatterns.append(path("", include("mlfix_site.demo_sign_in")))
