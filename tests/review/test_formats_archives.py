"""Images in a folder, a zip, a tar or a tar.gz: by content, whatever the file is called."""

import io
import random
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.formats import detect
from review.formats.base import Limits, RowError
from review.formats.images import open_archive
from tests import make
from tests.sources import PICTURE, bring_in, tarred, zipped

FILES = {f"set/{label}/{k}.jpg": make.picture(label, k) for label in ("disc", "bar") for k in range(2)}


def opened(data: bytes):
    return open_archive(io.BytesIO(data), Limits())


@pytest.mark.parametrize("pack", [zipped, tarred, lambda f: tarred(f, "w:gz")], ids=["zip", "tar", "tar.gz"])
def test_class_folders_come_in_from_any_archive(project, lead, pack):
    made, job = bring_in(project, lead, pack(FILES))
    assert (job.state, made.format) == ("done", "image_folder"), job.message
    assert sorted(made.items.values_list("label__name", flat=True)) == ["bar", "bar", "disc", "disc"]


def test_a_manifest_finds_its_images_in_a_tar(project, lead):
    made, job = bring_in(project, lead, tarred({"./a.jpg": PICTURE}, "w:gz"), "image,label\na.jpg,disc\n")
    assert job.result == {"items": 1, "labels": 1, "rejected": 0}


def test_an_empty_class_folder_is_no_class_and_no_error(project, lead):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("set/empty/", b"")
        for name, data in FILES.items():
            archive.writestr(name, data)
    made, job = bring_in(project, lead, out.getvalue())
    assert job.result == {"items": 4, "labels": 2, "rejected": 0}


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names_are_read_as_every_tar_writes_them(kind):
    names = ["a/" + "d" * 90 + "/" + "b" * 60 + ".jpg", "ordner/schöne Straße.jpg"]
    if kind != tarfile.USTAR_FORMAT:
        names.append("x" * 300 + ".jpg")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))
    images = opened(out.getvalue())
    assert set(images.names()) == set(names) and images.read(names[0]) == b"abc"


names_and_data = st.dictionaries(
    st.text("abcé/. ", min_size=1).map(lambda n: f"d/{n.replace('/', '_').replace('..', '_')}x"),
    st.binary(max_size=900),
)


@given(names_and_data, st.sampled_from(["zip", "stored", "tar", "tar.gz"]))
def test_what_the_standard_library_packs_is_what_we_read(files, how):
    if how == "stored":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        packed = out.getvalue()
    else:
        packed = {"zip": zipped, "tar": tarred, "tar.gz": lambda f: tarred(f, "w:gz")}[how](files)
    images = opened(packed) if files else None
    if images:
        assert {name: images.read(name) for name in images.names()} == files


@pytest.mark.parametrize(
    ("head", "name", "wanted"),
    [
        (None, "", "image_folder"),
        (b"image,label\n", "", "manifest"),
        (b"PAR1\x15\x04", "x.csv", "parquet"),
        (b'{"image": "a", "label": "b"}\n{"image"', "x.json", "jsonl"),
        (b'\xef\xbb\xbf{\n  "images": [', "", "coco"),
        (b'{"images": [], "annotations": [], "categories": []}', "", "coco"),
        (b'{"info": {"a": 1}, "images": [{"id": 1' + b" " * 70_000, "", "coco"),
        (b'{"image": "' + b"x" * 70_000, "x.jsonl", "jsonl"),
        (b"", "x.jsonl", "jsonl"),
    ],
)
def test_a_manifest_is_known_by_what_is_in_it(head, name, wanted):
    assert detect("auto", head, name) == wanted


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_the_head_of_a_member_is_read_alone(pack):
    files = {"a.txt": random.Random(0).randbytes(3_000_000), "b.txt": b"short", "empty.txt": b""}
    archive = opened(pack(files))
    assert [archive.head(name, 10) for name in files] == [data[:10] for data in files.values()]
    with pytest.raises(RowError, match="There is no image"):
        archive.head("gone.txt", 10)
