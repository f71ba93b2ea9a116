"""Write database and storage into one file."""

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlfix_site import backup, database
from review.management.progress import Progress


class Command(BaseCommand):
    help = "Back up the site, running or not. The last line is JSON: path, rows, objects, bytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a new tar file, or - for the standard output (the JSON then goes to stderr)")

    def handle(self, *, file: str, **options: Any) -> None:
        try:
            if file == "-":
                with Progress() as progress:
                    made = backup.write(sys.stdout.buffer, settings.VAR, progress.show)
                self.stderr.write(json.dumps(made), self.style.NOTICE)
            else:
                self.stdout.write(json.dumps({"path": file, **write_file(Path(file))}))
        except (database.ProgramError, OSError) as reason:
            raise CommandError(str(reason)) from None


def write_file(path: Path) -> dict[str, Any]:
    """Whole or not at all, and for its owner alone."""
    if path.exists():
        raise CommandError(f"There is a file {path} already. Name a new one.")
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            with Progress() as progress:
                made = backup.write(target, path.resolve().parent, progress.show)
            target.flush()
            os.fsync(target.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return made
