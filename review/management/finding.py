"""What a command's argument names: an id, or a name that only one thing has."""

import sys
from typing import TypeVar

from django.core.management.base import CommandError
from django.db.models import Model, QuerySet

from ..models import Campaign, Dataset, Member, Project, Role, User

Named = TypeVar("Named", bound=Model)


def dataset(text: str) -> Dataset:
    return one(Dataset.objects.all(), "dataset", text)


def campaign(text: str) -> Campaign:
    return one(Campaign.objects.select_related("dataset__project"), "campaign", text)


def one(rows: QuerySet[Named], word: str, text: str) -> Named:
    """The row that `text` names; CommandError where none or several have the name."""
    found = list(rows.filter(name=text)[:2]) or (list(rows.filter(pk=int(text))) if text.isdecimal() else [])
    if not found:
        raise CommandError(f"There is no {word} {text!r}. Give the id or the name of one.")
    if len(found) > 1:
        raise CommandError(f"Several {word}s are named {text!r}. Give the id of one.")
    return found[0]


def lead_of(project: Project) -> User:
    """Who leads the project, for what is done in its name from the command line."""
    member = Member.objects.filter(project=project, role=Role.LEAD).order_by("pk").first()
    return member.user if member else first_lead()


def first_lead() -> User:
    """The person `lead`, else the first administrator, else the first lead of any project, else a new `lead`, who
    cannot sign in before a password is set."""
    people = User.objects.filter(is_active=True).order_by("pk")
    found = (
        people.filter(username="lead").first()
        or people.filter(is_superuser=True).first()
        or people.filter(memberships__role=Role.LEAD).first()
    )
    if found is None:
        found = User.objects.create_user("lead")
        sys.stderr.write("A person 'lead' was made. To sign in, run `manage.py changepassword lead` first.\n")
    return found


def person(username: str) -> User:
    found = User.objects.filter(username=username).first()
    if found is None:
        raise CommandError(f"There is no person {username!r}. Make one with `manage.py createsuperuser`.")
    return found
