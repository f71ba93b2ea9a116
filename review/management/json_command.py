"""A command that ends with one line of JSON, and says what went wrong in a sentence."""

import json
import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from mlfix_site import running

from ..simulation.minds import TruthError
from ..simulation.people import SiteError


class JsonCommand(BaseCommand):
    """`work` does it and returns what it made. Progress goes to stderr, so that stdout holds the one line."""

    timed = True

    def work(self, *args: Any, **options: Any) -> dict[str, Any]:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        running.migrate()
        start = time.monotonic()
        try:
            made = self.work(*args, **options)
        except ValidationError as error:
            raise CommandError(sentence(error)) from None
        except (SiteError, TruthError, OSError) as error:
            raise CommandError(str(error)) from None
        if self.timed:
            made["seconds"] = round(time.monotonic() - start, 2)
        self.stdout.write(json.dumps(made))


def sentence(error: ValidationError) -> str:
    """What is wrong with which field, in one line."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{field}: {' '.join(words)}" for field, words in error.message_dict.items())
