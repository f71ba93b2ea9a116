"""The whole site in one tar file: the database as of one moment, and every object in storage.

    mlfix-backup.json    first: what this is, and how many rows each table has
    database.dump        pg_dump's own format
    objects/<sha256>     the storage's objects, each named by its content
    end.json             last: how many objects there were, so that a file cut short is known for one

Objects are added before the rows that name them, and crops removed a day after the last row that is shown: copied after
the database, none is missing. The file holds password hashes and everybody's looks: keep it like the site itself.
"""

import hashlib
import io
import json
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.cache import cache
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from mlfix_site import database, running
from review.storage import store

FORMAT = 1
FIRST, DUMP, LAST = "mlfix-backup.json", "database.dump", "end.json"
OBJECT = re.compile("objects/([0-9a-f]{64})")
BLOCK = 2**20
MOST_JSON = 16 * 2**20

Say = Callable[[str, int, int | None], None]


class BackupError(Exception):
    """A sentence: why there is no backup, or why it was not restored."""


@dataclass
class Facts:
    """What the first member says."""

    format: int
    version: str
    at: str
    migrations: list[str]
    rows: dict[str, int]
    dump_sha256: str


def write(target: IO[bytes], scratch: Path, say: Say) -> dict[str, Any]:
    """Write a backup to `target`, which need not be seekable. The dump passes through a file in `scratch`."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".mlfix-backup-") as folder:
        dump = Path(folder) / DUMP
        say("Dumping the database", 0, None)
        migrations, rows = database.dump(dump)
        facts = Facts(FORMAT, settings.VERSION, timezone.now().isoformat(), migrations, rows, sha256_of(dump))
        with tarfile.open(fileobj=target, mode="w|") as tar:
            add_json(tar, FIRST, asdict(facts))
            tar.add(dump, DUMP, filter=anonymous)
            objects, size = add_objects(tar, say)
            add_json(tar, LAST, {"objects": objects, "bytes": size})
    return {"rows": sum(rows.values()), "objects": objects, "bytes": size}


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names of this machine's users."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def add_json(tar: tarfile.TarFile, name: str, content: dict[str, Any]) -> None:
    data = json.dumps(content, indent=1).encode()
    member = anonymous(tarfile.TarInfo(name))
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def add_objects(tar: tarfile.TarFile, say: Say) -> tuple[int, int]:
    """(how many, their bytes)."""
    count, total = 0, 0
    for key in store().every_key():
        member = anonymous(tarfile.TarInfo(f"objects/{key}"))
        member.size = store().size(key)
        with store().open(key) as source:
            tar.addfile(member, source)
        count, total = count + 1, total + member.size
        say("Copying objects", count, None)
    return count, total


def restore(path: Path, *, force: bool, say: Say) -> dict[str, Any]:
    """Make the site what the backup holds and bring it up to date. The file is read through before anything is
    changed, and the database changes in one step or not at all. Raises BackupError."""
    try:
        facts = check(path, say)
    except (tarfile.TarError, ValueError) as reason:
        raise BackupError(f"{path} is not a backup of MLfix, or it is broken ({reason}).") from None
    if not force and (tables := database.filled_tables()):
        raise BackupError(
            f"The database holds data already ({', '.join(tables[:3])}). Restore into an empty one, or give --force "
            "to throw away what is there."
        )
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.VAR, prefix=".mlfix-restore-") as folder:
        dump, objects = unpack(path, Path(folder), facts, say)
        say("Restoring the database", 0, None)
        try:
            database.restore(dump, facts.rows)
        except database.ProgramError as reason:
            raise BackupError(f"The database was left as it was: {reason}") from None
    # What it remembered belongs to what was there before.
    cache.clear()
    running.migrate()
    return {"version": facts.version, "at": facts.at, "rows": sum(facts.rows.values()), "objects": objects}


def unpack(path: Path, folder: Path, facts: Facts, say: Say) -> tuple[Path, int]:
    """Objects go to storage, where more than are named do no harm; (the dump as a file, how many objects)."""
    count, piece = 0, folder / "piece"
    for member, source in members(path):
        if member.name == DUMP:
            copy(source, folder / DUMP)
            if sha256_of(folder / DUMP) != facts.dump_sha256:
                raise BackupError(f"{path} changed while it was read.")
        elif match := OBJECT.fullmatch(member.name):
            copy(source, piece)
            if store().put_file(str(piece)) != match[1]:
                raise BackupError(f"{path} changed while it was read.")
            count += 1
            say("Restoring objects", count, None)
    return folder / DUMP, count


def copy(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        while block := source.read(BLOCK):
            file.write(block)


def check(path: Path, say: Say) -> Facts:
    """Read all of it: the right members in the right order, each with the content that it was written with."""
    found = members(path)
    facts = facts_of(path, *next(found, (None, None)))
    count, dump, end = 0, "", None
    for member, source in found:
        if end is not None:
            raise broken(path, f"{member.name} follows its end")
        if member.name == LAST:
            end = json.loads(source.read(MOST_JSON))
        elif member.name == DUMP:
            dump = digest(source)
        elif not (match := OBJECT.fullmatch(member.name)):
            raise broken(path, f"{member.name!r} does not belong in it")
        elif digest(source) != match[1]:
            raise broken(path, f"{member.name} is not what it was")
        else:
            count += 1
            say("Reading the backup", count, None)
    if end is None:
        raise broken(path, "its end is missing")
    if dump != facts.dump_sha256 or count != end["objects"]:
        raise broken(path, "parts of it are missing or are not what they were")
    return facts


def facts_of(path: Path, member: tarfile.TarInfo | None, source: IO[bytes] | None) -> Facts:
    if member is None or source is None or member.name != FIRST:
        raise BackupError(f"{path} is not a backup of MLfix.")
    try:
        said = json.loads(source.read(MOST_JSON))
        if said["format"] != FORMAT:
            raise BackupError(f"{path} was made by MLfix {said['version']}, in a form that this one cannot read.")
        facts = Facts(**said)
    except (ValueError, KeyError, TypeError):
        raise broken(path, f"its {FIRST} cannot be read") from None
    if unknown := set(facts.migrations) - known_migrations():
        raise BackupError(
            f"{path} was made by MLfix {facts.version}, which is newer than this one ({settings.VERSION}; it does not "
            f"know {min(unknown)}). Restore it with that version."
        )
    return facts


def known_migrations() -> set[str]:
    loader = MigrationLoader(None)
    replaced = {".".join(key) for m in loader.disk_migrations.values() for key in m.replaces}
    return {".".join(key) for key in loader.disk_migrations} | replaced


def members(path: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Regular files of the archive with their content, which is to be read before the next one is asked for."""
    with tarfile.open(path, mode="r|") as tar:
        for member in tar:
            source = tar.extractfile(member) if member.isreg() else None
            if source is None:
                raise broken(path, f"{member.name!r} is no file")
            yield member, source


def digest(source: IO[bytes]) -> str:
    found = hashlib.sha256()
    while block := source.read(BLOCK):
        found.update(block)
    return found.hexdigest()


def broken(path: Path, reason: str) -> BackupError:
    return BackupError(f"{path} is broken: {reason}. Nothing was changed.")
