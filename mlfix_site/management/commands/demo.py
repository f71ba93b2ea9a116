"""The whole site with a dataset to try it on: drawn signs, or the images that it is given."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from mlfix_site import demo_people
from mlfix_site.embedded import var_folder
from mlfix_site.management.commands import up
from ranking import demo_signs
from review.management.commands.import_dataset import read_source
from review.management.following import follow, revive
from review.management.progress import Progress
from review.models import Campaign, Dataset, Job, Project, User
from review.operations import import_, plan, projects

PROJECT = "Demo"
CAMPAIGN = "Demo review"
SETTINGS = {"policy": "evidence", "looks_min": 1, "looks_max": 3, "batch_size": 60}


class Command(up.Command):
    help = "Run the site with demo data until Ctrl-C. Its people and their passwords are printed."
    environment = {"MLFIX_DEMO": "1"}

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--data", type=Path, help="a manifest, or class folders (a zip or a folder)")
        parser.add_argument("--images", type=Path, help="its images: a zip archive or a folder; beside it if left out")

    def look_over(self, *, data: Path | None, images: Path | None, **options: Any) -> None:
        if images and not data:
            raise CommandError("--images belongs to a manifest: name it with --data. Class folders are --data alone.")
        for path in filter(None, (data, images)):
            if not path.exists():
                raise CommandError(f"There is no file or folder {path}.")

    def prepare(self, *, data: Path | None, images: Path | None, **options: Any) -> None:
        with Progress() as progress:
            people = demo_people.make()
            project = demo_project()
            demo_people.join(project)
            if data is None:
                data, images = drawn(progress), None
            dataset = imported(project, data, images, progress)
            reviewed(dataset, progress)
        self.say("People: " + ", ".join(f"{name} / {password}" for name, password in people.items()))


def demo_project() -> Project:
    found = Project.objects.filter(name=PROJECT).order_by("pk").first()
    return found or projects.create(name=PROJECT, by=User.objects.get(username="lead"))


def drawn(progress: Progress) -> Path:
    """The manifest of the drawn signs; what was drawn whole is kept."""
    folder = var_folder() / "demo"
    if not (folder / "truth.csv").exists():
        demo_signs.draw(folder, progress=lambda done, total: progress.show("Drawing signs", done, total))
    return folder / "manifest.csv"


def imported(project: Project, data: Path, images: Path | None, progress: Progress) -> Dataset:
    """The dataset of this source: the one that is there, or a new one."""
    lead = User.objects.get(username="lead")
    drawn_here = data.parent == var_folder() / "demo"
    source = read_source(data, images)
    known = {f"layout__source__{part}": source[part] for part in ("manifest", "archive", "folder") if part in source}
    dataset = project.datasets.filter(**known).order_by("-pk").first()
    if dataset is None:
        name = "Traffic signs" if drawn_here else data.stem
        group_by = "sign" if drawn_here else ""
        dataset, _ = import_.start(project=project, by=lead, name=name, source=source, group_by=group_by)
    for kind in (Job.Kind.IMPORT, Job.Kind.RANK):
        follow_last(dataset.jobs.filter(kind=kind).order_by("-pk").first(), progress)
    return dataset


def reviewed(dataset: Dataset, progress: Progress) -> Campaign:
    """The campaign on the dataset, open for review."""
    campaign = dataset.campaigns.order_by("pk").first()
    if campaign is None:
        lead = User.objects.get(username="lead")
        campaign, _ = plan.start(dataset=dataset, by=lead, name=CAMPAIGN, settings=SETTINGS)
    follow_last(campaign.jobs.order_by("-pk").first(), progress)
    return campaign


def follow_last(job: Job | None, progress: Progress) -> None:
    """Follow a job that has not ended; one that stopped is sent again."""
    if job and job.state != Job.State.DONE:
        follow(revive(job), progress, helping=False)  # This site's own workers do it.
