"""Workers killed with -9 in the middle of their work on a running site: another finishes, and nothing is doubled."""

import dataclasses
import io

import pytest
import torch

from mlfix_site import processes
from review.models import Dataset, EmbeddingLease, EmbeddingShard, Item, Job, LabelOrder, NewCrop, Object
from review.operations import import_, jobs, recut, train
from review.storage import store
from tests import live, make

pytestmark = pytest.mark.django_db(transaction=True)
EACH = 700


@pytest.fixture(autouse=True)
def _short_deaths(monkeypatch, settings):
    """A worker that was silent this long is taken for dead; the processes under test read the same variable."""
    monkeypatch.setenv("MLFIX_DEAD_SECONDS", "4")
    monkeypatch.setenv("MLFIX_SWEEP_SECONDS", "1")
    settings.DEAD_SECONDS = 4


def kill_once_begun(keeper: processes.Processes, name: str, job: Job, least: int) -> int:
    """Kill the named worker when the job has done `least` parts; how many were done."""

    def begun() -> bool:
        job.refresh_from_db()
        return job.parts.count() >= least

    live.wait_for(begun, 90)
    live.kill(keeper, name)
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    return job.parts.count()


def finished(job: Job) -> bool:
    job.refresh_from_db()
    return job.state in (Job.State.DONE, Job.State.FAILED)


def test_a_worker_killed_in_mid_import_is_followed_by_another_that_finishes(transactional_db, project, lead):
    archive, table, truth = make.source(each=EACH)
    with live.running(processes.general_worker(), processes.beat()) as keeper:
        made, job = import_.start(
            project=project, by=lead, name="Many",
            source={"archive": store().put(archive), "manifest": store().put(table)},
        )  # fmt: skip
        jobs.send(job)
        done_before = kill_once_begun(keeper, "general", job, 2)
        live.wait_for(lambda: finished(job), 120)
    assert job.state == Job.State.DONE, job.message
    assert job.attempts == 2 and job.parts.count() > done_before
    assert Item.objects.filter(dataset=made).count() == len(truth) == Item.objects.values("key").distinct().count()
    assert made.images.count() == len(truth) and not made.rejected.exists()
    assert made.jobs.filter(kind=Job.Kind.RANK).count() == 1


def test_a_worker_killed_in_mid_cutting_is_followed_by_another_and_until_then_the_old_crops_are_shown(
    transactional_db, project, lead
):
    made, _ = make.dataset(project, lead, each=EACH)
    old = set(Object.objects.values_list("shard", flat=True))
    job = recut.start(dataset=made, by=lead, seen={"crop_pixels": 40})
    with live.running(processes.general_worker(), processes.beat()) as keeper:
        jobs.send(job)
        live.wait_for(lambda: NewCrop.objects.exists(), 90)
        live.kill(keeper, "general")
        assert set(Object.objects.values_list("shard", flat=True)) == old
        cut_before = NewCrop.objects.count()
        live.wait_for(lambda: finished(job), 120)
    assert job.state == Job.State.DONE, job.message
    assert job.attempts == 2 and 0 < cut_before < 4 * EACH
    made.refresh_from_db()
    assert made.crop_pixels == 40 and not NewCrop.objects.exists()
    new = made.shards.filter(kind="crops", left_at=None)
    assert set(Object.objects.values_list("shard", flat=True)) == set(new.values_list("pk", flat=True))
    assert not old & set(new.values_list("pk", flat=True))
    assert made.jobs.filter(kind=Job.Kind.RANK, state=Job.State.QUEUED).count() == 1


def test_a_worker_killed_in_mid_ranking_is_followed_by_another_that_finishes(transactional_db, project, lead):
    made, _ = make.dataset(project, lead, each=EACH, ranked=False)
    job = made.jobs.get(kind=Job.Kind.RANK)
    Job.objects.filter(pk=job.pk).update(parameters={"encoder": "pixels"})
    with live.running(processes.ranking_worker(), processes.general_worker(), processes.beat()) as keeper:
        jobs.send(job)
        kill_once_begun(keeper, "ranking", job, 1)
        live.wait_for(lambda: finished(job), 150)
    assert job.state == Job.State.DONE, job.message
    assert job.attempts == 2
    ranking = Dataset.objects.get(pk=made.pk).ranking
    assert ranking is not None and ranking.done
    shards = list(EmbeddingShard.objects.filter(ranking=ranking).values_list("shard_id", flat=True))
    assert len(shards) == len(set(shards)) == made.shards.filter(kind="crops").count()
    laid = [item for order in LabelOrder.objects.filter(ranking=ranking) for item in order.items]
    assert sorted(laid) == sorted(Item.objects.filter(dataset=made).values_list("pk", flat=True))


def test_two_workers_share_a_dataset_shard_by_shard_and_either_may_be_killed(transactional_db, project, lead):
    made, _ = make.dataset(project, lead, each=EACH, ranked=False)
    job = made.jobs.get(kind=Job.Kind.RANK)
    Job.objects.filter(pk=job.pk).update(parameters={"encoder": "pixels"})
    workers = [dataclasses.replace(processes.ranking_worker(), name=name) for name in ("ranking-1", "ranking-2")]
    with live.running(*workers, processes.general_worker(), processes.beat()) as keeper:
        jobs.send(job)
        for least, worker in ((1, "ranking-1"), (4, "ranking-2")):
            live.wait_for(lambda least=least: EmbeddingShard.objects.count() >= least, 90)
            live.kill(keeper, worker)
        live.wait_for(lambda: finished(job), 150)
    assert job.state == Job.State.DONE, job.message
    assert (job.done, job.total) == (4 * EACH, 4 * EACH) and job.attempts >= 2
    shards = list(EmbeddingShard.objects.values_list("shard_id", flat=True))
    assert len(shards) == len(set(shards)) == made.shards.filter(kind="crops").count()
    assert not EmbeddingLease.objects.exists()


def test_a_worker_killed_in_mid_training_costs_no_more_than_since_its_last_checkpoint(transactional_db, project, lead):
    """Trained by workers that are killed with -9 on the way, it ends at the weights of a training in one go."""
    made, _ = make.dataset(project, lead, each=12)
    job = train.start(dataset=made, by=lead, steps=80)
    kept = 0
    with live.running(processes.ranking_worker(), processes.general_worker(), processes.beat()) as keeper:
        jobs.send(job)
        for _ in range(2):
            live.wait_for(lambda kept=kept: steps_kept(job) > kept, 400)
            kept = steps_kept(job)
            live.kill(keeper, "ranking")
        live.wait_for(lambda: finished(job), 400)
    assert job.state == Job.State.DONE, job.message
    assert job.attempts == 3
    again = train.start(dataset=made, by=lead, steps=80)
    for rank in made.jobs.filter(kind=Job.Kind.RANK, state=Job.State.QUEUED):
        make.work(rank)
    assert make.work(again).result == job.result


def steps_kept(job: Job) -> int:
    """How many steps the job's checkpoint holds; its own count is ahead of that."""
    job.refresh_from_db()
    key = job.parameters.get("checkpoint")
    return torch.load(io.BytesIO(store().get(key)), weights_only=True)["step"] if key else 0


def test_every_job_run_twice_and_by_two_workers_at_once_ends_as_if_run_once(transactional_db, project, lead):
    made, _ = make.dataset(project, lead, ranked=False)
    before = Item.objects.filter(dataset=made).count()
    job = made.jobs.get(kind=Job.Kind.IMPORT)
    for _ in range(2):
        make.work(job)
    assert Item.objects.filter(dataset=made).count() == before
    rank = made.jobs.get(kind=Job.Kind.RANK)
    Job.objects.filter(pk=rank.pk).update(parameters={"encoder": "pixels"})
    with live.running(processes.ranking_worker(), processes.beat()):
        for _ in range(3):
            jobs.send(rank)
        live.wait_for(lambda: finished(rank), 60)
    assert (rank.state, rank.attempts) == (Job.State.DONE, 1)


def test_an_emptied_queue_loses_nothing(transactional_db, project, lead):
    from mlfix_site.celery import app

    archive, table, truth = make.source()
    made, job = import_.start(
        project=project, by=lead, name="Forgotten",
        source={"archive": store().put(archive), "manifest": store().put(table)},
    )  # fmt: skip
    app.control.purge()
    Job.objects.filter(pk=job.pk).update(sent_at=None)
    with live.running(processes.general_worker(), processes.beat()):
        live.wait_for(lambda: finished(job), 60)
    assert job.state == Job.State.DONE
    assert Item.objects.filter(dataset=made).count() == len(truth)
