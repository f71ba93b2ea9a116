"""How long somebody was at an assignment, by the signs that they give while they are.

A sign is the opening, each save of marks (the page saves within a second of a flag, and whenever tiles came into view),
each extension of the lease (the page asks once a minute while somebody moves the pointer, types or scrolls) and the
hand-in. The time between two signs counts up to IDLE: after that nobody was there, or nobody can tell.
"""

import datetime

from ..models import Assignment

IDLE = datetime.timedelta(minutes=2)
FIELDS = ("sign_at", "active_seconds")  # what the caller saves


def sign(assignment: Assignment, now: datetime.datetime) -> None:
    """Somebody is at it. Before the first sign they have been since it was opened, or lent where it never was."""
    since = assignment.sign_at or assignment.opened_at or assignment.lent_at
    assignment.active_seconds += min(max(now - since, datetime.timedelta()), IDLE).total_seconds()
    assignment.sign_at = now


def begin(assignment: Assignment, now: datetime.datetime) -> None:
    """It is opened only now: what lay before is no work."""
    if assignment.opened_at is None:
        assignment.opened_at = assignment.sign_at = now
    else:
        sign(assignment, now)
