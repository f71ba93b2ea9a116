"""The processes of the site: all start, the dead come back, and none is left."""

import re
import signal
import socket
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.live import is_ready

from .conftest import Site


@pytest.fixture(autouse=True)
def stopped(site: Site) -> Iterator[None]:
    """Whatever a test has started, or left running by failing, is gone before the next one."""
    yield
    site.stop()


def test_up_answers_and_ctrl_c_leaves_no_process(site: Site) -> None:
    client = site.start("up")
    assert is_ready(client)
    family = site.family()
    assert {"uvicorn", "-Q general", "-Q ranking", "beat", "valkey-server", "bin/postgres"} <= set(family)
    assert site.stop(signal.SIGINT) == 0
    _, alive = psutil.wait_procs(list(family.values()), timeout=10)
    assert not alive
    assert not (site.var / "site.json").exists()


def test_whoever_starts_a_new_site_makes_its_first_account_by_the_link_that_is_shown(site: Site) -> None:
    client = site.start("up")
    assert (shown := re.search(r"It has no account yet. Make yours at \S+(/begin/\S+)", site.out.read_text()))
    account = {"username": "ada", "password": "12345678"}
    assert client.get("/begin/guessed/").headers["location"] == "/login/"
    assert "Make the account that it begins with" in client.get(shown[1]).text
    account["csrfmiddlewaretoken"] = client.cookies["csrftoken"]
    refused = client.post(shown[1], data=account)
    assert refused.status_code == 400 and "too common" in refused.text
    assert client.post(shown[1], data=account | {"password": "correct-horse-battery"}).headers["location"] == "/"
    assert client.get("/").status_code == 200
    client.cookies.clear()
    assert client.get(shown[1]).headers["location"] == "/login/"  # once there is an account, it makes none
    site.stop()
    site.start("up")
    assert "no account" not in site.out.read_text()


def test_a_process_that_dies_is_started_again_and_a_polite_kill_ends_all(site: Site) -> None:
    client = site.start("up")
    family = site.family()
    family["uvicorn"].kill()
    end = time.monotonic() + 30
    while not is_ready(client) and time.monotonic() < end:
        time.sleep(0.1)
    assert is_ready(client)
    assert "web was killed by signal 9; it starts again in 1 s" in site.out.read_text()
    assert site.stop(signal.SIGTERM) == 0
    assert not psutil.wait_procs(list(family.values()), timeout=10)[1]


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux ties a child to the life of its parent.")
def test_the_children_die_with_a_killed_parent_and_the_next_command_ends_its_engines(site: Site) -> None:
    site.start("up")
    family = site.family()
    site.stop(signal.SIGKILL)
    tied = [family[name] for name in ("uvicorn", "-Q general", "-Q ranking", "beat")]
    assert not psutil.wait_procs(tied, timeout=10)[1]
    assert site.made("check_invariants") == {"breaches": 0}
    assert not psutil.wait_procs(list(family.values()), timeout=10)[1]


def test_a_second_site_on_the_same_data_and_a_port_in_use_are_told_in_one_sentence(site: Site) -> None:
    client = site.start("up")
    refused = site.run("up", "--port", "0")
    assert refused.returncode == 1
    assert f"MLfix runs already at {str(client.base_url).rstrip('/')}" in refused.stderr
    site.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = site.run("up", "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "PORT=" in refused.stderr
