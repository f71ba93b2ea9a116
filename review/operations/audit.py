"""Write what was done into the audit log, and tell live pages that something changed."""

from typing import Any

from django.db import transaction

from .. import live
from ..models import AuditEvent, Campaign, Project, User


def record(
    verb: str,
    *,
    project: Project | int,
    actor: User | int | None = None,
    campaign: Campaign | None = None,
    **data: Any,
) -> AuditEvent:
    """One line of the audit log, in the caller's transaction."""
    event = AuditEvent.objects.create(
        project_id=project if isinstance(project, int) else project.pk,
        campaign=campaign,
        actor_id=actor.pk if isinstance(actor, User) else actor,
        verb=verb,
        data=data,
    )
    if campaign is not None:
        transaction.on_commit(lambda: live.changed("campaigns", campaign.pk, event.pk))
    return event
