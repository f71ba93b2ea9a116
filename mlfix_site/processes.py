"""The processes of a site: what they are, and a keeper that starts them, restarts them and leaves none behind."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mlfix_site.embedded import var_folder

ROOT = Path(__file__).resolve().parent.parent
TIED = Path(__file__).resolve().parent / "tied.py"
WEB_CONNECTIONS = 20
GENERAL_THREADS = 4
WORKER_NICENESS = 10
LOOK_SECONDS = 0.2
GRACE_SECONDS = 6.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# A process that ran this long was well: the next pause is the first again.
WELL_SECONDS = 60.0
LOG_BYTES = 10 * 2**20


@dataclass(frozen=True)
class Program:
    """What to run: a Python module with its arguments, and the variables it is to have besides ours."""

    name: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    niceness: int = 0

    @property
    def log(self) -> Path:
        return var_folder() / "logs" / f"{self.name}.log"


def web(port: int, reload: bool = False, host: str = "127.0.0.1", **environment: str) -> Program:
    """The pages, the API and the sockets. Forwarding headers are Django's to judge, not the server's."""
    options = ["--host", host, "--port", str(port), "--lifespan", "off", "--no-proxy-headers"]
    options += ["--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "3"]
    if reload:
        folders = [word for name in ("mlfix_site", "review", "frontend") for word in ("--reload-dir", name)]
        options += ["--reload", *folders, "--reload-include", "*.html", "--reload-exclude", "*/node_modules/*"]
    pool = {"DATABASE_POOL": os.environ.get("DATABASE_POOL") or str(WEB_CONNECTIONS)}
    return Program("web", ["uvicorn", "mlfix_site.asgi:application", *options], {**pool, **environment})


def general_worker() -> Program:
    """Threads, not forks: its work waits for PostgreSQL, storage and Pillow, which all let other threads run. So one
    process of modest size does, a long import leaves room for the sweep, and no pool of children can be orphaned."""
    return worker("general", "threads", "--concurrency", str(GENERAL_THREADS))


def ranking_worker() -> Program:
    """One job at a time in the worker's own process, since a fork does not mix with torch."""
    return worker("ranking", "solo", "-I", "ranking.tasks")


def worker(queue: str, pool: str, *options: str) -> Program:
    arguments = ["celery", "-A", "mlfix_site.celery", "worker", "-Q", queue, "-n", f"{queue}@%h", "--pool", pool]
    arguments += ["--loglevel", "INFO", "--without-gossip", "--without-mingle", *options]
    # A worker holds a connection a thread; only the web pools. People wait for the web, and for no worker.
    return Program(queue, arguments, {"DATABASE_POOL": "0"}, WORKER_NICENESS)


def beat() -> Program:
    schedule = str(var_folder() / "beat-schedule")
    arguments = ["celery", "-A", "mlfix_site.celery", "beat", "--schedule", schedule, "--pidfile", ""]
    return Program("beat", [*arguments, "--loglevel", "WARNING"], {"DATABASE_POOL": "0"})


class Child:
    """A program in its process group, or the pause before it is started again."""

    def __init__(self, program: Program, say: Callable[[str], None]) -> None:
        self.program = program
        self.say = say
        self.process: subprocess.Popen | None = None
        self.started = 0.0
        self.due = 0.0
        self.pause = FIRST_PAUSE
        self.told = 0.0

    def start(self) -> None:
        log = self.program.log
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        tie = [sys.executable, "-I", "-S", str(TIED), str(os.getpid()), str(self.program.niceness)]
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [*tie, sys.executable, "-m", *self.program.arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.program.environment},
                start_new_session=True,
            )
        self.started = time.monotonic()

    def tend(self) -> None:
        """Start it when it is due; when it died, say so and set the time to start it again."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
        elif (status := self.process.poll()) is not None:
            self.kill()
            self.pause = FIRST_PAUSE if now - self.started > WELL_SECONDS else self.pause
            self.due, self.process = now + self.pause, None
            self.tell(status)
            self.pause = min(2 * self.pause, LONGEST_PAUSE)

    def tell(self, status: int) -> None:
        """Say how it ended; said once for each length of pause, so that the terminal stays calm."""
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        if self.pause != self.told:
            self.say(f"{self.program.name} {how}; it starts again in {self.pause:.0f} s. Its log: {self.program.log}")
        self.told = self.pause

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def terminate(self) -> None:
        self.signal(signal.SIGTERM)

    def kill(self) -> None:
        """End whatever is left of the process group."""
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        if self.process:
            # The group may be gone; macOS says so with the second error.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Processes:
    """Keeps programs running for the length of a block. One thread starts and ends them all, since Linux ties a child
    to the thread that started it."""

    def __init__(self, programs: list[Program], say: Callable[[str], None]) -> None:
        self.children = [Child(program, say) for program in programs]
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.keep, name="keeper")

    def __enter__(self) -> "Processes":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self.thread.join()

    def keep(self) -> None:
        try:
            while not self.ending.is_set():
                for child in self.children:
                    child.tend()
                self.ending.wait(LOOK_SECONDS)
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask all to end, wait a little, end the rest. A job cut off here goes on at the next start."""
        for child in self.children:
            child.terminate()
        end = time.monotonic() + GRACE_SECONDS
        while any(child.running() for child in self.children) and time.monotonic() < end:
            time.sleep(0.05)
        for child in self.children:
            child.kill()
