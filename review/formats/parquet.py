"""Parquet: the columns of the CSV manifest. Read in a process of its own whose memory is limited (parquet_table.py), as
a file of a few bytes can unpack to more than a machine has; what comes out of it are JSON lines."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from . import columns, jsonl
from .base import LONGEST_LINE, BadRow, Changes, Columns, Limits, Row, SourceError, Written

ROOT = Path(__file__).resolve().parent.parent.parent
BATCH = 2000
ANY = "any"  # rows of whatever columns


def read(file: IO[bytes], limits: Limits) -> Iterator[Row | BadRow]:
    return jsonl.read_lines(child_lines(file, limits))


def child_lines(file: IO[bytes], limits: Limits, *arguments: str) -> Iterator[str]:
    with child(file, limits, *arguments) as process:
        assert process.stdout
        number = 0
        while line := process.stdout.readline(LONGEST_LINE):
            number += 1
            if not line.endswith(b"\n"):
                break
            yield line.decode()
        check_end(process, number)


@contextlib.contextmanager
def child(file: IO[bytes], limits: Limits, *arguments: str) -> Iterator[subprocess.Popen]:
    """The reading process, its input a copy of the file (storage may be a bucket)."""
    with tempfile.TemporaryFile() as copy:
        while block := file.read(2**20):
            copy.write(block)
        copy.seek(0)
        command = [sys.executable, "-m", "review.formats.parquet_table", str(limits.memory_bytes), *arguments]
        with subprocess.Popen(command, stdin=copy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
            try:
                yield process
            finally:
                process.kill()


def check_end(process: subprocess.Popen, number: int) -> None:
    assert process.stderr
    said = process.stderr.read(5000).decode(errors="replace").strip()
    if process.wait() == 0:
        return
    if process.returncode == 3:
        raise SourceError(said)
    raise SourceError(
        f"The Parquet file could not be read beyond row {number:,}: it is broken, or unpacks to more than is taken."
    )


def rewrite(file: IO[bytes], changes: Changes, limits: Limits) -> Iterator[bytes]:
    """The same table, types and all, with the changes in its cells."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as wanted:
        json.dump({number: [c.label, c.box, c.removed] for number, c in changes.items()}, wanted)
        wanted.flush()
        with child(file, limits, wanted.name) as process:
            assert process.stdout
            while block := process.stdout.read(2**20):
                yield block
            check_end(process, 0)


def write(rows: Iterable[Written], has: Columns) -> Iterator[bytes]:
    """A table of items that came in another form; attributes that are no texts are written as JSON."""
    from arro3.core import Array, DataType, RecordBatch, RecordBatchReader, Schema
    from arro3.core import Field as Column
    from arro3.io import write_parquet

    text, number = DataType.utf8(), DataType.float64()
    kinds = {"key": text, "image": text, "label": text} | dict.fromkeys(columns.BOX if has.boxes else (), number)
    kinds |= {name: text for name in has.attributes if name not in kinds}
    schema = Schema([Column(name, kind, nullable=True) for name, kind in kinds.items()])

    def batches() -> Iterator[Any]:
        for part in parts(rows):
            cells = [cells_of(row) for row in part]
            arrays = [Array([cell.get(name) for cell in cells], type=kind) for name, kind in kinds.items()]
            yield RecordBatch.from_arrays(arrays, schema=schema)

    with tempfile.NamedTemporaryFile(suffix=".parquet") as out:
        write_parquet(RecordBatchReader.from_batches(schema, list(batches())), out.name)
        while block := out.read(2**20):
            yield block


def parts(rows: Iterable[Written]) -> Iterator[list[Written]]:
    part: list[Written] = []
    for row in rows:
        part.append(row)
        if len(part) == BATCH:
            yield part
            part = []
    if part:
        yield part


def cells_of(row: Written) -> dict[str, Any]:
    box = dict(zip(columns.BOX, row.box, strict=True)) if row.box else {}
    more = {n: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for n, v in row.attributes.items()}
    return more | {"key": row.key, "image": row.image, "label": row.label} | box
