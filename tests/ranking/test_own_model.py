"""A user's own model in the place of our classifier: its word becomes a calibrated suspicion, else ours stays."""

import io

import numpy as np
import pytest

from ranking import own_model
from ranking.suspicion import Judgement
from review.models import Dataset, Job
from review.operations import predictions
from review.storage import store
from tests import make
from tests.scores import average_precision, calibration_error

K = 5


def world(
    n: int = 4000, wrong: float = 0.08, skill: float = 2.0, seed: int = 3
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(labels as given, whether each is wrong, a model's probabilities [n, K]) of labels 10, 20, …"""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, K, n)
    given = np.where(rng.random(n) < wrong, (true + rng.integers(1, K, n)) % K, true)
    scores = rng.normal(size=(n, K))
    scores[np.arange(n), true] += skill * 1.5
    probable = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return 10 * (given + 1), given != true, probable


def ours(n: int, value: float = 0.05) -> Judgement:
    labels = 10 * (np.arange(K) + 1)
    return Judgement(
        np.full(n, value), np.full(n, 10), np.tile(labels, (n, 1)), np.full((n, K), value / K), labels, np.zeros((K, K))
    )


def said(n: int, **given) -> own_model.Said:
    empty = {
        "predicted": np.full(n, -1),
        "probability": np.full(n, np.nan),
        "losses": np.full(n, np.nan),
        "labels": np.empty(0, np.int64),
        "probabilities": np.empty((n, 0)),
    }
    return own_model.Said(**(empty | given))


def test_probabilities_become_a_calibrated_suspicion_and_suggestions():
    labels, wrong, probable = world()
    found = own_model.judge(
        ours(len(labels)), labels, said(len(labels), labels=10 * (np.arange(K) + 1), probabilities=probable)
    )
    assert calibration_error(wrong, found.suspicion, bins=10) < 0.03
    mine = probable[np.arange(len(labels)), labels // 10 - 1]
    assert average_precision(wrong, found.suspicion) > average_precision(wrong, 1 - mine) - 0.02
    assert average_precision(wrong, found.suspicion) > 0.7
    best = np.argmax(np.where(np.arange(K) == (labels // 10 - 1)[:, None], -1, probable), axis=1)
    doubted = found.suspicion > 0.5
    assert (found.suggested[doubted, 0] == 10 * (best[doubted] + 1)).mean() > 0.95
    total = np.nansum(np.where(found.suggested >= 0, found.probabilities, 0), axis=1)
    assert np.all(total <= found.suspicion + 1e-6)


def test_a_bare_prediction_suspects_those_it_contradicts():
    labels, wrong, probable = world()
    predicted = 10 * (probable.argmax(axis=1) + 1)
    found = own_model.judge(ours(len(labels)), labels, said(len(labels), predicted=predicted))
    against = predicted != labels
    assert found.suspicion[against].min() > found.suspicion[~against].max()
    assert calibration_error(wrong, found.suspicion, bins=10) < 0.08  # two heights are all that it can tell
    assert np.array_equal(found.predicted, predicted)


def test_what_the_model_says_nothing_of_keeps_our_word():
    labels, _, probable = world()
    probable[::3] = np.nan
    found = own_model.judge(
        ours(len(labels), 0.123), labels, said(len(labels), labels=10 * (np.arange(K) + 1), probabilities=probable)
    )
    assert np.all(found.suspicion[::3] == 0.123) and not np.any(found.suspicion[1::3] == 0.123)
    assert np.all(found.predicted[::3] == 10)


def test_a_label_that_the_model_was_never_taught_is_no_evidence_against_its_items():
    labels, _, probable = world()
    known = probable[:, :-1] / probable[:, :-1].sum(axis=1, keepdims=True)
    found = own_model.judge(
        ours(len(labels), 0.123), labels, said(len(labels), labels=10 * (np.arange(K - 1) + 1), probabilities=known)
    )
    assert np.all(found.suspicion[labels == 10 * K] == 0.123)


def test_what_the_model_takes_for_a_label_that_the_dataset_lacks_is_suspected_and_that_label_is_not_suggested():
    labels, _, probable = world()
    strange = np.zeros(len(labels), bool)
    strange[:200] = True
    table = np.concatenate(
        [probable * np.where(strange, 0.01, 0.99)[:, None], np.where(strange, 0.99, 0.01)[:, None]], axis=1
    )
    columns = np.append(10 * (np.arange(K) + 1), -1)
    found = own_model.judge(ours(len(labels)), labels, said(len(labels), labels=columns, probabilities=table))
    assert np.median(found.suspicion[strange]) > 0.9 > 0.5 > np.median(found.suspicion[~strange])
    assert set(found.suggested.ravel().tolist()) <= {-1, *(10 * (np.arange(K) + 1)).tolist()}


def test_losses_keep_their_order_and_take_their_height_from_our_suspicion():
    labels, wrong, probable = world()
    losses = -np.log(probable[np.arange(len(labels)), labels // 10 - 1])
    rng = np.random.default_rng(1)
    noisy = np.clip(np.where(wrong, 0.5, 0.04) + rng.normal(0, 0.03, len(labels)), 0, 1)
    mine = Judgement(
        noisy,
        *(
            getattr(ours(len(labels)), name)
            for name in ("predicted", "suggested", "probabilities", "names", "confused")
        ),
    )
    losses[:50] = np.nan
    found = own_model.judge(mine, labels, said(len(labels), losses=losses))
    assert np.array_equal(found.suspicion[:50], noisy[:50])
    rows = 50 + np.argsort(losses[50:])
    assert np.all(np.diff(found.suspicion[rows]) >= 0)
    assert abs(found.suspicion[50:].mean() - noisy[50:].mean()) < 0.01
    assert average_precision(wrong[50:], found.suspicion[50:]) > average_precision(wrong[50:], losses[50:]) - 0.05


@pytest.mark.parametrize("losses", [np.ones(100), np.full(100, np.nan)])
def test_losses_that_tell_nothing_change_little(losses):
    found = own_model.judge(ours(100, 0.07), np.repeat([10, 20], 50), said(100, losses=losses))
    assert np.allclose(found.suspicion, 0.07)


@pytest.fixture
def shaped(project, lead, wrong) -> tuple[Dataset, dict[str, str]]:
    return make.dataset(project, lead, wrong=wrong, each=30)


def npz_of(made: Dataset, truth: dict[str, str]) -> bytes:
    """A good model's probabilities: mostly the truth."""
    names = list(make.LABELS)
    keys = list(made.items.order_by("row").values_list("key", flat=True))
    rng = np.random.default_rng(5)
    table = rng.dirichlet(np.full(len(names), 0.5), len(keys)) * 0.3
    table[np.arange(len(keys)), [names.index(truth[key]) for key in keys]] += 0.7
    out = io.BytesIO()
    np.savez(out, keys=np.array(keys), labels=np.array(names), probabilities=table)
    return out.getvalue()


def test_the_lead_s_choice_decides_whose_suspicion_the_items_have(shaped, lead, wrong):
    made, truth = shaped
    before = dict(made.items.values_list("row", "suspicion"))
    _, job = predictions.start(dataset=made, by=lead, name="net", source=store().put(npz_of(made, truth)))
    assert make.work(job).state == Job.State.DONE, job.message
    ranked = make.work(made.jobs.filter(kind="rank").order_by("-pk")[0])
    assert ranked.state == Job.State.DONE and ranked.result["suspicion_from"] == "net"
    theirs = dict(made.items.values_list("row", "suspicion"))
    assert {number - 1 for number in sorted(theirs, key=lambda n: -theirs[n])[: len(wrong)]} == set(wrong)
    for item in made.items.select_related("predicted", "object__image"):
        assert item.predicted.name == truth[item.object.image.path]
    body = {"predictions": None, "encoder": "pixels"}
    answer = make.client(lead).post(f"/api/datasets/{made.pk}/rankings/", body, format="json")
    assert make.work(Job.objects.get(pk=answer.json()["job"])).result["suspicion_from"] is None
    assert dict(made.items.values_list("row", "suspicion")) == before
    assert not made.items.filter(loss__isnull=True).exists()  # What the model lost stays.
