"""Archives as people make them: the annotations inside, the images in a folder more or less than the rows say."""

import json

import pytest
from django.core.exceptions import ValidationError

from review.formats.moved import Move, move_of
from review.operations import sources
from tests.sources import PICTURE, bring_in


def coco_of(*names: str) -> bytes:
    images = [{"id": number, "file_name": name} for number, name in enumerate(names)]
    rows = [{"id": number, "image_id": number, "category_id": 4} for number in range(len(names))]
    return json.dumps({"images": images, "annotations": rows, "categories": [{"id": 4, "name": "disc"}]}).encode()


def test_a_coco_file_is_found_where_annotation_tools_put_it(project, lead):
    beside = {"images/readme.json": b'{"about": "these pictures"}'}
    files = {"images/a.jpg": PICTURE, "annotations/instances_default.json": coco_of("a.jpg"), **beside}
    made, job = bring_in(project, lead, files)
    assert (job.state, made.format) == ("done", "coco"), job.message
    assert list(made.items.values_list("label__name", "object__image__path")) == [("disc", "a.jpg")]


def test_of_several_coco_files_in_an_archive_one_is_to_be_named(project, lead):
    files = {f"annotations/{name}.json": coco_of("a.jpg") for name in ("train", "val")}
    with pytest.raises(ValidationError, match=r"several annotation files: annotations/train.json, annotations/val.js"):
        bring_in(project, lead, {"images/a.jpg": PICTURE, **files})


def test_a_json_file_beside_each_image_is_no_annotation_of_all(project, lead):
    beside = {f"disc/{n}.json": coco_of("a.jpg") for n in range(sources.MANY + 1)}
    made, job = bring_in(project, lead, {"disc/a.jpg": PICTURE, **beside})
    assert (made.format, made.items.count()) == ("image_folder", 1), job.message


@pytest.mark.parametrize(
    ("there", "named"),
    [("images/train/{}.jpg", "train/{}.jpg"), ("train/{}.jpg", "images/train/{}.jpg"), ("{}.jpg", "/home/me/{}.jpg")],
)
def test_images_are_found_where_the_rows_name_a_folder_too_many_or_too_few(project, lead, there, named):
    files = {there.format(name): PICTURE for name in ("a", "b")}
    made, job = bring_in(project, lead, files, coco_of(named.format("a"), named.format("b")))
    assert (job.state, made.items.count()) == ("done", 2), job.message
    assert set(made.images.values_list("path", flat=True)) == {named.format("a"), named.format("b")}


def test_images_are_not_looked_for_elsewhere_where_one_is_at_its_place_or_many_are_lost():
    assert move_of(["a/1.jpg", "2.jpg"], ["x/a/1.jpg", "2.jpg"]) is None
    assert move_of(["1.jpg", "2.jpg"], ["x/1.jpg", "y/2.jpg"]) is None
    assert move_of(["1.jpg", "2.jpg"], ["x/1.jpg", "y/1.jpg", "y/2.jpg"]) == Move("", "y/")
    assert move_of([], ["x/1.jpg"]) is None
