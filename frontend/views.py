"""The pages: thin views that find the thing, ask for the right, and render. What moves on a page is a component."""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from review import rules
from review.api import access
from review.api.campaigns import progress_json
from review.formats import FILES, READERS, Format
from review.models import Campaign, Dataset, Item, Member, Project, User
from review.operations import digests, first_account, projects
from review.queries import pages, report
from review.queries.tutorial import is_new

DEMO_ROLES = ("reviewer", "supervisor", "lead")


def found(request: HttpRequest, queryset: QuerySet, pk: int, rule: access.Rule) -> tuple[Any, Member]:
    """As in the API: foreign or absent is 404 alike, a missing right 403."""
    thing: Model
    thing, member = access.find(request, queryset, pk, rule)  # type: ignore[arg-type]
    return thing, member


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class Login(LoginView):
    template_name = "frontend/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, demo=demo_address(), demo_roles=DEMO_ROLES)


def demo_address() -> str | None:
    """Where the demo signs people in; None on any other site."""
    try:
        return reverse("demo-sign-in") if settings.DEMO else None
    except NoReverseMatch:
        return None


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    return render(request, "frontend/home.html", {"rows": pages.home(request.user)})


@require_safe
@login_required
def project(request: HttpRequest, pk: int) -> HttpResponse:
    project, member = found(request, Project.objects.all(), pk, rules.can_see)
    lines = pages.campaigns_of(project, member)
    pages.mark_primary(lines)
    datasets = list(project.datasets.order_by("-pk"))
    context = {
        **crumbs(project=project, member=member),
        "datasets": [dataset for dataset in datasets if dataset.archived_at is None],
        "archived": [dataset for dataset in datasets if dataset.archived_at is not None],
        "lines": lines,
        "members": project.members.select_related("user").order_by("joined_at", "pk"),
        "roots": ",".join(map(str, settings.IMPORT_ROOTS)) if rules.can_lead(member) else "",
    }
    return render(request, "frontend/project.html", context)


def said(formats: dict[str, Format]) -> str:
    """What they are called, by name, as JSON."""
    return json.dumps({name: format.said for name, format in formats.items()})


@require_safe
@login_required
def dataset(request: HttpRequest, pk: int) -> HttpResponse:
    dataset, member = found(request, Dataset.objects.select_related("project"), pk, rules.can_see)
    lines = pages.campaigns_of(dataset.project, member, dataset)
    context = {
        **crumbs(project=dataset.project, member=member),
        "dataset": dataset,
        "lines": lines,
        "policies": POLICIES,
        "orders": ORDERS,
        "teams": dataset.project.teams.order_by("name"),
        "fields": {f.name: f for f in Campaign._meta.get_fields()},
        "formats": said(READERS),
        "exports": said(FILES),
    }
    return render(request, "frontend/dataset.html", context)


def dataset_page(request: HttpRequest, pk: int, template: str) -> HttpResponse:
    dataset, member = found(request, Dataset.objects.select_related("project"), pk, rules.can_supervise)
    context = {**crumbs(project=dataset.project, member=member), "dataset": dataset}
    return render(request, f"frontend/{template}.html", context)


@require_safe
@login_required
def explore(request: HttpRequest, pk: int) -> HttpResponse:
    return dataset_page(request, pk, "explore")


POLICIES = [
    ("evidence", "As the evidence asks", "each item gets as many looks as it needs, doubtful ones more"),
    ("fixed", "A fixed number", "each item is looked at by the same number of people"),
    ("first_agree", "Until some agree", "two people, and more where they differ"),
    ("solo", "One person decides", "one look each, for working alone"),
]


# What a crowd may see comes first; the others are for one person alone.
ORDERS = [
    ("similarity", "look-alikes side by side"),
    ("like", "nearest to one item"),
    ("random", "random"),
    ("blend", "alone: the suspected first, look-alikes side by side"),
    ("suspicion", "alone: the most suspected first"),
    ("loss", "alone: the largest loss first"),
    ("outliers", "alone: the oddest look first"),
    ("size", "alone: the largest first"),
    ("attribute", "alone: by an attribute"),
]


def campaign_page(request: HttpRequest, pk: int, rule: access.Rule, template: str, **more: Any) -> HttpResponse:
    campaign, member = found(request, Campaign.objects.select_related("dataset__project"), pk, rule)
    context = {**crumbs(project=campaign.dataset.project, member=member), "campaign": campaign, **more}
    return render(request, f"frontend/{template}.html", context)


@require_safe
@login_required
def board(request: HttpRequest, pk: int) -> HttpResponse:
    campaign, member = found(request, Campaign.objects.select_related("dataset__project"), pk, rules.can_see)
    context = {
        **crumbs(project=campaign.dataset.project, member=member),
        "campaign": campaign,
        "new": is_new(campaign, member.user),
    }
    return render(request, "frontend/board.html", context)


@require_safe
@login_required
def review(request: HttpRequest, pk: int) -> HttpResponse:
    return campaign_page(request, pk, rules.can_see, "review")


@require_safe
@login_required
def tutorial(request: HttpRequest, pk: int) -> HttpResponse:
    return campaign_page(request, pk, rules.can_see, "tutorial")


@require_safe
@login_required
def work(request: HttpRequest) -> HttpResponse:
    """One's own work; what it shows is fetched, since only the browser knows when its day began."""
    return render(request, "frontend/work.html")


@require_safe
@login_required
def disputes(request: HttpRequest, pk: int) -> HttpResponse:
    return campaign_page(request, pk, rules.can_supervise, "disputes")


@require_safe
@login_required
def fixes(request: HttpRequest, pk: int) -> HttpResponse:
    return campaign_page(request, pk, rules.can_supervise, "fixes")


@require_safe
@login_required
def reviewer(request: HttpRequest, pk: int, username: str) -> HttpResponse:
    return campaign_page(request, pk, rules.can_supervise, "reviewer", username=username)


@require_safe
@login_required
def item(request: HttpRequest, pk: int) -> HttpResponse:
    item, member = found(request, Item.objects.select_related("dataset__project"), pk, rules.can_supervise)
    context = {**crumbs(project=item.dataset.project, member=member), "item": item}
    return render(request, "frontend/item.html", context)


@require_safe
@login_required
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    return dataset_page(request, pk, "changes")


@require_safe
@login_required
def log(request: HttpRequest, pk: int) -> HttpResponse:
    project, member = found(request, Project.objects.all(), pk, rules.can_supervise)
    campaigns = Campaign.objects.filter(dataset__project=project).order_by("-pk").values_list("pk", "name")
    context = {**crumbs(project=project, member=member), "campaigns": json.dumps(list(campaigns))}
    return render(request, "frontend/log.html", context)


@require_safe
@login_required
def quality_report(request: HttpRequest, pk: int) -> HttpResponse:
    campaign, member = found(request, Campaign.objects.select_related("dataset__project"), pk, rules.can_supervise)
    body = progress_json(campaign, member)
    context = {**crumbs(project=campaign.dataset.project, member=member), **report.report(campaign, body)}
    return render(request, "frontend/report.html", context)


def crumbs(*, project: Project, member: Member) -> dict[str, Any]:
    """What base.html shows on the way here, and what the person may do."""
    return {
        "project": project,
        "member": member,
        "is_lead": rules.can_lead(member),
        "is_supervisor": rules.can_supervise(member),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what one is invited to, and join: as oneself, or with a new account."""
    found = projects.find_invitation(token)
    if found is None:
        return render(request, "frontend/invitation_gone.html", status=404)
    errors: list[str] = []
    if request.method == "POST":
        try:
            return join(request, token)
        except ValidationError as error:
            errors = error.messages
    context = {"invitation": found, "errors": errors, "username": request.POST.get("username", "")}
    return render(request, "frontend/invitation.html", context, status=400 if errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """The site's first account, made by whoever was shown the link; once there is one, the way in is to sign in."""
    if not first_account.is_open(token):
        return redirect("login")
    username, password = request.POST.get("username", ""), request.POST.get("password", "")
    errors: list[str] = []
    if request.method == "POST":
        try:
            user = first_account.make(token=token, username=username, password=password)
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            return redirect("home")
        except ValidationError as error:
            errors = error.messages
    context = {"errors": errors, "username": username}
    return render(request, "frontend/first_account.html", context, status=400 if errors else 200)


def join(request: HttpRequest, token: str) -> HttpResponse:
    if isinstance(request.user, User):
        member = projects.accept_invitation(token=token, user=request.user)
    else:
        username, password = request.POST.get("username", ""), request.POST.get("password", "")
        member = projects.accept_invitation(token=token, username=username, password=password)
        login(request, member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("project", member.project_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """What the link in a mail leads to: whoever is signed in as the person that asked for it says that it reached them.
    A GET changes nothing, since some mail programs follow links by themselves."""
    assert isinstance(request.user, User)
    address = digests.address_of(token, request.user)
    if address and request.method == "POST":
        digests.confirm(token=token, user=request.user)
    done = address is not None and (request.method == "POST" or address == request.user.confirmed_email)
    context = {"address": address, "done": done}
    return render(request, "frontend/confirm_email.html", context, status=200 if address else 404)
