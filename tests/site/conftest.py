"""A site of its own for a test: the real commands as real processes, on engines in a folder that goes away again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from mlfix_site import embedded
from mlfix_site.processes import Processes, Program
from mlfix_site.running import client, wait_until_ready
from ranking import demo_signs

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240


class Site:
    """Runs manage.py on its own data folder."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.out = var / "out.txt"
        self.environment = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "PORT"}
        }
        self.environment["MLFIX_VAR"] = str(var)
        self.process: subprocess.Popen | None = None

    def run(self, *arguments: str, stdin: Any = None) -> subprocess.CompletedProcess:
        """A command that ends by itself."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, stdin=stdin, capture_output=True, text=True,
            timeout=START_SECONDS,
        )  # fmt: skip

    def made(self, *arguments: str) -> dict[str, Any]:
        """What a command says it made, in its last line."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, *arguments: str) -> httpx.Client:
        """Start `up` or `demo` and wait for its address."""
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *arguments, "--port", str(embedded.free_port())],
                cwd=ROOT, env=self.environment, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        while "runs at" not in self.out.read_text():
            assert self.process.poll() is None and time.monotonic() < end, self.out.read_text()
            time.sleep(0.05)
        return client(json.loads((self.var / "site.json").read_text())["url"])

    def family(self) -> dict[str, psutil.Process]:
        """All processes below the running one, by what they are."""
        assert self.process
        found = {}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            words = " ".join(child.cmdline())
            kinds = ("uvicorn", "-Q general", "-Q ranking", "beat", "valkey-server", "bin/postgres")
            found[next((kind for kind in kinds if kind in words), words)] = child
        return found

    @contextmanager
    def engines(self) -> Iterator[None]:
        """Keep its engines up for a block, so that not every command has to start them."""
        held = embedded.Engines(self.var)
        held.acquire(["DATABASE_URL", "REDIS_URL"])
        try:
            yield
        finally:
            held.release()

    @contextmanager
    def processes(self, web: Program, *others: Program) -> Iterator[None]:
        """Single processes of this site, on engines that are up."""
        engines = embedded.Engines(self.var)
        own = {"DATABASE_URL": engines.url("DATABASE_URL"), "REDIS_URL": engines.url("REDIS_URL")}
        own = {"MLFIX_VAR": str(self.var), **own, **self.environment}
        programs = [replace(program, environment={**program.environment, **own}) for program in (web, *others)]
        with Processes(programs, print):
            wait_until_ready(f"http://127.0.0.1:{web.arguments[web.arguments.index('--port') + 1]}")
            yield

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(30)


@contextmanager
def temporary(folder: Path) -> Iterator[Site]:
    made = Site(folder)
    yield made
    if made.process:
        made.stop()
    home = embedded.Engines(made.var).postgres.home
    if home != made.var:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with temporary(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def second_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with temporary(tmp_path_factory.mktemp("second")) as made:
        yield made


@pytest.fixture(scope="module")
def signs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small drawn set: manifest.csv, truth.csv and images."""
    return demo_signs.draw(tmp_path_factory.mktemp("signs"), seed=3, count=120, wrong=0.05)
