"""Labels out of votes: right where the truth is known, blind to order, finite on anything, honest about bad files."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import psi

from review.consensus.aggregate import FEW, aggregate, digamma
from review.consensus.layout import Answers

ROOT = Path(__file__).resolve().parents[2]


def crowd(seed: int, *, tasks: int = 600, workers: int = 40, labels: int = 3, looks: int = 5, spam: int = 0):
    """(votes, truth) of workers of very different quality, the first `spam` of whom guess."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, tasks)
    good = rng.beta(6, 2, workers)
    good[:spam] = 1 / labels
    task = np.repeat(np.arange(tasks), looks)
    worker = np.concatenate([rng.permutation(workers)[:looks] for _ in range(tasks)])
    right = rng.random(len(task)) < good[worker]
    other = (truth[task] + rng.integers(1, labels, len(task))) % labels
    return Answers(task, worker, np.where(right, truth[task], other), tasks, workers, labels), truth, good


def majority(votes: Answers) -> np.ndarray:
    count = np.zeros((votes.tasks, votes.labels))
    np.add.at(count, (votes.task, votes.label), 1)
    return count.argmax(axis=1)


@pytest.mark.parametrize("labels", [2, 3, FEW, FEW + 1, 12])
def test_weighing_workers_beats_counting_heads(labels):
    ours, heads = [], []
    for seed in range(3):
        votes, truth, _ = crowd(seed, labels=labels, spam=15)
        found = aggregate(votes)
        ours.append((found.label == truth).mean())
        heads.append((majority(votes) == truth).mean())
    assert np.mean(ours) > np.mean(heads) + 0.01


@pytest.mark.parametrize("labels", [2, 12])
def test_probabilities_and_workers_are_what_they_say(labels):
    votes, truth, good = crowd(5, labels=labels, tasks=3000)
    found = aggregate(votes)
    assert abs((found.label == truth).mean() - found.probability.mean()) < 0.03
    assert np.abs(found.right - good).mean() < 0.05


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_votes_give_an_answer_that_is_the_same_in_any_order(data):
    labels = data.draw(st.sampled_from([1, 2, 3, FEW + 1, 30]))
    votes = st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, labels - 1))
    rows = np.array(data.draw(st.lists(votes, max_size=40)), int).reshape(-1, 3)
    shuffled = rows[np.array(data.draw(st.permutations(range(len(rows)))), int)]
    one, other = (aggregate(Answers(*table.T, 7, 5, labels)) for table in (rows, shuffled))
    assert one.label.tolist() == other.label.tolist()
    assert one.probability.tobytes() == other.probability.tobytes()
    voted = np.isin(np.arange(7), rows[:, 0])
    assert ((one.label >= 0) == voted).all()
    assert (one.probability[~voted] == 0).all() and np.isfinite(one.probability).all()
    assert (one.probability[voted] >= 1 / max(labels, 1) - 1e-9).all() if labels <= FEW else True
    said = set(map(tuple, rows[:, [0, 2]].tolist()))
    assert labels <= FEW or all((k, label) in said for k, label in enumerate(one.label.tolist()) if voted[k])


@pytest.mark.parametrize("kind", ["one label said", "opposite", "one worker", "all differ", "one label exists"])
@pytest.mark.parametrize("labels", [2, 9])
def test_strange_workers_leave_the_answer_finite(kind, labels):
    votes, _, _ = crowd(6, labels=labels, tasks=200)
    label, worker = votes.label.copy(), votes.worker.copy()
    if kind == "one label said":
        label[worker < 20] = 0
    elif kind == "opposite":
        label[worker < 20] = (label[worker < 20] + 1) % labels
    elif kind == "one worker":
        worker[:] = 0
    elif kind == "all differ":
        label = np.arange(len(label)) % labels
    else:
        label[:] = 0
    found = aggregate(Answers(votes.task, worker, label, 200, votes.workers, labels))
    assert np.isfinite(found.probability).all() and (found.probability <= 1 + 1e-12).all()
    assert np.isfinite(found.strength)


def test_one_who_always_says_the_opposite_is_as_good_as_one_who_does_not():
    votes, truth, _ = crowd(7, labels=2, workers=9, looks=3)
    label = np.where(votes.worker == 0, 1 - truth[votes.task], votes.label)
    seen = votes.task[votes.worker == 0]
    found = aggregate(Answers(votes.task, votes.worker, label, votes.tasks, 9, 2))
    assert (found.label[seen] == truth[seen]).mean() > 0.97
    assert found.right[0] < 0.05


def test_a_vote_that_is_there_twice_counts_once():
    votes, _, _ = crowd(8)
    twice = Answers(*(np.r_[a, a[:50]] for a in (votes.task, votes.worker, votes.label)), 600, 40, 3)
    assert aggregate(twice).probability.tobytes() == aggregate(votes).probability.tobytes()


def test_labels_that_nobody_said_leave_room_for_doubt():
    task, worker = np.repeat(np.arange(50), 2), np.tile([0, 1], 50)
    found = aggregate(Answers(task, worker, np.repeat(np.arange(50) % 10, 2), 50, 2, 10))
    assert (found.label == np.arange(50) % 10).all()
    assert (found.probability < 1).all()


def test_digamma_is_that_of_the_books():
    x = np.geomspace(1e-5, 1e6, 500)
    assert np.allclose(digamma(x), psi(x), rtol=1e-6, atol=1e-6)


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process without any of the site's settings."""
    environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
    program = [sys.executable, "-m", "review.consensus", *map(str, arguments)]
    return subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True)


def write(path: Path, *lines: str) -> Path:
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_the_command_needs_no_site_and_says_how_right_it_was(tmp_path):
    votes, truth, _ = crowd(9, tasks=80)
    rows = [f"t{t},{w},{'abc'[k]}" for t, w, k in zip(votes.task, votes.worker, votes.label, strict=True)]
    file = write(tmp_path / "votes.csv.gz", "task,worker,label", *rows)
    known = write(tmp_path / "truth.csv", "label,task", *(f"{'ABC'[k]},t{t}" for t, k in enumerate(truth[:60])))
    ran = command(file, "--truth", known, "--output", tmp_path / "out.csv")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    written = [line.split(",") for line in (tmp_path / "out.csv").read_text().splitlines()]
    assert written[0] == ["task", "label", "probability"] and len(written) == 81
    labels = {task: label for task, label, _ in written[1:]}
    right = np.mean([labels[f"t{t}"] == "abc"[k] for t, k in enumerate(truth[:60])])
    assert said == {"tasks": 80, "votes": 400, "accuracy": pytest.approx(right), "seconds": said["seconds"]}
    assert right > 0.9


def test_the_order_of_rows_and_names_changes_nothing(tmp_path):
    votes, _, _ = crowd(10, tasks=60)
    rows = [f"t{t};{k};w{w}" for t, w, k in zip(votes.task, votes.worker, votes.label, strict=True)]
    outs = []
    for number, some in enumerate((rows, rows[::-1])):
        file = write(tmp_path / f"{number}.csv", "\ufefftask;label;worker", *some)
        assert command(file, "--output", tmp_path / f"out{number}.csv").returncode == 0
        outs.append((tmp_path / f"out{number}.csv").read_bytes())
    assert outs[0] == outs[1]


def test_without_a_task_in_common_there_is_no_accuracy(tmp_path):
    file = write(tmp_path / "votes.csv", "task,worker,label", "1,a,x")
    ran = command(file, "--truth", write(tmp_path / "truth.csv", "task,label", "2,x"))
    assert json.loads(ran.stdout.splitlines()[-1])["accuracy"] is None
    assert "1 of 1 tasks of the truth have no votes" in ran.stderr


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["task,who,label", "1,a,x"], "row 1: no column worker"),
        (["task,worker,label", "1,a,x", "2,b"], "row 3, column label"),
        (["task,worker,label", "1,,x"], "row 2, column worker"),
        ([""], "row 1: no column task"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence_that_says_where(tmp_path, lines, words):
    ran = command(write(tmp_path / "votes.csv", *lines))
    assert ran.returncode == 2 and words in ran.stderr and "votes.csv" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_damaged_missing_and_binary_files_are_refused_in_a_sentence(tmp_path):
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(b"task,worker,label\n" + b"1,a,x\n" * 5000)[:40])
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"task,worker,label\n\xff\xfe\x00,1,2\n")
    for file in (cut, binary, tmp_path / "none.csv", tmp_path):
        ran = command(file)
        assert ran.returncode == 2 and str(file) in ran.stderr and "Traceback" not in ran.stderr


def test_a_truth_that_contradicts_itself_is_refused(tmp_path):
    file = write(tmp_path / "votes.csv", "task,worker,label", "1,a,x")
    ran = command(file, "--truth", write(tmp_path / "truth.csv", "task,label", "1,x", "1,y"))
    assert ran.returncode == 2 and "'1' has two labels" in ran.stderr


def test_no_votes_are_no_error(tmp_path):
    ran = command(write(tmp_path / "votes.csv", "task,worker,label"))
    assert json.loads(ran.stdout)["tasks"] == 0
