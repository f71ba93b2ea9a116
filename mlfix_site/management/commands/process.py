"""One process of the site in the foreground, for whatever keeps processes running elsewhere: compose, systemd."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mlfix_site import embedded, processes

PROGRAMS = {
    "general": processes.general_worker,
    "ranking": processes.ranking_worker,
    "beat": processes.beat,
}


class Command(BaseCommand):
    help = "Become one process of the site, with the same arguments that `up` gives it; it logs to the terminal."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=["web", *PROGRAMS])
        parser.add_argument("--host", default="127.0.0.1", help="where the web listens")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, name: str, host: str, port: int, **options: Any) -> None:
        if embedded.served:
            raise CommandError("A single process needs servers that outlive it. Set DATABASE_URL and REDIS_URL, or run "
                               "all of the site by `manage.py up`.")  # fmt: skip
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        program = processes.web(port, host=host) if name == "web" else PROGRAMS[name]()
        os.chdir(processes.ROOT)
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **program.environment}
        os.execve(sys.executable, [sys.executable, "-m", *program.arguments], environment)
