"""Sign in by one click, on the demo alone and from this very machine alone. Its address exists nowhere else."""

import ipaddress

from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from mlfix_site.demo_people import ROLES, passwords
from review.models import User

# Who stands for a role where the button names one.
FIRST = {"reviewer": "reviewer1"}
FORWARDED = {"HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP"}


@require_POST
@csrf_protect
def sign_in(request: HttpRequest) -> HttpResponse:
    """Field `role`: reviewer, supervisor, lead, or one of the demo's names. 403 for whoever is not on this machine."""
    if not is_local(request):
        raise PermissionDenied
    role = request.POST.get("role", "")
    name = FIRST.get(role, role)
    person = get_object_or_404(User, username=name if name in ROLES.keys() & passwords().keys() else "", is_active=True)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    following = request.POST.get("next", "")
    return redirect(following if url_has_allowed_host_and_scheme(following, allowed_hosts=None) else "/")


def is_local(request: HttpRequest) -> bool:
    """True where the request came straight from this machine: peer and Host are loopback, and nothing forwarded it."""
    forwarded = any(name in FORWARDED or name.startswith("HTTP_X_FORWARDED_") for name in request.META)
    host, _ = split_domain_port(request.get_host())
    named_local = host == "localhost" or is_loopback(host.strip("[]"))
    return not forwarded and named_local and is_loopback(request.META.get("REMOTE_ADDR", ""))


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


urlpatterns = [path("demo/sign-in/", sign_in, name="demo-sign-in")]
