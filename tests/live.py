"""A real site on the tests' database: its own processes, as `manage.py up` starts them."""

import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from mlfix_site import processes
from mlfix_site.embedded import free_port
from mlfix_site.running import wait_until_ready


def on_test_database(program: processes.Program) -> processes.Program:
    url = os.environ["DATABASE_URL"].replace("/mlfix?", f"/{connection.settings_dict['NAME']}?")
    return dataclasses.replace(program, environment={**program.environment, "DATABASE_URL": url})


@contextmanager
def running(*programs: processes.Program) -> Iterator[processes.Processes]:
    """Keep these programs running for the length of a block; one that dies is started again."""
    with processes.Processes([on_test_database(p) for p in programs], print) as keeper:
        yield keeper


@contextmanager
def web(*others: processes.Program) -> Iterator[str]:
    """The address of a web process (with whatever else is to run)."""
    port = free_port()
    with running(processes.web(port), *others):
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url)
        yield url


def wait_for(what: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
