"""What the site sends to addresses that somebody typed: to the public internet alone, within seconds, unread.

Requests-hardened looks the name up once, refuses what is private, loopback, link-local or stands for such an address in
another form, and connects to the very address that it has looked at, so that a name that changes between two looks
gains nothing. Redirects are never followed, proxies and passwords of the environment never used, and no body is ever
read.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress, filter_host
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

SECONDS = 10.0  # in all, from the look-up of the name to the first line of the answer
LOOK_UP_SECONDS = 5.0
AGENT = "MLfix-webhooks"
NO_ADDRESS = "This is not an address. Write one like https://example.org/hooks/mlfix."
PRIVATE = "This address leads into a private network, where nothing is sent. Name one that the internet reaches."
LATE = f"It did not answer within {SECONDS:.0f} s."
PORTS = {"https": 443, "http": 80}
T = TypeVar("T")


class Refused(Exception):
    """Nothing is sent there; the sentence says why."""


@dataclass(frozen=True)
class Answer:
    """The status of an answer, or None where there was none; and what is wrong with it, empty where nothing is."""

    status: int | None
    trouble: str = ""


class Line:
    """The sockets that a request opened, so that they can be cut off however slowly somebody talks."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sockets: list[Any] = []
        self.over = False

    def add(self, socket: Any) -> None:
        with self.lock:
            self.sockets.append(socket)
        if self.over:
            self.cut()

    def cut(self) -> None:
        with self.lock:
            self.over = True
            for socket in self.sockets:
                try:
                    socket.shutdown(2)
                except OSError:
                    pass  # the other side was quicker


def check(url: str) -> None:
    """Raises Refused where nothing could be sent to this address as things stand now."""
    host, port = understood(url)
    if not settings.WEBHOOK_PRIVATE:
        look_up(host, port)


def understood(url: str) -> tuple[str, int]:
    """The host and port of an address that one may send to, as far as its text says; else Refused."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        requests.Request("POST", url).prepare()
    except (ValueError, requests.RequestException):
        raise Refused(NO_ADDRESS) from None
    if not url.isprintable() or any(sign.isspace() or sign == "\\" for sign in url):
        raise Refused(NO_ADDRESS)
    if parts.scheme not in PORTS or (parts.scheme == "http" and not settings.WEBHOOK_PRIVATE):
        raise Refused("The address must begin with https://.")
    if not host:
        raise Refused(NO_ADDRESS)
    if "@" in parts.netloc:
        raise Refused("Leave the name and the password out of the address: each request is signed instead.")
    return host, port or PORTS[parts.scheme]


def look_up(host: str, port: int) -> None:
    try:
        in_time(LOOK_UP_SECONDS, lambda: filter_host(host, port, allow_loopback=False))
    except InvalidIPAddress:
        raise Refused(PRIVATE) from None
    except (TimeoutError, ValueError, OSError):
        raise Refused(f"There is no host {host!r}, or its name could not be looked up just now.") from None


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send it; what comes of it is in the answer, and nothing is raised. Takes SECONDS at most."""
    line = Line()
    try:
        understood(url)
        return in_time(SECONDS, lambda: sent(url, body, headers, line))
    except Refused as reason:
        return Answer(None, str(reason))
    except TimeoutError:
        line.cut()
        return Answer(None, LATE)


def sent(url: str, body: bytes, headers: dict[str, str], line: Line) -> Answer:
    try:
        with session(line) as outward, outward.post(url, data=body, headers=headers, stream=True) as answer:
            return Answer(answer.status_code, wrong_with(answer.status_code))
    except InvalidIPAddress:
        return Answer(None, PRIVATE)
    except requests.Timeout:
        return Answer(None, LATE)
    except requests.exceptions.SSLError:
        return Answer(None, "Its certificate is not good.")
    # Odd names and odd answers end in whatever the library below raises.
    except (requests.RequestException, HTTPError, ValueError, OSError):
        return Answer(None, "It could not be reached.")


def wrong_with(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It answered with a redirect ({status}), which is not followed. Name the address that it leads to."
    return f"It answered {status}."


class Session(HTTPSession):
    """Takes nothing from the environment, and asks no answer where it leads on: of a redirect, followed or not,
    requests would read the whole body."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.trust_env = False

    def get_redirect_target(self, resp: Any) -> None:
        return None


def session(line: Line) -> Session:
    config = Config(
        ip_filter_enable=not settings.WEBHOOK_PRIVATE,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(SECONDS, SECONDS),
        user_agent_override=AGENT,
    )
    made = Session(config)
    for adapter in made.adapters.values():
        pools = {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}
        adapter.poolmanager.pool_classes_by_scheme = {scheme: heard(pool, line) for scheme, pool in pools.items()}
    return made


def heard(pool: type[HTTPConnectionPool], line: Line) -> type[HTTPConnectionPool]:
    """The same pool, whose connections tell the line of their socket."""

    def connect(self: Any) -> None:
        pool.ConnectionCls.connect(self)
        line.add(self.sock)

    connection = type("Connection", (pool.ConnectionCls,), {"connect": connect})
    return type("Pool", (pool,), {"ConnectionCls": connection})


def in_time(seconds: float, what: Callable[[], T]) -> T:
    """What it returns or raises, or TimeoutError while it goes on by itself: a look-up of a name cannot be stopped."""
    came: list[T] = []
    raised: list[BaseException] = []

    def go() -> None:
        try:
            came.append(what())
        except BaseException as error:  # raised again by whoever waits
            raised.append(error)

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not came:
        raise TimeoutError
    return came[0]


def host(url: str) -> str:
    return urlsplit(url).hostname or ""
