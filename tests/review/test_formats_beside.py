"""YOLO, Pascal VOC and MTSD: a file of annotations beside each image, given back with the fixes in it."""

import io
import json
import zipfile

import pytest
import yaml
from django.core.exceptions import ValidationError

from review.formats import FILES, beside, mtsd, voc, yolo
from review.formats.base import RowError
from review.operations import export, import_, label_changes
from tests import make
from tests.sources import PICTURE, bring_in, exported, reasons, revise, tarred, zipped

WIDE = make.picture("bar", 2, side=96)
NAMES = b"# our classes\nnames: [disc, bar]\nnc: 2\ntrain: images/train\n"
YOLO = {
    "set/images/train/a.jpg": PICTURE,
    "set/images/train/b.jpg": WIDE,
    "set/images/val/a.jpg": PICTURE,
    "set/labels/train/a.txt": b"0 0.5 0.5 0.5 0.25\n\n1  0.25 0.25 0.25 0.25\r\n",
    "set/labels/train/b.txt": b"1 0.1 0.2 0.9 0.2 0.5 0.8",
    "set/labels/val/a.txt": b"",
    "set/data.yaml": NAMES,
    "set/README.txt": b"pictures of ours",
}
VOC = """<?xml version="1.0"?>
<annotation verified="yes">
\t<filename>one.jpg</filename>
\t<size><width>48</width><height>48</height><depth>3</depth></size>
\t<object>
\t\t<name>fish &amp; chips</name><pose>Left</pose><difficult>0</difficult>
\t\t<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox></part>
\t\t<bndbox><ymin>6</ymin><xmin>4</xmin><xmax>24.5</xmax><ymax>30</ymax></bndbox>
\t</object>
\t<object note="a > b"><name note="c > d"><![CDATA[bar]]></name>
\t\t<bndbox><xmin>10</xmin><ymin>10</ymin><xmax>40</xmax><ymax>40</ymax></bndbox></object>
</annotation>
"""
MTSD = {
    "width": 48, "height": 48, "ispano": False,
    "objects": [
        {"key": "k1", "label": "regulatory--stop--g1", "bbox": {"xmin": 2.5, "ymin": 4, "xmax": 22.5, "ymax": 44},
         "properties": {"occluded": True}},
        {"key": "k2", "label": "other-sign", "bbox": {"xmin": 24, "ymin": 4, "xmax": 44, "ymax": 20, "more": 1}},
    ],
}  # fmt: skip


def rows(made) -> list[tuple]:
    found = made.items.order_by("row").select_related("label", "object__image")
    return [(item.key, item.object.image.path, item.label.name, item.object.box) for item in found]


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_yolo_boxes_and_polygons_come_in_as_pixels_with_the_names_of_their_classes(project, lead):
    made, job = bring_in(project, lead, YOLO)
    assert (job.state, made.format) == ("done", "yolo"), job.message
    a, b = "set/images/train/a.jpg", "set/images/train/b.jpg"
    assert rows(made) == [
        (a, a, "disc", (12, 18, 24, 12)), (f"{a}#2", a, "bar", (6, 6, 12, 12)), (b, b, "bar", (9.6, 19.2, 76.8, 57.6)),
    ]  # fmt: skip
    assert not made.rejected.exists()


def test_a_yolo_set_comes_back_to_the_byte_and_with_fixes_changes_their_lines_alone(project, lead):
    made, _ = bring_in(project, lead, YOLO)
    kept = {name: data for name, data in YOLO.items() if "labels/" in name or name.endswith("yaml")}
    assert unzipped(exported(made, lead)) == kept
    a, b = "set/images/train/a.jpg", "set/images/train/b.jpg"
    revise(made, a, "removed", True)
    revise(made, f"{a}#2", "label", "disc")
    revise(made, f"{a}#2", "box", [24, 12, 12, 24])
    revise(made, b, "box", [1, 1, 30, 30])
    revise(made, b, "label", "disc")
    assert unzipped(exported(made, lead)) == kept | {
        "set/labels/train/a.txt": b"\n0 0.625 0.5 0.25 0.5\r\n",
        "set/labels/train/b.txt": b"0 0.1 0.2 0.9 0.2 0.5 0.8",  # the polygon stays
    }
    assert unzipped(exported(made, lead)) == unzipped(exported(made, lead, "yolo"))
    patch = exported(made, lead, kind="patch").decode()
    assert patch.startswith("key,image,row,change")


def test_what_a_yolo_export_gives_comes_in_again_as_it_was(project, lead):
    made, _ = bring_in(project, lead, YOLO)
    revise(made, "set/images/train/a.jpg", "label", "bar")
    images = {name: data for name, data in YOLO.items() if name.endswith("jpg")}
    again, job = bring_in(project, lead, images | unzipped(exported(made, lead)))
    assert (job.state, rows(again)) == ("done", rows(made)), job.message


def test_labels_of_their_own_zip_are_a_manifest(project, lead):
    images = {name.removeprefix("set/"): data for name, data in YOLO.items() if name.endswith("jpg")}
    labels = {name.removeprefix("set/"): data for name, data in YOLO.items() if "labels/" in name or "yaml" in name}
    made, job = bring_in(project, lead, images, zipped(labels), "labels.zip")
    assert (job.state, made.format, made.items.count()) == ("done", "yolo", 3), job.message


def test_a_folder_s_annotations_are_given_back_as_they_were_at_the_import(project, lead, tmp_path):
    for name, data in YOLO.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    made, job = import_.start(project=project, by=lead, name="Folder", source={"folder": str(tmp_path)})
    assert make.work(job).state == "done", job.message
    made.refresh_from_db()
    (tmp_path / "set/labels/train/a.txt").write_bytes(b"1 0.5 0.5 0.1 0.1\n")
    revise(made, "set/images/train/b.jpg", "label", "disc")
    given = unzipped(exported(made, lead))
    assert given["set/labels/train/a.txt"] == YOLO["set/labels/train/a.txt"]
    assert given["set/labels/train/b.txt"].startswith(b"0 0.1")


def test_a_look_before_the_import_counts_what_an_import_brings(project, lead):
    made, job = bring_in(project, lead, YOLO, dry_run=True)
    assert (job.result["items"], job.result["labels"]) == (3, {"bar": 2, "disc": 1})
    assert len(job.result["previews"]) == 3 and job.result["preview_labels"] == ["disc", "bar", "bar"]
    _, again = import_.begin(dataset=made, by=lead)
    assert make.work(again).result["items"] == 3


def test_a_class_that_came_up_here_is_added_to_the_names(project, lead):
    text = {"a.jpg": PICTURE, "b.jpg": PICTURE, "a.txt": b"0 .5 .5 .5 .5\n", "b.txt": b"1 .5 .5 .5 .5\n"}
    for names, given in (
        ({"classes.txt": b"disc\nbar\n"}, {"classes.txt": b"disc\nbar\ncross\n"}),
        ({}, {"classes.txt": b"0\n1\ncross\n"}),
        ({"d.yaml": NAMES}, {"d.yaml": b"names:\n- disc\n- bar\n- cross\nnc: 3\ntrain: images/train\n"}),
        ({"d.yaml": b"names: {0: disc, 1: bar}"}, {"d.yaml": b"names:\n  0: disc\n  1: bar\n  2: cross\n"}),
    ):
        made, job = bring_in(project, lead, text | names)
        assert made.format == "yolo", job.message
        made.labels.create(name="cross")
        revise(made, "b.jpg", "label", "cross")
        found = unzipped(exported(made, lead))
        assert found == {"a.txt": text["a.txt"], "b.txt": b"2 .5 .5 .5 .5\n", **given}


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("7 .5 .5 .1 .1", "label", "class 7 is none of the 2 that data.yaml names"),
        ("-1 .5 .5 .1 .1", "label", "not a whole number from 0 to 99,999"),
        ("disc .5 .5 .1 .1", "", "not all numbers"),
        ("0 .5 .5 .1", "box", "has 4 numbers"),
        ("0 .5 .5 .1 .1 .9 .1 .1", "box", "has 8 numbers"),
        ("0.5 .5 .5 .1 .1", "label", "not a whole number from 0 to 99,999"),
        ("0 1.1 .5 .3 .1", "box", "reaches outside its image"),
        ("0 nan .5 .1 .1", "box", "not a number"),
        ("0 .5 .5 0 .1", "box", "no area"),
        ("0 24 24 12 12", "box", "reaches outside its image"),
        ("0 1e308 .5 1e308 .1", "box", "not a number"),
    ],
)
def test_a_bad_yolo_line_is_refused_with_its_reason_and_the_rest_comes_in(project, lead, line, field, reason):
    text = f"0 .5 .5 .1 .1\n{line}\n1 .5 .5 .2 .2\n".encode()
    made, job = bring_in(project, lead, {"a.jpg": PICTURE, "a.txt": text, "data.yaml": NAMES}, format="yolo")
    assert (job.state, made.items.count()) == ("done", 2), job.message
    ((row, (found, why)),) = reasons(made).items()
    assert (row, found) == (2, field) and reason in why
    assert why.endswith("It is object 2 of a.txt.") or "a.txt" in why


def test_what_yolo_allows_in_a_line_comes_in(project, lead):
    text = b"1.0 .98 .5 .5 .5\n0 .5 .5 .5 .5 .875\n"
    made, job = bring_in(project, lead, {"a.jpg": PICTURE, "a.txt": text, "data.yaml": NAMES})
    assert not reasons(made), job.message
    assert [item[2:] for item in rows(made)] == [("bar", (35.04, 12, 12.96, 24)), ("disc", (12, 12, 24, 24))]
    assert made.items.get(key="a.jpg#2").attributes == {"confidence": 0.875}
    revise(made, "a.jpg", "label", "disc")
    revise(made, "a.jpg#2", "box", [0, 0, 24, 24])
    assert unzipped(exported(made, lead))["a.txt"] == b"0 .98 .5 .5 .5\n0 0.25 0.25 0.5 0.5 .875\n"


def test_a_renamed_class_keeps_its_number_and_changes_no_line(project, lead):
    made, _ = bring_in(project, lead, YOLO)
    rename(made, lead, "disc", "circle: round")
    rename(made, lead, "bar", "beam")
    given = unzipped(exported(made, lead))
    assert yaml.safe_load(given["set/data.yaml"]) == yaml.safe_load(NAMES) | {"names": ["circle: round", "beam"]}
    assert {name: data for name, data in given.items() if name != "set/data.yaml"} == {
        name: data for name, data in YOLO.items() if "labels/" in name
    }
    revise(made, "set/images/train/b.jpg", "label", "circle: round")
    assert unzipped(exported(made, lead))["set/labels/train/b.txt"].startswith(b"0 0.1 0.2")


def rename(made, lead, old: str, new: str) -> None:
    change = label_changes.propose(
        dataset=made, by=made.project.members.get(user=lead), kind="rename", label=made.labels.get(name=old), into=None,
        name=new, note="",
    )  # fmt: skip
    label_changes.accept(change=change, by=lead)


def test_classes_called_like_words_of_yaml_keep_their_names(project, lead):
    names = b"names:\n  0: no\n  1: 007\n  3: on\n"
    made, job = bring_in(project, lead, {"a.jpg": PICTURE, "a.txt": b"0 .5 .5 .5 .5\n1 .5 .5 .4 .4\n", "d.yml": names})
    assert [item[2] for item in rows(made)] == ["no", "007"], job.message
    made.labels.create(name="yes")
    revise(made, "a.jpg", "label", "yes")
    given = unzipped(exported(made, lead))
    assert given["a.txt"] == b"4 .5 .5 .5 .5\n1 .5 .5 .4 .4\n"
    assert yaml.safe_load(given["d.yml"])["names"] == {0: "no", 1: "007", 2: "2", 3: "on", 4: "yes"}


def test_a_broken_file_of_annotations_in_an_archive_is_told(project, lead):
    packed = bytearray(zipped({"a.jpg": PICTURE, "a.txt": b"0 .5 .5 .5 .5 .123456\n" * 40, "classes.txt": b"disc\n"}))
    packed[packed.index(b"a.txt") + 12] ^= 0xFF
    _, job = bring_in(project, lead, bytes(packed), format="yolo")
    assert job.state == "failed" and "a.txt" in job.message and "broken" in job.message


@pytest.mark.parametrize("format", ["yolo", "voc", "mtsd"])
def test_two_images_that_would_share_a_file_are_told(project, lead, format):
    made, _ = bring_in(project, lead, {"a.jpg": PICTURE, "a.png": PICTURE}, "image,label\na.jpg,disc\na.png,disc\n")
    _, job = export.start(dataset=made, by=lead, format=format)
    assert make.work(job).state == "failed" and "Two images would share the file a." in job.message


def test_an_image_without_a_suffix_in_a_folder_with_a_dot_has_its_own_file():
    assert beside.annotations_path("v1.0/images/b", ".txt", ("images",), "labels") == "v1.0/labels/b.txt"


def test_the_parts_of_a_set_are_told_by_its_folders():
    assert yolo.split(["a.jpg", "b/c.jpg"]) == {"train": [".", "b"], "val": [".", "b"]}
    assert yolo.split(["x/train/a.jpg", "x/valid/b.jpg", "x/test/c.jpg", "x/more/d.jpg"]) == {
        "train": ["x/more", "x/train"], "val": ["x/valid"], "test": ["x/test"],
    }  # fmt: skip
    assert yolo.split(["val/a.jpg"]) == {"train": ["val"], "val": ["val"]}


def test_a_zip_without_annotations_is_no_manifest(project, lead):
    with pytest.raises(ValidationError, match=r"table.xlsx is a zip without annotations in it"):
        bring_in(project, lead, {"a.jpg": PICTURE}, zipped({"xl/sheet.xml": b"<x/>"}), "table.xlsx")


def test_key_points_after_a_box_are_no_polygon(project, lead):
    pose = b"kpt_shape: [2, 2]\nnames: [person]\n"
    files = {"a.jpg": PICTURE, "a.txt": b"0 .5 .5 .5 .5 .1 .1 .9 .9\n", "data.yaml": pose}
    made, _ = bring_in(project, lead, files)
    assert rows(made) == [("a.jpg", "a.jpg", "person", (12, 12, 24, 24))]
    revise(made, "a.jpg", "box", [0, 0, 24, 24])
    assert unzipped(exported(made, lead))["a.txt"] == b"0 0.25 0.25 0.5 0.5 .1 .1 .9 .9\n"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("data.yaml", b"names: [disc\n", "data.yaml is not YAML"),
        ("data.yaml", b"names: disc", "neither a list"),
        ("data.yaml", b"names: {disc: 0}", "not by whole numbers"),
        ("data.yaml", b"a: &a [x]\nb: &b [*a, *a]\nnames: [disc, *b]", "neither a text nor a number"),
        ("data.yaml", b"names: {0: [disc]}", "neither a text nor a number"),
        ("data.yaml", b"names: !!python/object/apply:os.system [true]", "data.yaml is not YAML"),
        ("classes.txt", b"\xff\xfe\x00", "not in UTF-8"),
    ],
)
def test_names_of_classes_that_cannot_be_read_stop_the_import_with_a_sentence(project, lead, name, text, reason):
    made, job = bring_in(project, lead, {"a.jpg": PICTURE, "a.txt": b"0 .5 .5 .5 .5\n", name: text})
    assert job.state == "failed" and reason in job.message


def test_an_annotation_without_its_image_is_refused_and_keeps_the_numbers_of_the_others(project, lead):
    files = {
        "images/a.jpg": PICTURE, "images/twice.jpg": PICTURE, "images/twice.png": PICTURE,
        "labels/a.txt": b"1 .5 .5 .5 .5\n", "labels/A1.txt": b"0 .5 .5 .5 .5\n0 .4 .4 .2 .2\n",
        "labels/twice.txt": b"0 .5 .5 .5 .5\n", "labels/whole.txt": b"\xff\xff",
        "data.yaml": NAMES,
    }  # fmt: skip
    made, _ = bring_in(project, lead, files)
    found = reasons(made)
    assert found[1] == found[2] == ("image", "There is no image for the file labels/A1.txt.")
    assert found[4] == ("image", "The file labels/twice.txt may be about images/twice.jpg or images/twice.png. "
                        "Rename one of them.")  # fmt: skip
    assert found[5] == ("image", "There is no image for the file labels/whole.txt.")
    revise(made, "images/a.jpg", "removed", True)
    given = unzipped(exported(made, lead))
    assert (given["labels/a.txt"], given["labels/A1.txt"]) == (b"", files["labels/A1.txt"])


def test_class_folders_with_a_text_beside_each_picture_stay_class_folders(project, lead):
    files = {"disc/a.jpg": PICTURE, "disc/a.txt": b"a light disc on noise", "bar/b.jpg": PICTURE, "bar/b.xml": b"<x/>"}
    made, _ = bring_in(project, lead, files)
    assert made.format == "image_folder"


@pytest.mark.parametrize("packed", [zipped, tarred])
def test_voc_objects_come_in_with_their_boxes_and_fields(project, lead, packed):
    files = {"VOC/JPEGImages/one.jpg": PICTURE, "VOC/SegmentationClass/one.png": PICTURE,
             "VOC/Annotations/one.xml": VOC.encode(), "VOC/ImageSets/Main/train.txt": b"one\n"}  # fmt: skip
    made, job = bring_in(project, lead, packed(files))
    assert (job.state, made.format) == ("done", "voc"), job.message
    path = "VOC/JPEGImages/one.jpg"
    assert rows(made) == [(path, path, "fish & chips", (4, 6, 20.5, 24)), (f"{path}#2", path, "bar", (10, 10, 30, 30))]
    assert made.items.get(key=path).attributes == {"pose": "Left", "difficult": "0"}


def test_a_voc_set_comes_back_with_its_fixes_and_every_other_byte_as_it_was(project, lead):
    made, _ = bring_in(project, lead, {"one.jpg": PICTURE, "one.xml": VOC.encode()})
    assert unzipped(exported(made, lead)) == {"one.xml": VOC.encode()}
    made.labels.create(name="a < b")
    revise(made, "one.jpg", "label", "bar")
    revise(made, "one.jpg", "box", [5, 7, 20, 20.5])
    revise(made, "one.jpg#2", "label", "a < b")
    wanted = (
        VOC.replace("fish &amp; chips", "bar").replace("<![CDATA[bar]]>", "a &lt; b")
        .replace("<ymin>6</ymin><xmin>4</xmin><xmax>24.5</xmax><ymax>30</ymax>",
                 "<ymin>7</ymin><xmin>5</xmin><xmax>25</xmax><ymax>27.5</ymax>")
    )  # fmt: skip
    assert unzipped(exported(made, lead))["one.xml"].decode() == wanted
    revise(made, "one.jpg#2", "removed", True)
    left = unzipped(exported(made, lead))["one.xml"].decode()
    assert left == wanted[: wanted.index("\n\t<object note")] + "\n</annotation>\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<annotation><object>", "not XML"),
        ("<!DOCTYPE x [<!ENTITY e 'ha'>]><annotation><object><name>&e;</name></object></annotation>", "document type"),
        ("<?xml version='1.0' encoding='klingon'?><annotation/>", "encoding that is not known"),
        ("<a>" * 60, "nested more than"),
    ],
)
def test_a_file_that_is_no_annotation_is_one_refused_row(text, reason):
    with pytest.raises(RowError, match=reason):
        voc.marks(text.encode())


def test_a_voc_object_without_a_box_or_a_name_is_refused_and_the_rest_comes_in(project, lead):
    text = (
        "<annotation><object><name>disc</name></object><object/>"
        "<object><name/><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
        "<object><name>bar</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
        "</annotation>"
    )
    made, _ = bring_in(project, lead, {"a.jpg": PICTURE, "a.xml": text.encode()})
    assert {row: field for row, (field, _) in reasons(made).items()} == {1: "box", 2: "box", 3: "label"}
    assert [item[2] for item in rows(made)] == ["bar"]


def test_voc_in_another_encoding_is_read_and_written_in_it():
    text = "<?xml version='1.0' encoding='iso-8859-1'?><annotation><object><name>mäh</name></object></annotation>"
    found = voc.Document(text.encode("latin-1"))
    assert found.objects[0].fields["name"].text == "mäh"
    given = voc.edit(text.encode("latin-1"), {0: voc.Change(label="bäh →")})
    assert given == text.replace("mäh", "bäh &#8594;").encode("latin-1")


def test_mtsd_signs_come_in_by_their_keys_and_go_back_with_all_their_fields(project, lead):
    files = {"images/x.jpg": PICTURE, "annotations/x.json": json.dumps(MTSD).encode(), "splits/train.txt": b"x\n"}
    made, job = bring_in(project, lead, files)
    assert (job.state, made.format) == ("done", "mtsd"), job.message
    assert rows(made) == [("k1", "images/x.jpg", "regulatory--stop--g1", (2.5, 4, 20, 40)),
                          ("k2", "images/x.jpg", "other-sign", (24, 4, 20, 16))]  # fmt: skip
    assert made.items.get(key="k1").attributes == {"occluded": True}
    assert unzipped(exported(made, lead)) == {"annotations/x.json": files["annotations/x.json"]}
    revise(made, "k1", "removed", True)
    revise(made, "k2", "label", "regulatory--stop--g1")
    revise(made, "k2", "box", [25, 4, 20, 16])
    (given,) = unzipped(exported(made, lead)).values()
    changed = {"key": "k2", "label": "regulatory--stop--g1",
               "bbox": {"xmin": 25, "ymin": 4, "xmax": 45, "ymax": 20, "more": 1}}  # fmt: skip
    assert json.loads(given) == MTSD | {"objects": [changed]}


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"objects": 3}', "[" * 5000, '{"objects": [3, {"label": 4}, {"label": "a", "bbox": {"xmin": 1}}]}'],
)
def test_json_that_is_no_mtsd_is_refused(text):
    try:
        assert all(isinstance(mark, RowError) for mark in mtsd.marks(text.encode()))
    except RowError:
        pass


@pytest.mark.parametrize("format", ["yolo", "voc", "mtsd"])
def test_what_came_in_another_form_goes_out_in_this_one_and_comes_in_again(project, lead, format):
    files = {"set/images/one.jpg": PICTURE, "two.png": WIDE}
    text = 'image,label,x,y,width,height\nset/images/one.jpg,disc,6,12,24,30\ntwo.png,"a <b> é",,,,\n'
    text += "set/images/one.jpg,bar,0,0,12,12\n"
    made, _ = bring_in(project, lead, files, text)
    given = unzipped(exported(made, lead, format))
    again, job = bring_in(project, lead, files | given)
    assert (job.state, again.format) == ("done", format), job.message
    wanted = [(path, label, box or (0, 0, 96, 96)) for _, path, label, box in rows(made)]
    assert sorted(row[1:] for row in rows(again)) == sorted(wanted)
    if format == "yolo":
        assert yaml.safe_load(given["data.yaml"])["names"] == {0: "a <b> é", 1: "bar", 2: "disc"}
        assert "set/labels/one.txt" in given and "two.txt" in given


def test_a_set_without_annotations_of_that_kind_says_so(project, lead):
    made, job = bring_in(project, lead, {"disc/a.jpg": PICTURE}, format="voc")
    assert job.state == "failed" and "no .xml file with the name of an image" in job.message


def test_which_image_a_file_is_about():
    images = ["a/images/x.jpg", "b/images/x.jpg", "b/images/n.jpg", "c/y.png", ".hidden/z.jpg", "images/p.q.JPG"]
    finder = beside.Finder(images, ["a/labels/x.txt", "a/labels/n.txt"])
    assert finder.image("a/labels/x.txt") == "a/images/x.jpg"
    assert finder.image("labels/p.q.txt") == "images/p.q.JPG"
    for file in ("a/labels/n.txt", "x.txt", "labels/z.txt", "labels/p.txt"):  # n of b is another image
        with pytest.raises(RowError, match="There is no image"):
            finder.image(file)
    elsewhere = beside.Finder(images, ["elsewhere/y.txt"])
    assert (elsewhere.image("elsewhere/y.txt"), elsewhere.image("n.txt")) == ("c/y.png", "b/images/n.jpg")
    with pytest.raises(RowError, match=r"may be about a/images/x.jpg or b/images/x.jpg"):
        elsewhere.image("x.txt")


def test_all_formats_of_this_kind_tell_their_files_from_those_of_the_others():
    texts = {"yolo": b"0 .5 .5 .5 .5", "voc": VOC.encode(), "mtsd": json.dumps(MTSD).encode()}
    for name, module in {"yolo": yolo, "voc": voc, "mtsd": mtsd}.items():
        assert [kind for kind, text in texts.items() if module.sniff(text)] == [name]
        assert FILES[name].beside is module
    assert not yolo.sniff(b"a caption of 5 words") and not yolo.sniff(b"2021 03 04 05 06")
