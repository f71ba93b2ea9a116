"""Whether a site runs from this data folder, where it answers, and the start of one."""

import fcntl
import json
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from mlfix_site import processes
from mlfix_site.embedded import free_port, var_folder, write_private

READY_SECONDS = 90.0
logging.getLogger("httpx").setLevel(logging.WARNING)


def migrate() -> None:
    """Bring the database's tables up to date; a new data folder gets them here."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def running_url() -> str | None:
    """Where the site of this data folder answers, or None where none runs."""
    lock, state = var_folder() / "site.lock", var_folder() / "site.json"
    if not lock.exists() or not state.exists():
        return None
    with lock.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return json.loads(state.read_text())["url"]
    return None


@contextmanager
def serve(port: int, say: Callable[[str], None], reload: bool = False, **environment: str) -> Iterator[str]:
    """All processes of the site for the length of a block; gives the address once it answers. `environment` is the
    web's. CommandError where the port or the data folder is in use, or nothing answers."""
    with only_site():
        check_port(port)
        url = f"http://127.0.0.1:{port}"
        programs = [processes.web(port, reload, **environment), processes.general_worker()]
        programs += [processes.ranking_worker(), processes.beat()]
        with processes.Processes(programs, say):
            wait_until_ready(url)
            write_private(var_folder() / "site.json", json.dumps({"url": url, "pid": os.getpid()}))
            yield url


@contextmanager
def some_site(given: str | None, say: Callable[[str], None]) -> Iterator[str]:
    """The address of a site: the one given, the one that runs here, or one of our own for the length of the block."""
    if url := given or running_url():
        yield url.rstrip("/")
        return
    url = f"http://127.0.0.1:{(port := free_port())}"
    with processes.Processes([processes.web(port), processes.general_worker(), processes.beat()], say):
        wait_until_ready(url)
        yield url


@contextmanager
def only_site() -> Iterator[None]:
    """Holds the data folder's lock. The kernel drops it when we die, so a crash leaves no false holder."""
    with (var_folder() / "site.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = f" at {url}" if (url := running_url()) else ""
            raise CommandError(
                f"MLfix runs already{where}, from the data in {var_folder()}. Stop that one first, "
                "or set MLFIX_VAR to another folder."
            ) from None
        try:
            yield
        finally:
            (var_folder() / "site.json").unlink(missing_ok=True)


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            raise CommandError(f"Port {port} cannot be used. Name a free one: PORT={free_port()}.") from None


def wait_until_ready(url: str) -> None:
    """Wait for /readyz; CommandError with its last answer, or with the end of the web's log."""
    end, answer = time.monotonic() + READY_SECONDS, ""
    while time.monotonic() < end:
        try:
            response = client(url).get("/readyz", timeout=5)
            if response.status_code == 200:
                return
            answer = f"It answered {response.status_code}: {response.text[:300]}"
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    log = processes.web(0).log
    tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
    raise CommandError(f"The site did not get ready. {answer or f'The end of {log}:'}{'' if answer else tail}")


def client(url: str, **options: Any) -> httpx.Client:
    """An HTTP client for the site; a proxy that the environment names is not asked about this very machine."""
    here = httpx.URL(url).host in {"127.0.0.1", "localhost", "::1"}
    return httpx.Client(base_url=url, trust_env=not here, timeout=60, **options)
