"""The training job: sortnet learns on a dataset's crops, the dataset is ranked by it, an interruption costs little."""

import pytest
import torch
from django.core.exceptions import ValidationError

from ranking import agreement, embedder, lessons, tasks, train_task, training
from ranking.encoders import sortnet
from review.models import Dataset, Job, Project, Ranking, User
from review.operations import jobs, train
from review.storage import store
from tests import make

STEPS = 12


@pytest.fixture(autouse=True)
def _small_batches_whose_outcome_is_kept_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "BATCH", 32)
    monkeypatch.setattr(lessons, "DRAWN", 8)
    monkeypatch.setattr(lessons, "BACKGROUNDS", 8)
    monkeypatch.setattr(agreement, "LEAST", -2.0)


@pytest.fixture
def ready(project: Project, lead: User) -> Dataset:
    """64 items that are ranked by pixels."""
    return make.dataset(project, lead, each=16)[0]


@pytest.fixture
def job(ready: Dataset, lead: User) -> Job:
    return train.start(dataset=ready, by=lead, steps=STEPS)


def taken(job: Job) -> jobs.Run:
    found = jobs.take(job.pk)
    assert found is not None
    return jobs.Run(found)


def test_a_dataset_is_ranked_by_the_encoder_trained_on_it_and_so_it_stays(ready: Dataset, job: Job) -> None:
    before = ready.ranking
    assert before is not None and before.encoder == "pixels"
    done = make.work(job)
    assert done.state == Job.State.DONE and (done.done, done.total) == (STEPS, STEPS), done.message
    net = sortnet.from_bytes(store().get(done.result["weights"]))
    assert done.result["version"] == sortnet.version_of(net) != sortnet.maker("").version
    rank = ready.jobs.filter(kind=Job.Kind.RANK).latest("pk")
    assert make.work(rank).state == Job.State.DONE, rank.message
    ready.refresh_from_db()
    assert ready.ranking is not None and ready.ranking.encoder == "sortnet"
    assert ready.ranking.version.startswith(embedder.version(sortnet.Sortnet(net)))
    again = jobs.create(Job.Kind.RANK, project=ready.project, dataset=ready)
    assert make.work(again).result["encoder"] == "sortnet"
    assert Ranking.objects.filter(dataset=ready).count() == 2  # no third was made: the weights are the same


def test_what_is_not_surely_better_is_not_kept_and_all_stays_as_it_was(
    ready: Dataset, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "LEAST", 2.0)
    done = make.work(job)
    assert done.state == Job.State.DONE and done.result["weights"] == "" and "message" not in done.result
    assert "not kept" in done.message and f"{done.result['before']:.1%} before" in done.message
    assert train.trained(ready) == "" and ready.jobs.filter(kind=Job.Kind.RANK).count() == 1
    monkeypatch.setattr(agreement, "LEAST", -2.0)
    kept = make.work(train.start(dataset=ready, by=None, steps=STEPS + 1))
    assert "is kept" in kept.message and train.trained(ready) == kept.result["weights"] != ""
    finish_ranking(ready)
    monkeypatch.setattr(agreement, "LEAST", 2.0)
    make.work(train.start(dataset=ready, by=None, steps=STEPS + 2))
    assert train.trained(ready) == kept.result["weights"]  # the newest that was kept


def test_vectors_of_shipped_and_of_trained_weights_never_mix(ready: Dataset, job: Job) -> None:
    shipped = jobs.create(Job.Kind.RANK, project=ready.project, dataset=ready, parameters={"encoder": "sortnet"})
    make.work(shipped)
    make.work(job)
    make.work(ready.jobs.filter(kind=Job.Kind.RANK).latest("pk"))
    versions = set(Ranking.objects.filter(dataset=ready, encoder="sortnet").values_list("version", flat=True))
    assert len(versions) == 2


def test_a_cancelled_training_goes_on_from_where_it_stopped_and_ends_at_the_same_weights(
    ready: Dataset, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = taken(job)
    steps_of = train_task.training.Training.advance
    advanced = []

    def advance(course: train_task.training.Training) -> float:
        advanced.append(course.step)
        if len(advanced) == 5:
            jobs.cancel(job=run.job)
        return steps_of(course)

    monkeypatch.setattr(train_task.training.Training, "advance", advance)
    with pytest.raises(jobs.Stop):
        train_task.train(run)
    Job.objects.filter(pk=job.pk).update(state=Job.State.CANCELLED)
    jobs.resume(job=job)
    resumed = make.work(job)
    assert resumed.state == Job.State.DONE and advanced == list(range(STEPS))
    straight = train.start(dataset=ready, by=None, steps=STEPS)
    finish_ranking(ready)
    assert make.work(straight).result["weights"] == resumed.result["weights"]


def finish_ranking(dataset: Dataset) -> None:
    for rank in dataset.jobs.filter(kind=Job.Kind.RANK, state=Job.State.QUEUED):
        make.work(rank)


def test_a_worker_that_comes_back_from_the_dead_keeps_no_checkpoint(ready: Dataset, job: Job) -> None:
    run = taken(job)
    Job.objects.filter(pk=job.pk).update(fence=run.job.fence + 1)
    with pytest.raises(jobs.Stop):
        train_task.train(run)
    job.refresh_from_db()
    assert "checkpoint" not in job.parameters and ready.jobs.filter(kind=Job.Kind.RANK).count() == 1


def test_a_ranking_under_way_is_waited_for(ready: Dataset, job: Job) -> None:
    rank = jobs.create(Job.Kind.RANK, project=ready.project, dataset=ready, parameters={"encoder": "pixels"})
    waiting = make.work(job)
    assert waiting.state == Job.State.QUEUED and "waiting for the ranking" in waiting.message
    make.work(rank)
    assert make.work(job).state == Job.State.DONE
    finish_ranking(ready)
    ready.refresh_from_db()
    assert ready.ranking is not None and ready.ranking.encoder == "sortnet"


def test_there_is_one_training_of_a_dataset_at_a_time(ready: Dataset, job: Job, lead: User) -> None:
    assert train.start(dataset=ready, by=lead, steps=99) == job


def test_a_dataset_that_is_not_ready_teaches_nothing(project: Project) -> None:
    coming = Dataset.objects.create(project=project, name="Coming", format="manifest")
    with pytest.raises(ValidationError, match="nothing to learn from"):
        train.start(dataset=coming, by=None)


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA error: unspecified launch failure"), torch.OutOfMemoryError("no")]
)
def test_a_device_that_fails_or_has_no_room_ends_it_with_a_sentence_and_it_goes_on_elsewhere(
    job: Job, monkeypatch: pytest.MonkeyPatch, error: RuntimeError
) -> None:
    learn = training.Training.learn

    def lost(course: training.Training, chance: object) -> float:
        if course.step >= 4:
            raise error
        return learn(course, chance)

    with monkeypatch.context() as patch:
        patch.setattr(training.Training, "learn", lost)
        failed = make.work(job)
    assert failed.state == Job.State.FAILED and failed.message.startswith("The device")
    assert "resume" in failed.message.lower() and failed.message.count("The device") == 1
    jobs.resume(job=failed)
    seen: list[int] = []
    monkeypatch.setattr(
        training.Training, "learn", lambda course, chance: seen.append(course.step) or learn(course, chance)
    )
    assert make.work(job).state == Job.State.DONE
    assert seen == list(range(4, STEPS))


def test_too_few_crops_are_refused_with_a_sentence(ready: Dataset, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_task, "FEWEST_CROPS", 65)
    failed = make.work(job)
    assert failed.state == Job.State.FAILED and "64 crops are too few" in failed.message


def test_a_lead_starts_a_training_over_the_api_and_nobody_else(ready: Dataset, project: Project, lead: User) -> None:
    supervisor = make.member(project, "sue", "supervisor")
    path = f"/api/datasets/{ready.pk}/training/"
    assert make.client(supervisor.user).post(path, {}, format="json").status_code == 403
    assert make.client(make.user("stranger")).post(path, {}, format="json").status_code == 404
    refused = make.client(lead).post(path, {"steps": 0}, format="json")
    assert refused.status_code == 400 and "steps" in refused.json()["errors"]
    answer = make.client(lead).post(path, {"steps": STEPS}, format="json")
    assert answer.status_code == 202
    job = Job.objects.get(pk=answer.json()["job"])
    assert (job.kind, job.parameters) == (Job.Kind.TRAIN, {"steps": STEPS})
    tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
