"""Import: what is good comes in, what is bad is counted, reasoned and downloadable, and nothing stops the rest."""

import csv
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from review import crops
from review.formats import image_folder
from review.models import Dataset, Item, Job
from review.operations import import_
from review.operations.packing import readable
from review.storage import store
from tests import make


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return out.getvalue()


def bring_in(project, lead, files: dict[str, bytes], manifest: str | None = None, **options) -> tuple[Dataset, Job]:
    source = {"archive": store().put(archive(files))}
    if manifest is not None:
        source["manifest"] = store().put(manifest.encode())
    made, job = import_.start(project=project, by=lead, name="Set", source=source, **options)
    make.work(job)
    made.refresh_from_db()
    return made, job


PICTURE = make.picture("disc", 1)


def test_class_folders_come_in_with_the_folder_as_label(project, lead):
    files = {f"train/{label}/{k}.jpg": make.picture(label, k) for label in ("disc", "bar") for k in range(3)}
    made, job = bring_in(project, lead, {**files, "train/disc/.DS_Store": b"x", "__MACOSX/a.jpg": b"x"})
    assert (job.state, made.state, made.format) == ("done", "ready", "image_folder")
    assert sorted(made.items.values_list("label__name", flat=True)) == ["bar"] * 3 + ["disc"] * 3
    assert not made.rejected.exists()


def test_a_folder_around_all_is_no_label_though_a_readme_lies_in_it(project, lead):
    files = {f"set/train/{label}/{k}.jpg": make.picture(label, k) for label in ("disc", "bar") for k in range(2)}
    made, _job = bring_in(project, lead, {**files, "set/README.md": b"# Signs"})
    assert set(made.items.values_list("label__name", flat=True)) == {"bar", "disc"}
    refused = made.rejected.get()
    assert (refused.file, refused.field) == ("set/README.md", "label") and "no class folder" in refused.reason


@pytest.mark.parametrize(
    ("names", "root"),
    [
        (["disc/1.jpg", "bar/1.jpg"], ()),
        (["disc/1.jpg", "disc/2.jpg"], ()),
        (["set/disc/1.jpg", "set/disc/2.jpg"], ("set",)),
        (["train/disc/1.jpg", "val/disc/1.jpg"], ()),
        (["set/train/disc/1.jpg", *[f"set/val/disc/{k}.jpg" for k in range(9)]], ("set",)),
        (["disc/1.jpg", "disc/old/1.jpg", "disc/old/2.jpg"], ()),
        (["loose.jpg", *[f"set/disc/{k}.jpg" for k in range(9)]], ("set",)),
    ],
)
def test_the_folders_around_all_class_folders(names, root):
    assert image_folder.shared_root(names) == root


BAD_ROWS = {
    "missing.jpg,disc,1,1,9,9": ("image", "no image missing.jpg"),
    "broken.jpg,disc,1,1,9,9": ("image", "broken"),
    "text.jpg,disc,1,1,9,9": ("image", "not a JPEG"),
    "ok.jpg,,1,1,9,9": ("label", "empty"),
    f"ok.jpg,{'x' * 10_000},1,1,9,9": ("label", "10,000 characters"),
    "ok.jpg,disc,nan,1,9,9": ("box", "not a number"),
    "ok.jpg,disc,one,1,9,9": ("x", "'one', which is not a number"),
    "ok.jpg,disc,40,40,90,90": ("box", "outside its image of 48 × 48"),
    "ok.jpg,disc,1,1,0,9": ("box", "no area"),
    "ok.jpg,disc,1,1": ("", "4 columns"),
    "../../etc/passwd,disc,1,1,9,9": ("image", "no image"),
}


def test_each_bad_row_is_refused_with_its_reason_and_the_good_ones_come_in(project, lead):
    rows = "\n".join(["image,label,x,y,width,height", "ok.jpg,disc,1,1,40,40", *BAD_ROWS, "ok.jpg,<script>,2,2,40,40"])
    files = {"ok.jpg": PICTURE, "broken.jpg": PICTURE[:200], "text.jpg": b"hello, this is no picture"}
    made, job = bring_in(project, lead, files, rows)
    assert job.state == "done"
    assert job.result == {"items": 2, "labels": 2, "rejected": len(BAD_ROWS)}
    rejected = list(made.rejected.order_by("row"))
    for row, (line, (field, reason)) in zip(rejected, BAD_ROWS.items(), strict=True):
        assert row.field == field and reason in row.reason, f"{line[:60]}: {row.field}: {row.reason}"
        assert row.reason.endswith(".")
    sent = make.client(lead).get(f"/api/datasets/{made.pk}/rejected.csv")
    lines = list(csv.DictReader(io.StringIO(b"".join(sent.streaming_content).decode())))
    assert [int(line["row"]) for line in lines] == list(range(2, 2 + len(BAD_ROWS)))


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ("picture,name\nok.jpg,disc\n", "no column 'image'"),
        ("image,label,x,y\nok.jpg,disc,1,1\n", "a part of a box"),
        ("", "empty"),
        ("image,label\n", "holds no row"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused_as_a_whole(project, lead, manifest, sentence):
    made, job = bring_in(project, lead, {"ok.jpg": PICTURE}, manifest)
    assert (job.state, made.state) == ("failed", "failed")
    assert sentence in job.message and not made.items.exists()


@pytest.mark.parametrize("encode", [lambda t: t.encode("utf-8-sig"), lambda t: t.encode("utf-16")])
def test_a_byte_order_mark_is_no_part_of_the_first_column(project, lead, encode):
    source = {
        "archive": store().put(archive({"ok.jpg": PICTURE})),
        "manifest": store().put(encode("image,label\nok.jpg,dïsc\n")),
    }
    made, job = import_.start(project=project, by=lead, name="Set", source=source)
    assert make.work(job).state == "done"
    assert Item.objects.get(dataset=made).label.name == "dïsc"


def test_a_key_that_occurs_twice_is_refused_and_the_first_stays(project, lead):
    made, _ = bring_in(
        project, lead, {"a.jpg": PICTURE, "b.jpg": PICTURE}, "key,image,label\nk1,a.jpg,disc\nk1,b.jpg,bar\n"
    )
    assert list(made.items.values_list("key", "label__name")) == [("k1", "disc")]
    assert "occurs more than once" in made.rejected.get().reason


def test_several_boxes_of_one_image_are_items_of_their_own(project, lead):
    rows = "image,label,x,y,width,height\na.jpg,disc,1,1,20,20\na.jpg,bar,20,20,20,20\na.jpg,cross,1,1,20,20\n"
    made, _ = bring_in(project, lead, {"a.jpg": PICTURE}, rows)
    assert list(made.items.order_by("row").values_list("key", flat=True)) == ["a.jpg", "a.jpg#2", "a.jpg#3"]
    assert made.images.count() == 1 and made.objects_in.count() == 2  # Two labels of one box are one object.


def test_crops_are_packed_and_an_item_s_attributes_are_kept(project, lead):
    made, _ = make.dataset(project, lead, ranked=False)
    assert made.shards.filter(kind="crops").count() == 1 and made.objects_in.count() == 48
    item = made.items.order_by("row").first()
    assert item.attributes == {"camera": "camera-0"}


def test_the_upload_over_http_answers_202_with_a_job(project, lead):
    packed, table, truth = make.source(each=2)
    answer = make.client(lead).post(
        f"/api/projects/{project.pk}/datasets/",
        {
            "name": "Uploaded",
            "archive": SimpleUploadedFile("images.zip", packed, "application/zip"),
            "manifest": SimpleUploadedFile("manifest.csv", table, "text/csv"),
        },
    )
    assert answer.status_code == 202
    assert make.work(Job.objects.get(pk=answer.json()["job"])).state == "done"
    seen = make.client(lead).get(f"/api/datasets/{answer.json()['id']}/").json()
    assert (seen["items"], seen["labels"], seen["rejected"]) == (8, 4, 0)


def test_an_upload_beyond_the_limit_is_refused_with_413(project, lead, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    body = {"name": "Large", "archive": SimpleUploadedFile("images.zip", b"x" * 1001, "application/zip")}
    answer = make.client(lead).post(f"/api/projects/{project.pk}/datasets/", body)
    assert answer.status_code == 413 and "1,000 bytes" in answer.json()["detail"]
    assert not project.datasets.exists()


def test_a_folder_is_only_read_below_the_roots_that_the_site_allows(project, lead, tmp_path, settings):
    (tmp_path / "disc").mkdir()
    (tmp_path / "disc" / "a.jpg").write_bytes(PICTURE)
    address = f"/api/projects/{project.pk}/datasets/"
    body = {"name": "Folder", "source": str(tmp_path)}
    assert make.client(lead).post(address, body, format="json").status_code == 400
    settings.IMPORT_ROOTS = [tmp_path]
    assert make.client(lead).post(address, body, format="json").status_code == 202
    outside = {"name": "Folder", "source": str(tmp_path / ".." / "..")}
    assert make.client(lead).post(address, outside, format="json").status_code == 400


@pytest.mark.parametrize("name", ["../up.jpg", "/etc/x.jpg", "C:/x.jpg", "a/../../b.jpg"])
def test_an_archive_that_points_outside_itself_is_refused_and_the_entry_named(project, lead, name):
    made, job = bring_in(project, lead, {"disc/a.jpg": PICTURE, name: PICTURE})
    assert job.state == "failed" and name in job.message and not made.items.exists()


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "I;16", "1", "LA"])
def test_every_kind_of_pixel_becomes_a_crop(mode):
    out = io.BytesIO()
    shape = (60, 40)
    image = Image.new("I;16", shape, 3000) if mode == "I;16" else Image.new("RGB", shape, (200, 30, 30)).convert(mode)
    image.save(out, "TIFF" if mode in ("CMYK", "I;16") else "PNG")
    decoded, _ = crops.decode(out.getvalue(), 10**8, (0.0, 65535.0))
    crop = crops.cut(decoded, (10, 10, 20, 20))
    assert Image.open(io.BytesIO(crop.small)).mode == "RGB" and crop.inner is not None


def test_a_tiny_box_keeps_surroundings_and_they_are_dimmed():
    image = Image.new("RGB", (200, 200), (200, 200, 200))
    crop = crops.cut(image, (100, 100, 6, 6))
    seen = Image.open(io.BytesIO(crop.large))
    assert seen.size == (24, 24) and crop.inner is not None
    assert seen.getpixel((1, 1))[0] < 160 < seen.getpixel((12, 12))[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("regulatory--maximum-speed-limit-60--g1", "Maximum speed limit 60"),
        ("no_entry", "No entry"),
        ("birds/owl", "Birds › owl"),
        ("7", "7"),
    ],
)
def test_a_label_s_name_reads_as_words(name, words):
    assert readable(name) == words


def test_a_manifest_at_the_top_of_the_zip_is_taken_as_if_it_lay_beside_it(project, lead):
    files = {"pictures/a.jpg": PICTURE, "manifest.csv": b"image,label\npictures/a.jpg,disc\n"}
    made, job = bring_in(project, lead, files)
    assert (job.state, made.format) == ("done", "manifest")
    assert list(made.items.values_list("label__name", flat=True)) == ["disc"]


def test_a_group_that_no_row_has_is_told_before_anything_comes_in(project, lead):
    made, job = bring_in(project, lead, {"a.jpg": PICTURE}, "image,label\na.jpg,disc\n", group_by="camera")
    assert (job.state, made.state) == ("failed", "failed")
    assert "'camera'" in job.message and not made.images.exists()
