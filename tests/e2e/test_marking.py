"""One reviewer at the grid: what they see, every way to mark it, and where the marks go."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from review.api import media
from review.models import Assignment, LabelOrder
from tests import live
from tests.e2e.grid import Grid, comments, in_hand, marks, saved

pytestmark = pytest.mark.django_db(transaction=True)
SIDE = 8
PIXELS = """(images, side) => images.map((image) => {
  const pen = Object.assign(document.createElement("canvas"), { width: side, height: side }).getContext("2d");
  pen.drawImage(image, 0, 0, side, side);
  return [...pen.getImageData(0, 0, side, side).data];
})"""


@pytest.fixture
def grid(campaign, ann, sign_in) -> Grid:
    return Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))


def shown_pixels(images: Locator) -> np.ndarray:
    """float [n, SIDE * SIDE * 3]: what is drawn, made small."""
    rgba = np.array(images.evaluate_all(PIXELS, SIDE), float).reshape(-1, SIDE * SIDE, 4)
    return rgba[..., :3].reshape(len(rgba), -1)


def stored_pixels(assignment: Assignment) -> np.ndarray:
    """float [n, SIDE * SIDE * 3]: the crops of an assignment in its order, made as small."""
    tiles = assignment.tiles.order_by("position").select_related("item__object__shard")
    crops = media.crops([tile.item.object for tile in tiles], "small")
    pictures = [Image.open(io.BytesIO(crop)).resize((SIDE, SIDE), Image.Resampling.BOX) for crop in crops]
    return np.array(pictures, float).reshape(len(pictures), -1)


def test_the_grid_shows_a_class_in_the_order_of_likeness_under_its_name_and_icon(grid, ann):
    lent = in_hand(ann)
    label = lent.tiles.first().label
    expect(grid.page.locator("#label-name")).to_have_text(label.readable_name)
    expect(grid.page.locator("header .who img.icon")).to_have_js_property("complete", True)
    assert grid.page.locator("header .who img.icon").evaluate("(icon) => icon.naturalWidth") > 0
    laid = LabelOrder.objects.get(label=label).items
    assert list(lent.tiles.order_by("position").values_list("item_id", flat=True)) == laid
    expect(grid.tiles).to_have_count(len(laid))
    shown, stored = shown_pixels(grid.page.locator(".tile > img")), stored_pixels(lent)
    nearest = ((shown[:, None] - stored[None]) ** 2).sum(2).argmin(1)
    assert nearest.tolist() == list(range(len(laid)))


def test_a_click_flags_and_another_takes_the_flag_off(grid):
    grid.flag(3, 5)
    grid.shows(3, 5)
    grid.flag(3)
    grid.shows(5)


def test_arrows_go_from_tile_to_tile_and_space_flags_and_clears(grid):
    row = next(n for n in range(1, grid.tiles.count()) if grid.middle(n)[0] == grid.middle(0)[0])
    grid.here(0)
    grid.press("ArrowRight", "Space")
    grid.shows(1)
    grid.press("ArrowDown", "Space")
    grid.here(row + 1)
    grid.shows(1, row + 1)
    grid.press("ArrowLeft", "ArrowUp", "Space")
    grid.here(0)
    grid.press("ArrowRight", "Space")
    grid.shows(0, row + 1)


def test_a_drag_paints_over_tiles_on_or_off_as_the_first_decides_and_is_one_step_of_undo(grid):
    grid.flag(3)
    grid.drag(1, 2, 3, 4)
    grid.shows(1, 2, 3, 4)
    grid.drag(3, 4, 5)
    grid.shows(1, 2)
    grid.press("z")
    grid.shows(1, 2, 3, 4)
    grid.press("z")
    grid.shows(3)


def test_a_shift_click_marks_all_up_to_there(grid):
    grid.flag(2)
    grid.tile(6).click(modifiers=["Shift"])
    grid.shows(2, 3, 4, 5, 6)
    grid.flag(5)
    grid.tile(4).click(modifiers=["Shift"])
    grid.shows(2, 3, 6)


def test_a_digit_names_the_suggested_label(grid, ann):
    grid.flag(4)
    first = grid.page.locator("say-panel .option").first
    label = first.get_attribute("data-label")
    grid.press("1")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(grid.tile(4)).to_have_accessible_name(re.compile(f"^item 5 of .*, labelled bar, flagged, {label}$", re.I))
    live.wait_for(lambda: marks(in_hand(ann)) == {4: label})


def test_a_digit_names_the_tile_it_was_pressed_on_though_its_batch_is_handed_in_before_the_label_is_here(grid, ann):
    lent = in_hand(ann)
    grid.see_all()
    slow = grid.page.context.new_cdp_session(grid.page)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 700, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    grid.press("Home", "Space", "1", "Enter")
    live.wait_for(ann.user.assignments.filter(pk=lent.pk, state="handed_in").exists)
    look = lent.looks.get(reason="wrong_label")
    assert look.suggested is not None and look.item == lent.tiles.get(position=0).item
    grid.shows()
    assert not marks(in_hand(ann))


def test_a_label_is_named_by_typing_the_beginning_of_its_name(grid, ann):
    grid.relabel(4, "cro")
    grid.here(4)
    live.wait_for(lambda: marks(in_hand(ann)) == {4: "cross"})
    grid.press("ArrowRight", "Space")
    grid.shows(4, 5)


def test_a_label_goes_to_all_tiles_of_a_sweep(grid, ann):
    grid.drag(0, 1, 2)
    grid.name_label("disc")
    live.wait_for(lambda: marks(in_hand(ann)) == {0: "disc", 1: "disc", 2: "disc"})


def test_a_comment_stays_with_its_tile_whether_one_leaves_it_by_enter_or_by_a_click_on_another(grid, ann):
    grid.flag(1)
    grid.write("m", "left by Enter")
    grid.press("Enter")
    grid.shows(1)
    grid.flag(3)
    grid.write("m", "left by a click")
    grid.flag(0)
    grid.shows(0, 1, 3)
    live.wait_for(lambda: comments(in_hand(ann)) == {0: "", 1: "left by Enter", 3: "left by a click"})


def test_undo_and_redo_go_back_and_forth_through_every_step(grid, ann):
    grid.flag(1)
    grid.relabel(2, "disc")
    grid.press("z")
    grid.shows(1, 2)
    grid.press("z", "z")
    grid.shows()
    grid.press("Shift+Z", "Shift+Z", "Shift+Z")
    grid.shows(1, 2)
    live.wait_for(lambda: marks(in_hand(ann)) == {1: None, 2: "disc"})


def test_marks_are_saved_within_two_seconds_and_a_reload_resumes_with_them(grid, ann):
    lent = in_hand(ann)
    grid.flag(1, 4)
    saved(lent, 1, 4, within=2)
    grid.says("Saved")
    grid.page.reload()
    grid.shows(1, 4)
    assert in_hand(ann) == lent


def test_after_a_reload_the_open_panel_has_its_likely_labels(grid, ann):
    grid.flag(0)
    saved(in_hand(ann), 0)
    grid.page.reload()
    Grid(grid.page)
    expect(grid.page.locator("say-panel .option").first).to_be_visible()


def test_handing_in_asks_about_unseen_tiles_and_brings_the_next_assignment(campaign, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{campaign.pk}/review/", width=340, height=380)
    grid, first = Grid(page), in_hand(ann)
    expect(page.locator(".tile.unseen")).not_to_have_count(first.tiles.count())
    page.locator("#hand-in").click()
    expect(page.locator("#dialog-unseen")).to_contain_text("not in view yet")
    page.locator("#show-them").click()
    grid.hand_in()
    expect(page.locator("#label-name")).to_have_text("Cross")
    first.refresh_from_db()
    second = in_hand(ann)
    assert first.state == "handed_in" and first.counted == first.tiles.count()
    assert second != first and second.tiles.first().label.name == "cross"
