"""Simulated people err as often as they are told to, and always alike."""

from pathlib import Path

import pytest

from review.models import Dataset
from review.simulation.minds import Habits, Labels, Mind, Truth, TruthError

N = 4000


@pytest.fixture
def labels(dataset: Dataset) -> Labels:
    """All of them as like one another as any, whatever the ranking found."""
    dataset.labels.update(look_alikes=[])
    return Labels(dataset.pk)


def mind(labels: Labels, **habits: float) -> Mind:
    """Half of the items are bars shown as discs, the others are discs."""
    truth = Truth({f"k{k}": "bar" if k % 2 else "disc" for k in range(N)})
    return Mind(truth, labels, Habits(**habits))  # type: ignore[arg-type]


def test_a_reviewer_says_the_same_when_asked_again_and_another_does_not(labels: Labels) -> None:
    one, again = mind(labels, seed=1), mind(labels, seed=1)
    said = [one.flag(1, f"k{k}", "disc") for k in range(N)]
    assert said == [again.flag(1, f"k{k}", "disc") for k in range(N)]
    assert said != [one.flag(2, f"k{k}", "disc") for k in range(N)]
    assert said != [mind(labels, seed=2).flag(1, f"k{k}", "disc") for k in range(N)]


def test_sensitivity_specificity_and_label_accuracy_are_what_was_asked_for(labels: Labels) -> None:
    person = mind(labels, sensitivity=0.8, specificity=0.9, label_accuracy=0.7)
    wrong = [person.flag(1, f"k{k}", "disc") for k in range(1, N, 2)]
    right = [person.flag(1, f"k{k}", "disc") for k in range(0, N, 2)]
    named = [flag["label"] for flag in wrong if flag]
    assert len(named) / len(wrong) == pytest.approx(0.8, abs=0.03)
    assert sum(map(bool, right)) / len(right) == pytest.approx(0.1, abs=0.03)
    assert named.count("bar") / len(named) == pytest.approx(0.7, abs=0.04)


def test_no_flag_suggests_the_label_that_is_shown(labels: Labels) -> None:
    person = mind(labels, sensitivity=1, specificity=0, label_accuracy=0)
    suggested = {person.flag(1, f"k{k}", "disc")["label"] for k in range(N)}  # type: ignore[index]
    assert suggested == {"square", "bar", "cross"}
    wrong = {person.flag(1, f"k{k}", "disc")["label"] for k in range(1, N, 2)}  # type: ignore[index]
    assert wrong == {"square", "cross"}


def test_a_supervisor_is_wrong_as_often_as_asked(labels: Labels) -> None:
    judge = mind(labels, supervisor_accuracy=0.75)
    wrong = [judge.decision(f"k{k}", "disc") for k in range(1, N, 2)]
    right = [judge.decision(f"k{k}", "disc") for k in range(0, N, 2)]
    assert wrong.count({"action": "relabel", "label": "bar"}) / len(wrong) == pytest.approx(0.75, abs=0.03)
    assert wrong.count({"action": "clean"}) / len(wrong) == pytest.approx(0.25, abs=0.03)
    assert right.count({"action": "clean"}) / len(right) == pytest.approx(0.75, abs=0.03)
    assert all(decision.get("label") != "disc" for decision in wrong + right)


def test_truth_joins_by_key_or_image_and_says_what_it_lacks(dataset: Dataset, tmp_path: Path) -> None:
    key = dataset.items.order_by("row").values_list("key", flat=True)[0]
    path = tmp_path / "truth.csv"
    path.write_text(f"key,true_label,planted,track\n{key},bar,1,x\nelsewhere,disc,0,y\n")
    assert Truth.read(path, dataset.pk) == Truth({key: "bar"}, {key: True})
    path.write_text(f"image,true_label\n{key},bar\n")
    assert Truth.read(path, dataset.pk) == Truth({key: "bar"}, {})
    path.write_text("image,label\nx,bar\n")
    with pytest.raises(TruthError, match="needs the columns"):
        Truth.read(path, dataset.pk)
    path.write_text("image,true_label\nx,bar\n")
    with pytest.raises(TruthError, match="No row"):
        Truth.read(path, dataset.pk)
