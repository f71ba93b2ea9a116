"""docker-compose.yml without Docker: its services as it says them, started on this machine."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
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


def environment_of(lock: str, folder: Path) -> Path:
    """The programs of a virtual environment that holds what a lock names and nothing else, linked from the tests' own:
    what the image's `pip install` makes, without a download."""
    venv.create(folder, symlinks=True)
    home = next(folder.glob("lib/python*/site-packages"))
    for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / f"{lock}.lock").read_text(), re.M):
        try:
            files = importlib.metadata.distribution(name).files or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        for entry in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            here = home / entry
            if not here.exists():
                here.symlink_to(Path(sysconfig.get_paths()["purelib"]) / entry)
    return folder / "bin"


class Stack:
    """The site's own services; `instead` replaces what only the inside of a container has."""

    def __init__(self, given: dict[str, str], instead: dict[str, str], folder: Path) -> None:
        self.given, self.instead, self.folder = given, instead, folder
        self.running: dict[str, subprocess.Popen] = {}
        self.programs = {
            image: environment_of(lock, folder / image)
            for image, lock in {"mlfix-web": "web", "mlfix-worker": "worker"}.items()
        }

    def environment(self, name: str) -> dict[str, str]:
        """What compose gives the service, and nothing of ours but where programs are."""
        said = {k: filled(v, self.given).replace("/data", f"{self.folder}/data")
                for k, v in SERVICES[name]["environment"].items()}  # fmt: skip
        programs = self.programs.get(SERVICES[name]["image"], Path(sys.executable).parent)
        path = f"{programs}:{os.defpath}"
        return {**said, **self.instead, "PATH": path, "HOME": str(self.folder)}

    def command(self, name: str, *more: str) -> list[str]:
        words = [filled(word, self.given) for word in SERVICES[name]["command"]]
        words = [word.replace("/etc/caddy/", f"{ROOT}/deploy/") for word in words] + list(more)
        return self.found(name, words)

    def found(self, name: str, words: list[str]) -> list[str]:
        """With the program's whole path, since Popen looks for it on our own PATH."""
        program = shutil.which(words[0], path=self.environment(name)["PATH"])
        assert program, words[0]
        return [program, *words[1:]]

    def run(self, service: str, *command: str, **environment: str) -> None:
        """A command in the service's environment, to its end; the service's own where none is given."""
        words = self.found(service, list(command)) if command else self.command(service)
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
