"""Backup and restore for real: into an empty second site, row by row and object by object the same."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mlfix_site import embedded, processes
from tests import live
from tests.upgrade.test_upgrade import newest_release

from .conftest import Site

FINGERPRINT = """
import hashlib, json
from django.db import connection
from mlfix_site.database import tables
found = {}
with connection.cursor() as cursor:
    for table in tables(cursor):
        cursor.execute(f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
        found[table] = cursor.fetchone()
print(json.dumps(found))
"""


def rows(site: Site) -> dict[str, Any]:
    """{table: [its rows, a hash of them all]}."""
    done = site.run("shell", "-v", "0", "-c", FINGERPRINT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def objects(site: Site) -> dict[str, str]:
    """{object in storage: the hash of what it holds}."""
    files = [path for path in (site.var / "storage").rglob("*") if path.is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def first(site: Site) -> Iterator[Site]:
    """A site with a campaign half reviewed: the one that the last release keeps. Its engines stay up."""
    with site.engines():
        site.made("restore", str(newest_release()))
        yield site


@pytest.fixture(scope="module")
def saved(first: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backup")
    made = first.made("backup", str(folder / "site.tar"))
    assert made["objects"] == len(objects(first)) > 5 and made["rows"] > 200
    assert (folder / "site.tar").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["site.tar"]
    return folder / "site.tar"


@pytest.fixture
def second(saved: Path, second_site: Site) -> Iterator[Site]:
    with second_site.engines():
        yield second_site


def test_a_restored_site_is_the_same_in_every_row_and_object_and_serves_its_crops(
    first: Site, saved: Path, second: Site
) -> None:
    second.made("restore", str(saved))
    assert rows(second) == rows(first)
    assert objects(second) == objects(first)
    assert all(name == content for name, content in objects(second).items())
    assert second.made("check_invariants") == {"breaches": 0}
    web = processes.web(port := embedded.free_port())
    with second.processes(web):
        client = live.signed_in(f"http://127.0.0.1:{port}", "ann")
        lent = client.get("/api/assignments/?mine").json()["results"][0]
        crop = client.get(f"/api/assignments/{lent['id']}/tiles/0/crop/")
        assert crop.status_code == 200 and crop.content.startswith(b"\xff\xd8\xff")


def test_data_that_is_there_is_thrown_away_by_force_alone(first: Site, saved: Path, second: Site) -> None:
    second.run("restore", str(saved))
    second.run("shell", "-c", "User.objects.create(username='afterwards')")
    refused = second.run("restore", str(saved))
    assert refused.returncode == 1 and "Restore into an empty one, or give --force" in refused.stderr
    assert "afterwards" in second.run("shell", "-v", "0", "-c", "print(list(User.objects.all()))").stdout
    second.made("restore", "--force", str(saved))
    assert rows(second) == rows(first)


def forged(saved: Path, target: Path, change: Any) -> Path:
    """The backup with each member passed through `change(name, data)`, which may drop it by None."""
    with tarfile.open(saved) as old, tarfile.open(target, "w") as new:
        for member in old:
            source = old.extractfile(member)
            assert source is not None
            if changed := change(member.name, source.read()):
                made = tarfile.TarInfo(changed[0])
                made.size = len(changed[1])
                new.addfile(made, io.BytesIO(changed[1]))
    return target


def test_a_broken_or_foreign_file_is_refused_in_a_sentence_and_changes_nothing(
    saved: Path, second: Site, tmp_path: Path
) -> None:
    whole = saved.read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.tar").write_text("image,label\n")
    (tmp_path / "empty.tar").write_bytes(b"")
    with tarfile.open(tmp_path / "foreign.tar", "w") as tar:
        tar.add(__file__, "holiday.jpg")

    def endless(name: str, data: bytes) -> Any:
        return None if name == "end.json" else (name, data)

    left_out: list[str] = []

    def short(name: str, data: bytes) -> Any:
        if name.startswith("objects/") and not left_out:
            left_out.append(name)
            return None
        return name, data

    def altered(name: str, data: bytes) -> Any:
        return name, data[:-1] + b"!" if name.startswith("objects/") else data

    def altered_dump(name: str, data: bytes) -> Any:
        return name, data.replace(b"review", b"rewiev", 1) if name == "database.dump" else data

    def escaping(name: str, data: bytes) -> Any:
        return "../../outside" if name.startswith("objects/") else name, data

    def newer(name: str, data: bytes) -> Any:
        if name != "mlfix-backup.json":
            return name, data
        said = json.loads(data)
        return name, json.dumps(
            {**said, "version": "9.0.0", "migrations": [*said["migrations"], "review.0999_later"]}
        ).encode()

    for change in (endless, short, altered, altered_dump, escaping, newer):
        forged(saved, tmp_path / f"{change.__name__}.tar", change)
    sentences = {
        "cut": "is broken",
        "text": "is not a backup of MLfix",
        "empty": "is not a backup of MLfix",
        "foreign": "is not a backup of MLfix",
        "endless": "is broken: its end is missing",
        "short": "is broken: parts of it are missing",
        "altered": "is not what it was",
        "altered_dump": "is broken: parts of it are missing or are not what they were",
        "escaping": "'../../outside' does not belong in it",
        "newer": "was made by MLfix 9.0.0, which is newer than this one",
        "absent": "No such file",
    }
    # Many times in one process: each start of manage.py costs seconds.
    check = "from mlfix_site import backup\nfrom pathlib import Path\nimport json\nfound = {}\n"
    check += f"for name in {list(sentences)!r}:\n"
    check += f"    try: backup.restore(Path({str(tmp_path)!r}) / f'{{name}}.tar', force=True, say=lambda *_: None)\n"
    check += "    except (backup.BackupError, OSError) as reason: found[name] = str(reason)\nprint(json.dumps(found))"
    before = rows(second), objects(second)
    done = second.run("shell", "-v", "0", "-c", check)
    said = json.loads(done.stdout.splitlines()[-1])
    assert {name for name in sentences if sentences[name] not in said.get(name, "")} == set(), said
    assert (rows(second), objects(second)) == before
    refused = second.run("restore", "--force", str(tmp_path / "cut.tar"))
    assert (refused.returncode, refused.stdout) == (1, "") and "Traceback" not in refused.stderr


def test_a_dump_that_postgresql_refuses_leaves_the_database_as_it_was(
    saved: Path, second: Site, tmp_path: Path
) -> None:
    def miscounted(name: str, data: bytes) -> Any:
        if name != "mlfix-backup.json":
            return name, data
        said = json.loads(data)
        said["rows"]["review_item"] += 1
        return name, json.dumps(said).encode()

    before = rows(second)
    refused = second.run("restore", "--force", str(forged(saved, tmp_path / "miscounted.tar", miscounted)))
    assert refused.returncode == 1
    assert "The database was left as it was: psql failed" in refused.stderr
    assert rows(second) == before


def test_servers_that_the_environment_names_are_backed_up_and_restored_too(
    first: Site, saved: Path, tmp_path: Path
) -> None:
    url = os.environ["DATABASE_URL"]
    home = psycopg.connect(url, autocommit=True)
    third = Site(tmp_path / "third")
    third.var.mkdir()
    third.environment["DATABASE_URL"] = url.replace("/mlfix?", "/restored?")
    third.environment["REDIS_URL"] = os.environ["REDIS_URL"]
    home.execute("DROP DATABASE IF EXISTS restored")
    home.execute("CREATE DATABASE restored")
    try:
        assert third.run("migrate").returncode == 0
        with saved.open("rb") as file:
            third.run("restore", "-", stdin=file)
        assert rows(third) == rows(first)
        assert third.made("backup", str(tmp_path / "again.tar"))["rows"] > 200
    finally:
        home.execute("DROP DATABASE restored WITH (FORCE)")
        home.close()


def test_data_of_another_postgresql_is_refused_and_what_the_refusal_names_carries_it_over(
    first: Site, saved: Path, second_site: Site
) -> None:
    folder = embedded.Engines(second_site.var).postgres.data
    (folder / "PG_VERSION").write_text("17\n")
    refused = second_site.run("check_invariants")
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert f"The data in {folder} is of PostgreSQL 17, this MLfix embeds 18. Run `manage.py backup`" in refused.stderr
    assert "then run `manage.py restore`" in refused.stderr
    folder.rename(folder.with_name("postgres-17"))
    with second_site.engines():
        second_site.made("restore", str(saved))
        assert rows(second_site) == rows(first)
