"""Explore: a slice as one order of ids, the details and crops of some items, and what is most like one."""

import struct
from typing import Any

import numpy as np
import pytest

from review.models import Dataset, Item, LabelOrder, Object, Verdict
from review.queries import explore
from review.storage import store
from tests import make


@pytest.fixture
def sue(project):
    return make.client(make.member(project, "sue", "supervisor").user)


def asked(client: Any, dataset: Dataset, query: str = "") -> Any:
    return client.get(f"/api/datasets/{dataset.pk}/slice/?{query}")


def ids(client: Any, dataset: Dataset, query: str = "") -> list[int]:
    answer = asked(client, dataset, query)
    assert answer.status_code == 200, answer.content
    assert answer.json()["count"] == len(answer.json()["ids"])
    return answer.json()["ids"]


def pictures(data: bytes) -> list[bytes]:
    n = struct.unpack_from("<I", data)[0]
    lengths = struct.unpack_from(f"<{n}I", data, 4)
    ends = np.cumsum(lengths) + 4 + 4 * n
    assert (ends[-1] if n else 4) == len(data)
    return [data[end - length : end] for length, end in zip(lengths, ends, strict=True)]


def test_every_order_holds_each_item_of_the_slice_once(sue, dataset):
    every = set(dataset.items.values_list("pk", flat=True))
    for ordering in explore.ORDERINGS:
        found = ids(sue, dataset, f"ordering={ordering}")
        assert len(found) == len(every) and set(found) == every, ordering


def test_similarity_and_outliers_follow_the_stored_order_label_by_label(sue, dataset):
    for ordering, column in explore.STORED.items():
        stored = [
            key
            for order in LabelOrder.objects.filter(ranking=dataset.ranking).order_by("label__name")
            for key in getattr(order, column)
        ]
        assert ids(sue, dataset, f"ordering={ordering}") == stored
        bar = LabelOrder.objects.get(ranking=dataset.ranking, label__name="bar")
        assert ids(sue, dataset, f"ordering={ordering}&label=bar") == getattr(bar, column)


def test_an_item_that_was_relabelled_since_comes_last_in_its_new_label(sue, dataset):
    moved = dataset.items.filter(label__name="disc").first()
    moved.label = dataset.labels.get(name="bar")
    moved.save()
    assert ids(sue, dataset, "ordering=similarity&label=bar")[-1] == moved.pk
    assert moved.pk not in ids(sue, dataset, "label=disc")


def walked(part: list[Item], place: dict[int, int]) -> list[int]:
    """By likeness, from the end that more of the suspected lie near."""
    path = sorted(part, key=lambda item: place[item.pk])
    places, suspected = ([one(item) for item in path] for one in (lambda item: place[item.pk], lambda i: i.suspicion))
    late = np.average(places, weights=suspected) > np.mean(places)
    return [item.pk for item in (path[::-1] if late else path)]


def test_a_blend_lays_the_most_suspected_stretch_first_and_look_alikes_side_by_side_in_it(sue, dataset, monkeypatch):
    monkeypatch.setattr(explore, "STRETCH", 4)
    for item in dataset.items.all():
        Item.objects.filter(pk=item.pk).update(suspicion=item.row * 37 % 97 / 100)
    found = ids(sue, dataset)
    items = {item.pk: item for item in dataset.items.all()}
    place = {
        key: k for order in LabelOrder.objects.filter(ranking=dataset.ranking) for k, key in enumerate(order.items)
    }
    expected = []
    for label in dataset.labels.order_by("name"):
        own = [item for item in items.values() if item.label_id == label.pk]
        own.sort(key=lambda item: (-item.suspicion, item.pk))
        parts = max(1, (len(own) + 2) // 4)
        stretches: dict[int, list[Item]] = {}
        for k, item in enumerate(own):
            stretches.setdefault(k * parts // len(own), []).append(item)
        expected += [(np.mean([item.suspicion for item in part]), label.name, part) for part in stretches.values()]
    expected.sort(key=lambda one: (-one[0], one[1]))
    assert found == [key for _, _, part in expected for key in walked(part, place)]
    assert len(expected) > dataset.labels.count()


def test_plain_orders_sort_by_what_they_say(sue, dataset):
    known = {item.pk: item for item in dataset.items.select_related("object")}
    suspicions = [known[key].suspicion for key in ids(sue, dataset, "ordering=suspicion")]
    assert suspicions == sorted(suspicions, reverse=True)
    dearest = dataset.items.order_by("suspicion").first()
    Item.objects.filter(pk=dearest.pk).update(loss=99.0)
    assert ids(sue, dataset, "ordering=loss")[0] == dearest.pk
    largest = known[dearest.pk].object
    Object.objects.filter(pk=largest.pk).update(width=47, height=44)
    assert ids(sue, dataset, "ordering=size")[0] == dearest.pk
    assert [known[key].row for key in ids(sue, dataset, "ordering=row")] == sorted(item.row for item in known.values())


def test_each_filter_lets_through_what_it_names(sue, dataset, lead):
    items = dataset.items.all()
    chosen = {
        "label=disc": items.filter(label__name="disc"),
        "predicted=disc": items.filter(predicted__name="disc"),
        "suspicion_min=0.02&suspicion_max=0.9": items.filter(suspicion__gte=0.02, suspicion__lte=0.9),
        "search=PICTURES/000": items.filter(key__contains="pictures/000"),
        "label=disc&search=1": items.filter(label__name="disc", key__contains="1"),
        "search=%25": items.none(),
        "state=none": items,
    }
    for query, expected in chosen.items():
        assert set(ids(sue, dataset, query)) == set(expected.values_list("pk", flat=True)), query
    assert dataset.items.filter(suspicion__lt=0.02).exists()


def test_the_size_is_the_longer_side_of_the_box_or_of_the_whole_image(sue, dataset, project, lead):
    some = list(dataset.items.order_by("pk")[:2])
    Object.objects.filter(pk=some[0].object_id).update(width=10, height=20)
    Object.objects.filter(pk=some[1].object_id).update(x=None, y=None, width=None, height=None)
    assert ids(sue, dataset, "pixels_max=20") == [some[0].pk]
    assert ids(sue, dataset, "pixels_min=41") == [some[1].pk]
    assert set(ids(sue, dataset, "pixels_min=20&pixels_max=40")) == set(
        dataset.items.exclude(pk=some[1].pk).values_list("pk", flat=True)
    )


def test_the_state_is_that_of_the_latest_campaign(sue, dataset, lead):
    first, second = make.campaign(dataset, lead), make.campaign(dataset, lead)
    item = dataset.items.first()
    Verdict.objects.filter(campaign=first, item=item).update(state="disputed")
    assert ids(sue, dataset, "state=disputed") == [] and ids(sue, dataset, "state=none") == []
    Verdict.objects.filter(campaign=second, item=item).update(state="disputed")
    try:
        assert ids(sue, dataset, "state=disputed") == [item.pk]
        assert item.pk not in ids(sue, dataset, "state=open")
    finally:
        Verdict.objects.filter(item=item).update(state="open")


def test_what_was_removed_is_shown_only_where_it_is_asked_for(sue, dataset):
    item = dataset.items.first()
    Item.objects.filter(pk=item.pk).update(removed=True)
    try:
        assert item.pk not in ids(sue, dataset)
        assert ids(sue, dataset, "state=removed") == [item.pk]
    finally:
        Item.objects.filter(pk=item.pk).update(removed=False)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("ordering=password", "ordering"), ("state=lost", "state"), ("suspicion_min=lots", "suspicion_min"),
        ("pixels_max=nan", "pixels_max"), ("suspicion_min=0.9&suspicion_max=0.1", "suspicion_min"),
        ("label=unicorn", "label"), ("predicted=%00", "predicted"), ("search=a%00b", "search"),
        ("label__dataset__project=1", "label__dataset__project"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_with_its_field(sue, dataset, query, field):
    answer = asked(sue, dataset, query)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [field]


def test_an_empty_value_asks_for_nothing(sue, dataset):
    assert len(ids(sue, dataset, "label=&suspicion_min=&state=&ordering=")) == dataset.items.count()


def test_a_slice_of_more_than_can_be_laid_out_says_how_many_there_are(sue, dataset, monkeypatch):
    whole = ids(sue, dataset, "ordering=similarity")
    monkeypatch.setattr(explore, "MOST", 10)
    for ordering in explore.ORDERINGS:
        answer = asked(sue, dataset, f"ordering={ordering}").json()
        assert (len(answer["ids"]), answer["count"]) == (10, len(whole))
    assert asked(sue, dataset, "ordering=similarity").json()["ids"] == whole[:10]


def test_a_dataset_that_is_not_ranked_is_laid_out_all_the_same(project, lead, sue):
    made, _ = make.dataset(project, lead, ranked=False)
    for ordering in explore.ORDERINGS:
        assert len(ids(sue, made, f"ordering={ordering}")) == made.items.count()
    assert ids(sue, made, "suspicion_min=0") == []
    answer = sue.get(f"/api/items/{made.items.first().pk}/alike/").json()
    assert answer["in_any"] == answer["in_label"] == [] and "not ranked" in answer["said"]


def test_details_come_in_the_order_asked_for_and_without_what_is_not_there(sue, dataset):
    some = list(dataset.items.order_by("-pk").values_list("pk", flat=True)[:3])
    answer = sue.get(f"/api/datasets/{dataset.pk}/slice/items/?ids={some[0]},{2**62},{some[2]},{some[1]}").json()
    assert [item["id"] for item in answer["results"]] == [some[0], some[2], some[1]]
    first = answer["results"][0]
    assert (first["width"], first["height"]) == (40, 40) and first["attributes"]["camera"].startswith("camera-")


def test_crops_come_in_the_order_asked_for_and_empty_where_there_is_none(sue, dataset):
    one, other = dataset.items.order_by("pk")[:2]
    url = f"/api/datasets/{dataset.pk}/slice/crops"
    answer = sue.get(f"{url}?ids={other.pk},{2**62},{one.pk}")
    single = [sue.get(f"/api/items/{item.pk}/crop/?size=128").content for item in (other, one)]
    assert pictures(answer.content) == [single[0], b"", single[1]]
    assert "private" in answer["Cache-Control"]
    large = pictures(sue.get(f"{url}?ids={one.pk}&size=320").content)
    assert large == [sue.get(f"/api/items/{one.pk}/crop/").content]
    lean = pictures(sue.get(f"{url}?ids={one.pk}&lean=true").content)
    assert lean[0][:4] == b"RIFF"
    same = sue.get(f"{url}?ids={other.pk},{2**62},{one.pk}", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert same.status_code == 304


def test_a_crop_that_storage_has_lost_is_empty_and_the_others_come(sue, dataset):
    item = dataset.items.order_by("pk").first()
    shard = item.object.shard
    other = dataset.items.exclude(object__shard=shard).first()
    key, shard.key = shard.key, "0" * 64
    shard.save()
    try:
        some = [item.pk] + ([other.pk] if other else [])
        found = pictures(sue.get(f"/api/datasets/{dataset.pk}/slice/crops?ids={','.join(map(str, some))}").content)
        assert found[0] == b"" and all(found[1:])
    finally:
        shard.key = key
        shard.save()


@pytest.mark.parametrize("given", ["", "x", "1,,2", "-1", "1;2", "9" * 30, "٣", ",".join(["1"] * 257)])
def test_ids_that_are_none_or_too_many_are_refused(sue, dataset, given):
    for route in ("items/", "crops"):
        answer = sue.get(f"/api/datasets/{dataset.pk}/slice/{route}", {"ids": given})
        assert answer.status_code == 400 and "ids" in answer.json()["errors"]


def test_items_of_another_dataset_are_as_if_they_were_not_there(sue, project, dataset, lead):
    other, _ = make.dataset(project, lead, ranked=False)
    foreign = other.items.first().pk
    at = f"/api/datasets/{dataset.pk}/slice"
    assert sue.get(f"{at}/items/?ids={foreign}").json() == {"results": []}
    assert pictures(sue.get(f"{at}/crops?ids={foreign}").content) == [b""]


def test_what_is_most_like_an_item_is_what_the_ranking_stored(sue, dataset):
    ranking = dataset.ranking
    known, within, anywhere = (
        explore.np.load(explore.io.BytesIO(store().get(key)))
        for key in (ranking.items, ranking.nearest_within, ranking.nearest_any)
    )
    for row in (0, len(known) - 1):
        answer = sue.get(f"/api/items/{known[row]}/alike/").json()
        assert answer["in_any"] == known[anywhere[row][anywhere[row] >= 0]].tolist()
        assert answer["in_label"] == known[within[row][within[row] >= 0]].tolist()
        assert answer["in_label"] and not answer["said"] and known[row] not in answer["in_any"]


def test_neighbours_that_were_removed_or_relabelled_since_are_left_out(sue, dataset):
    item = dataset.items.first()
    before = sue.get(f"/api/items/{item.pk}/alike/").json()
    gone, moved = before["in_label"][:2]
    Item.objects.filter(pk=gone).update(removed=True)
    Item.objects.filter(pk=moved).update(label=dataset.labels.exclude(pk=item.label_id).first())
    try:
        after = sue.get(f"/api/items/{item.pk}/alike/").json()
        assert after["in_label"] == [key for key in before["in_label"] if key not in (gone, moved)]
        assert after["in_any"] == [key for key in before["in_any"] if key != gone]
    finally:
        Item.objects.filter(pk=gone).update(removed=False)
        Item.objects.filter(pk=moved).update(label=item.label_id)


def test_an_item_that_came_after_the_ranking_and_a_lost_table_are_told_of(sue, dataset):
    item = dataset.items.first()
    ranking = dataset.ranking
    ranking.nearest_any = "0" * 64
    ranking.save()
    assert "no longer in storage" in sue.get(f"/api/items/{item.pk}/alike/").json()["said"]
    ranking.items = store().put(_npy(dataset.items.exclude(pk=item.pk).values_list("pk", flat=True)))
    ranking.save()
    assert "after the dataset was ranked" in sue.get(f"/api/items/{item.pk}/alike/").json()["said"]


def _npy(values: Any) -> bytes:
    out = explore.io.BytesIO()
    np.save(out, np.array(list(values), np.int64))
    return out.getvalue()


def test_the_whole_order_takes_as_many_statements_for_many_labels_as_for_one(
    sue, dataset, django_assert_max_num_queries
):
    for ordering in explore.ORDERINGS:
        with django_assert_max_num_queries(12):
            ids(sue, dataset, f"ordering={ordering}")
