"""Pictures on their way, pictures that never come, and lines on which every byte counts."""

import re

import pytest
from playwright.sync_api import expect

from review.models import Object
from tests import make
from tests.e2e.grid import Grid, in_hand, saved

pytestmark = pytest.mark.django_db(transaction=True)
SAVE_DATA = "Object.defineProperty(navigator.connection, 'saveData', { get: () => true })"
SHOWN = "images => images.every(image => image.complete && image.naturalWidth > 0)"


def test_flags_work_while_crops_still_arrive_and_what_has_not_come_is_not_seen(campaign, ann, sign_in):
    page = sign_in(ann)
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    line = {"offline": False, "latency": 20, "downloadThroughput": 12_000, "uploadThroughput": 60_000}
    client.send("Network.emulateNetworkConditions", line)
    page.goto(f"/campaigns/{campaign.pk}/review/", wait_until="commit")
    grid = Grid(page)
    assert page.locator(".tile.coming").count() > 0
    last = grid.tiles.count() - 1
    expect(grid.tile(last)).to_contain_class("coming")
    grid.flag(last)
    grid.shows(last)
    expect(grid.tile(last)).to_contain_class("coming")
    expect(page.locator(".tile.coming")).to_have_count(0)
    assert page.locator(".tile > img").evaluate_all(SHOWN)
    saved(in_hand(ann), last)


def test_a_line_that_breaks_while_crops_arrive_brings_the_rest_when_it_is_back(campaign, ann, sign_in):
    page = sign_in(ann)
    page.route("**/crops?*", lambda route: route.abort())
    page.goto(f"/campaigns/{campaign.pk}/review/")
    grid = Grid(page)
    expect(grid.trouble).to_contain_text("Not all pictures are here")
    grid.flag(2)
    saved(in_hand(ann), 2)
    page.unroute("**/crops?*")
    expect(page.locator(".tile.coming")).to_have_count(0)
    expect(grid.trouble).to_have_count(0)


def test_where_data_is_to_be_saved_the_crops_are_lean_and_the_photo_small(campaign, ann, sign_in):
    page = sign_in(ann)
    address = f"/campaigns/{campaign.pk}/review/"
    page.goto(address)
    Grid(page)
    size = len(page.request.get(f"/api/assignments/{in_hand(ann).pk}/crops?size=128").body())
    page.add_init_script(SAVE_DATA)
    with page.expect_response(re.compile(r"/crops\?size=128&lean=true$")) as lean:
        page.goto(address)
    grid = Grid(page)
    expect(page.locator(".tile.coming")).to_have_count(0)
    assert page.locator(".tile > img").evaluate_all(SHOWN)
    assert len(lean.value.body()) < 0.6 * size
    with page.expect_response(re.compile(r"/context/\?side=800$")) as photo:
        grid.press("f")
    assert photo.value.ok


def test_a_missing_or_broken_crop_has_a_placeholder_and_can_be_flagged(campaign, ann, sign_in):
    page = sign_in(ann)
    address = f"/campaigns/{campaign.pk}/review/"
    page.goto(address)
    Grid(page)
    lent = in_hand(ann)
    missing, broken = (lent.tiles.get(position=k).item.object_id for k in (2, 5))
    Object.objects.filter(pk=missing).update(small_length=0)
    Object.objects.filter(pk=broken).update(small_offset=1)
    page.wait_for_timeout(100)
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload()
    grid = Grid(page)
    expect(page.locator(".tile .missing")).to_have_count(2)
    expect(grid.tile(2)).to_contain_text("no picture")
    expect(grid.tile(5)).to_contain_text("no picture")
    grid.flag(2, 5)
    grid.shows(2, 5)
    saved(lent, 2, 5)
    grid.hand_in()


def test_a_broken_crop_is_no_reason_to_refuse_the_lean_ones(campaign, ann, sign_in):
    page = sign_in(ann)
    page.add_init_script(SAVE_DATA)
    page.goto(f"/campaigns/{campaign.pk}/review/")
    Grid(page)
    Object.objects.filter(pk=in_hand(ann).tiles.get(position=5).item.object_id).update(small_offset=1)
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.send("Network.enable")
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload()
    expect(Grid(page).tile(5)).to_contain_text("no picture")
    expect(page.locator(".tile > img")).to_have_count(page.locator(".tile").count() - 1)


def test_a_batch_of_one(project, lead, ann, sign_in):
    dataset, _ = make.dataset(project, lead, wrong={0: "lone"})
    campaign = make.campaign(dataset, lead, slice={"labels": ["lone"]})
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    expect(grid.tiles).to_have_count(1)
    grid.press("ArrowRight", "ArrowDown", "Home", "End", "Space")
    grid.shows(0)
    saved(in_hand(ann), 0)
    grid.hand_in()
    expect(grid.page.locator("#nothing")).to_be_visible()
