"""The ranking job: what it leaves in the database and in storage, and what stops, resumes and repeats do to it."""

import numpy as np
import pytest

from ranking import crops_reader, embedder, encoders, network, record, store, suspicion, tasks
from review.models import Dataset, EmbeddingShard, Fix, Item, Job, LabelOrder, Project, Ranking, Shard, User
from review.operations import fixes, jobs, resolve
from review.storage import store as storage
from tests import make

WRONG = {5: "square", 18: "cross", 30: "square", 101: "disc", 202: "bar"}


@pytest.fixture
def unranked(project: Project, lead: User) -> Dataset:
    """280 items, two parts of the import, two crop shards."""
    return make.dataset(project, lead, ranked=False, each=70, wrong=WRONG)[0]


@pytest.fixture
def job(unranked: Dataset) -> Job:
    found = unranked.jobs.get(kind=Job.Kind.RANK)
    found.parameters = {"encoder": "pixels"}
    found.save()
    return found


def test_a_ranking_holds_orders_neighbours_and_suspicion_of_every_item(unranked: Dataset, job: Job) -> None:
    done = make.work(job)
    assert done.state == Job.State.DONE and (done.done, done.total) == (280, 280)
    assert done.result["items"] == 280 and done.result["encoder"] == "pixels"
    unranked.refresh_from_db()
    ranking = unranked.ranking
    assert ranking is not None and ranking.done
    ids = store.from_npy(storage().get(ranking.items))
    assert ids.tolist() == list(unranked.items.order_by("row").values_list("pk", flat=True))
    for key in (ranking.nearest_within, ranking.nearest_any):
        rows = store.from_npy(storage().get(key))
        assert rows.shape == (280, 32) and rows.dtype == np.int32
    laid_out = [item for order in ranking.orders.all() for item in order.items]
    assert sorted(laid_out) == sorted(ids.tolist())
    suspicion = dict(unranked.items.values_list("row", "suspicion"))
    worst = sorted(suspicion, key=lambda row: -suspicion[row])[: 2 * len(WRONG)]
    assert len(set(worst) & {row + 1 for row in WRONG}) >= len(WRONG) - 2


def test_suggestions_and_look_alikes_are_labels_of_the_dataset(unranked: Dataset, job: Job) -> None:
    make.work(job)
    labels = set(unranked.labels.values_list("pk", flat=True))
    for item in unranked.items.all():
        named = [label for label, _ in item.suggestions]
        assert set(named) <= labels - {item.label_id} and len(named) == 3
    for label in unranked.labels.all():
        assert set(label.look_alikes) <= labels - {label.pk}
        assert set(label.exemplars) <= set(label.items.values_list("pk", flat=True)) and len(label.exemplars) == 4


def test_ranking_again_embeds_nothing_again_and_ends_the_same(unranked: Dataset, job: Job) -> None:
    make.work(job)
    before = state_of(unranked)
    again = jobs.create(Job.Kind.RANK, project=unranked.project, dataset=unranked, parameters={"encoder": "pixels"})
    assert make.work(again).state == Job.State.DONE
    assert state_of(unranked) == before and Ranking.objects.count() == 1


def accept(dataset: Dataset, rows: dict[int, str]) -> None:
    """Give the items of these rows (from 0) their labels, as accepted fixes do."""
    names = dict(dataset.labels.values_list("name", "pk"))
    for row, name in rows.items():
        item = dataset.items.get(row=row + 1)
        fixes.revise(dataset, item, "label", item.label_id, names[name], cause="fix", by=None)


def test_a_ranking_after_accepted_fixes_goes_by_the_accepted_labels(unranked: Dataset, job: Job) -> None:
    make.work(job)
    before = dict(unranked.items.values_list("row", "suspicion"))
    truth = {row: make.LABELS[row % 4] for row, given in WRONG.items() if given != make.LABELS[row % 4]}
    accept(unranked, truth)
    fixed = unranked.items.filter(row__in=[row + 1 for row in truth])
    assert not fixed.filter(suspicion__isnull=False).exists(), "what was thought of the old label is kept"
    again = jobs.create(Job.Kind.RANK, project=unranked.project, dataset=unranked, parameters={"encoder": "pixels"})
    assert make.work(again).state == Job.State.DONE
    after = dict(fixed.values_list("row", "suspicion"))
    assert max(after.values()) < 0.1 < min(before[row] for row in after)


def test_what_people_settled_is_known_to_the_next_ranking(project: Project, lead: User) -> None:
    dataset, truth = make.dataset(project, lead, each=16, wrong={5: "square", 18: "cross"})
    campaign = make.campaign(dataset, lead, policy="solo", slice={"labels": ["square", "cross"]})
    make.review_alone(campaign, project, truth)
    fixed = list(Fix.objects.filter(campaign=campaign, state=Fix.State.APPLIED))
    assert {fix.item.label_id for fix in fixed} == {fix.new_label_id for fix in fixed} and len(fixed) == 2
    ids, _, labels, _ = record.read_rows(dataset)
    settled = record.read_settled(dataset, ids, labels)
    looked_at = set(campaign.verdicts.values_list("item", flat=True))
    assert set(ids[settled.known].tolist()) == looked_at
    changed = settled.first != labels
    assert dict(zip(ids[changed].tolist(), settled.first[changed].tolist(), strict=True)) == {
        fix.item_id: fix.old_label_id for fix in fixed
    }
    again = jobs.create(Job.Kind.RANK, project=project, dataset=dataset)
    assert make.work(again).state == Job.State.DONE
    for item in dataset.items.all():
        assert (item.suggestions == []) == (item.pk in looked_at)
        assert item.suspicion == suspicion.SETTLED or item.pk not in looked_at
    resolve.revert(fix=fixed[0], by=lead)
    ids, _, labels, _ = record.read_rows(dataset)
    settled = record.read_settled(dataset, ids, labels)  # a fix that was taken back: the label it had is right
    assert ids[settled.first != labels].tolist() == [fixed[1].item_id] and fixed[0].item_id in ids[settled.known]


def state_of(dataset: Dataset) -> list:
    return [
        list(dataset.items.order_by("pk").values_list("pk", "predicted", "suspicion", "suggestions")),
        list(dataset.labels.order_by("pk").values_list("exemplars", "look_alikes")),
        list(LabelOrder.objects.order_by("label").values_list("items", flat=True)),
        list(EmbeddingShard.objects.order_by("pk").values_list("pk", "key")),
    ]


def embed_first_shard(job: Job) -> jobs.Run:
    """A run that has come as far as its first shard."""
    taken = jobs.take(job.pk)
    assert taken is not None and taken.dataset is not None
    run = jobs.Run(taken)
    ranking, embed = tasks.ranking_of(taken.dataset, encoders.make("pixels"), tasks.Report(run, taken.dataset))
    shard = store.missing(ranking)[0]
    places = crops_reader.places_of_shard(shard)
    crops = crops_reader.read_shard(places, embedder.sizes(embed.encoder))
    store.save(run, ranking, shard, [place.id for place in places], *embed.embed(*crops))
    return run


def test_a_cancelled_ranking_keeps_its_vectors_and_goes_on_from_them(unranked: Dataset, job: Job) -> None:
    run = embed_first_shard(job)
    first = EmbeddingShard.objects.get()
    jobs.cancel(job=run.job)
    with pytest.raises(jobs.Stop):
        tasks.rank(run)
    unranked.refresh_from_db()
    assert unranked.ranking is None and not Item.objects.filter(suspicion__isnull=False).exists()
    Job.objects.filter(pk=job.pk).update(state=Job.State.CANCELLED)
    jobs.resume(job=job)
    assert make.work(job).state == Job.State.DONE
    assert EmbeddingShard.objects.filter(pk=first.pk, key=first.key).exists()
    assert EmbeddingShard.objects.count() == Shard.objects.filter(kind="crops").count() == 2


def test_a_worker_that_comes_back_from_the_dead_writes_nothing(unranked: Dataset, job: Job) -> None:
    run = embed_first_shard(job)
    Job.objects.filter(pk=job.pk).update(fence=run.job.fence + 1)
    with pytest.raises(jobs.Stop):
        tasks.rank(run)
    assert EmbeddingShard.objects.count() == 1 and not LabelOrder.objects.exists()


def test_an_encoder_that_cannot_be_had_fails_the_job_with_its_sentence(unranked: Dataset, job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(parameters={"encoder": "sonar"})
    failed = make.work(job)
    assert failed.state == Job.State.FAILED and "no encoder 'sonar'" in failed.message


def test_a_removed_item_is_not_ranked(unranked: Dataset, job: Job) -> None:
    gone = unranked.items.order_by("row").first()
    assert gone is not None
    unranked.items.filter(pk=gone.pk).update(removed=True)
    assert make.work(job).result["items"] == 279
    assert gone.pk not in [item for order in LabelOrder.objects.all() for item in order.items]


def test_the_network_is_handed_the_items_crops_where_it_is_worth_its_time(
    unranked: Dataset, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(network.LEAST_MISTAKEN, "cpu", 0.0)
    assert "too few" in make.work(job).result["judged_by"]
    monkeypatch.setattr(network, "LEAST_ITEMS", 100)
    monkeypatch.setattr(network, "LEAST_STEPS", 40)
    again = jobs.create(Job.Kind.RANK, project=unranked.project, dataset=unranked, parameters={"encoder": "pixels"})
    done = make.work(again)
    assert done.state == Job.State.DONE and done.result["judged_by"] == "vectors and crops"
    worst = unranked.items.order_by("-suspicion").values_list("row", flat=True)[:3]
    assert set(worst) == {6, 19, 31}


def test_crops_are_read_in_the_order_of_the_objects_asked_for(unranked: Dataset) -> None:
    places = [p for s in unranked.shards.filter(kind=Shard.Kind.CROPS) for p in crops_reader.places_of_shard(s)]
    some = [places[k] for k in (200, 3, 3, 279, 90)]
    found = crops_reader.read_all(unranked, np.array([place.id for place in some]), 48, lambda: None)
    assert found.shape == (5, 48, 48, 3)
    for place, crop in zip(some, found, strict=True):
        assert np.array_equal(crops_reader.read_scattered([place], (48,))[0][0], crop)


def test_vectors_that_are_not_finite_fail_the_job_with_a_sentence(unranked: Dataset, job: Job) -> None:
    make.work(job)
    first = EmbeddingShard.objects.order_by("pk")[0]
    table = store.from_npy(storage().get(first.key)).copy()
    table["look"][3] = np.nan
    EmbeddingShard.objects.filter(pk=first.pk).update(key=storage().put(store.to_npy(table)))
    again = jobs.create(Job.Kind.RANK, project=unranked.project, dataset=unranked, parameters={"encoder": "pixels"})
    failed = make.work(again)
    assert failed.state == Job.State.FAILED and "1 of 280 items" in failed.message


def test_the_object_is_cut_out_of_its_surroundings(unranked: Dataset) -> None:
    shard = unranked.shards.filter(kind=Shard.Kind.CROPS).order_by("pk").first()
    assert shard is not None
    places = crops_reader.places_of_shard(shard)
    large, small = crops_reader.read_shard(places, (64, 32))
    assert large.shape == (250, 64, 64, 3) and small.shape == (250, 32, 32, 3) and large.dtype == np.uint8
    scattered = crops_reader.read_scattered(places[10:13], (64,))[0]
    assert np.array_equal(scattered, large[10:13])
    assert all(place.inner for place in places)
    assert crops_reader.object_box((0.2, 0.25, 0.5, 0.5), 100, 100) == pytest.approx((18, 23, 72, 77))
    assert crops_reader.object_box((0.999, 0, 0.001, 1), 10, 10)[0] == 9
