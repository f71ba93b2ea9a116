"""Who works on what: projects, their members with a role, and invitations."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Each role holds the rights of those before it."""

    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    LEAD = "lead"


class Pause(models.TextChoices):
    """What somebody is paused for by what they were tested with; the sentence is told to them."""

    MISSED = "missed", _("Of %(of)d wrong labels that were planted to check, you flagged %(flagged)d.")
    OVERMARKED = "overmarked", _("Of %(of)d labels that are known to be right, you flagged %(flagged)d.")


class Digest(models.TextChoices):
    """How often somebody is written to of what happened in a project."""

    NEVER = "never"
    DAILY = "daily"


class Project(models.Model):
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Members of a project who are lent the same kind of work. What a member has of their own goes before it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="teams", db_index=False)
    name = models.CharField(max_length=100)
    labels: models.ManyToManyField = models.ManyToManyField("Label", related_name="+", blank=True)
    daily_looks = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="team_once"),
            models.UniqueConstraint(fields=["project", "id"], name="team_of_project"),
            models.CheckConstraint(condition=~Q(name=""), name="team_has_a_name"),
            models.CheckConstraint(
                condition=Q(daily_looks__isnull=True) | Q(daily_looks__gte=1), name="team_daily_looks"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.REVIEWER)
    paused = models.BooleanField(default=False)
    # By what they were paused, of so many they flagged so many; empty where a lead did it.
    paused_for = models.CharField(max_length=10, choices=Pause, blank=True)
    paused_of = models.IntegerField(default=0)
    paused_flagged = models.IntegerField(default=0)
    # Only what was handed in after this speaks for pausing again.
    admitted_at = models.DateTimeField(null=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="members", db_constraint=False)
    # So many looks may be lent to them a day; none: as their team says, else as many as they like.
    daily_looks = models.IntegerField(null=True)
    # The labels that they are lent; empty: those of their team, else all.
    labels: models.ManyToManyField = models.ManyToManyField("Label", related_name="+", blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    # Whether notices of the project come by e-mail, and since when they are wanted.
    digest = models.CharField(max_length=5, choices=Digest, default=Digest.NEVER, db_default=Digest.NEVER)
    digest_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="member_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="member_role"),
            models.CheckConstraint(
                condition=Q(paused_for="") | Q(paused=True, paused_for__in=Pause.values), name="member_paused_for"
            ),
            models.CheckConstraint(
                condition=Q(daily_looks__isnull=True) | Q(daily_looks__gte=1), name="member_daily_looks"
            ),
            models.CheckConstraint(
                condition=Q(digest="never", digest_since__isnull=True) | Q(digest="daily", digest_since__isnull=False),
                name="member_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def paused_why(self) -> str:
        """A sentence to the person, in the reader's language; empty where a lead paused them."""
        numbers = {"of": self.paused_of, "flagged": self.paused_flagged}
        return str(Pause(self.paused_for).label) % numbers if self.paused_for else ""


class Invitation(models.Model):
    """A link that lets one person in, once, until it expires. Only a hash of its token is kept."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role, default=Role.REVIEWER)
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role")]
