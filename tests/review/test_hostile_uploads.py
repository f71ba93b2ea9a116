"""Uploads to a running site: memory stays flat, limits hold while they arrive, and what is cut off leaves nothing."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from rest_framework.authtoken.models import Token

from mlfix_site import processes
from mlfix_site.embedded import free_port
from mlfix_site.running import wait_until_ready
from review.storage import store
from tests import live

pytestmark = pytest.mark.django_db(transaction=True)
MEGABYTE = 2**20
BORDER = "border"
LIMIT = 310 * MEGABYTE


def body(megabytes: int) -> Iterator[bytes]:
    yield f'--{BORDER}\r\nContent-Disposition: form-data; name="name"\r\n\r\nLarge\r\n'.encode()
    yield f'--{BORDER}\r\nContent-Disposition: form-data; name="archive"; filename="i.zip"\r\n\r\n'.encode()
    for number in range(megabytes):
        yield number.to_bytes(4, "big") * (MEGABYTE // 4)
    yield f"\r\n--{BORDER}--\r\n".encode()


def length(megabytes: int) -> int:
    return sum(len(part) for part in body(0)) + megabytes * MEGABYTE


class Server:
    def __init__(self, url: str, temporary: Path, web: psutil.Process, token: str) -> None:
        self.url, self.temporary, self.web = url, temporary, web
        self.headers = {
            "Authorization": f"Token {token}", "Content-Type": f"multipart/form-data; boundary={BORDER}"
        }  # fmt: skip

    def peak(self) -> int:
        """The most memory that the web process ever had, in MB."""
        status = Path(f"/proc/{self.web.pid}/status").read_text()
        return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def waiting(self) -> list[str]:
        """Files that uploads have left, with a name or open without one."""
        opened = [os.readlink(one) for one in Path(f"/proc/{self.web.pid}/fd").iterdir() if one.is_symlink()]
        return [str(path) for path in self.temporary.iterdir()] + [
            path for path in opened if path.startswith(str(self.temporary))
        ]


@pytest.fixture
def server(transactional_db, lead, tmp_path) -> Iterator[Server]:
    temporary = tmp_path / "uploads"
    temporary.mkdir()
    port = free_port()
    program = processes.web(port, MLFIX_UPLOAD_TMP=str(temporary), MLFIX_MAX_UPLOAD_BYTES=str(LIMIT))
    with live.running(program) as keeper:
        wait_until_ready(f"http://127.0.0.1:{port}")
        process = keeper.children[0].process
        assert process is not None
        yield Server(f"http://127.0.0.1:{port}", temporary, psutil.Process(process.pid),
                     Token.objects.create(user=lead).key)  # fmt: skip


def send(server: Server, project, content, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=120) as client:
        return client.post(
            f"{server.url}/api/projects/{project.pk}/datasets/", content=content, headers=server.headers | headers
        )


def test_an_upload_of_300_mb_leaves_memory_flat_and_no_temporary_file(server, project):
    assert send(server, project, body(1), **{"Content-Length": str(length(1))}).status_code == 202
    before = server.peak()
    answer = send(server, project, body(300), **{"Content-Length": str(length(300))})
    assert answer.status_code == 202, answer.text
    made = project.datasets.order_by("-pk").first()
    assert store().size(made.layout["source"]["archive"]) == 300 * MEGABYTE
    assert server.peak() - before < 64, f"{before} MB grew to {server.peak()} MB"
    live.wait_for(lambda: not server.waiting(), 10)
    store().files.rm_file(store().path(made.layout["source"]["archive"]))


def test_an_upload_that_is_cut_in_the_middle_leaves_nothing(server, project):
    port = int(server.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as wire:
        head = (
            f"POST /api/projects/{project.pk}/datasets/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length(50)}\r\n"
        )
        wire.sendall((head + "".join(f"{k}: {v}\r\n" for k, v in server.headers.items()) + "\r\n").encode())
        for number, part in enumerate(body(50)):
            if number == 20:
                break
            wire.sendall(part)
        live.wait_for(server.waiting, 10)
    live.wait_for(lambda: not server.waiting(), 10)
    assert not project.datasets.exists()


@pytest.mark.parametrize("honest", [True, False], ids=["with its length", "in chunks without one"])
def test_what_is_too_long_or_does_not_say_how_long_is_refused_before_it_has_arrived(server, project, honest):
    sent = 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for part in body(700):
            sent += len(part)
            yield part

    headers = {"Content-Length": str(length(700))} if honest else {}
    try:
        answer = send(server, project, counted(), **headers)
        assert answer.status_code == (413 if honest else 411) and answer.json()["detail"].endswith(".")
    except (httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
        pass  # The server hung up on what it would not take.
    assert sent < 100 * MEGABYTE
    live.wait_for(lambda: not server.waiting(), 10)
    assert not project.datasets.exists()
