"""Write a dataset with its fixes applied, or the fixes alone, to a file."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.text import get_valid_filename

from ...formats import EXPORTS
from ...models import Export
from ...operations import export
from ...storage import store
from .. import finding
from ..following import follow
from ..json_command import JsonCommand
from ..progress import Progress


class Command(JsonCommand):
    timed = False
    help = "Export a dataset. The last line is JSON: export, path, fixes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or id")
        parser.add_argument("--format", default=EXPORTS[0], choices=EXPORTS)
        parser.add_argument("--kind", default=Export.Kind.FULL, choices=Export.Kind.values)
        parser.add_argument("--output", type=Path, help="a file, or a folder to put it in; this folder if left out")

    def work(self, *, dataset: str, format: str, kind: str, output: Path | None, **options: Any) -> dict[str, Any]:
        data = finding.dataset(dataset)
        made, job = export.start(dataset=data, by=finding.lead_of(data.project), format=format, kind=kind)
        with Progress() as progress:
            follow(job, progress)
        made.refresh_from_db()
        path = write(made, output or Path())
        return {"export": made.pk, "path": str(path), "fixes": made.fixes}


def write(made: Export, output: Path) -> Path:
    """Copy the export out of storage; the file is whole or absent."""
    name = get_valid_filename(export.file_name(made))
    path = output / name if output.is_dir() else output
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with store().open(made.key) as source, part.open("wb") as target:
        shutil.copyfileobj(source, target)
    part.replace(path)
    return path
