"""Make the site what a backup holds."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mlfix_site import backup, database, running
from review.management.progress import Progress


class Command(BaseCommand):
    help = "Restore a backup and bring it up to date. The last line is JSON: version, at, rows, objects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `backup` wrote")
        parser.add_argument("--force", action="store_true", help="throw away what the database holds")

    def handle(self, *, file: Path, force: bool, **options: Any) -> None:
        try:
            with running.only_site(), Progress() as progress:
                made = backup.restore(file, force=force, say=progress.show)
        except (backup.BackupError, database.ProgramError, OSError) as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(json.dumps(made))
