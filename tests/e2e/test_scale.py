"""Where somebody said how large a pixel is: scale bars, and all tiles at one scale."""

import re

import pytest
from playwright.sync_api import expect

from review.models import Item
from tests.e2e.grid import Grid, in_hand

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lead_says_how_large_a_pixel_is_and_reviewers_see_bars_and_true_scale(campaign, lead, ann, sign_in):
    for item in Item.objects.filter(dataset=campaign.dataset):
        item.attributes["um"] = 0.5 if item.row // 4 % 2 else 1.0
        item.save(update_fields=["attributes"])
    page = sign_in(lead, f"/datasets/{campaign.dataset_id}/")
    page.locator("pixel-size summary").click()
    page.get_by_label("Or an attribute").fill("um")
    page.locator("#save-scale").click()
    expect(page.locator("pixel-size").get_by_role("alert")).to_contain_text("Write the unit of that length")
    page.get_by_label("Unit").fill("µm")
    page.locator("#save-scale").click()
    expect(page.locator("#scale")).to_have_text("How many µm wide a pixel is, says the attribute “um”.")

    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    rulers = grid.page.locator(".tile .ruler")
    expect(rulers).to_have_count(0)
    grid.press("r")
    expect(rulers).to_have_count(grid.tiles.count())
    assert {ruler.inner_text() for ruler in rulers.all()} == {"10 µm", "20 µm"}
    grid.press("t")
    expect(grid.page.locator(".field.true")).to_be_visible()
    expect(rulers.first).to_have_text("20 µm")
    large = dict(in_hand(ann).tiles.values_list("position", "item__attributes__um"))
    widths = {position: grid.tile(position).locator("img").bounding_box()["width"] for position in large}
    side = grid.tiles.first.bounding_box()["width"]
    for position, width in widths.items():
        assert width == pytest.approx(side * large[position], abs=1)
    bar = rulers.first.bounding_box()["width"]
    assert bar == pytest.approx(side * 20 / 48, abs=1)
    grid.press("w")
    expect(grid.page.locator("#sheet-scale")).to_have_attribute("aria-checked", "true")
    grid.page.locator("#sheet-bar").click()
    expect(rulers).to_have_count(0)
    grid.page.reload()
    expect(grid.page.locator(".field.true")).to_be_visible()


def test_where_nobody_knows_the_keys_say_so_and_the_sheet_offers_nothing(campaign, ann, sign_in):
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    for key in "rt":
        grid.press(key)
        expect(grid.page.locator(".toast")).to_contain_text("Nobody has said how large a pixel")
    expect(grid.page.locator(".ruler")).to_have_count(0)
    expect(grid.page.locator(".field")).not_to_have_class(re.compile("true"))
    grid.press("w")
    expect(grid.page.locator("#sheet-whole")).to_be_visible()
    expect(grid.page.locator("#sheet-scale, #sheet-bar")).to_have_count(0)
