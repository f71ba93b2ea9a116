"""Run the whole site: web, workers and beat, on embedded engines or on those that the environment names."""

import os
import signal
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from mlfix_site import running
from review.operations import first_account

DEFAULT_PORT = 8000


class Command(BaseCommand):
    help = "Run every process of the site until Ctrl-C."
    requires_system_checks: list[str] = []
    environment: dict[str, str] = {}

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="PORT, else 8000")
        parser.add_argument("--reload", action="store_true", help="start the web anew when its code changes")

    def handle(self, *, port: int | None, reload: bool, **options: Any) -> None:
        stop_on_signals()
        self.look_over(**options)
        try:
            with self.site(port or default_port(), reload) as url:
                self.prepare(**options)
                if token := first_account.token():
                    way = reverse("begin", args=[token])
                    self.say(f"It has no account yet. Make yours at {url}{way}")
                self.say(f"Ctrl-C stops it; its data stays.\nMLfix runs at {url}")
                while True:
                    signal.pause()
        except KeyboardInterrupt:
            self.say("Stopped.")

    @contextmanager
    def site(self, port: int, reload: bool) -> Iterator[str]:
        if not settings.STATICFILES_DIRS[0].is_dir():
            raise CommandError("The pages are not built yet. Run `make build` once.")
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        running.migrate()
        with running.serve(port, self.say, reload, **self.environment) as url:
            yield url

    def look_over(self, *args: Any, **options: Any) -> None:
        """What can be refused before anything is started: raises CommandError."""

    def prepare(self, *args: Any, **options: Any) -> None:
        """What is to be done once the site runs."""

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def default_port() -> int:
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal():
        raise CommandError(f"PORT is {text!r}, which is not a number.")
    return int(text)


def stop_on_signals() -> None:
    """Ctrl-C, a polite kill and a closed terminal all stop the site; nohup keeps its meaning."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
