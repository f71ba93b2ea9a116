"""Long work, as the database knows it. The queue may vanish: a sweep sends again what is due."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .campaign import Campaign
from .dataset import Dataset
from .project import Project
from .verdict import Export


class Job(models.Model):
    class Kind(models.TextChoices):
        CHECK = "check"
        IMPORT = "import"
        RANK = "rank"
        PLAN = "plan"
        EXPORT = "export"
        PREDICTIONS = "predict"
        ENCODER = "encoder"
        TRAIN = "train"
        RECUT = "recut"

    PERCEIVING = (Kind.RANK, Kind.ENCODER, Kind.TRAIN)  # done by the ranking worker, who has torch

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        INTERRUPTED = "interrupted"

    FOLLOWS = {
        State.QUEUED: {State.RUNNING, State.CANCELLED},
        State.RUNNING: {State.DONE, State.FAILED, State.CANCELLED, State.INTERRUPTED, State.QUEUED},
        State.INTERRUPTED: {State.QUEUED, State.CANCELLED},
        State.CANCELLED: {State.QUEUED},
        State.FAILED: {State.QUEUED},
        State.DONE: set(),
    }

    project = models.ForeignKey(Project, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=10, choices=Kind)
    dataset = models.ForeignKey(Dataset, models.CASCADE, null=True, related_name="jobs")
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="jobs")
    export = models.ForeignKey(Export, models.CASCADE, null=True, related_name="jobs")
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.TextField(blank=True)
    result = models.JSONField(null=True)
    # Counts the runs. A worker that comes back from the dead finds a higher fence and writes nothing.
    fence = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    # When it was last handed to the queue, so that the sweep does not send it at every turn.
    sent_at = models.DateTimeField(null=True)
    cancel_wanted = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed", "cancelled", "interrupted"]),
                name="job_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["check", "import", "rank", "plan", "export", "predict", "encoder", "train", "recut"]
                ),
                name="job_kind",
            ),
            models.CheckConstraint(condition=Q(total__isnull=True) | Q(done__lte=models.F("total")), name="job_done"),
            # One job of a kind at a time on one thing.
            models.UniqueConstraint(
                fields=["kind", "dataset"],
                condition=Q(
                    state__in=["queued", "running", "interrupted"],
                    kind__in=["check", "import", "rank", "train", "recut"],
                ),
                name="job_of_dataset",
            ),
            models.UniqueConstraint(
                fields=["kind", "campaign"],
                condition=Q(state__in=["queued", "running", "interrupted"], kind="plan"),
                name="job_of_campaign",
            ),
        ]
        indexes = [
            models.Index(fields=["state"], condition=Q(state__in=["queued", "running"]), name="job_active"),
        ]


class JobPart(models.Model):
    """A finished piece of a job, so that a resumed one does not do it again."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="parts")
    number = models.IntegerField()
    done = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_part_once")]
