"""What a lead says of labels in one file: names, guidelines, parents and icons; and icons made to do harm."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from review.icons import BadIcon, Icons
from review.models import Guideline, Label
from tests import make

SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="red"/></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 200).save(out, kind)
    return out.getvalue()


def zipped(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def send(dataset, lead, data: bytes | str, name: str = "labels.csv"):
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
    return make.client(lead).post(f"/api/datasets/{dataset.pk}/labels/", {"file": file})


def label(dataset, name: str) -> Label:
    return dataset.labels.get(name=name)


def test_one_zip_names_describes_and_draws_all_labels(dataset, lead):
    table = (
        "label,readable_name,guideline,parent,icon\n"
        'square,A square,"Four sides,\nall alike.",cross,icons/red.svg\n'
        "disc,Kreis – ○,,,\n"
    )
    pictures = {"icons/red.svg": SQUARE, "bar.png": picture(), "unknown.png": picture(), "__MACOSX/disc.png": b"x"}
    sheet = zipped({"labels.csv": table, **pictures})
    done = send(dataset, lead, sheet, "labels.zip").json()
    assert (done["names"], done["icons"], done["guidelines"], done["refused"]) == (2, 2, 1, 1)
    assert [(row["file"], row["reason"]) for row in done["rejected"]] == [
        ("unknown.png", "The dataset has no label 'unknown'.")
    ]
    square = label(dataset, "square")
    assert (square.readable_name, square.parent.name) == ("A square", "cross")
    assert Guideline.objects.get(label=square).text == "Four sides,\nall alike."
    browser = make.client(make.member(dataset.project, "ann").user)
    rows = {row["name"]: row for row in browser.get(f"/api/datasets/{dataset.pk}/labels/").json()["results"]}
    assert rows["disc"]["readable_name"] == "Kreis – ○"
    for name in ("square", "bar"):
        sent = browser.get(rows[name]["icon"])
        assert sent["Content-Type"] == "image/png" and "sandbox" in sent["Content-Security-Policy"]
        with Image.open(io.BytesIO(sent.content)) as image:
            assert max(image.size) == 128
    assert "exemplars" in rows["disc"]["icon"]  # still its most typical crop
    again = send(dataset, lead, sheet, "labels.zip").json()
    assert (again["names"], again["icons"], again["guidelines"]) == (0, 0, 0)


def test_a_csv_alone_names_labels_and_what_it_does_not_say_stays(dataset, lead):
    send(dataset, lead, "label,readable_name\nsquare,Box\n")
    done = send(dataset, lead, "name,parent\nsquare,cross\ncross,square\ndisc,disc\nbar,none such\n,x\n").json()
    assert done["names"] == 1 and label(dataset, "square").readable_name == "Box"
    reasons = [(row["row"], row["field"], row["reason"]) for row in done["rejected"]]
    assert reasons == [
        (2, "parent", "'square' would stand above itself."),
        (3, "parent", "'disc' would stand above itself."),
        (4, "parent", "'none such' is no label of the dataset."),
        (5, "label", "The row names no label."),
    ]


@pytest.mark.parametrize(
    "data, said",
    [
        ("", "empty"),
        ("\n", "no column label"),
        ("colour,size\nred,1\n", "no column label"),
        ("label,colour\nsquare,red\n", "'colour' means nothing here"),
        ("label\n", "Nothing is said of a label"),
        (b"\xff\xfel\x00a\x00", "not UTF-8"),
        (b"PK\x03\x04broken", "not a whole zip"),
        (zipped({"a.csv": "label\n", "b.csv": "label\n"}), "holds 2 CSV files"),
        (zipped({"../../etc": b"x"}), "points outside"),
        (zipped({"readme.txt": b"x"}), "Nothing is said of a label"),
    ],
)
def test_a_file_that_is_no_sheet_of_labels_is_refused_with_a_sentence(dataset, lead, data, said):
    answer = send(dataset, lead, data)
    assert answer.status_code == 400 and said in answer.json()["detail"], answer.json()
    assert not Label.objects.exclude(icon="").exists()


HARMFUL = {
    "script": SQUARE.replace(b"<rect", b"<script>alert(1)</script><rect onload='alert(1)'"),
    "link": SQUARE.replace(b"<rect", b'<image href="file:///etc/hostname" width="9" height="9"/><rect'),
    "spaced": SQUARE.replace(b"<rect", b'<image xlink:href = "\n/etc/passwd"/><rect'),
    "far": SQUARE.replace(b"<rect", b"<style>@import url(http://example.com/a.css);</style><rect"),
    "entity": b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SQUARE,
}


def test_an_svg_is_drawn_without_its_scripts_and_refused_where_it_reaches_out():
    with Icons() as icons:
        plain = icons.png(SQUARE, "a.svg")
        assert icons.png(HARMFUL["script"], "a.svg").startswith(b"\x89PNG") and b"alert" not in plain
        for name in ("link", "spaced", "far", "entity"):
            with pytest.raises(BadIcon, match="outside itself"):
                icons.png(HARMFUL[name], "a.svg")
        for data in (b"<svg", b"<svg></svg", SQUARE[:50], b"\xff<svg>"):
            with pytest.raises(BadIcon):
                icons.png(data, "a.svg")
        assert icons.png(SQUARE, "called.png") == plain  # by what it is


KINDS = [("PNG", "RGBA"), ("PNG", "I;16"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGB")]


@pytest.mark.parametrize("kind, mode", KINDS)
def test_pictures_of_every_kind_become_small_pngs(kind, mode):
    with Icons() as icons, Image.open(io.BytesIO(icons.png(picture(kind, mode=mode)))) as image:
        assert image.format == "PNG" and image.size == (128, 85)


def test_a_picture_that_is_none_or_too_large_is_refused_and_the_next_is_taken():
    bomb = picture("PNG", (5000, 5000), "1")
    with Icons() as icons:
        for data, said in ((b"", "empty"), (b"GIF89a", "no picture"), (b"x" * (2**20 + 1), "larger"), (bomb, "pixels")):
            with pytest.raises(BadIcon, match=said):
                icons.png(data)
        assert icons.png(picture())


def test_a_picture_that_hangs_its_process_is_given_up(monkeypatch):
    monkeypatch.setattr("review.icons.SECONDS", 0.5)
    layers = "".join(f'<g id="a{k}">' + f'<use href="#a{k - 1}"/>' * 10 + "</g>" for k in range(1, 14))
    laughing = f'<svg xmlns="http://www.w3.org/2000/svg"><g id="a0"><rect width="9" height="9"/></g>{layers}</svg>'
    with Icons() as icons:
        with pytest.raises(BadIcon):
            icons.png(laughing.encode(), "a.svg")
        assert icons.png(picture())


def test_one_label_is_given_an_icon_and_a_name_and_they_are_taken_away(dataset, lead):
    browser, one = make.client(lead), label(dataset, "disc")
    path = f"/api/labels/{one.pk}/icon/"
    assert browser.get(path).status_code == 404
    assert browser.put(path, {"icon": SimpleUploadedFile("a.svg", SQUARE)}, format="multipart").status_code == 204
    assert browser.get(path).status_code == 200
    refused = browser.put(path, {"icon": SimpleUploadedFile("a.svg", HARMFUL["link"])}, format="multipart")
    assert refused.status_code == 400 and "outside itself" in refused.json()["detail"]
    assert browser.get(path).status_code == 200
    assert browser.delete(path).status_code == 204 and browser.get(path).status_code == 404
    named = browser.patch(f"/api/labels/{one.pk}/", {"readable_name": " A disc "}, format="json").json()
    assert named["readable_name"] == "A disc" and named["name"] == "disc"
    for wrong in ({}, {"readable_name": " "}, {"readable_name": "x" * 301}):
        assert browser.patch(f"/api/labels/{one.pk}/", wrong, format="json").status_code == 400
