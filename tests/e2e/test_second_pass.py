"""Two passes: first only flag, then see the flagged alone, large, and give them labels with one in hand."""

import pytest
from playwright.sync_api import expect

from tests import live
from tests.e2e.grid import Grid, in_hand, marks, reasons

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def grid(campaign, ann, sign_in) -> Grid:
    return Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))


def take(grid: Grid, **what: str) -> None:
    ((attribute, value),) = what.items()
    brush = grid.page.locator(f'label-palette .brushes [data-{attribute}="{value}"]')
    brush.click()
    expect(brush).to_have_attribute("aria-pressed", "true")


def offered(grid: Grid) -> list[str]:
    labels = grid.page.locator("label-palette .brushes button").evaluate_all("all => all.map(b => b.dataset.label)")
    return [label for label in labels if label]


def test_the_flagged_stand_alone_and_large_and_take_the_label_in_hand_by_click_and_by_sweep(grid, ann):
    small = grid.tile(1).bounding_box()["width"]
    for position in (1, 3, 4, 6):
        grid.flag(position)
    grid.press("p")
    expect(grid.tiles).to_have_count(4)
    assert grid.tile(1).bounding_box()["width"] > 1.5 * small
    expect(grid.page.locator("say-panel")).to_have_count(0)
    first, second = offered(grid)[:2]
    grid.press("2")
    grid.flag(1)
    live.wait_for(lambda: marks(in_hand(ann)) == {1: second, 3: None, 4: None, 6: None})
    grid.press("1")
    grid.drag(3, 4)
    live.wait_for(lambda: marks(in_hand(ann)) == {1: second, 3: first, 4: first, 6: None})
    grid.press("z")
    live.wait_for(lambda: marks(in_hand(ann)) == {1: second, 3: None, 4: None, 6: None})
    grid.flag(1)
    grid.flag(1)
    live.wait_for(lambda: marks(in_hand(ann)) == {1: None, 3: None, 4: None, 6: None})
    grid.press("p")
    expect(grid.tiles).to_have_count(in_hand(ann).tiles.count())
    assert grid.tile(1).bounding_box()["width"] == pytest.approx(small, abs=1)


def test_all_take_what_is_in_hand_or_lose_it_and_stay_flagged(grid, ann):
    grid.flag(0, 2, 5)
    grid.page.locator("#second").click()
    grid.name_label("cro")
    grid.page.locator("#give-all").click()
    live.wait_for(lambda: marks(in_hand(ann)) == {0: "cross", 2: "cross", 5: "cross"})
    take(grid, reason="no_label")
    grid.page.locator("#give-all").click()
    live.wait_for(lambda: reasons(in_hand(ann)) == {0: "no_label", 2: "no_label", 5: "no_label"})
    grid.page.locator("#give-none").click()
    live.wait_for(lambda: reasons(in_hand(ann)) == {0: "wrong_label", 2: "wrong_label", 5: "wrong_label"})
    grid.press("Escape", "Escape")
    grid.shows(0, 2, 5)


def test_with_nothing_flagged_there_is_no_second_pass(grid):
    grid.press("p")
    expect(grid.page.locator(".toast")).to_contain_text("Flag something first")
    expect(grid.page.locator("label-palette")).to_have_count(0)


def test_no_label_fits_is_an_answer_and_counts_as_one_that_the_label_is_wrong(grid, ann):
    lent = in_hand(ann)
    grid.flag(2)
    grid.press("d")
    expect(grid.page.locator("say-panel [data-reason=no_label]")).to_have_attribute("aria-pressed", "true")
    live.wait_for(lambda: reasons(in_hand(ann)) == {2: "no_label"})
    grid.press("Escape")
    grid.hand_in()
    look = lent.looks.get(item=lent.tiles.get(position=2).item_id)
    assert look.reason == "no_label" and look.suggested is None
    verdict = look.item.verdicts.get(campaign=lent.campaign)
    assert verdict.probability > 2 * verdict.prior
