"""Look for anything in the database that must not be."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from review.queries.invariants import breaches


class Command(BaseCommand):
    help = "Check that counters, verdicts, fixes and history agree with each other; exit 1 where they do not."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(breaches())
        for sentence in found:
            self.stderr.write(sentence)
        self.stdout.write(json.dumps({"breaches": len(found)}))
        if found:
            raise CommandError(f"{len(found)} things do not hold.")
