"""Projects, who is in them, and how strangers are let in."""

import datetime
import hashlib
import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Invitation, Member, Project, Role, User
from . import audit, submit

INVITATION_DAYS = 7


def create(*, name: str, by: User) -> Project:
    """A project with its maker as lead."""
    project = Project(name=name.strip())
    project.full_clean()
    with transaction.atomic():
        project.save()
        Member.objects.create(project=project, user=by, role=Role.LEAD)
        audit.record("project made", project=project, actor=by, name=project.name)
    return project


def rename(*, project: Project, name: str, by: User) -> Project:
    project.name = name.strip()
    project.full_clean()
    project.save(update_fields=["name"])
    audit.record("project renamed", project=project, actor=by, name=project.name)
    return project


def set_member(*, project: Project, user: User, role: str | None, by: User | None) -> Member:
    """Add somebody (a reviewer, where no role is named), or change their role. A project keeps a lead."""
    if role is not None and role not in Role.values:
        raise ValidationError({"role": f"Choose one of {', '.join(Role.values)}."})
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        if role not in (None, Role.LEAD):
            keep_a_lead(project, user)
        member, new = Member.objects.update_or_create(
            project=project, user=user, defaults={"role": role} if role else {}
        )
        if new or role:
            audit.record("member set", project=project, actor=by, user=user.username, role=member.role)
    return member


def pause_member(*, member: Member, paused: bool, by: User) -> Member:
    """Lend somebody nothing more, and take back what they have not opened yet; what they are at they may hand in. Or
    let them go on: then only what they hand in from now on speaks of them."""
    member.paused, member.paused_for = paused, ""
    if not paused:
        member.admitted_at = timezone.now()
    with transaction.atomic():
        member.save(update_fields=["paused", "paused_for", "admitted_at"])
        if paused:
            submit.release_unopened(member.user, member.project)
        audit.record("reviewer paused" if paused else "reviewer let go on", project=member.project_id, actor=by,
                     user=member.user.username)  # fmt: skip
    return member


def remove_member(*, project: Project, user: User, by: User) -> None:
    """Take somebody out; what they hold goes back, what they handed in stays."""
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        keep_a_lead(project, user)
        for assignment in submit.held_by(user, project):
            submit.release(assignment=assignment)
        Member.objects.filter(project=project, user=user).delete()
        audit.record("member removed", project=project, actor=by, user=user.username)


def keep_a_lead(project: Project, user: User) -> None:
    leads = Member.objects.filter(project=project, role=Role.LEAD)
    if leads.filter(user=user).exists() and leads.count() == 1:
        raise ValidationError("This is the project's only lead. Make somebody else lead first.")


def invite(*, project: Project, role: str, by: User) -> tuple[Invitation, str]:
    """(the invitation, the token that goes into its link: shown once, never stored)."""
    if role not in Role.values:
        raise ValidationError({"role": f"Choose one of {', '.join(Role.values)}."})
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        project=project,
        role=role,
        token_hash=hashed(token),
        created_by=by,
        expires_at=timezone.now() + datetime.timedelta(days=INVITATION_DAYS),
    )
    audit.record("invited", project=project, actor=by, role=role)
    return invitation, token


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    """The invitation if it can still be used."""
    return (
        Invitation.objects.filter(token_hash=hashed(token), used_at__isnull=True, expires_at__gt=timezone.now())
        .select_related("project", "created_by")
        .first()
    )


def accept_invitation(*, token: str, user: User | None = None, username: str = "", password: str = "") -> Member:
    """Use an invitation up: as somebody signed in, or with a new account. Raises ValidationError."""
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().filter(token_hash=hashed(token)).first()
        if invitation is None or invitation.used_at or invitation.expires_at <= timezone.now():
            raise ValidationError(_("This invitation has been used or has run out. Ask for a new one."))
        user = user or new_account(username, password)
        if Member.objects.filter(project=invitation.project, user=user).exists():
            raise ValidationError(_("You are in this project already."))
        invitation.used_by, invitation.used_at = user, timezone.now()
        invitation.save(update_fields=["used_by", "used_at"])
        member = Member.objects.create(project=invitation.project, user=user, role=invitation.role)
        audit.record("joined", project=invitation.project, actor=user, role=invitation.role)
    return member


def new_account(username: str, password: str) -> User:
    user = User(username=username.strip())
    user.set_password(password)
    try:
        user.full_clean()
        validate_password(password, user)
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise ValidationError({"username": _("This name is taken.")}) from None
    return user
