"""A real site on the tests' database: its own processes, as `manage.py up` starts them."""

import contextlib
import dataclasses
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from django.db import connection

from mlfix_site import processes
from mlfix_site.embedded import free_port
from mlfix_site.running import client, wait_until_ready
from tests import make


def on_test_database(program: processes.Program) -> processes.Program:
    url = os.environ["DATABASE_URL"].replace("/mlfix?", f"/{connection.settings_dict['NAME']}?")
    return dataclasses.replace(program, environment={**program.environment, "DATABASE_URL": url})


@contextmanager
def running(*programs: processes.Program) -> Iterator[processes.Processes]:
    """Keep these programs running for the length of a block; one that dies is started again."""
    with processes.Processes([on_test_database(p) for p in programs], print) as keeper:
        yield keeper


@contextmanager
def site(*others: processes.Program) -> Iterator[tuple[str, processes.Processes]]:
    """A web process with whatever else is to run: (its address, the keeper of all)."""
    port = free_port()
    with running(processes.web(port), *others) as keeper:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url)
        yield url, keeper


@contextmanager
def web(*others: processes.Program) -> Iterator[str]:
    """The address of a web process (with whatever else is to run)."""
    with site(*others) as (url, _):
        yield url


def kill(keeper: processes.Processes, name: str) -> None:
    """kill -9 of a program and all that it started; the keeper starts it again in a second."""
    child = next(child for child in keeper.children if child.program.name == name)
    if child.process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)


def signed_in(url: str, username: str) -> httpx.Client:
    """A client with the token of somebody whom tests.make made."""
    found = client(url)
    answer = found.post("/api/token/", json={"username": username, "password": make.PASSWORD})
    found.headers["Authorization"] = f"Token {answer.json()['token']}"
    return found


def is_ready(client: httpx.Client) -> bool:
    """Whether the site says so; while it starts again it may not answer at all."""
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def wait_for(what: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
