"""A real HTTP server in a thread that receives webhooks, and does to their senders what it is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """`answers`: the status of each answer in turn, the last one for ever; `acts`: what else to do before it."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    location: str = ""
    body: bytes = b""
    drips: bool = False
    holds: float = 0.0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    sent: int = 0  # bytes of bodies
    ended: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiving(**how: Any) -> Iterator[Receiver]:
    receiver = Receiver(**how)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((dict(self.headers), body))
            receiver.ended.wait(receiver.holds)
            if receiver.drips:
                return drip(self, receiver)
            self.send_response(receiver.next_answer())
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.end_headers()
            return pour(self, receiver)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()


def drip(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """A header that never ends, a letter at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    try:
        while not receiver.ended.is_set():
            handler.wfile.write(b"x")
            receiver.sent += 1
            time.sleep(0.05)
    except OSError:
        pass


def pour(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    """The body, as often as somebody takes it."""
    try:
        for start in range(0, len(receiver.body), 2**16):
            receiver.sent += handler.wfile.write(receiver.body[start : start + 2**16])
    except OSError:
        pass
