"""The board while others work: it moves by itself, and shows each person what their role may see."""

import re

import pytest
from playwright.sync_api import Page, expect

from review.models import Assignment
from review.operations import claim, submit
from tests import live, make
from tests.e2e.grid import Grid

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 10_000  # milliseconds; a second on an idle machine, and half a minute where nobody is told
DRAWN = """plot => { const c = plot.querySelector("canvas");
  return c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v, k) => k % 4 === 3 && v) }"""


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
    expect(boards[1].locator(".card", has_text="Your looks")).to_contain_text(f"{tiles}0 flagged", timeout=SOON)
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


def until_something_is_fixed(campaign, people, truth) -> None:
    """Which batches hold the errors is drawn with the campaign."""
    for _ in range(3):
        for member in people:
            hand_in(campaign, member, truth)
    while not campaign.fixes.filter(state="applied").exists():
        for member in people:
            hand_in(campaign, member, truth)


def hand_in(campaign, member, truth=None) -> int:
    """Hand a batch in, as another process does; so many tiles."""
    lent = claim.claim(campaign=campaign, member=member)
    assert isinstance(lent, Assignment)
    flags = make.flags_of_truth(lent, truth) if truth else []
    submit.submit(assignment=lent, revision=0, flags=flags, seen=make.everything(lent))
    return lent.tiles.count()


def test_reviewer_supervisor_and_lead_watch_at_once_and_catch_up_after_the_web_was_away(
    campaign, lead, ann, ben, project, site, sign_in
):
    sue = make.member(project, "sue", "supervisor")
    address = f"/campaigns/{campaign.pk}/"
    boards = {who: sign_in(person, address) for who, person in (("lead", lead), ("sue", sue), ("ben", ben))}
    for board in boards.values():
        expect(board.locator("#live")).to_have_text("live")
        board.evaluate("window.first = true")
    first = Grid(sign_in(ann, f"{address}review/"))
    tiles = first.tiles.count()
    first.hand_in()
    for who in ("lead", "sue"):
        expect(boards[who].locator("#looks")).to_contain_text(f"{tiles} looks", timeout=SOON)
        expect(boards[who].locator("reviewer-table")).to_contain_text("ann")
    expect(boards["ben"].locator("#own-looks")).to_contain_text("0")
    expect(boards["ben"].locator("reviewer-table, campaign-cost, found-chart")).to_have_count(0)

    live.kill(site.keeper, "web")
    for board in boards.values():
        expect(board.locator("#live")).to_have_text("connecting")
    tiles += hand_in(campaign, ben)  # nobody's socket is there to hear of it
    for board in boards.values():
        expect(board.locator("#live")).to_have_text("live", timeout=30_000)
    for who in ("lead", "sue"):
        expect(boards[who].locator("#looks")).to_contain_text(f"{tiles} looks")
    expect(boards["ben"].locator("#own-looks")).not_to_contain_text("Your first batch")
    assert all(board.evaluate("window.first") for board in boards.values())


def test_the_board_shows_cost_rounds_and_a_chart_that_the_policy_allows(campaign, lead, ann, ben, truth, sign_in):
    until_something_is_fixed(campaign, (ann, ben), truth)
    board = sign_in(lead, f"/campaigns/{campaign.pk}/")
    expect(board.locator("found-chart line-chart canvas")).to_be_visible()
    chart = board.locator("line-chart .plot")
    expect(chart).to_have_attribute("aria-label", re.compile(r"\d+ errors found with \d+ looks"))
    assert chart.evaluate(DRAWN)
    cost = board.locator("campaign-cost")
    expect(cost.locator("tbody tr")).to_have_count(4)
    board.locator("#rules").click()
    rules = board.locator("#dialog-rules")
    rules.get_by_label("Looks at least").fill("9")
    board.locator("#save-rules").click()
    expect(rules.locator("label", has_text="Looks at most").get_by_role("alert")).to_contain_text("At least 9 looks")
    rules.get_by_label("Looks at least").fill("1")
    board.locator("#foresee").click()
    expect(rules.locator("#foreseen tr").last).to_be_in_viewport()
    expect(board.locator("#save-rules")).to_be_in_viewport()
    rules.get_by_label("Policy").select_option("fixed")
    rules.get_by_label("Looks at most").fill("4")
    rules.get_by_label("Policy").select_option("first_agree")
    expect(rules.get_by_label("Looks at most")).to_have_value("4")
    rules.get_by_label("Looks at least").fill("5")
    board.locator("#save-rules").click()
    expect(rules.get_by_role("alert")).to_contain_text("At least 5 looks")
    rules.get_by_label("Policy").select_option("evidence")
    rules.get_by_label("Looks at least").fill("1")
    rules.get_by_label("Price", exact=True).fill("0.05")
    rules.get_by_label("Currency").fill("EUR")
    rules.get_by_label("Price of").select_option("look")
    board.locator("#save-rules").click()
    expect(cost.locator("thead")).to_contain_text("EUR")
    expect(cost.locator('[data-plan="so_far"]')).to_contain_text(re.compile(r"\d\.\d\d"))
    expect(board.locator("#confusion")).to_be_visible()
    board.get_by_text("As a table, from → to").click()
    expect(board.locator("#matrix tbody tr")).not_to_have_count(0)
    with board.expect_download() as file:
        board.locator("class-progress a.csv").click()
    assert file.value.suggested_filename == f"campaign-{campaign.pk}-labels.csv"


def test_the_report_prints_itself_alone(campaign, lead, ann, ben, truth, sign_in):
    until_something_is_fixed(campaign, (ann, ben), truth)
    page = sign_in(lead, f"/campaigns/{campaign.pk}/report/")
    expect(page.locator("#stamp")).to_contain_text(f"Seed{campaign.seed}")
    assert page.locator("#fixes li").count() == campaign.fixes.filter(state="applied").count() > 0
    assert page.locator("#fixes img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.evaluate("window.print = () => { window.printed = true }")
    page.locator("#print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    for hidden in (".site", "#print"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".report h1")).to_be_visible()
