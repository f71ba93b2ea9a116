"""A look before the import: counts and reasons, nothing written, and no second upload for the real one."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from review.models import Dataset, Image, Item, Job, Label, Object, RejectedRow, Shard
from review.storage import store
from tests import make
from tests.sources import PICTURE, bring_in

ROWS = "image,label,track\na.jpg,disc,1\nb.jpg,bar,2\ngone.jpg,disc,3\nb.jpg,,4\n" + "".join(
    f"lost{n}.jpg,disc,5\n" for n in range(150)
)
FILES = {"a.jpg": PICTURE, "b.jpg": PICTURE}


def upload(project, lead, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    body = {
        "name": "Looked at",
        "archive": SimpleUploadedFile("i.zip", out.getvalue(), "application/zip"),
        "manifest": SimpleUploadedFile("m.csv", ROWS.encode(), "text/csv"),
        **more,
    }
    return make.client(lead).post(f"/api/projects/{project.pk}/datasets/", body)


def test_a_dry_run_counts_and_reasons_and_writes_nothing(project, lead):
    answer = upload(project, lead, dry_run="true")
    assert answer.status_code == 202
    job = make.work(Job.objects.get(pk=answer.json()["job"]))
    assert (job.kind, job.state) == ("check", "done")
    result = job.result
    assert (result["dry_run"], result["items"], result["labels"]) == (True, 2, {"bar": 1, "disc": 1})
    assert result["rejected"] == 152 and len(result["first_rejected"]) == 100
    assert result["first_rejected"][0] == {
        "row": 3, "file": "gone.jpg", "field": "image", "reason": "There is no image gone.jpg in the archive.",
    }  # fmt: skip
    made = Dataset.objects.get(pk=answer.json()["id"])
    assert made.state == "checked"
    for model in (Image, Object, Item, Label, Shard, RejectedRow):
        assert not model.objects.filter(dataset=made).exists(), model


def test_the_real_import_afterwards_needs_no_second_upload(project, lead):
    answer = upload(project, lead, dry_run="true").json()
    made = Dataset.objects.get(pk=answer["id"])
    address = f"/api/datasets/{made.pk}/import/"
    assert make.client(lead).post(address).status_code == 409  # It is not looked through yet.
    make.work(Job.objects.get(pk=answer["job"]))
    begun = make.client(lead).post(address)
    assert begun.status_code == 202 and begun.json()["id"] == made.pk
    job = make.work(Job.objects.get(pk=begun.json()["job"]))
    made.refresh_from_db()
    assert (job.kind, job.state, made.state) == ("import", "done", "ready")
    assert job.result == {"items": 2, "labels": 2, "rejected": 152}
    assert make.client(lead).post(address).status_code == 409
    supervisor = make.member(project, "sue", "supervisor").user
    assert make.client(supervisor).post(address).status_code == 403


def test_a_source_that_cannot_be_read_fails_the_look_as_it_would_the_import(project, lead):
    made, job = bring_in(project, lead, b"PK no zip", dry_run=True)
    assert (job.state, made.state) == ("failed", "failed") and "not a whole zip" in job.message


def test_a_grouping_by_what_no_row_has_is_said_before_the_import(project, lead):
    made, job = bring_in(project, lead, FILES, ROWS, dry_run=True, group_by="video")
    assert (job.state, made.state) == ("failed", "failed") and "'video'" in job.message


def test_an_import_of_which_nothing_could_be_taken_leaves_the_dataset_failed_and_can_be_tried_again(project, lead):
    made, job = bring_in(project, lead, {"a.jpg": b"no picture"}, "image,label\na.jpg,disc\n")
    assert (job.state, made.state) == ("failed", "failed") and "None of the 1 rows" in job.message
    again = make.client(lead).post(f"/api/datasets/{made.pk}/import/").json()
    assert again["job"] == job.pk
    made.refresh_from_db()
    assert made.state == "importing"
    assert make.work(Job.objects.get(pk=job.pk)).state == "failed"
    made.refresh_from_db()
    assert made.state == "failed" and made.rejected.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_error_nobody_foresaw_leaves_no_dataset_importing(transactional_db, project, lead):
    made, job = bring_in(project, lead, FILES, ROWS, dry_run=True)
    path = store().path(made.layout["source"]["archive"])
    store().files.rm_file(path)
    again = make.client(lead).post(f"/api/datasets/{made.pk}/import/").json()
    assert make.work(Job.objects.get(pk=again["job"])).state == "failed"
    made.refresh_from_db()
    assert made.state == "failed"


@pytest.mark.parametrize(("old", "new"), [("ready", "importing"), ("checking", "ready"), ("ready", "failed")])
def test_the_database_refuses_a_step_that_a_dataset_may_not_take(project, old, new):
    made = Dataset.objects.create(project=project, name="x", format="manifest", state=old)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dataset.objects.filter(pk=made.pk).update(state=new)
