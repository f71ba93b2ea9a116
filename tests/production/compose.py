"""docker-compose.yml without Docker: its services as it says them, started on this machine."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
# $$ | ${NAME} | ${NAME:-default} | ${NAME:?sentence}
VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([?-])([^}]*))?\}")


def filled(text: str, given: dict[str, str]) -> str:
    """Compose's own substitution; ValueError with the file's sentence where something is missing."""

    def value(match: re.Match) -> str:
        name, how, other = match.groups()
        if name is None:
            return "$"
        if given.get(name):
            return given[name]
        if how == "?":
            raise ValueError(other)
        return other or ""

    return VARIABLE.sub(value, text)


class Stack:
    """The site's own services; `instead` replaces what only the inside of a container has."""

    def __init__(self, given: dict[str, str], instead: dict[str, str], folder: Path) -> None:
        self.given, self.instead, self.folder = given, instead, folder
        self.running: dict[str, subprocess.Popen] = {}

    def environment(self, name: str) -> dict[str, str]:
        """What compose gives the service, and nothing of ours but where programs are."""
        said = {k: filled(v, self.given).replace("/data", f"{self.folder}/data")
                for k, v in SERVICES[name]["environment"].items()}  # fmt: skip
        path = f"{Path(sys.executable).parent}:{os.defpath}"
        return {**said, **self.instead, "PATH": path, "HOME": str(self.folder)}

    def command(self, name: str, *more: str) -> list[str]:
        words = [filled(word, self.given) for word in SERVICES[name]["command"]]
        return [word.replace("/etc/caddy/", f"{ROOT}/deploy/") for word in words] + list(more)

    def run(self, service: str, *command: str, **environment: str) -> None:
        """A command in the service's environment, to its end; the service's own where none is given."""
        words = list(command) or self.command(service)
        done = subprocess.run(words, cwd=ROOT, env={**self.environment(service), **environment}, capture_output=True,
                              text=True, timeout=120)  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self, name: str, *more: str) -> None:
        with (self.folder / f"{name}.log").open("w") as log:
            self.running[name] = subprocess.Popen(
                self.command(name, *more), cwd=ROOT, env=self.environment(name), stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def stop(self) -> dict[str, int]:
        """Ask all to end, as `docker compose down` does; how each ended."""
        for process in self.running.values():
            process.terminate()
        try:
            return {name: process.wait(25) for name, process in self.running.items()}
        finally:
            for process in self.running.values():
                process.kill()
