"""Take in what a user's own model says of a dataset's items."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from ...models import Dataset, Job
from ...models.own import NAME
from ...operations import predictions
from ...operations.jobs import ACTIVE
from ...storage import store
from .. import finding
from ..following import follow
from ..json_command import JsonCommand
from ..progress import Progress


class Command(JsonCommand):
    help = "Take in predictions, probabilities or losses by key. The last line is JSON: predictions, items, refused, …"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or id")
        parser.add_argument("file", type=Path, help="CSV, JSON Lines, Parquet or npz")
        parser.add_argument("--name", default="model", help="what to call the model")
        parser.add_argument("--only-keep", action="store_true", help="do not take the suspicion from it")

    def work(self, *, dataset: str, file: Path, name: str, only_keep: bool, **options: Any) -> dict[str, Any]:
        found = finding.dataset(dataset)
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if not re.fullmatch(NAME, name):
            raise CommandError("--name takes at most 30 small letters, digits, dots and hyphens.")
        if found.state != Dataset.State.READY:
            raise CommandError(f"The dataset is {found.state}: its items have to be in first.")
        by = finding.lead_of(found.project)
        made, job = predictions.start(
            dataset=found, by=by, name=name, source=store().put_file(str(file)), use=not only_keep
        )
        with Progress() as progress:
            result = follow(job, progress)
            if ranking := found.jobs.filter(kind=Job.Kind.RANK, state__in=ACTIVE).first():
                follow(ranking, progress)
            return result
