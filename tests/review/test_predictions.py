"""What a user's own model says comes in by key: all sound rows at once, each other one with its reason, or nothing."""

import csv
import io

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from review.models import Dataset, Item, Job, Predictions
from review.operations import predictions, rankings
from review.storage import store
from tests import make
from tests.sources import PICTURE, bring_in, json_lines

LABELS = ["bar", "cross", "disc", "square"]


@pytest.fixture
def four(project, lead) -> Dataset:
    rows = "key,image,label\nk1,a.jpg,disc\nk2,a.jpg,bar\nk3,a.jpg,cross\nk4,a.jpg,square\n"
    return bring_in(project, lead, {"a.jpg": PICTURE}, rows)[0]


def take(made: Dataset, lead, data: bytes | str, name: str = "net", use: bool = False) -> tuple[Predictions, Job]:
    data = data.encode() if isinstance(data, str) else data
    row, job = predictions.start(dataset=made, by=lead, name=name, source=store().put(data), use=use)
    make.work(job)
    row.refresh_from_db()
    return row, job


def values(row: Predictions) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(store().get(row.values))) as file:
        return {name: file[name] for name in file.files}


def losses(made: Dataset) -> dict[str, float | None]:
    return dict(made.items.values_list("key", "loss"))


def npz(**arrays) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def table(rows: list[dict]) -> bytes:
    """Parquet of these rows, all of the same text and number columns."""
    from arro3.core import Array, DataType, RecordBatch
    from arro3.io import write_parquet

    kinds = {name: DataType.utf8() if isinstance(rows[0][name], str) else DataType.float64() for name in rows[0]}
    arrays = {name: Array([row[name] for row in rows], type=kind) for name, kind in kinds.items()}
    out = io.BytesIO()
    write_parquet(RecordBatch.from_pydict(arrays), out)
    return out.getvalue()


ROWS = [
    {"key": "k1", "p:bar": 0.1, "p:cross": 0.1, "p:disc": 0.7, "p:square": 0.1, "loss": 0.5},
    {"key": "k3", "p:bar": 0.9, "p:cross": 0.05, "p:disc": 0.05, "p:square": 0.0, "loss": 3.5},
]
WHOLE = np.array([[0.1, 0.1, 0.7, 0.1], [0.9, 0.05, 0.05, 0]])
FORMS = {
    "csv": b"key,p:bar,p:cross,p:disc,p:square,loss\nk1,.1,.1,.7,.1,.5\nk3,.9,.05,.05,0,3.5\n",
    "semicolons": b"\xef\xbb\xbfkey;loss;p:bar;p:cross;p:disc;p:square\r\nk1;.5;.1;.1;.7;.1\r\nk3;3.5;.9;.05;.05;0\r\n",
    "jsonl": json_lines(ROWS),
    "an object of probabilities": json_lines(
        {"id": row["key"], "loss": row["loss"], "probabilities": {k[2:]: v for k, v in row.items() if k[:2] == "p:"}}
        for row in ROWS
    ),
    "parquet": table(ROWS),
    "npz": npz(keys=np.array(["k1", "k3"]), labels=np.array(LABELS), probabilities=WHOLE, loss=np.array([0.5, 3.5])),
}


@pytest.mark.parametrize("form", FORMS)
def test_probabilities_and_losses_come_in_from_every_form_alike(four, lead, form):
    row, job = take(four, lead, FORMS[form])
    assert job.state == Job.State.DONE, job.message
    assert job.result["items"] == 2 and job.result["without"] == 2 and job.result["refused"] == 0
    assert set(row.holds) == {"predicted", "probabilities", "losses"}
    kept, names = values(row), dict(four.labels.values_list("pk", "name"))
    columns = [LABELS.index(names[label]) for label in kept["labels"].tolist()]
    assert np.allclose(kept["probabilities"], WHOLE[:, columns], atol=1e-6)
    assert kept["items"].tolist() == sorted(four.items.filter(key__in=["k1", "k3"]).values_list("pk", flat=True))
    assert [names[label] for label in kept["predicted"].tolist()] == ["disc", "bar"]
    assert losses(four) == {"k1": 0.5, "k2": None, "k3": 3.5, "k4": None}


BAD = {
    "kx,disc,1,,": ("key", "no item with the key 'kx'"),
    ",disc,1,,": ("key", "no key"),
    "k1,disc,1,,": ("key", "occurs more than once"),
    "k2,circle,1,,": ("predicted", "no label 'circle'"),
    "k2,,nan,,": ("loss", "not a finite number"),
    "k2,,inf,,": ("loss", "not a finite number"),
    "k2,,much,,": ("loss", "'much', which is not a number"),
    "k2,,,0.5,0.2": ("probabilities", "sum to 0.7"),
    "k2,,,1.5,-0.5": ("probabilities", "negative: -0.5"),
    "k2,,,nan,0.2": ("probabilities", "not a finite number"),
    "k2,,,": ("", "4 columns"),
    "k2,,,,": ("", "neither what is predicted nor a loss"),
}


def test_each_bad_row_is_counted_and_reasoned_and_the_sound_ones_come_in(four, lead):
    row, job = take(four, lead, "\n".join(["key,predicted,loss,p:disc,p:bar", "k1,disc,1,,", *BAD, "k2,bar,2,,"]))
    assert job.state == Job.State.DONE and job.result["items"] == 2 and job.result["refused"] == len(BAD)
    assert losses(four) == {"k1": 1, "k2": 2, "k3": None, "k4": None}
    supervisor = make.member(four.project, "sue", "supervisor").user
    sent = make.client(supervisor).get(f"/api/predictions/{row.pk}/rejected.csv")
    said = list(csv.DictReader(io.StringIO(b"".join(sent.streaming_content).decode())))
    for number, (line, (field, reason)) in enumerate(zip(said, BAD.values(), strict=True), 2):
        assert int(line["row"]) == number and line["field"] == field and reason in line["reason"], line
    assert job.result["refused_by_field"]["probabilities"] == 3
    assert job.result["first_rejected"][0]["reason"] == said[0]["reason"]


@pytest.mark.parametrize("sums", [0.985, 1.015])
def test_probabilities_that_miss_one_by_rounding_are_normalised(four, lead, sums):
    row, job = take(four, lead, f"key,p:disc,p:bar\nk1,{sums - 0.2},.2\n")
    assert job.result["refused"] == 0
    assert values(row)["probabilities"].sum() == pytest.approx(1, abs=1e-6)


WHOLLY_BAD = {
    "id_of,loss\nk1,2\n": "no column 'key'",
    "key,score\nk1,2\n": "No column says what the model thinks",
    "": "empty",
    "key,loss\nkx,2\nky,3\n": "None of the 2 rows could be taken. The first: The dataset has no item",
    "key,loss\n": "None of the 0 rows",
}


@pytest.mark.parametrize("text", WHOLLY_BAD)
def test_what_says_nothing_of_any_item_is_refused_and_what_was_there_stays(four, lead, text):
    first, _ = take(four, lead, "key,loss\nk1,2\n")
    row, job = take(four, lead, text)
    assert job.state == Job.State.FAILED and WHOLLY_BAD[text] in job.message
    assert row.values == first.values and losses(four)["k1"] == 2


NPZ = {
    "no keys": (npz(loss=np.ones(2)), "no array 'keys'"),
    "objects": (npz(keys=np.array(["k1", {}], object), loss=np.ones(2)), "Python objects"),
    "too few": (npz(keys=np.array(["k1", "k2"]), loss=np.ones(1)), "loss must hold 2 numbers"),
    "no labels": (npz(keys=np.array(["k1"]), probabilities=np.ones((1, 2))), "no array 'labels'"),
    "a label twice": (npz(keys=np.array(["k1"]), labels=["a", "a"], probabilities=np.ones((1, 2)) / 2), "twice"),
    "nothing said": (npz(keys=np.array(["k1"])), "neither of the arrays"),
    "cut off": (npz(keys=np.array(["k1"]), loss=np.ones(1))[:-30], "cut off or is broken"),
    "a text": (b"PK\x03\x04 and nothing more", "cut off or is broken"),
}


@pytest.mark.parametrize("case", NPZ)
def test_an_npz_that_cannot_be_read_is_refused_with_a_sentence(four, lead, case):
    data, sentence = NPZ[case]
    _, job = take(four, lead, data)
    assert job.state == Job.State.FAILED and sentence in job.message


def test_an_npz_that_unpacks_to_more_than_is_given_is_refused_before_it_is_read(four, lead, settings):
    settings.READER_MEMORY_BYTES = 2**20
    out = io.BytesIO()
    np.savez_compressed(out, keys=np.array(["k1"]), probabilities=np.zeros((1, 2**22)))
    _, job = take(four, lead, out.getvalue())
    assert job.state == Job.State.FAILED and "more than 1 MB" in job.message


def test_labels_that_only_the_model_knows_keep_their_share_and_are_told(four, lead):
    row, job = take(four, lead, "key,p:disc,p:oval\nk1,.2,.8\nk2,.5,.5\n")
    assert job.result["unknown_labels"] == ["oval"] and job.result["refused"] == 0
    kept = values(row)
    assert sorted(kept["labels"].tolist())[0] == -1
    assert kept["predicted"].tolist()[0] == -1  # An oval, which the dataset does not have.
    assert losses(four)["k1"] == pytest.approx(-np.log(0.2)) and losses(four)["k2"] is None


def test_what_the_manifest_itself_says_is_taken_in_after_the_import(project, lead):
    rows = "image,label,predicted,loss\na.jpg,disc,bar,2.5\nb.jpg,bar,bar,nan\n"
    made, _ = bring_in(project, lead, {"a.jpg": PICTURE, "b.jpg": PICTURE}, rows)
    job = make.work(made.jobs.get(kind="predict"))
    assert job.state == Job.State.DONE and job.result["items"] == 1 and job.result["refused"] == 1
    assert losses(made) == {"a.jpg": 2.5, "b.jpg": None}
    assert made.predictions_in.get().name == "manifest"
    made.refresh_from_db()
    assert made.predictions is None  # The lead has not chosen it.
    assert made.items.get(key="a.jpg").attributes == {"predicted": "bar", "loss": "2.5"}


def test_a_manifest_without_such_columns_starts_nothing(four):
    assert not four.jobs.filter(kind="predict").exists()


def upload(who, made: Dataset, data: bytes, **more):
    body = {"file": SimpleUploadedFile("said.csv", data, "text/csv"), "name": "net", **more}
    return make.client(who).post(f"/api/datasets/{made.pk}/predictions/", body)


def test_the_upload_answers_202_and_the_list_says_what_is_in(four, lead):
    answer = upload(lead, four, b"key,loss\nk1,2\nkx,3\n", use="false")
    assert answer.status_code == 202
    make.work(Job.objects.get(pk=answer.json()["job"]))
    (line,) = make.client(lead).get(f"/api/datasets/{four.pk}/predictions/").json()["results"]
    assert (line["name"], line["holds"], line["items"], line["refused"]) == ("net", ["losses"], 1, 1)
    assert line["used"] is False and line["job"] == answer.json()["job"]
    assert make.client(lead).get(line["rejected"]).status_code == 200
    assert upload(lead, four, b"key,loss\nk1,2\n", name="../Net").status_code == 400
    Dataset.objects.filter(pk=four.pk).update(name="x")
    assert upload(make.member(four.project, "sue", "supervisor").user, four, b"").status_code == 403


def test_taking_the_suspicion_from_a_model_waits_for_the_ranking_under_way(four, lead):
    row, job = predictions.start(dataset=four, by=lead, name="net", source=store().put(b"key,loss\nk1,2\n"), use=True)
    assert make.work(job).state == Job.State.QUEUED and "Waiting until the ranking" in job.message
    make.rank(four)
    assert make.work(job).state == Job.State.DONE
    four.refresh_from_db()
    assert four.predictions == row and rankings.under_way(four)


def test_a_second_ranking_is_refused_while_one_is_under_way(four, lead):
    client, address = make.client(lead), f"/api/datasets/{four.pk}/rankings/"
    answer = client.post(address, {"encoder": "pixels"}, format="json")
    assert answer.status_code == 409 and "under way" in answer.json()["detail"]
    make.rank(four)
    assert client.post(address, {"predictions": 987654}, format="json").status_code == 400
    begun = client.post(address, {"encoder": "pixels"}, format="json")
    assert begun.status_code == 202
    assert make.work(Job.objects.get(pk=begun.json()["job"])).result["encoder"] == "pixels"


def test_a_run_that_was_cut_off_leaves_nothing_half_imported(four, lead):
    row, job = predictions.start(dataset=four, by=lead, name="net", source=store().put(b"key,loss\nk1,2\n"), use=False)
    Job.objects.filter(pk=job.pk).update(cancel_wanted=True)
    assert make.work(job).state == Job.State.CANCELLED
    row.refresh_from_db()
    assert row.values == "" and not Item.objects.filter(loss__isnull=False).exists()
