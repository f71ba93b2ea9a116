"""Two people disagree, a supervisor settles it, and what was fixed can be taken back."""

import pytest
from playwright.sync_api import expect

from review.models import Fix, Item
from tests import make
from tests.e2e.grid import Grid, in_hand, position

pytestmark = pytest.mark.django_db(transaction=True)
AGREED, DISPUTED = 30, 5  # rows labelled square: a bar, which both flag, and a disc, which one of them misses


@pytest.fixture
def square_campaign(dataset, lead):
    return make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, batch_size=20,
                         slice={"labels": ["square"]})  # fmt: skip


def look(sign_in, campaign, member, said: dict[int, str], comment: str = "") -> None:
    """Review the one batch in a browser; said: {row: its right label}."""
    grid = Grid(sign_in(member, f"/campaigns/{campaign.pk}/review/"))
    lent = in_hand(member)
    for row, label in said.items():
        grid.relabel(position(lent, row), label)
    if comment:
        grid.write("m", comment)
        grid.press("Enter")
    grid.hand_in()
    expect(grid.page.locator("#nothing")).to_be_visible()


def test_a_disagreement_is_settled_at_the_desk_and_the_fix_can_be_taken_back(
    square_campaign, dataset, project, ann, ben, sign_in
):
    look(sign_in, square_campaign, ann, {AGREED: "bar", DISPUTED: "disc"}, comment="quite round")
    look(sign_in, square_campaign, ben, {AGREED: "bar"})
    item = Item.objects.get(dataset=dataset, row=DISPUTED + 1)
    page = sign_in(make.member(project, "sue", "supervisor"), f"/campaigns/{square_campaign.pk}/disputes/")

    expect(page.locator("#to-settle")).to_have_text("1 to settle")
    votes = page.locator(".votes tr")
    expect(votes.filter(has_text="ann")).to_contain_text("wrong label")
    expect(votes.filter(has_text="ann")).to_contain_text("Disc “quite round”")
    expect(votes.filter(has_text="ben")).to_contain_text("left as is")
    page.keyboard.press("1")
    expect(page.locator("#toast")).to_contain_text("Made Disc")
    expect(page.locator("#nothing")).to_be_visible()
    item.refresh_from_db()
    assert item.label.name == "disc"

    page.goto(f"/campaigns/{square_campaign.pk}/fixes/")
    expect(page.locator("#fix-count")).to_have_text("2 fixes in the dataset")
    fix = page.locator(f'.fix[data-fix="{Fix.objects.get(item=item).pk}"]')
    expect(fix.locator(".what")).to_have_text("Square → Disc", use_inner_text=True)
    fix.get_by_text("evidence").click()
    expect(fix).to_contain_text("ann: wrong label → Disc “quite round”")
    expect(fix).to_contain_text("ben: left as is")
    expect(fix).to_contain_text("sue")
    fix.get_by_role("button", name="Take back").click()
    expect(fix).to_contain_text("taken back")
    expect(page.locator("#fix-count")).to_have_text("1 fix in the dataset")
    item.refresh_from_db()
    assert item.label.name == "square"
