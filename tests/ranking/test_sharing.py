"""Several workers at one dataset: a shard is one worker's at a time, and its vectors come in once."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from ranking import encoders, sharing, store, tasks
from review.models import Dataset, EmbeddingLease, EmbeddingShard, Job, Project, Ranking, Shard, User
from review.operations import jobs
from tests import make

VECTORS = np.zeros((1, 3), np.float32)


def begun(dataset: Dataset) -> tuple[jobs.Run, Ranking]:
    """A run of the dataset's ranking that has fitted its projections."""
    job = dataset.jobs.get(kind=Job.Kind.RANK)
    Job.objects.filter(pk=job.pk).update(parameters={"encoder": "pixels"})
    taken = jobs.take(job.pk)
    assert taken is not None
    run = jobs.Run(taken)
    ranking, _ = tasks.ranking_of(dataset, encoders.make("pixels"), tasks.Report(run, dataset))
    return run, ranking


@pytest.fixture
def unranked(project: Project, lead: User) -> Dataset:
    """280 items in two crop shards."""
    return make.dataset(project, lead, ranked=False, each=70)[0]


def test_two_workers_never_hold_one_shard_and_both_vectors_come_in(unranked: Dataset) -> None:
    run, ranking = begun(unranked)
    one, other = sharing.Share(run, ranking), sharing.Share(run, ranking)
    first, second = one.take(), other.take()
    assert first and second and first != second and one.take() is None
    assert not one.hand_in(Shard.objects.get(pk=second), [1], VECTORS, VECTORS)
    assert one.hand_in(Shard.objects.get(pk=first), [1], VECTORS, VECTORS)
    assert other.hand_in(Shard.objects.get(pk=second), [2], VECTORS, VECTORS)
    assert not one.hand_in(Shard.objects.get(pk=first), [1], VECTORS, VECTORS)
    assert EmbeddingShard.objects.count() == 2 and not EmbeddingLease.objects.exists()
    assert not store.missing(ranking).exists() and run.finished_parts() == {0: 1, 1: 1}


def test_a_lease_that_ended_goes_to_another_and_the_late_worker_writes_nothing(unranked: Dataset) -> None:
    run, ranking = begun(unranked)
    late, quick = sharing.Share(run, ranking), sharing.Share(run, ranking)
    shard = late.take()
    EmbeddingLease.objects.update(until=timezone.now() - datetime.timedelta(seconds=1))
    assert quick.take() == shard
    found = Shard.objects.get(pk=shard)
    assert not late.hand_in(found, [1], VECTORS, VECTORS) and not EmbeddingShard.objects.exists()
    assert quick.hand_in(found, [1], VECTORS, VECTORS)


def test_the_next_run_frees_what_the_last_one_held_and_takes_nothing_from_it(unranked: Dataset) -> None:
    run, ranking = begun(unranked)
    helper = sharing.Share(run, ranking)
    shard = helper.take()
    Job.objects.filter(pk=run.job.pk).update(fence=run.job.fence + 1)
    with pytest.raises(jobs.Stop):
        sharing.under_way(run.job.pk, run.job.fence)
    with pytest.raises(jobs.Stop):
        helper.hand_in(Shard.objects.get(pk=shard), [1], VECTORS, VECTORS)
    assert not EmbeddingShard.objects.exists()
    again = sharing.Share(jobs.Run(Job.objects.get(pk=run.job.pk)), ranking)
    again.open()
    assert again.take() == shard


def test_a_helper_embeds_what_is_free_and_says_nothing_where_the_run_is_over(unranked: Dataset) -> None:
    run, ranking = begun(unranked)
    tasks.help_embed(run.job.pk, run.job.fence, ranking.pk)
    assert EmbeddingShard.objects.count() == 2 and not EmbeddingLease.objects.exists()
    tasks.help_embed(run.job.pk, run.job.fence - 1, ranking.pk)
    assert tasks.rank(run)["items"] == 280


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_take_each_shard_once(transactional_db: None, project: Project, lead: User) -> None:
    dataset = make.dataset(project, lead, ranked=False, each=400)[0]
    run, ranking = begun(dataset)

    def work(_: int) -> list[int]:
        share, mine = sharing.Share(run, ranking), []
        try:
            while (shard := share.take()) is not None:
                mine.append(shard)
        finally:
            connection.close()
        return mine

    with ThreadPoolExecutor(max_workers=4) as pool:
        taken = [shard for mine in pool.map(work, range(4)) for shard in mine]
    assert sorted(taken) == list(store.missing(ranking).values_list("pk", flat=True)) and len(taken) == 7
