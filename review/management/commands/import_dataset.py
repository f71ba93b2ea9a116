"""Bring images and their labels in, from a manifest, an archive or class folders."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from ...formats import ARCHIVE_SUFFIXES, FORMATS
from ...models import Project, User
from ...operations import import_, projects
from ...storage import store
from .. import finding
from ..following import follow
from ..json_command import JsonCommand
from ..progress import Progress

PICTURES = ("previews", "preview_labels")  # of a look before the import: nothing for a terminal


class Command(JsonCommand):
    help = "Import a dataset. The last line is JSON: dataset, items, labels, rejected, seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="name or id; a project that is not there is made")
        parser.add_argument("source", type=Path, help="a manifest, an archive, or a folder of class folders")
        parser.add_argument(
            "--images",
            type=Path,
            help="where the images are of a manifest or of a zip of annotations: a folder, zip or tar",
        )
        parser.add_argument("--format", default="auto", choices=FORMATS)
        parser.add_argument("--group-by", default="", help="the attribute that folds must not split, such as a track")
        parser.add_argument("--name", help="what to call the dataset; the source's name if left out")
        parser.add_argument("--dry-run", action="store_true", help="count what would come in, and bring nothing in")
        parser.add_argument("--crop-pixels", type=int, help="the crops' longer side, 32 to 512; 128 if left out")
        parser.add_argument(
            "--window", type=float, nargs=2, metavar=("LOW", "HIGH"),
            help="what is black and white in grey of more than 8 bits; found on a sample if left out",
        )  # fmt: skip
        parser.add_argument("--by", help="who imports; the project's lead if left out")

    def work(self, *, project: str, source: Path, images: Path | None, **options: Any) -> dict[str, Any]:
        where = read_source(source, images)
        low, high = options["window"] or (None, None)
        by = finding.person(options["by"]) if options["by"] else None
        home = find_or_make_project(project, by)
        dataset, job = import_.start(
            project=home,
            by=by or finding.lead_of(home),
            name=options["name"] or source.resolve().stem,
            source=where,
            format=options["format"],
            group_by=options["group_by"],
            dry_run=options["dry_run"],
            seen={"crop_pixels": options["crop_pixels"], "window_low": low, "window_high": high},
        )
        with Progress() as progress:
            told = {"dataset": dataset.pk, **follow(job, progress)}
        return {name: value for name, value in told.items() if name not in PICTURES}


def find_or_make_project(text: str, by: User | None) -> Project:
    try:
        return finding.one(Project.objects.all(), "project", text)
    except CommandError:
        if Project.objects.filter(name=text).exists():
            raise
    return projects.create(name=text, by=by or finding.first_lead())


def read_source(source: Path, images: Path | None) -> dict[str, str]:
    """The source as an import takes it: folders by their path, files by their key in storage."""
    for path in filter(None, (source, images)):
        if not path.exists():
            raise CommandError(f"There is no file or folder {path}.")
    if source.is_dir() and images:
        raise CommandError("--images belongs to a manifest; a folder holds its images itself.")
    if source.is_dir() or (source.name.lower().endswith(ARCHIVE_SUFFIXES) and not images):
        return images_of(source)
    manifest = {"manifest": store().put_file(str(source)), "manifest_name": source.name}
    return {**manifest, **images_of(images or source.parent)}


def images_of(path: Path) -> dict[str, str]:
    return {"folder": str(path.resolve())} if path.is_dir() else {"archive": store().put_file(str(path))}
