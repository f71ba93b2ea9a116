"""The audit sample is stored with the chance with which it was drawn. A campaign that nobody has looked at keeps the
sample that its seed drew; one that is under way has none, since a sample must be drawn before any look."""

from typing import Any

import numpy as np
from django.db import migrations, models
from django.db.models import F

AUDIT_LOOKS = 2


def keep_samples(apps: Any, schema_editor: Any) -> None:
    verdicts = apps.get_model("review", "Verdict").objects
    looks = apps.get_model("review", "Look").objects
    for campaign in apps.get_model("review", "Campaign").objects.filter(audit_share__gt=0):
        mine = verdicts.filter(campaign=campaign)
        drawn = [
            verdict
            for verdict, item in mine.values_list("pk", "item_id").iterator()
            if np.random.default_rng([campaign.seed, item]).random() < campaign.audit_share
        ]
        if not looks.filter(campaign=campaign).exists():
            of = mine.filter(pk__in=drawn)
            of.update(audit=campaign.audit_share)
            if campaign.policy == "evidence":
                looks_least = min(AUDIT_LOOKS, campaign.looks_max)
                of.filter(wanted__lt=looks_least).update(wanted=looks_least)
        elif campaign.policy == "evidence" and campaign.looks_min == 0:
            # What was to be looked at for the audit alone passes for clean now.
            mine.filter(prior__lte=campaign.clean_below, state="open", counted=0).update(
                state="clean", wanted=F("lent")
            )


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0012_second_opinions"),
    ]

    operations = [
        migrations.AddField(
            model_name="verdict",
            name="audit",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="verdict",
            name="kin",
            field=models.FloatField(default=0),
        ),
        migrations.RunPython(keep_samples, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(audit__isnull=True) | models.Q(audit__gt=0, audit__lte=1),
                name="verdict_audit",
            ),
        ),
    ]
