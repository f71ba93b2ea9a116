"""Plan a campaign on a dataset and open it for review."""

import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ...models import Campaign
from ...operations import campaigns, plan
from .. import finding
from ..following import follow
from ..json_command import JsonCommand
from ..progress import Progress


class Command(JsonCommand):
    help = "Open a campaign; what is not ranked is ranked first. The last line is JSON: campaign, batches, seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or id")
        parser.add_argument("--name", default="Review")
        for name in campaigns.SETTINGS:
            field = Campaign._meta.get_field(name)
            parser.add_argument(f"--{name.replace('_', '-')}", **option(field))

    def work(self, *, dataset: str, name: str, **options: Any) -> dict[str, Any]:
        data = finding.dataset(dataset)
        settings = {key: options[key] for key in campaigns.SETTINGS if options[key] is not None}
        campaign, job = plan.start(dataset=data, by=finding.lead_of(data.project), name=name, settings=settings)
        with Progress() as progress:
            follow(job, progress)
        return {"campaign": campaign.pk, "batches": campaign.batches.filter(withdrawn=False).count()}


def option(field: Any) -> dict[str, Any]:
    """How the command line reads a campaign's field."""
    if isinstance(field, ArrayField):
        return {"nargs": "*", "metavar": "NAME"}
    if isinstance(field, models.BooleanField):
        return {"action": "store_true", "default": None}
    if isinstance(field, models.JSONField):
        return {"type": json.loads, "metavar": "JSON"}
    kind = float if isinstance(field, models.FloatField) else int if isinstance(field, models.IntegerField) else str
    return {"type": kind, "choices": [value for value, _ in field.choices or []] or None}
