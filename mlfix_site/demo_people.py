"""The people of the demo, with passwords of their own; only those that the demo made can be signed in by one click."""

import json
import secrets
from pathlib import Path

from django.core.management.base import CommandError

from mlfix_site.embedded import var_folder, write_private
from review.models import Project, Role, User
from review.operations import projects

ROLES = {
    "lead": Role.LEAD,
    "supervisor": Role.SUPERVISOR,
    "reviewer1": Role.REVIEWER,
    "reviewer2": Role.REVIEWER,
    "reviewer3": Role.REVIEWER,
}


def path() -> Path:
    return var_folder() / "demo-people.json"


def passwords() -> dict[str, str]:
    """Password by name, empty before the first demo."""
    return json.loads(path().read_text()) if path().exists() else {}


def make() -> dict[str, str]:
    """Make sure that all are there, and give their passwords. CommandError where a name is somebody else's."""
    known = passwords() or {name: secrets.token_urlsafe(9) for name in ROLES}
    taken = User.objects.filter(username__in=ROLES.keys() - passwords().keys()).exclude(password__startswith="!")
    if taken:
        raise CommandError(
            f"There is a person {taken[0].username!r} here already who is not of the demo. Set MLFIX_VAR to an empty "
            "folder, so that the demo keeps to itself."
        )
    write_private(path(), json.dumps(known))
    for name, password in known.items():
        user, _ = User.objects.get_or_create(username=name)
        if not user.check_password(password):
            user.set_password(password)
            user.save()
    return known


def join(project: Project) -> None:
    """Give each their role in the project."""
    lead = User.objects.get(username="lead")
    for name, role in ROLES.items():
        if not project.members.filter(user__username=name).exists():
            projects.set_member(project=project, user=User.objects.get(username=name), role=role, by=lead)
