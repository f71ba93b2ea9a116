"""The process that reads Parquet: `python -m review.formats.parquet_table MEMORY < file` prints the rows as JSON lines,
with `any` as second argument also rows that are no manifest's; with a file of changes there, the same table with these
changes in it. Its memory is limited."""

import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from arro3.core import Array, DataType, RecordBatchReader, Schema
from arro3.io import read_json, read_parquet, write_parquet

from . import columns
from .base import Box, Change, Changes, SourceError

BATCH = 2000
CELL = 100_000  # characters; a longer one is no attribute


def main() -> None:
    """What the process of its own does."""
    limit_memory(int(sys.argv[1]))
    try:
        if sys.argv[2:] == ["any"]:
            print_rows(checked=False)
        elif len(sys.argv) > 2:
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
    try:
        return read_parquet(sys.stdin.buffer, batch_size=batch)
    except BaseException:  # The library's panics are no exceptions of the ordinary kind.
        raise SourceError("The file is not a Parquet file, or it is broken.") from None


def print_rows(checked: bool = True) -> None:
    reader = opened()
    names = list(reader.schema.names)
    if checked:
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
    for name, new in cells(changes, found, batch.schema.names).items():
        field = batch.schema.field(name)
        values = batch.column(name).to_pylist()
        kind = field.type.value_type if DataType.is_dictionary(field.type) else field.type
        for number, value in new.items():
            values[number] = fitting(value, kind)
        array = as_array(values, field.with_type(kind)).cast(field.type)
        batch = batch.set_column(batch.schema.names.index(name), field, array)
    if gone := {number for number, change in changes.items() if change.removed}:
        batch = batch.take(Array([n for n in range(batch.num_rows) if n not in gone], type=DataType.uint32()))
    return batch


def as_array(values: list[Any], field: Any) -> Any:
    """The values as a column; lists by way of JSON, which the library's own constructor does not take."""
    if not DataType.is_nested(field.type):
        return Array(values, type=field.type)
    text = "".join(json.dumps({field.name: value}) + "\n" for value in values)
    read = read_json(io.BytesIO(text.encode()), Schema([field]), batch_size=len(values)).read_all()
    return read.column(field.name).combine_chunks()


def fitting(value: Any, kind: Any) -> Any:
    """A new value in the column's kind; a column of whole numbers takes the nearest one."""
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
