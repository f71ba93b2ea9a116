"""JSON Lines: the columns of the CSV manifest as fields, and every line that has no fix comes back to the byte."""

import json

from tests.sources import PICTURE, bring_in, exported, json_lines, reasons, revise

FILES = {"a.jpg": PICTURE, "b.jpg": PICTURE}
LINES = (
    '{"key": "k1", "image":"a.jpg",  "label":"disc", "bbox": [1, 1, 20, 20], "camera": {"lens": [1.50, 2e3]}}\n'
    "\r\n"
    '{"image": "b.jpg", "label": "bär", "x": 2, "y": 2, "width": 30.5, "height": 30, "track": 7}\r\n'
    '{"file_name": "b.jpg", "label": 8, "box": null}'
).encode()


def test_lines_come_in_with_their_boxes_keys_and_attributes(project, lead):
    made, job = bring_in(project, lead, FILES, LINES, "labels.jsonl")
    assert (job.state, made.state, made.format) == ("done", "ready", "jsonl")
    rows = list(made.items.order_by("row").select_related("label", "object"))
    assert [(r.key, r.label.name, r.object.box) for r in rows] == [
        ("k1", "disc", (1, 1, 20, 20)), ("b.jpg", "bär", (2, 2, 30.5, 30)), ("b.jpg#2", "8", None),
    ]  # fmt: skip
    assert [r.attributes for r in rows] == [{"camera": {"lens": [1.5, 2000]}}, {"track": 7}, {}]


def test_without_fixes_the_file_comes_back_to_the_byte(project, lead):
    made, _ = bring_in(project, lead, FILES, LINES)
    assert exported(made, lead) == LINES


def test_a_fix_changes_its_own_fields_of_its_own_line_and_no_other_byte(project, lead):
    made, _ = bring_in(project, lead, FILES, LINES)
    revise(made, "k1", "label", "bär")
    revise(made, "b.jpg", "box", [3.25, 2, 30, 30])
    before, after = LINES.split(b"\n"), exported(made, lead).split(b"\n")
    assert after[1] == before[1] and after[3] == before[3] and after[2].endswith(b"\r")
    assert json.loads(after[0]) == {**json.loads(before[0]), "label": "bär"}
    assert json.loads(after[2]) == {**json.loads(before[2]), "x": 3.25, "width": 30}
    revise(made, "b.jpg", "removed", True)
    assert len(exported(made, lead).splitlines()) == 3


def test_a_relabelled_number_stays_a_number(project, lead):
    rows = json_lines([{"image": "a.jpg", "label": 3}, {"image": "b.jpg", "label": 14}])
    made, _ = bring_in(project, lead, FILES, rows)
    revise(made, "a.jpg", "label", "14")
    assert json.loads(exported(made, lead).splitlines()[0])["label"] == 14


def test_each_bad_line_is_refused_with_its_reason(project, lead):
    bad = {
        '{"image": "a.jpg", "label": ': ("", "not JSON"),
        "[1, 2]": ("", "not an object"),
        '{"image": "a.jpg"}': ("label", "empty"),
        '{"image": "a.jpg", "label": true}': ("label", "neither a text nor a whole number"),
        '{"image": "a.jpg", "label": "disc", "box": [1, 2, 3]}': ("box", "four numbers"),
        '{"image": "a.jpg", "label": "disc", "box": [1, NaN, 3, 3]}': ("box", "not a number"),
        '{"image": "a.jpg", "label": "disc", "box": [1, 1e99, 3, 3]}': ("y", "larger than any image"),
        '{"image": "a.jpg", "label": "disc", "speed": NaN}': ("speed", "not finite"),
        '{"image": "a.jpg", "label": "disc", "note": "\\ud800"}': ("note", "cannot be kept"),
        '{"image": "a.jpg", "label": "di\\u0000sc"}': ("label", "zero byte"),
        '{"image": "a.jpg", "label": "disc", "deep": ' + "[" * 60 + "]" * 60 + "}": ("deep", "nested"),
        "[" * 5000: ("", "not JSON"),
    }  # fmt: skip
    made, job = bring_in(project, lead, FILES, "\n".join(['{"image": "a.jpg", "label": "disc"}', *bad]))
    assert job.result == {"items": 1, "labels": 1, "rejected": len(bad)}
    for number, (field, reason) in enumerate(bad.values(), 2):
        got = reasons(made)[number]
        assert got[0] == field and reason in got[1] and got[1].endswith("."), (number, got)


def test_a_dataset_that_came_as_csv_is_written_as_lines_when_asked(project, lead):
    made, _ = bring_in(project, lead, FILES, "image,label,x,y,width,height,track\na.jpg,disc,1,1,20,20.5,t1\n")
    assert [json.loads(line) for line in exported(made, lead, "jsonl").splitlines()] == [
        {"key": "a.jpg", "image": "a.jpg", "label": "disc", "box": [1, 1, 20, 20.5], "track": "t1"}
    ]
