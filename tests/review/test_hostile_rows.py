"""Rows made to do harm: what they say is text, what they point to is inside, or they are refused with the reason."""

import csv
import io

import pytest

from review.models import Image, Item, Shard
from review.storage import store
from tests import make
from tests.sources import PICTURE, bring_in, exported, json_lines, reasons

FILES = {"a.jpg": PICTURE}
NASTY = ["<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "{{7*7}}", "=cmd|' /C calc'!A0",
         "\u202egnp.exe", "'; DROP TABLE review_item; --", "../../etc/passwd", "label\u2028two"]  # fmt: skip


def test_a_label_that_looks_like_a_program_stays_a_text_and_comes_back_as_it_was(project, lead):
    lines = json_lines([{"image": "a.jpg", "label": label, "box": [n, n, 9, 9]} for n, label in enumerate(NASTY)])
    made, job = bring_in(project, lead, FILES, lines)
    assert job.result == {"items": len(NASTY), "labels": len(NASTY), "rejected": 0}, reasons(made)
    assert list(made.items.order_by("row").values_list("label__name", flat=True)) == NASTY
    assert exported(made, lead) == lines
    cells = [row["label"] for row in csv.DictReader(io.StringIO(exported(made, lead, "manifest").decode(), newline=""))]
    assert cells == ["'" + label if label[0] == "=" else label for label in NASTY]


def test_boxes_keys_and_labels_that_cannot_be_are_refused_one_by_one(project, lead):
    rows = [
        ("a.jpg,disc,1,1,9,9,k", "", ""),
        ("a.jpg,disc,nan,1,9,9,k2", "box", "not a number"),
        ("a.jpg,disc,1,1,inf,9,k3", "box", "not a number"),
        ("a.jpg,disc,-40,1,9,9,k4", "box", "outside its image"),
        ("a.jpg,disc,1,1,900,9,k5", "box", "outside its image"),
        ("a.jpg,disc,1,1,-9,9,k6", "box", "no area"),
        (f"a.jpg,{'x' * 10_000},1,1,9,9,k7", "label", "10,000 characters"),
        ("a.jpg,disc,1,1,9,9,k", "key", "more than once"),
        (f"a.jpg,disc,1,1,9,9,{'k' * 1001}", "key", "1,001 characters"),
        ("../../etc/passwd,disc,1,1,9,9,k8", "image", "no image ../../etc/passwd"),
        ("file:///etc/passwd,disc,1,1,9,9,k9", "image", "no image file:///etc/passwd"),
        ("/etc/passwd,disc,1,1,9,9,k10", "image", "no image /etc/passwd"),
        ("a.jpg,di\0sc,1,1,9,9,k11", "label", "zero byte"),
        (f"{'p' * 1001},disc,1,1,9,9,k12", "image", "1,001 characters"),
    ]
    text = "image,label,x,y,width,height,key\n" + "\n".join(line for line, _, _ in rows)
    made, job = bring_in(project, lead, FILES, text)
    assert job.result == {"items": 1, "labels": 1, "rejected": len(rows) - 1}, job.message
    for number, (line, field, words) in enumerate(rows[1:], 2):
        got = reasons(made)[number]
        assert got[0] == field and words in got[1], (line[:50], got)


@pytest.mark.parametrize("path", ["../../../../../../etc/passwd", "file:///etc/passwd", "/etc/passwd", "link.jpg"])
def test_a_manifest_beside_a_folder_cannot_reach_out_of_it(project, lead, tmp_path, path):
    from review.operations import import_

    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(PICTURE)
    (tmp_path / "secret.jpg").write_bytes(PICTURE)
    (tmp_path / "images" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    table = store().put(f"image,label\na.jpg,disc\n{path},disc\n".encode())
    source = {"manifest": table, "folder": str(tmp_path / "images")}
    made, job = import_.start(project=project, by=lead, name="Set", source=source)
    assert make.work(job).result == {"items": 1, "labels": 1, "rejected": 1}
    assert reasons(made)[2][0] == "image"


@pytest.mark.parametrize("format", ["manifest", "jsonl", "parquet", "coco"])
def test_an_export_of_rows_forced_into_the_database_contains_nothing_from_outside(project, lead, tmp_path, format):
    secret = tmp_path / "secret"
    secret.write_text("the secret words")
    made, _ = bring_in(project, lead, FILES, "image,label,x,y,width,height\na.jpg,disc,1,1,9,9\n")
    for path in (f"../../../../../..{secret}", f"file://{secret}", "../../etc/passwd"):
        Image.objects.filter(dataset=made).update(path=path)
        Item.objects.filter(dataset=made).update(attributes={"image": str(secret), "file": f"file://{secret}"})
        for kind in ("full", "patch"):
            data = exported(made, lead, format, kind)
            assert b"secret words" not in data and b"root:" not in data


@pytest.mark.parametrize("climb", ["../../../../../../../../", ""])
def test_a_key_of_storage_that_points_outside_names_nothing(project, lead, tmp_path, climb):
    secret = tmp_path / "secret"
    secret.write_text("the secret words")
    made, _ = bring_in(project, lead, FILES, "image,label\na.jpg,disc\n")
    key = climb + str(secret)
    with pytest.raises(FileNotFoundError):
        store().get(key)
    Shard.objects.filter(dataset=made).update(key=key[-80:])
    item = made.items.get()
    for view in ("crop", "context"):
        assert make.client(lead).get(f"/api/items/{item.pk}/{view}/").status_code == 404


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ("image,label\na.jpg,bär\n".encode("latin-1"), "line 2 holds a byte"),
        ("image,label\na.jpg,bär\n".encode("utf-16")[:-1], "not in UTF-8"),
        (b"file,size\na.jpg,3\n", "no column 'label'"),
        (b"image,label\na.jpg," + b"x" * 5_000_000, "longer than 4,000,000 characters"),
        (b'image,label\n"' + b"x\n" * 3_000_000, "not a CSV file"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9, "not in UTF-8"),
        (b"   \n", "empty"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused_with_the_place(project, lead, manifest, sentence):
    made, job = bring_in(project, lead, FILES, manifest)
    assert (job.state, made.state) == ("failed", "failed") and sentence in job.message, job.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding_that_says_which_it_is_is_read(project, lead, encoding):
    made, job = bring_in(project, lead, FILES, "image,label\r\na.jpg,bär\r\n".encode(encoding))
    assert job.state == "done" and made.labels.get().name == "bär"


def test_more_rows_than_are_taken_are_refused(project, lead, settings):
    settings.MAX_ROWS = 5
    made, job = bring_in(project, lead, FILES, "image,label\n" + "a.jpg,disc\n" * 6)
    assert job.state == "failed" and "more than 5 rows" in job.message
