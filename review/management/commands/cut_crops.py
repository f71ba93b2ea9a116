"""Have a dataset's crops cut anew, at another size or through another window, then ranked again."""

from argparse import ArgumentParser
from typing import Any

from ...models import Job
from ...operations import jobs, recut
from .. import finding
from ..following import follow
from ..json_command import JsonCommand
from ..progress import Progress


class Command(JsonCommand):
    help = "Cut a dataset's crops anew and rank it again. The last line is JSON: objects, crop_pixels, window, seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or id")
        parser.add_argument("--crop-pixels", type=int, help="the crops' longer side, 32 to 512; as it is if left out")
        parser.add_argument(
            "--window", type=float, nargs=2, metavar=("LOW", "HIGH"),
            help="what is black and white in grey of more than 8 bits; as it is if left out",
        )  # fmt: skip

    def work(self, *, dataset: str, crop_pixels: int | None, window: list[float] | None, **_: Any) -> dict[str, Any]:
        data = finding.dataset(dataset)
        low, high = window or (None, None)
        seen = {"crop_pixels": crop_pixels, "window_low": low, "window_high": high}
        job = recut.start(dataset=data, by=finding.lead_of(data.project), seen=seen)
        with Progress() as progress:
            made = follow(job, progress)
            if ranking := data.jobs.filter(kind=Job.Kind.RANK, state__in=jobs.ACTIVE).first():
                follow(ranking, progress)
        return made
