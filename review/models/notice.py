"""What happened in a campaign that whoever leads it wants to know of."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .campaign import Campaign
from .dataset import Label


class Notice(models.Model):
    """Found once, however often and by however many it is looked for: `about` tells two of a kind apart (the label, the
    number of the time, the moment since which nothing came in)."""

    class Kind(models.TextChoices):
        CLASS_FINISHED = "class_finished"
        DISPUTES_WAITING = "disputes_waiting"
        CAMPAIGN_STALLED = "campaign_stalled"
        CAMPAIGN_FINISHED = "campaign_finished"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    about = models.CharField(max_length=40, blank=True)
    label = models.ForeignKey(Label, models.CASCADE, null=True, related_name="+")
    # How many waited when it was found.
    disputes = models.IntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)
    # When the desk was next found empty.
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind", "about"], name="notice_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["class_finished", "disputes_waiting", "campaign_stalled", "campaign_finished"]),
                name="notice_kind",
            ),
            models.CheckConstraint(
                condition=(Q(kind="class_finished") & Q(label__isnull=False))
                | (~Q(kind="class_finished") & Q(label__isnull=True)),
                name="notice_label",
            ),
            models.CheckConstraint(
                condition=Q(kind="disputes_waiting", disputes__isnull=False, disputes__gte=1)
                | (~Q(kind="disputes_waiting") & Q(disputes__isnull=True, over_at__isnull=True)),
                name="notice_disputes",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "at"], name="notice_at")]
