"""What a campaign covers, how its items are grouped, and in which order they come."""

from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from review.models import Assignment, Campaign, Group, Item, Job, Label, LabelOrder, Section, Tile
from review.operations import claim, fixes, flag, plan, submit
from review.operations.labels import mark_rest
from tests import make


def items_of(campaign: Campaign) -> list[Item]:
    verdicts = campaign.verdicts.order_by("place").select_related("item__label", "item__predicted")
    return [verdict.item for verdict in verdicts]


def alone(dataset: Any, lead: Any, **settings: Any) -> Campaign:
    return make.campaign(dataset, lead, policy="solo", **settings)


def refusal(dataset: Any, lead: Any, **settings: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        plan.start(dataset=dataset, by=lead, name="x", settings=settings)
    return caught.value.message_dict


def test_a_slice_by_label_holds_the_labels_it_names_and_with_subtree_all_below(dataset, lead):
    child, root = Label.objects.get(name="disc"), Label.objects.get(name="square")
    Label.objects.filter(pk=child.pk).update(parent=root)
    named = items_of(alone(dataset, lead, slice={"labels": ["square"]}))
    assert {item.label.name for item in named} == {"square"}
    below = items_of(alone(dataset, lead, slice={"labels": ["square"], "subtree": True}))
    assert {item.label.name for item in below} == {"square", "disc"}


def test_a_slice_by_predicted_label_groups_what_a_label_is_taken_for_and_the_largest_loss_comes_first(dataset, lead):
    campaign = alone(dataset, lead, slice={"by": "label_predicted"})
    for group in Group.objects.filter(campaign=campaign):
        held = [v.item for v in campaign.verdicts.filter(group=group).select_related("item__predicted")]
        assert {item.label_id for item in held} == {group.label_id}
        assert {item.predicted.name if item.predicted else "" for item in held} == {group.value}
    assert campaign.order == "loss"
    sections = Section.objects.filter(batch__campaign=campaign).order_by("batch__number", "position")
    costs = [np.mean([-np.log(1 - i.suspicion) for i in Item.objects.filter(pk__in=s.items)]) for s in sections]
    assert costs[0] == max(costs)
    only = items_of(alone(dataset, lead, slice={"by": "label_predicted", "where": {"predicted": ["disc"]}}))
    assert {item.predicted.name for item in only} == {"disc"}


def test_the_loss_of_the_users_own_model_counts_and_where_there_is_none_the_suspicion(dataset, lead):
    items = list(Item.objects.filter(label__name="disc").order_by("pk"))
    for item, loss in zip(items, [7.5, None, 8.0, None, *range(len(items) - 4)], strict=True):
        item.loss = loss
        item.suspicion = 0.0
        item.save()
    order = [item.pk for item in items_of(alone(dataset, lead, order="loss", slice={"labels": ["disc"]}))]
    assert order[:2] == [items[2].pk, items[0].pk] and order.index(items[1].pk) > order.index(items[5].pk)


def test_a_slice_by_attribute_keeps_sections_of_one_label_and_groups_its_values_within(dataset, lead):
    campaign = make.campaign(dataset, lead, slice={"by": "attribute", "attribute": "camera"}, honeypots=2)
    for section in Section.objects.filter(batch__campaign=campaign).select_related("group"):
        held = Item.objects.filter(pk__in=section.items)
        assert {item.label_id for item in held} == {section.label_id}
        assert {item.attributes["camera"] for item in held} == {section.group.value}
        # A planted one of another camera would stand out where the camera is shown.
        for planted, _, _ in section.honeypots:
            assert Item.objects.get(pk=planted).attributes["camera"] == section.group.value
    values = [group.value for group in Group.objects.filter(campaign=campaign, label__name="disc").order_by("pk")]
    assert values == ["camera-0", "camera-1", "camera-2"]


def test_filters_let_through_what_fits_all_of_them(dataset, lead):
    found = items_of(alone(dataset, lead, slice={"where": {"label": "[bd]*", "attributes": {"camera": ["camera-1"]}}}))
    assert {item.label.name for item in found} == {"bar", "disc"}
    assert {item.attributes["camera"] for item in found} == {"camera-1"}
    median = float(np.median([item.suspicion for item in Item.objects.all()]))
    half = items_of(alone(dataset, lead, slice={"where": {"suspicion_min": median}}))
    assert half and all(item.suspicion >= median for item in half)


def test_a_random_sample_is_the_same_for_the_same_seed(dataset, lead):
    def drawn(**where: Any) -> set[int]:
        return {item.pk for item in items_of(alone(dataset, lead, slice={"where": where}))}

    assert drawn(sample_count=10, sample_seed=3) == drawn(sample_count=10, sample_seed=3)
    assert len(drawn(sample_count=10)) == 10 != drawn(sample_count=10, sample_seed=4)
    assert len(drawn(sample_share=0.25)) == 12


@pytest.mark.parametrize(
    ("slice", "words"),
    [
        ({"by": "shape"}, ["by:", "'shape'"]),
        ({"labels": ["circle"]}, ["labels:", "'circle'"]),
        ({"labels": "square"}, ["labels:"]),
        ({"subtree": True}, ["subtree:"]),
        ({"by": "attribute"}, ["attribute:"]),
        ({"by": "attribute", "attribute": "lens"}, ["attribute:", "'lens'"]),
        ({"where": {"attributes": {"lens": 1}}}, ["where.attributes:", "'lens'"]),
        ({"where": {"predicted": ["circle"]}}, ["where.predicted:", "'circle'"]),
        ({"where": {"suspicion_min": 2}}, ["where.suspicion_min:"]),
        ({"where": {"suspicion_min": 0.5, "suspicion_max": 0.2}}, ["where.suspicion_min:", "0.5"]),
        ({"where": {"sample_count": 0}}, ["where.sample_count:"]),
        ({"where": {"sample_count": 5, "sample_share": 0.1}}, ["where.sample_count:"]),
        ({"where": {"colour": "red"}}, ["'colour'"]),
        ({"pinned": "nowhere.jpg"}, ["pinned:", "'nowhere.jpg'"]),
        ({"where": {"label": "z*"}}, ["No item"]),
        ({"where": []}, ["where"]),
        ([], ["slice"]),
    ],
)
def test_a_wrong_part_of_a_slice_is_answered_by_a_sentence_that_names_it(dataset, lead, slice, words):
    said = " ".join(refusal(dataset, lead, slice=slice)["slice"])
    assert all(word in said for word in words), said


def test_a_crowd_is_refused_orders_that_would_tell_and_one_person_alone_is_not(dataset, lead):
    for order in ("blend", "suspicion", "loss", "outliers", "size"):
        assert "one person" in refusal(dataset, lead, order=order)["order"][0]
        assert items_of(alone(dataset, lead, order=order))
    assert "no order" in refusal(dataset, lead, order="colour")["order"][0]
    assert alone(dataset, lead).order == "blend"


def test_blend_brings_the_suspected_stretch_first_and_lays_look_alikes_side_by_side_in_it(project, lead):
    campaign = alone(make.dataset(project, lead, each=24)[0], lead, slice={"labels": ["square"]}, batch_size=10)
    stretches = [
        section.items for section in Section.objects.filter(batch__campaign=campaign).order_by("batch__number")
    ]
    assert len(stretches) > 1
    suspicion = dict(Item.objects.values_list("pk", "suspicion"))
    for before, after in zip(stretches, stretches[1:], strict=False):
        assert min(suspicion[i] for i in before) >= max(suspicion[i] for i in after)
    laid = LabelOrder.objects.get(ranking=campaign.ranking, label__name="square").items
    for stretch in stretches:
        places, doubts = [laid.index(item) for item in stretch], [suspicion[item] for item in stretch]
        assert places in (sorted(places), sorted(places, reverse=True))
        # The more suspected lie nearer to its beginning.
        assert (np.average(places, weights=doubts) - np.mean(places)) * (places[-1] - places[0]) <= 0


def test_the_orders_by_looks_alone_go_by_what_they_say(dataset, lead):
    def order(**settings: Any) -> list[int]:
        return [item.pk for item in items_of(alone(dataset, lead, slice=cut, **settings))]

    cut: dict[str, Any] = {"labels": ["disc"]}
    known = LabelOrder.objects.get(ranking=dataset.ranking, label__name="disc")
    assert order(order="outliers") == known.outliers
    sizes = {}
    for number, item in enumerate(Item.objects.filter(label__name="disc").select_related("object").order_by("pk")):
        item.object.width = 5 + (number * 7) % 12
        item.object.save()
        sizes[item.pk] = item.object.width
    by_size = [sizes[pk] for pk in order(order="size")]
    assert by_size == sorted(by_size, reverse=True)
    cut["attribute"] = "camera"
    cameras = [Item.objects.get(pk=pk).attributes["camera"] for pk in order(order="attribute")]
    assert cameras == sorted(cameras)
    pinned = Item.objects.filter(label__name="disc").latest("pk")
    first = items_of(alone(dataset, lead, slice={"pinned": pinned.key}, order="like"))[0]
    assert first.pk == pinned.pk


def test_a_pinned_item_that_was_drawn_anew_has_no_vector_and_the_plan_says_so(dataset, lead):
    pinned = Item.objects.filter(label__name="disc").latest("pk")
    fixes.redraw(pinned.object, [1.0, 1.0, 12.0, 12.0])
    settings = {"policy": "solo", "order": "like", "slice": {"pinned": pinned.key}}
    _, job = plan.start(dataset=dataset, by=lead, name="like", settings=settings)
    job = make.work(job)
    assert job.state == Job.State.FAILED
    assert job.message.startswith(f"The pinned item '{pinned.key}' has no vector in the ranking")


def test_suspects_of_a_crowd_stand_among_clean_ones(dataset, lead):
    campaign = make.campaign(dataset, lead, slice={"by": "label_predicted"})
    for group in Group.objects.filter(campaign=campaign).select_related("label"):
        held = list(Item.objects.filter(verdicts__group=group))
        suspects = [item for item in held if item.predicted_id != group.label_id]
        spare = campaign.verdicts.filter(label=group.label, item__predicted=group.label, item__suspicion__lt=0.03)
        assert len(held) >= min(2 * len(suspects), len(suspects) + spare.count())


@pytest.fixture
def turned(dataset, lead, project) -> Assignment:
    """An assignment of a rest class's items, with planted ones."""
    mark_rest(label=Label.objects.get(name="cross"), rest=True, by=lead)
    campaign = make.campaign(dataset, lead, slice={"labels": ["cross"]}, policy="fixed", looks_max=1, honeypots=2)
    found = claim.claim(campaign=campaign, member=make.member(project, "reviewer"))
    assert isinstance(found, Assignment)
    return found


def test_a_rest_class_is_asked_by_what_its_items_may_be(turned):
    groups = list(Group.objects.filter(campaign=turned.campaign).select_related("asks"))
    assert groups and all(group.asks is not None for group in groups)
    sections = make.client(turned.reviewer).get(f"/api/assignments/{turned.pk}/").json()["sections"]
    assert {section["label"] for section in sections} == {"cross"}
    assert {section["asks"] for section in sections} <= {group.asks.name for group in groups}
    assert len({section["asks"] for section in sections}) == len(sections)
    for tile in Tile.objects.filter(assignment=turned, planted=True).select_related("item", "group"):
        assert tile.item.label_id == tile.group.asks_id  # What is planted IS what is asked for.


def test_a_flag_there_says_that_it_is_what_was_asked_for(turned):
    tile = turned.tiles.filter(planted=False).select_related("group").first()
    other = Label.objects.exclude(pk__in=[tile.group.asks_id, tile.label_id]).first()
    second = turned.tiles.filter(planted=False).exclude(pk=tile.pk).first()
    flags = [{"position": tile.position, "reason": "wrong_label"},
             {"position": second.position, "reason": "wrong_label", "label": other.name}]  # fmt: skip
    submit.submit(assignment=turned, revision=0, flags=flags, seen=make.everything(turned))
    looks = {look.item_id: look.suggested_id for look in turned.looks.filter(planted=False).exclude(reason="")}
    assert looks == {tile.item_id: tile.group.asks_id, second.item_id: other.pk}
    verdict = turned.campaign.verdicts.get(item=tile.item_id)
    assert (verdict.suggested_id, verdict.flags) == (tile.group.asks_id, 1)


def test_a_lead_confirms_a_rest_class_and_a_declined_one_is_not_proposed_again(dataset, lead, project):
    label = Label.objects.get(name="disc")
    Label.objects.filter(pk=label.pk).update(rest_proposal="proposed")
    address = f"/api/labels/{label.pk}/"
    assert (
        make.client(make.member(project, "supervisor", "supervisor").user).patch(address, {"rest": True}).status_code
        == 403
    )
    said = make.client(lead).patch(address, {"rest": True}, format="json").json()
    assert (said["rest"], said["rest_proposed"]) == (True, False)
    said = make.client(lead).patch(address, {"rest": False}, format="json").json()
    assert (said["rest"], Label.objects.get(pk=label.pk).rest_proposal) == (False, "declined")


@pytest.fixture
def piled(dataset, lead) -> Campaign:
    """A campaign with stacks, whose every four neighbours of a label lie in one."""
    for order in LabelOrder.objects.filter(ranking=dataset.ranking):
        order.stacks = [k // 4 for k in range(len(order.items))]
        order.save()
    Item.objects.exclude(label__name="square").update(suspicion=0.0)
    cut = {"labels": ["square"]}
    return make.campaign(dataset, lead, slice=cut, stacks=True, honeypots=2, policy="fixed", looks_max=3)


def test_a_stack_is_lent_whole_side_by_side_with_its_most_suspected_on_top(piled, project):
    found = claim.claim(campaign=piled, member=make.member(project, "reviewer"))
    tiles = list(found.tiles.order_by("position"))
    numbers = [tile.stack for tile in tiles]
    assert numbers == sorted(numbers) and numbers[0] == 0 and set(np.diff(numbers)) <= {0, 1}
    suspicion = dict(Item.objects.values_list("pk", "suspicion"))
    own = dict(piled.verdicts.values_list("item_id", "stack"))
    for number in set(numbers):
        members = [tile for tile in tiles if tile.stack == number]
        if not members[0].planted and len(members) > 1:
            assert len({own[tile.item_id] for tile in members}) == 1
            assert members[0].item_id == max((tile.item_id for tile in members), key=lambda item: suspicion[item])
    assert any(numbers.count(number) == 4 for number in numbers)


def test_planted_ones_lie_in_stacks_too_and_part_none(piled, project):
    stacked = False
    for name in ("one", "two", "three"):
        found = claim.claim(campaign=piled, member=make.member(project, name))
        tiles = list(found.tiles.order_by("position"))
        for number in {tile.stack for tile in tiles}:
            members = [tile for tile in tiles if tile.stack == number]
            assert len({tile.planted for tile in members}) == 1
            stacked |= members[0].planted and len(members) > 1
        own = dict(piled.verdicts.values_list("item_id", "stack"))
        runs = [own[tile.item_id] for tile in tiles if not tile.planted and own[tile.item_id] is not None]
        numbers = [tile.stack for tile in tiles if not tile.planted and own[tile.item_id] is not None]
        assert len(set(zip(runs, numbers, strict=True))) == len(set(numbers)) == len(set(runs))
    assert stacked


def test_every_item_of_a_stack_counts_as_looked_at(piled, project):
    found = claim.claim(campaign=piled, member=make.member(project, "reviewer"))
    first = [tile.position for tile in found.tiles.all() if tile.stack == 0]
    flag.save(assignment=found, revision=0, seen=first, flags=[{"position": p, "reason": "wrong_label"} for p in first])
    submit.submit(assignment=found)
    assert found.looks.count() == len(first)


def test_no_stack_where_the_campaign_has_none(campaign, project):
    found = claim.claim(campaign=campaign, member=make.member(project, "reviewer"))
    assert set(found.tiles.values_list("stack", flat=True)) == {None}
