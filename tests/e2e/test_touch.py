"""A thumb on a phone: tap, long press and drag, scroll, and a button for whatever has a key or a hover."""

import re

import pytest
from playwright.sync_api import expect

from tests import live, make
from tests.e2e.grid import Grid, in_hand, saved

pytestmark = pytest.mark.django_db(transaction=True)
LEAST = 24  # CSS pixels of a target, WCAG 2.5.8


@pytest.fixture
def grid(dataset, lead, ann, sign_in) -> Grid:
    campaign = make.campaign(dataset, lead, attributes_shown=["camera"])
    return Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/", phone=True))


def test_a_tap_flags_and_a_long_press_and_drag_paints(grid, ann):
    grid.tap(1)
    grid.shows(1)
    grid.page.locator("#say-close").tap()
    grid.press_and_drag(4, 5, 6)
    grid.shows(1, 4, 5, 6)
    saved(in_hand(ann), 1, 4, 5, 6)
    grid.page.locator("#undo").tap()
    grid.shows(1)


def test_a_tile_that_the_sheet_would_cover_moves_out_from_under_it(grid):
    page = grid.page
    panel = page.locator("say-panel")
    before = bottom(grid.tile(8))
    grid.tap(8)
    expect(panel).to_be_visible()
    live.wait_for(lambda: bottom(grid.tile(8)) <= panel.bounding_box()["y"])
    assert before > panel.bounding_box()["y"]
    assert "(L)" not in page.locator("say-panel label-picker input").get_attribute("placeholder")


def bottom(target) -> float:
    box = target.bounding_box()
    return box["y"] + box["height"]


def test_one_finger_scrolls_and_flags_nothing(dataset, lead, ann, sign_in):
    campaign = make.campaign(dataset, lead)
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/", phone=True, height=420))
    grid.press("+", "+", "+")
    grid.swipe(2, up=120)
    live.wait_for(lambda: grid.page.evaluate("scrollY") > 40)
    grid.shows()


def test_a_second_target_of_a_tile_opens_the_large_view_and_flags_nothing(grid):
    side = grid.tile(3).bounding_box()["width"]
    grid.tile(3).tap(position={"x": side - 8, "y": side - 8})
    expect(grid.page.locator("photo-view img")).to_have_attribute("src", re.compile("/tiles/3/context/"))
    grid.page.locator("#photo-close").tap()
    grid.shows()


def test_whatever_has_a_key_has_a_button_in_reach(grid):
    page = grid.page
    grid.tap(2)
    for reason in ("wrong_label", "bad_box", "cant_tell", "not_an_object", "no_label", "other"):
        expect(page.locator(f"say-panel [data-reason={reason}]")).to_be_in_viewport()
    page.locator("#say-close").tap()
    page.locator("#more").tap()
    ids = ["sheet-size", "sheet-whole", "sheet-light", "sheet-outline", "window-level", "window-width", "sheet-second",
           "sheet-next-unseen", "sheet-undo", "sheet-redo", "sheet-guide", "sheet-help", "give-back"]  # fmt: skip
    for button in ids:
        target = page.locator(f"#{button}")
        target.scroll_into_view_if_needed()
        expect(target).to_be_in_viewport()
    page.locator("#sheet-outline").tap()
    expect(page.locator("#sheet-outline")).to_have_attribute("aria-checked", "true")
    page.locator("#sheet-undo").tap()
    grid.shows()
    page.locator("#sheet-redo").tap()
    grid.shows(2)


def test_nothing_is_wider_than_the_phone_and_no_target_too_small(grid):
    page = grid.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    grid.tap(2)
    targets = page.locator("review-grid button:visible, review-grid input:visible")
    boxes = [(target.get_attribute("id"), target.bounding_box()) for target in targets.all()]
    small = [name for name, box in boxes if box and min(box["width"], box["height"]) < LEAST]
    assert small == []
