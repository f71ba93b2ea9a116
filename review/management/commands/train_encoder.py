"""Have MLfix's own encoder go on learning on a dataset's crops, then rank the dataset by it."""

from argparse import ArgumentParser
from typing import Any

from ...models import Job
from ...operations import jobs, train
from .. import finding
from ..following import follow
from ..json_command import JsonCommand
from ..progress import Progress


class Command(JsonCommand):
    help = (
        "Train sortnet on a dataset's own crops and rank by it where it is better. The last line is JSON: weights and "
        "version (empty where it is not), before, after, seconds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or id")
        parser.add_argument("--steps", type=int, default=train.STEPS)

    def work(self, *, dataset: str, steps: int, **options: Any) -> dict[str, Any]:
        data = finding.dataset(dataset)
        job = train.start(dataset=data, by=finding.lead_of(data.project), steps=steps)
        with Progress() as progress:
            made = follow(job, progress)
            ranking = data.jobs.filter(kind=Job.Kind.RANK, state__in=jobs.ACTIVE).first()
            if ranking:
                follow(ranking, progress)
        return made
