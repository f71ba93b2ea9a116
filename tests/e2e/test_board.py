"""The board while others work: it moves by itself, and shows each person what their role may see."""

import pytest
from playwright.sync_api import Page, expect

from review.models import Assignment
from review.operations import claim, submit
from tests import make
from tests.e2e.grid import Grid

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 2000  # milliseconds


def named_in(page: Page, campaign) -> list[str]:
    """The reviewers that the page's own snapshot names."""
    snapshot = page.request.get(f"/api/campaigns/{campaign.pk}/progress/").json()
    return [row["username"] for row in snapshot["reviewers"]]


def test_the_boards_follow_a_hand_in_without_a_reload_and_reviewers_see_only_their_own_row(
    campaign, lead, ann, ben, sign_in
):
    address = f"/campaigns/{campaign.pk}/"
    boards = [sign_in(lead, address), sign_in(ben, address)]
    for board in boards:
        expect(board.locator("#live")).to_have_text("live")
        board.evaluate("window.first = true")
    grid = Grid(sign_in(ann, f"{address}review/"))
    tiles = grid.tiles.count()
    expect(boards[0].locator("#looks")).to_contain_text("0 looks")

    grid.hand_in()
    expect(boards[0].locator("#looks")).to_contain_text(f"{tiles} looks", timeout=SOON)
    expect(boards[0].locator("#reviewers tbody tr")).to_contain_text(["ann"])
    expect(boards[1].locator("live-progress")).to_contain_text("Your looks")
    expect(boards[1].get_by_text("ann", exact=True)).to_have_count(0)
    expect(boards[1].locator("#reviewers")).to_have_count(0)
    assert (named_in(boards[0], campaign), named_in(boards[1], campaign)) == (["ann"], [])

    other = Grid(sign_in(ben, f"{address}review/"))
    tiles = other.tiles.count()
    other.hand_in()
    expect(boards[1].locator(".card", has_text="Your looks")).to_contain_text(f"{tiles}0 flags", timeout=SOON)
    expect(boards[0].locator("#reviewers tbody tr")).to_contain_text(["ann", "ben"], timeout=SOON)
    assert named_in(boards[1], campaign) == ["ben"]
    assert all(board.evaluate("window.first") for board in boards)


def test_the_board_names_the_classes_that_people_agree_on_least(dataset, lead, ann, ben, truth, sign_in):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2)
    board = sign_in(lead, f"/campaigns/{campaign.pk}/")
    agreement = board.locator("#agreement")
    expect(agreement).to_contain_text("Known once two people have looked")
    for member, knows in ((ann, True), (ben, False)):
        while isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
            wrong = make.flags_of_truth(lent, truth)
            square = [flag for flag in wrong if lent.tiles.get(position=flag["position"]).label.name == "square"]
            flags = wrong if knows else square
            submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))
    board.reload()
    rows = agreement.get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows).to_contain_text(["Alpha", "All classes", "Cross", "Square"])
    expect(rows.nth(3)).to_contain_text("1.00")
    expect(agreement).to_contain_text("Not known yet for 2 classes")
