"""Parquet: the same columns in a typed table, read in a process whose memory is limited."""

import io
import json

import pytest
from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema, Table
from arro3.io import read_json, read_parquet, write_parquet

from tests.sources import PICTURE, bring_in, exported, reasons, revise

FILES = {"a.jpg": PICTURE, "b.jpg": PICTURE}
TEXT = DataType.utf8()
CATEGORY = DataType.dictionary(DataType.int32(), TEXT)


def column(values: list, kind: DataType) -> Array:
    if DataType.is_nested(kind):
        text = "".join(json.dumps({"v": value}) + "\n" for value in values).encode()
        return read_json(io.BytesIO(text), Schema([Field("v", kind, nullable=True)])).read_all().column("v").chunks[0]
    return Array(values, type=kind.value_type if DataType.is_dictionary(kind) else kind).cast(kind)


def parquet(columns: dict[str, tuple[list, DataType]], **options) -> bytes:
    schema = Schema([Field(name, kind, nullable=True) for name, (_, kind) in columns.items()])
    arrays = [column(values, kind) for values, kind in columns.values()]
    out = io.BytesIO()
    batch = RecordBatch.from_arrays(arrays, schema=schema)
    write_parquet(RecordBatchReader.from_batches(schema, [batch]), out, **options)
    return out.getvalue()


def table(data: bytes) -> Table:
    return read_parquet(io.BytesIO(data)).read_all()


def values(data: bytes) -> dict[str, list]:
    read = table(data)
    return {name: [v for chunk in read.column(name).chunks for v in chunk.to_pylist()] for name in read.column_names}


@pytest.fixture
def three() -> bytes:
    return parquet(
        {
            "image": (["a.jpg", "b.jpg", "missing.jpg"], TEXT),
            "label": (["disc", "bar", "disc"], CATEGORY),
            "x": ([1, 2, 0], DataType.int64()),
            "y": ([1, 2, 0], DataType.int64()),
            "width": ([20, 30, 5], DataType.float32()),
            "height": ([20, 30, 5], DataType.float32()),
            "track": ([7, None, 9], DataType.int16()),
            "blob": ([b"\x00\xff", None, b"z"], DataType.binary()),
        }
    )


def test_a_table_comes_in_and_what_json_cannot_say_stays_in_the_file(project, lead, three):
    made, job = bring_in(project, lead, FILES, three, "anything.bin")
    assert (job.state, made.format) == ("done", "parquet")
    rows = list(made.items.order_by("row").select_related("label", "object"))
    assert [(r.key, r.label.name, r.object.box, r.attributes) for r in rows] == [
        ("a.jpg", "disc", (1, 1, 20, 20), {"track": 7}), ("b.jpg", "bar", (2, 2, 30, 30), {}),
    ]  # fmt: skip
    assert "no image missing.jpg" in reasons(made)[3][1]


def test_without_fixes_the_table_comes_back_to_the_byte(project, lead, three):
    made, _ = bring_in(project, lead, FILES, three)
    assert exported(made, lead) == three


def test_fixes_change_their_cells_and_the_types_stay(project, lead, three):
    made, _ = bring_in(project, lead, FILES, three)
    revise(made, "a.jpg", "label", "bar")
    revise(made, "a.jpg", "box", [3.0, 4.0, 10.5, 20.0])
    after = exported(made, lead)
    assert table(after).schema == table(three).schema
    assert values(after) == values(three) | {
        "label": ["bar", "bar", "disc"], "x": [3, 2, 0], "y": [4, 2, 0], "width": [10.5, 30, 5],
    }  # fmt: skip
    revise(made, "b.jpg", "removed", True)
    assert values(exported(made, lead))["image"] == ["a.jpg", "missing.jpg"]


def test_a_column_of_lists_can_hold_the_boxes(project, lead):
    made, _ = bring_in(
        project, lead, FILES,
        parquet({"image": (["a.jpg", "b.jpg"], TEXT), "label": (["disc", "bar"], TEXT),
                 "bbox": ([[1, 1, 20, 20], None], DataType.list(Field("item", DataType.float64(), nullable=True)))}),
    )  # fmt: skip
    assert [i.object.box for i in made.items.order_by("row").select_related("object")] == [(1, 1, 20, 20), None]
    revise(made, "a.jpg", "box", [2.5, 1, 20, 20])
    assert values(exported(made, lead))["bbox"] == [[2.5, 1, 20, 20], None]


def test_a_dataset_of_another_form_is_written_as_a_table_when_asked(project, lead):
    made, _ = bring_in(project, lead, FILES, "image,label,x,y,width,height,track\na.jpg,disc,1,1,20,20.5,t1\n")
    assert values(exported(made, lead, "parquet")) == {
        "key": ["a.jpg"], "image": ["a.jpg"], "label": ["disc"], "x": [1.0], "y": [1.0], "width": [20.0],
        "height": [20.5], "track": ["t1"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PAR1 and nothing more", "not a Parquet file"),
        (parquet({"picture": (["a.jpg"], TEXT), "label": (["disc"], TEXT)}), "no column 'image'"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(project, lead, data, sentence):
    made, job = bring_in(project, lead, FILES, data)
    assert (job.state, made.state) == ("failed", "failed") and sentence in job.message


def test_a_table_that_unpacks_to_more_memory_than_is_given_is_refused_and_the_worker_lives(project, lead, settings):
    settings.READER_MEMORY_BYTES = 600 * 2**20
    long = "x" * 4_000_000
    bomb = parquet(
        {"image": (["a.jpg"] * 400, TEXT), "label": (["disc"] * 400, TEXT), "note": ([long] * 400, TEXT)},
        compression="zstd(3)",
    )
    assert len(bomb) < 10_000_000
    made, job = bring_in(project, lead, FILES, bomb)
    assert (job.state, made.state) == ("failed", "failed") and "unpacks to more than is taken" in job.message
