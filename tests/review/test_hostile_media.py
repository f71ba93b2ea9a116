"""What was uploaded as one thing and is another: served as what our own decoder made of it, never to be run."""

import io

import pytest
from PIL import Image

from tests import make
from tests.sources import bring_in, reasons

SCRIPT = b"<html><script>alert(document.domain)</script></html>"


def polyglot() -> bytes:
    """A JPEG that is an HTML page too: in a comment, and behind its end."""
    out = io.BytesIO()
    Image.open(io.BytesIO(make.picture("disc", 1))).save(out, "JPEG", comment=SCRIPT, quality=90)
    return out.getvalue() + SCRIPT


NAMES = ["d/x.jpg.html", "d/x.html", "d/x.svg", "d/x.jpg"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_is_a_picture_too_is_served_as_a_picture_of_our_own_making(project, lead, name):
    made, job = bring_in(project, lead, {name: polyglot(), "d/evil.svg.jpg": b"<svg><script>alert(1)</script></svg>"})
    assert (
        job.result == {"items": 1, "labels": 1, "rejected": 1} and "not a JPEG" in next(iter(reasons(made).values()))[1]
    )
    assert made.images.get().media_type == "image/jpeg"
    item = made.items.get()
    for path in (
        f"/api/items/{item.pk}/crop/?size=128",
        f"/api/items/{item.pk}/crop/",
        f"/api/items/{item.pk}/context/",
        f"/api/labels/{item.label_id}/exemplars/0/",
    ):
        answer = make.client(lead).get(path, headers={"accept": "text/html,*/*;q=0.8"})
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"] and "private" in answer["Cache-Control"]
        assert b"<script" not in answer.content and b"html" not in answer.content


@pytest.mark.parametrize("format", ["manifest", "jsonl", "coco", "parquet"])
def test_an_export_is_a_download_and_never_a_page(project, lead, format):
    made, _ = bring_in(project, lead, {"<script>/x.jpg": make.picture("disc", 1)})
    answer = make.client(lead).post(f"/api/datasets/{made.pk}/exports/", {"format": format}, format="json").json()
    from review.models import Job

    make.work(Job.objects.get(pk=answer["job"]))
    sent = make.client(lead).get(f"/api/exports/{answer['id']}/download/")
    assert sent["Content-Disposition"].startswith("attachment;") and sent["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in sent["Content-Security-Policy"] and not sent["Content-Type"].startswith("text/html")
    suffix = {"manifest": ".csv", "jsonl": ".jsonl", "coco": ".json", "parquet": ".parquet"}[format]
    assert sent["Content-Disposition"].rstrip('"').endswith(f"full-r0{suffix}")
