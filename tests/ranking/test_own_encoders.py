"""A user's own embeddings and ONNX networks stand where our encoders stand, or are refused with a sentence."""

import io

import numpy as np
import onnx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from onnx import TensorProto, helper

from ranking import store
from ranking.onnx_encoder import OnnxEncoder
from review.models import Dataset, Job, LabelOrder, OwnEncoder
from review.operations import encoders
from review.storage import store as storage
from tests import make

WIDE = {"memory_bytes": 4 * 2**30, "seconds": 30.0}
UNIT = {"pixels": None, "scale": "unit"}


def network(
    shape: list, kind: int = TensorProto.FLOAT, nodes: list | None = None, rank: int = 2, weights: list | None = None
) -> bytes:
    """An ONNX network of one input; as it comes, its output is the input flattened."""
    nodes = nodes or [helper.make_node("Flatten", ["crops"], ["out"], axis=1)]
    crops = helper.make_tensor_value_info("crops", kind, shape)
    out = helper.make_tensor_value_info("out", kind, [None] * rank)
    graph = helper.make_graph(nodes, "encoder", [crops], [out], initializer=weights or [])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(made)
    return made.SerializeToString()


def pooled(shape: list) -> bytes:
    """The mean colour of each eighth: [n, 3, s, s] to [n, 192]."""
    pool = helper.make_node("AveragePool", ["crops"], ["means"], kernel_shape=[4, 4], strides=[4, 4])
    return network(shape, nodes=[pool, helper.make_node("Flatten", ["means"], ["out"], axis=1)])


def npz(**arrays) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def crops(n: int, side: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, side, side, 3), np.uint8)


@pytest.mark.parametrize("batch", ["n", 1, 4])
def test_a_network_gives_its_first_output_for_colours_first(batch):
    made = OnnxEncoder("onnx:x", network([batch, 3, 16, 16]), UNIT, **WIDE)
    assert (made.pixels, made.dim) == (16, 768)
    given = crops(7, 16)
    assert np.allclose(made.encode(given), given.transpose(0, 3, 1, 2).reshape(7, -1) / 255, atol=1e-6)
    made.close()


@pytest.mark.parametrize(
    ("scale", "low", "high"), [("unit", 0, 1), ("byte", 0, 255), ("imagenet", -0.485 / 0.229, (1 - 0.485) / 0.229)]
)
def test_black_and_white_are_what_the_scale_says_and_colours_may_be_last(scale, low, high):
    made = OnnxEncoder("onnx:x", network(["n", None, None, 3]), {"pixels": 24, "scale": scale}, **WIDE)
    assert made.pixels == 24
    ends = made.encode(np.stack([np.zeros((24, 24, 3), np.uint8), np.full((24, 24, 3), 255, np.uint8)]))
    assert ends[0, 0] == pytest.approx(low, abs=1e-5) and ends[1, 0] == pytest.approx(high, abs=1e-5)
    made.close()


def test_a_network_of_bytes_and_one_grey_takes_the_crop_as_grey():
    made = OnnxEncoder("onnx:x", network(["n", 1, 8, 8], TensorProto.UINT8), UNIT, **WIDE)
    assert np.allclose(made.encode(np.full((2, 8, 8, 3), 77, np.uint8)), 77)
    made.close()


def hungry() -> bytes:
    """It makes a billion floats of each crop and sums them up."""
    size = helper.make_tensor("size", TensorProto.INT64, [2], [40_000, 30_000])
    nodes = [
        helper.make_node("ReduceMean", ["crops"], ["mean"], axes=[0, 1, 2, 3], keepdims=0),
        helper.make_node("Expand", ["mean", "size"], ["vast"]),
        helper.make_node("ReduceSum", ["vast"], ["sum"], keepdims=0),
        helper.make_node("Flatten", ["crops"], ["flat"], axis=1),
        helper.make_node("Add", ["flat", "sum"], ["out"]),
    ]
    return network(["n", 3, 8, 8], nodes=nodes, weights=[size])


def elsewhere() -> bytes:
    weights = helper.make_tensor("w", TensorProto.FLOAT, [1], [2.0])
    made = onnx.load_from_string(network(["n", 3, 8, 8], weights=[weights]))
    tensor = made.graph.initializer[0]
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/passwd")
    return made.SerializeToString()


NOT_A_NUMBER = network(
    ["n", 3, 8, 8],
    nodes=[
        helper.make_node("Sub", ["crops", "crops"], ["zero"]),
        helper.make_node("Div", ["zero", "zero"], ["nan"]),
        helper.make_node("Flatten", ["nan"], ["out"], axis=1),
    ],
)
UNFIT = {
    "no network": (b"this is no network", "no ONNX network"),
    "two dimensions": (network(["n", 768]), "2 dimensions"),
    "not square": (network(["n", 3, 16, 32]), "32 × 16 pixels; they must be square"),
    "five colours": (network(["n", 5, 16, 16]), "where its 3 colours"),
    "vast": (network(["n", 3, 5000, 5000]), "5000 pixels a side"),
    "whole numbers": (network(["n", 3, 16, 16], TensorProto.INT64), "takes tensor(int64)"),
    "one number for all": (
        network(["n", 3, 8, 8], nodes=[helper.make_node("ReduceMean", ["crops"], ["out"], keepdims=0)], rank=0),
        "must make a vector of each",
    ),
    "not a number": (NOT_A_NUMBER, "not numbers"),
    "weights elsewhere": (elsewhere(), "other files"),
    "too much memory": (hungry(), "memory"),
}


@pytest.fixture
def shapes_(project, lead) -> Dataset:
    return make.dataset(project, lead)[0]


def send(made: Dataset, lead, data: bytes, onnx_: bool, **more) -> tuple[OwnEncoder, Job]:
    options = {"wish": UNIT, "use": True, "name": "mine"} | more
    row, job = encoders.start(dataset=made, by=lead, source=storage().put(data), onnx=onnx_, **options)
    make.work(job)
    row.refresh_from_db()
    return row, job


@pytest.mark.parametrize("case", UNFIT)
def test_a_network_that_is_no_encoder_is_refused_with_a_sentence_and_nothing_is_kept(shapes_, lead, settings, case):
    settings.ONNX_MEMORY_BYTES = 2 * 2**30
    data, sentence = UNFIT[case]
    row, job = send(shapes_, lead, data, True)
    assert job.state == Job.State.FAILED and sentence in job.message, job.message
    assert row.file == "" and not shapes_.jobs.filter(kind="rank", state="queued").exists()


def test_a_network_that_takes_too_long_is_stopped(shapes_, lead, settings):
    settings.ONNX_SECONDS = 0.001
    _, job = send(shapes_, lead, pooled(["n", 3, 32, 32]), True)
    assert job.state == Job.State.FAILED and "memory or time" in job.message


def ranked(made: Dataset) -> Job:
    job = make.work(made.jobs.filter(kind="rank").order_by("-pk")[0])
    assert job.state == Job.State.DONE, job.message
    made.refresh_from_db()
    return job


def test_an_onnx_encoder_ranks_the_dataset_and_goes_on_doing_so(shapes_, lead):
    row, job = send(shapes_, lead, pooled(["n", 3, 32, 32]), True)
    assert job.state == Job.State.DONE and job.result == {
        "encoder": "onnx:mine", "dim": 192, "used": True, "pixels": 32, "scale": "unit",
    }  # fmt: skip
    assert ranked(shapes_).result["encoder"] == "onnx:mine"
    ranking = shapes_.ranking
    assert ranking is not None and (ranking.encoder, ranking.embeddings.count()) == ("onnx:mine", 1)
    laid = [item for order in LabelOrder.objects.filter(ranking=ranking) for item in order.items]
    assert sorted(laid) == sorted(shapes_.items.values_list("pk", flat=True))
    assert all(0 <= value <= 1 for value in shapes_.items.values_list("suspicion", flat=True))
    again = make.client(lead).post(f"/api/datasets/{shapes_.pk}/rankings/", {}, format="json").json()
    assert make.work(Job.objects.get(pk=again["job"])).result["encoder"] == "onnx:mine"
    assert row.takes == {"pixels": 32, "scale": "unit"}


def keys_of(made: Dataset) -> list[str]:
    return list(made.items.order_by("row").values_list("key", flat=True))


def table(keys: list[str], vectors: np.ndarray) -> bytes:
    """Parquet with a list column."""
    import json

    from arro3.core import DataType, Field, Schema
    from arro3.io import read_json, write_parquet

    text = "".join(json.dumps({"key": k, "vector": v}) + "\n" for k, v in zip(keys, vectors.tolist(), strict=True))
    schema = Schema([Field("key", DataType.utf8()), Field("vector", DataType.list(DataType.float32()))])
    out = io.BytesIO()
    write_parquet(read_json(io.BytesIO(text.encode()), schema), out)
    return out.getvalue()


@pytest.mark.parametrize("form", ["npz", "parquet"])
def test_vectors_by_key_become_a_ranking_whose_neighbours_are_those_of_the_vectors(shapes_, lead, form):
    keys = keys_of(shapes_)
    rng = np.random.default_rng(4)
    line = rng.permutation(len(keys)).astype(np.float32)  # Each item's place on a line is all that its vector says.
    vectors = np.stack([line, np.zeros_like(line)], axis=1)
    mixed = rng.permutation(len(keys))
    sent = [*(keys[k] for k in mixed), "unknown"], np.concatenate([vectors[mixed], [[7, 7]]])
    data = npz(keys=np.array(sent[0]), vectors=sent[1]) if form == "npz" else table(*sent)
    row, job = send(shapes_, lead, data, False)
    assert job.state == Job.State.DONE, job.message
    assert job.result == {"encoder": "own:mine", "dim": 2, "used": True, "items": len(keys), "unknown_keys": 1}
    assert ranked(shapes_).result["encoder"] == "own:mine"
    assert shapes_.ranking is not None
    nearest = store.from_npy(storage().get(shapes_.ranking.nearest_any))[:, :2]
    apart = np.abs(np.take(line, nearest) - line[:, None])
    assert apart.max() <= 2
    for order in LabelOrder.objects.filter(ranking=shapes_.ranking):
        places = line[[keys_of(shapes_).index(k) for k in (shapes_.items.get(pk=i).key for i in order.items)]]
        assert np.all(np.diff(places) > 0) or np.all(np.diff(places) < 0)
    assert row.dim == 2


def refusals(keys: list[str]) -> dict[str, tuple[bytes, str]]:
    ones = np.ones((len(keys), 3), np.float32)
    hole = ones.copy()
    hole[2, 1] = np.nan
    return {
        "a hole": (npz(keys=np.array(keys), vectors=hole), "(row 3) holds a value that is not a number"),
        "an item without": (npz(keys=np.array(keys[1:]), vectors=ones[1:]), "1 of the dataset's items have no vector"),
        "a key twice": (npz(keys=np.array([*keys, keys[0]]), vectors=np.ones((len(keys) + 1, 3))), "more than once"),
        "rows missing": (npz(keys=np.array(keys), vectors=ones[1:]), "a row of numbers for each"),
        "no vectors": (npz(keys=np.array(keys)), "needs arrays keys and vectors"),
        "no width": (npz(keys=np.array(keys), vectors=ones[:, :0]), "0 values each"),
        "a text": (b"key,vector\n", "neither an npz"),
    }


@pytest.mark.parametrize("case", refusals(["a", "b", "c"]))
def test_vectors_that_would_give_a_wrong_order_are_refused_with_a_sentence(shapes_, lead, case):
    data, sentence = refusals(keys_of(shapes_))[case]
    row, job = send(shapes_, lead, data, False)
    assert job.state == Job.State.FAILED and sentence in job.message, job.message
    assert row.file == "" and row.dim == 0


def test_identical_vectors_are_laid_out_and_accuse_nobody_for_sure(shapes_, lead):
    keys = keys_of(shapes_)
    _, job = send(shapes_, lead, npz(keys=np.array(keys), vectors=np.ones((len(keys), 5))), False)
    assert job.state == Job.State.DONE
    ranked(shapes_)
    assert LabelOrder.objects.filter(ranking=shapes_.ranking).count() == 4


def test_an_encoder_that_nobody_sent_is_named_in_the_refusal(shapes_, lead):
    body = {"encoder": "own:other"}
    answer = make.client(lead).post(f"/api/datasets/{shapes_.pk}/rankings/", body, format="json")
    failed = make.work(Job.objects.get(pk=answer.json()["job"]))
    assert failed.state == Job.State.FAILED and "no encoder 'own:other'" in failed.message


def test_the_upload_tells_onnx_by_its_name_and_is_listed(shapes_, lead):
    client, address = make.client(lead), f"/api/datasets/{shapes_.pk}/encoders/"
    file = SimpleUploadedFile("net.onnx", pooled(["n", 3, None, None]), "application/octet-stream")
    answer = client.post(address, {"file": file, "name": "net", "pixels": 40, "scale": "imagenet", "use": "false"})
    assert answer.status_code == 202
    make.work(Job.objects.get(pk=answer.json()["job"]))
    (line,) = client.get(address).json()["results"]
    assert (line["name"], line["dim"], line["takes"]) == ("onnx:net", 300, {"pixels": 40, "scale": "imagenet"})
    assert line["used"] is False and line["job"] == answer.json()["job"]
