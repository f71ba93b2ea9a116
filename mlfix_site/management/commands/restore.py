"""Make the site what a backup holds."""

import json
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlfix_site import backup, database, running
from review.management.progress import Progress


class Command(BaseCommand):
    help = "Restore a backup and bring it up to date. The last line is JSON: version, at, rows, objects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file that `backup` wrote, or - for the standard input")
        parser.add_argument("--force", action="store_true", help="throw away what the database holds")

    def handle(self, *, file: str, force: bool, **options: Any) -> None:
        try:
            with running.only_site(), local(file) as path, Progress() as progress:
                made = backup.restore(path, force=force, say=progress.show)
        except (backup.BackupError, database.ProgramError, OSError) as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(json.dumps(made))


@contextmanager
def local(file: str) -> Iterator[Path]:
    """The backup as a file, since it is read twice: once to see that it is whole."""
    if file != "-":
        yield Path(file)
        return
    with tempfile.NamedTemporaryFile(dir=settings.VAR, prefix=".mlfix-restore-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)
