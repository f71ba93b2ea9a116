"""Parquet: the columns of the CSV manifest. Read in a process of its own whose memory is limited, since a file of a few
bytes can unpack to more than a machine has; what comes out of it are JSON lines.

As a program: `python -m review.formats.parquet MEMORY < file` prints the rows; with a file of changes as second
argument, the same table with these changes in it.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from . import columns, jsonl
from .base import LONGEST_LINE, BadRow, Box, Change, Changes, Columns, Limits, Row, SourceError, Written

ROOT = Path(__file__).resolve().parent.parent.parent
BATCH = 2000
CELL = 100_000


def read(file: IO[bytes], limits: Limits) -> Iterator[Row | BadRow]:
    return jsonl.read_lines(child_lines(file, limits))


def child_lines(file: IO[bytes], limits: Limits) -> Iterator[str]:
    with child(file, limits) as process:
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
        command = [sys.executable, "-m", "review.formats.parquet", str(limits.memory_bytes), *arguments]
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


def main() -> None:
    """What the process of its own does."""
    limit_memory(int(sys.argv[1]))
    try:
        if len(sys.argv) > 2:
            changed = json.loads(Path(sys.argv[2]).read_text())
            print_table({int(n): Change(label, box and tuple(box), gone) for n, (label, box, gone) in changed.items()})
        else:
            print_rows()
    except SourceError as error:
        sys.stderr.write(str(error))
        sys.exit(3)


def limit_memory(size: int) -> None:
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def opened(batch: int = BATCH) -> Any:
    from arro3.io import read_parquet

    try:
        return read_parquet(sys.stdin.buffer, batch_size=batch)
    except Exception as error:  # The library's own kinds; its sentence says what is broken.
        raise SourceError(f"The file is not a Parquet file, or it is broken: {str(error)[:300]}.") from None


def print_rows() -> None:
    reader = opened()
    names = list(reader.schema.names)
    columns.check(columns.meanings(names), names)
    for batch in reader:
        lists = [batch.column(name).to_pylist() for name in names]
        for values in zip(*lists, strict=True):
            row = {name: as_json(value) for name, value in zip(names, values, strict=True)}
            sys.stdout.write(json.dumps({name: value for name, value in row.items() if value is not None}) + "\n")


def as_json(value: Any) -> Any:
    """A cell as JSON can say it; bytes and cells beyond CELL characters stay in the file alone."""
    if isinstance(value, str) and len(value) > CELL or isinstance(value, bytes):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list):
        return [as_json(one) for one in value[:CELL]]
    if isinstance(value, dict):
        return {str(name): as_json(one) for name, one in value.items()}
    return str(value)


def print_table(changes: Changes) -> None:
    from arro3.core import RecordBatchReader
    from arro3.io import write_parquet

    reader = opened()
    schema = reader.schema
    found = columns.meanings(schema.names)

    def batches() -> Iterator[Any]:
        first = 1
        for batch in reader:
            here = range(first, first + batch.num_rows)
            yield changed(batch, {n - first: c for n, c in changes.items() if n in here}, found)
            first += batch.num_rows

    with tempfile.NamedTemporaryFile(suffix=".parquet") as out:
        write_parquet(RecordBatchReader.from_batches(schema, list(batches())), out.name)
        while block := out.read(2**20):
            sys.stdout.buffer.write(block)


def changed(batch: Any, changes: Changes, found: dict[str, str]) -> Any:
    """The batch with changes (numbered from 0 within it) in its columns."""
    from arro3.core import Array

    for name, new in cells(changes, found, batch.schema.names).items():
        field = batch.schema.field(name)
        values = batch.column(name).to_pylist()
        kind = plain_type(field.type)
        for number, value in new.items():
            values[number] = fitting(value, kind)
        array = Array(values, type=kind).cast(field.type)
        batch = batch.set_column(batch.schema.names.index(name), field, array)
    if gone := {number for number, change in changes.items() if change.removed}:
        from arro3.core import DataType

        batch = batch.take(Array([n for n in range(batch.num_rows) if n not in gone], type=DataType.uint32()))
    return batch


def plain_type(kind: Any) -> Any:
    """A dictionary's own values instead of its numbers."""
    from arro3.core import DataType

    return kind.value_type if DataType.is_dictionary(kind) else kind


def fitting(value: Any, kind: Any) -> Any:
    """A new value in the column's kind; a column of whole numbers takes the nearest one."""
    from arro3.core import DataType

    if isinstance(value, list):
        return [fitting(one, kind.value_type) for one in value]
    if DataType.is_integer(kind):
        return round(float(value))
    return float(value) if DataType.is_floating(kind) else value


def cells(changes: Changes, found: dict[str, str], names: list[str]) -> dict[str, dict[int, Any]]:
    """{column: {row of the batch: new value}}."""
    new: dict[str, dict[int, Any]] = {}
    whole = next((name for name in columns.WHOLE_BOX if name in names), None)
    for number, change in changes.items():
        if change.label is not None:
            new.setdefault(found["label"], {})[number] = change.label
        if change.box is not None:
            put_box(new, number, change.box, found, whole)
    return new


def put_box(new: dict[str, dict[int, Any]], number: int, box: Box, found: dict[str, str], whole: str | None) -> None:
    if whole:
        new.setdefault(whole, {})[number] = list(box)
        return
    for name, value in zip(columns.BOX, box, strict=True):
        if name in found:
            new.setdefault(found[name], {})[number] = value


if __name__ == "__main__":
    main()
