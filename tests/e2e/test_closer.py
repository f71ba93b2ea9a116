"""Looking closer: the whole photo, its light, the window on all crops, and crops in their own shape."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import live, make
from tests.e2e.grid import Grid, in_hand, saved

pytestmark = pytest.mark.django_db(transaction=True)
TRANSFORM = "image => image.style.transform"
NUMBERS = re.compile(r"-?[\d.]+")


@pytest.fixture
def grid(dataset, lead, ann, sign_in) -> Grid:
    campaign = make.campaign(dataset, lead, attributes_shown=["camera"])
    return Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))


def placed(page: Page) -> tuple[float, float, float]:
    """How the photo lies: x, y, scale."""
    x, y, scale = (float(n) for n in NUMBERS.findall(page.locator("photo-view img").evaluate(TRANSFORM)))
    return x, y, scale


def test_the_photo_is_panned_zoomed_and_lightened_and_shows_what_is_known(grid):
    page = grid.page
    grid.press("f")
    photo = page.locator("photo-view img")
    expect(photo).to_have_js_property("complete", True)
    expect(page.locator("photo-view #attributes")).to_contain_text("camera: camera-")
    assert placed(page) == (0, 0, 1)
    grid.press("+", "+")
    zoomed = placed(page)
    assert zoomed[2] > 1.5
    box = page.locator("photo-view .stage").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 230)
    page.mouse.up()
    assert placed(page)[:2] == pytest.approx((zoomed[0] + 60, zoomed[1] + 30), abs=1)
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"] + box["height"])
    page.mouse.up()
    assert placed(page)[:2] == (0, 0)
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.wheel(0, -900)
    live.wait_for(lambda: placed(page)[2] > zoomed[2])
    grid.press("0")
    assert placed(page) == (0, 0, 1)
    page.locator("photo-view #contrast").fill("200")
    assert "contrast(200%)" in photo.evaluate("image => image.style.filter")


def test_one_steps_from_photo_to_photo_and_flags_there(grid, ann):
    grid.press("f", "ArrowRight", "Space")
    expect(grid.page.locator("photo-view img")).to_have_attribute("src", re.compile("/tiles/1/context/"))
    expect(grid.page.locator("#photo-flag")).to_have_attribute("aria-pressed", "true")
    grid.press("f")
    expect(grid.page.locator("dialog[open]")).to_have_count(0)
    grid.shows(1)
    saved(in_hand(ann), 1)


def test_the_photos_around_where_one_stands_are_there_before_they_are_opened(grid):
    with grid.page.expect_response(re.compile("/tiles/4/context/")) as ahead:
        grid.press("ArrowRight", "ArrowRight", "ArrowRight")
    assert ahead.value.ok
    ahead.value.finished()
    whole = "() => performance.getEntriesByType('resource').some(r => r.name.includes('/tiles/3/context/'))"
    live.wait_for(lambda: grid.page.evaluate(whole))
    grid.page.evaluate("performance.clearResourceTimings()")
    grid.press("f")
    expect(grid.page.locator("photo-view img")).to_have_attribute("src", re.compile("/tiles/3/context/"))
    expect(grid.page.locator("photo-view img")).to_have_js_property("complete", True)
    fetched = whole.replace("'))", "') && r.transferSize > 0)")
    assert not grid.page.evaluate(fetched)


def test_the_window_stretches_every_crop_and_is_reset(grid):
    look = (
        "() => getComputedStyle(document.querySelector('review-grid').shadowRoot.querySelector('.tile > img')).filter"
    )
    expect(grid.page.locator(".tile > img").first).to_be_visible()
    assert grid.page.evaluate(look) == "none"
    grid.press("w")
    grid.page.locator("#window-level").fill("25")
    grid.page.locator("#window-width").fill("20")
    assert grid.page.evaluate(look) == "brightness(2) contrast(2.5)"
    grid.page.locator("#window-reset").click()
    assert grid.page.evaluate(look) == "none"
    grid.press("Escape")
    expect(grid.page.locator("#sheet")).to_have_count(0)


def test_size_and_shape_are_chosen_and_remembered(grid):
    page = grid.page
    grid.press("q")
    expect(page.locator(".tile > img").first).to_have_css("object-fit", "contain")
    page.locator("#size").fill("200")
    wide = grid.tile(0).bounding_box()["width"]
    assert wide >= 200
    page.reload()
    Grid(page)
    expect(page.locator(".tile > img").first).to_have_css("object-fit", "contain")
    assert grid.tile(0).bounding_box()["width"] == pytest.approx(wide, abs=1)


def test_the_class_is_explained_in_one_place(grid):
    grid.press("g")
    shown = grid.page.locator("#dialog-class")
    expect(shown).to_contain_text("This is what it looks like")
    expect(shown.get_by_alt_text("a typical Bar").first).to_be_visible()
    grid.press("Escape")
    expect(shown).to_have_count(0)
