"""Near duplicates under one tile, and a question that is turned round."""

import pytest
from playwright.sync_api import expect

from review.models import Label, LabelOrder
from review.operations.labels import mark_rest
from tests import make
from tests.e2e.grid import Grid, in_hand, marks, saved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def piled(dataset, lead):
    """A campaign whose every three neighbours lie in one stack."""
    for order in LabelOrder.objects.filter(ranking=dataset.ranking):
        order.stacks = [k // 3 for k in range(len(order.items))]
        order.save()
    return make.campaign(dataset, lead, stacks=True, slice={"labels": ["disc"]})


def test_a_stack_is_flagged_as_one_and_apart_once_it_is_open(piled, ann, sign_in):
    grid = Grid(sign_in(ann, f"/campaigns/{piled.pk}/review/"))
    lent = in_hand(ann)
    stacks = [tile.stack for tile in lent.tiles.order_by("position")]
    assert grid.tiles.count() == len(set(stacks)) < len(stacks)
    first = [k for k, stack in enumerate(stacks) if stack == stacks[0]]
    expect(grid.tile(first[0]).locator(".pile")).to_have_text(f"▸ {len(first)}")
    grid.flag(first[0])
    saved(lent, *first)
    grid.press("s")
    expect(grid.tiles).to_have_count(len(set(stacks)) + len(first) - 1)
    grid.flag(first[1])
    saved(lent, *(position for position in first if position != first[1]))
    grid.tile(first[0]).locator(".pile").click()
    expect(grid.tile(first[0]).locator(".pile")).to_have_text(f"▸ {len(first) - 1} of {len(first)}")
    grid.press("z")
    saved(lent, *first)
    # What lies under a tile that was in view counts as looked at.
    grid.hand_in()
    assert lent.looks.count() == len(stacks)


def test_where_the_question_is_turned_round_a_flag_says_that_it_is(dataset, lead, ann, sign_in):
    mark_rest(label=Label.objects.get(name="cross"), rest=True, by=lead)
    campaign = make.campaign(dataset, lead, slice={"labels": ["cross"]})
    page = sign_in(ann, f"/campaigns/{campaign.pk}/review/")
    grid = Grid(page)
    lent = in_hand(ann)
    asked = lent.tiles.select_related("group__asks").get(position=0).group.asks
    expect(page.locator("#label-name")).to_have_text(f"Which of these ARE {asked.readable_name}?")
    expect(page.locator("#guideline")).to_contain_text("They are labelled Cross.")
    expect(page.get_by_alt_text(f"a typical {asked.readable_name}").first).to_be_visible()
    grid.flag(0)
    saved(lent, 0)
    assert marks(lent) == {0: asked.name}


def test_a_lead_confirms_that_a_class_is_a_rest_and_slices_by_what_items_are_taken_for(dataset, lead, sign_in):
    Label.objects.filter(name="disc").update(rest_proposal="proposed")
    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    row = page.locator('label-table [data-label="disc"]')
    row.get_by_role("button", name="Yes").click()
    expect(row).to_contain_text("A rest class")
    assert Label.objects.get(name="disc").rest
    page.locator("#which summary").click()
    page.get_by_label("Sliced by").select_option("label_predicted")
    page.get_by_label("Classes", exact=True).fill("square, circle")
    page.get_by_role("button", name="Plan and open it").click()
    expect(page.locator("#new-campaign .error")).to_have_text("labels: the dataset has no label 'circle'.")
    page.get_by_label("Classes", exact=True).fill("square")
    page.get_by_role("button", name="Plan and open it").click()
    page.wait_for_url("**/campaigns/*/")
    assert dataset.campaigns.get().slice["labels"] == ["square"]
