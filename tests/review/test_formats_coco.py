"""COCO: annotations as rows, and a file in which every field that we do not understand comes back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.formats import coco
from review.formats.base import Change
from review.operations import export
from review.storage import store
from tests import make
from tests.sources import PICTURE, bring_in, exported, reasons, revise

FILES = {"one.jpg": PICTURE, "folder/two.jpg": PICTURE}


def document() -> dict[str, Any]:
    return {
        "info": {"year": 2020, "nested": {"list": [1, 2.50, None, True]}},
        "licenses": [{"id": 1, "url": "http://example.org/"}],
        "images": [
            {"id": 10, "file_name": "one.jpg", "width": 48, "height": 48, "license": 1, "date": "2020-02-30"},
            {"id": "eleven", "file_name": "folder/two.jpg", "width": 48, "height": 48},
            {"id": 12, "file_name": "lonely.jpg", "width": 9, "height": 9},
        ],
        "annotations": [
            {"id": 100, "image_id": 10, "category_id": 3, "bbox": [1, 2, 20, 20], "area": 400, "iscrowd": 0,
             "segmentation": [[1, 2, 21, 2, 21, 22]], "score": 0.25, "attributes": {"occluded": False}},
            {"id": 101, "image_id": 10, "category_id": 5, "bbox": [20.5, 20.5, 20, 20], "area": 17.75, "iscrowd": 1,
             "segmentation": {"counts": "abc", "size": [48, 48]}},
            {"id": 102, "image_id": "eleven", "category_id": 5, "note": "no box: the whole image"},
        ],
        "categories": [
            {"id": 3, "name": "disc", "supercategory": "shape", "keypoints": ["a"]},
            {"id": 5, "name": "bar", "supercategory": "line"},
            {"id": 7, "name": "unused"},
        ],
        "extra": "ünknown",
    }  # fmt: skip


def text(values: Any, **options: Any) -> bytes:
    return json.dumps(values, **options).encode()


@pytest.mark.parametrize("indent", [None, 2])
def test_annotations_come_in_with_id_box_label_and_attributes(project, lead, indent):
    made, job = bring_in(project, lead, FILES, text(document(), indent=indent), "x.json")
    assert (job.state, made.format) == ("done", "coco")
    rows = list(made.items.order_by("row").select_related("label", "object__image"))
    assert [(r.key, r.object.image.path, r.label.name, r.object.box) for r in rows] == [
        ("100", "one.jpg", "disc", (1, 2, 20, 20)), ("101", "one.jpg", "bar", (20.5, 20.5, 20, 20)),
        ("102", "folder/two.jpg", "bar", None),
    ]  # fmt: skip
    assert rows[0].attributes == {
        "area": 400, "iscrowd": 0, "score": 0.25, "occluded": False, "supercategory": "shape",
    }  # fmt: skip
    assert rows[1].attributes["iscrowd"] == 1


def test_without_fixes_the_file_comes_back_to_the_byte(project, lead):
    given = text(document(), indent=1, ensure_ascii=False)
    made, _ = bring_in(project, lead, FILES, given)
    assert exported(made, lead) == given


def test_fixes_change_their_own_annotations_and_every_other_field_comes_back(project, lead):
    made, _ = bring_in(project, lead, FILES, text(document(), indent=2))
    revise(made, "100", "label", "bar")
    revise(made, "100", "box", [2.0, 2.0, 10.0, 20.5])
    revise(made, "101", "box", [20.0, 20.0, 20.0, 20.0])
    revise(made, "102", "removed", True)
    wanted = document()
    # The area of a box follows it; the area of a mask is left as it was.
    wanted["annotations"][0] |= {"category_id": 5, "bbox": [2, 2, 10, 20.5], "area": 205}
    wanted["annotations"][1] |= {"bbox": [20, 20, 20, 20]}
    del wanted["annotations"][2]
    assert json.loads(exported(made, lead)) == wanted
    assert b"\n  " in exported(made, lead)  # The rest of the text is as it was, indents and all.


def test_the_first_and_the_last_annotation_may_go_and_the_file_stays_whole(project, lead):
    made, _ = bring_in(project, lead, FILES, text(document()))
    for gone in ("100", "102", "101"):
        revise(made, gone, "removed", True)
        left = {str(a["id"]) for a in json.loads(exported(made, lead))["annotations"]}
        assert left == set(made.items.filter(removed=False).values_list("key", flat=True))


def test_a_patch_is_the_changed_annotations_with_their_evidence(project, lead, wrong):
    archive, table, truth = make.source(wrong=wrong)
    made, _ = bring_in(project, lead, archive, as_coco(table))
    make.rank(made)
    made.refresh_from_db()
    campaign = make.campaign(made, lead, policy="solo")
    make.review_alone(campaign, project, truth)
    patch = json.loads(exported(made, lead, kind="patch"))
    names = {category["id"]: category["name"] for category in patch["categories"]}
    images = {image["id"]: image["file_name"] for image in patch["images"]}
    found = {
        a["id"]: (names[a["category_id"]], a["fix"]["old_label"], a["fix"]["change"]) for a in patch["annotations"]
    }
    paths = {a["id"]: images[a["image_id"]] for a in patch["annotations"]}
    assert {a["image_id"] for a in patch["annotations"]} == set(wrong)  # the file's own ids
    assert found == {500 + row: (truth[f"pictures/{row:04d}.jpg"], label, "relabel") for row, label in wrong.items()}
    assert paths == {500 + row: f"pictures/{row:04d}.jpg" for row in wrong}


def test_a_patch_can_be_laid_over_the_file_by_id(project, lead):
    given = document()
    given["annotations"][0]["bbox"] = [1.1000000000000003, 2, 20, 20]
    made, _ = bring_in(project, lead, FILES, text(given))
    made.labels.create(name="ring")
    revise(made, "100", "label", "ring")
    revise(made, "102", "removed", True)
    by_row = {1: {"change": "relabel"}, 3: {"change": "remove"}}
    with store().open(made.layout["source"]["manifest"]) as file:
        patch = json.loads(b"".join(coco.excerpt(file, export.changes(made), by_row)))
    ring = {"id": 8, "name": "ring"}
    assert patch["annotations"] == [
        given["annotations"][0] | {"category_id": 8, "fix": by_row[1]}, given["annotations"][2] | {"fix": by_row[3]}
    ]  # fmt: skip
    assert patch["images"] == given["images"][:2] and patch["categories"] == [*given["categories"], ring]


def as_coco(table: bytes) -> bytes:
    import csv
    import io

    rows = list(csv.DictReader(io.StringIO(table.decode())))
    names = sorted({row["label"] for row in rows})
    return text(
        {
            "images": [{"id": n, "file_name": row["image"]} for n, row in enumerate(rows)],
            "annotations": [
                {"id": 500 + n, "image_id": n, "category_id": names.index(row["label"]),
                 "bbox": [int(row[name]) for name in ("x", "y", "width", "height")]} for n, row in enumerate(rows)
            ],
            "categories": [{"id": n, "name": name} for n, name in enumerate(names)],
        }
    )  # fmt: skip


def test_a_dataset_of_another_form_is_written_as_coco_and_comes_in_again_the_same(project, lead):
    rows = "key,image,label,x,y,width,height\n5,one.jpg,disc,1,1,20,20.5\n6,folder/two.jpg,bar,2,2,9,9\n"
    made, _ = bring_in(project, lead, FILES, rows)
    again, job = bring_in(project, lead, FILES, exported(made, lead, "coco"))
    assert job.state == "done" and again.format == "coco"

    def seen(dataset):
        return [(i.key, i.label.name, i.object.image.path, i.object.box) for i in dataset.items.order_by("row")]

    assert seen(made) == seen(again)


def test_each_bad_annotation_is_refused_and_the_others_come_in(project, lead):
    values = document()
    values["annotations"] += [
        {"id": 100, "image_id": 10, "category_id": 3},
        {"id": 103, "image_id": 99, "category_id": 3},
        {"id": 104, "image_id": 10, "category_id": [3]},
        {"id": 105, "image_id": 12, "category_id": 3},
        {"id": 106, "image_id": 10, "category_id": 3, "bbox": [1, 2, float("nan"), 4]},
        {"id": 107, "image_id": 10, "category_id": 3, "bbox": [1, 2, "4", 4]},
        {"id": 108, "image_id": 10, "category_id": 3, "bbox": [40, 40, 90, 90]},
        {"id": {}, "image_id": 10, "category_id": 3},
        "not an object",
        {"id": 109, "image_id": 10, "category_id": 3, "score": float("inf")},
    ]
    made, job = bring_in(project, lead, FILES, text(values))
    assert job.result == {"items": 3, "labels": 2, "rejected": 10}
    said = [reason for _, (_, reason) in sorted(reasons(made).items())]
    words = ["occurs more than once", "99 is not in the file", "[3] is not in the file", "no image lonely.jpg",
             "not a number", "not a number", "outside its image", "neither a number nor a text", "not an object",
             "not finite"]  # fmt: skip
    assert all(word in reason for word, reason in zip(words, said, strict=True)), said
    assert said[1].endswith("Its id is 103.") and said[6].endswith("Its id is 108.")


def test_half_characters_and_zero_bytes_are_told_without_them(project, lead):
    values = document()
    values["images"].append({"id": "\ud83d", "file_name": "half-\ud83d.jpg"})
    values["annotations"] += [
        {"id": "a\x00b", "image_id": "\udcff\x00", "category_id": 3},
        {"id": "\ud83dc", "image_id": "\ud83d", "category_id": 99},
        {"id": 109, "image_id": "\ud83d", "category_id": 3},
    ]
    made, job = bring_in(project, lead, FILES, text(values))
    assert (job.state, job.result) == ("done", {"items": 3, "labels": 2, "rejected": 3}), job.message
    said = [reason for _, (_, reason) in sorted(reasons(made).items())]
    assert "Its id is ab." in said[0] and "Its id is ?c." in said[1] and "half a character" in said[2]
    assert set(made.rejected.values_list("file", flat=True)) == {"", "half-?.jpg"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'{"images": [], "annotations": [], "categories": [', "ends in the middle, after 49 characters"),
        (b'{"images": [{"id": 1}], "annotations": [{"id": 7, "bb', "ends in the middle, after 53 characters"),
        (b'{"images": [{"id": 1}], "annotations": [{"id": 7, bb: 1}]}', "not JSON after 50 characters"),
        (b'{"images": [1], "annotations": [2], "categories": [3],}', "a comma with nothing after it"),
        (b'{"images": [{"id": 1}], "annotations": [{}]}', "no 'categories'"),
        (b'{"images": [{"id": 1}, {"id": 1}], "annotations": [{}], "categories": [{"id": 1}]}', "two images"),
        (b'{"images": [{"id": 1}], "annotations": [' + b"[" * 100_000, "nested too deep"),
        (b'{"images": [{"id": 1}], "annotations": [' + b"9" * 10_000, "too long"),
        (b'{"images": [{"id": 1}], "annotations": [], "x": "\xff"}', "not in UTF-8"),
        (b'{"images": [{"id": 1}], "annotations": [{}], "categories": [{"id": 1}]} {}', "after its end"),
    ],
)
def test_a_file_that_is_no_coco_is_refused_as_a_whole(project, lead, data, sentence):
    made, job = bring_in(project, lead, FILES, data, format="coco")
    assert (job.state, made.state) == ("failed", "failed") and sentence in job.message, job.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
unknown = st.dictionaries(
    st.text().filter(lambda name: name not in ("images", "annotations", "categories")), json_values
)


@given(unknown, st.sets(st.integers(1, 3)), st.sampled_from([None, 0, 3]), st.booleans())
def test_whatever_lies_about_the_annotations_comes_back(more, gone, indent, ascii_only):
    import io

    values = more | document()
    given_text = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        given_text.decode()
    except UnicodeDecodeError:
        return
    changes = {number: Change(removed=True) for number in gone}
    changes[min({1, 2, 3} - gone, default=1)] = Change(removed=True) if len(gone) == 3 else Change(label="bar")
    got = json.loads(b"".join(coco.rewrite(io.BytesIO(given_text), changes)))
    kept = [dict(a) for n, a in enumerate(values["annotations"], 1) if not changes.get(n, Change()).removed]
    for annotation in kept:
        if changes.get(annotation["id"] - 99, Change()).label:
            annotation["category_id"] = 5
    assert got == values | {"annotations": kept}
    assert b"".join(coco.rewrite(io.BytesIO(given_text), {})) == given_text
