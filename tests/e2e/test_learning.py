"""The tutorial and one's own score in real browsers."""

import pytest
from playwright.sync_api import Page, expect

from review.models import Assignment, Look, Tutorial
from review.operations import claim, submit
from review.queries import tutorial
from tests import live, make
from tests.e2e.grid import Grid

pytestmark = pytest.mark.django_db(transaction=True)


def practise(page: Page, campaign, member) -> None:
    """Flag just what is wrong in each round, by the pointer and by the keys."""
    for number, one in enumerate(tutorial.rounds(campaign, member)):
        expect(page.locator(".lesson")).to_contain_text(f"Practice {number + 1} of")
        expect(page.locator("#label-name")).to_have_text(one.label.readable_name)
        wrong = [k for k, tile in enumerate(one.tiles) if tile.wrong]
        page.locator(f'.tile[data-position="{wrong[0]}"]').click()
        page.keyboard.press("Escape")
        page.keyboard.press("Home")
        for k in wrong[1:]:
            page.locator(f'.tile[data-position="{k}"]').focus()
            page.keyboard.press("Space")
        expect(page.locator("#flagged-count")).to_have_text(f"{len(wrong)} flagged")
        page.keyboard.press("Enter")
        expect(page.locator("#checked")).to_contain_text(f"you found {len(wrong)} of {len(wrong)}")
        expect(page.locator(".tile.right")).to_have_count(len(one.tiles))
        page.locator("#next").click()


def test_a_newcomer_practises_before_the_first_batch_and_may_again(campaign, ann, sign_in):
    page = sign_in(ann, "/")
    page.locator("[data-campaign] a.primary").click()
    expect(page).to_have_url(f"/campaigns/{campaign.pk}/tutorial/")
    practise(page, campaign, ann)
    expect(page.locator("#practised")).to_contain_text("You were right about")
    live.wait_for(lambda: Tutorial.objects.filter(skipped=False).exists())
    assert not Assignment.objects.exists() and not Look.objects.exists()
    page.locator("#to-tiles").click()
    grid = Grid(page)
    grid.press("?")
    page.get_by_role("link", name="Practise for two minutes").click()
    expect(page.locator(".lesson")).to_contain_text("Practice 1 of")
    page.goto("/")
    page.get_by_role("link", name="Go on reviewing").click()
    expect(page).to_have_url(f"/campaigns/{campaign.pk}/review/")


def test_feedback_by_tile_says_what_was_missed_and_what_was_right(campaign, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{campaign.pk}/tutorial/", width=360, height=740)
    first = tutorial.rounds(campaign, ann)[0]
    right = next(k for k, tile in enumerate(first.tiles) if not tile.wrong)
    missed = next(k for k, tile in enumerate(first.tiles) if tile.wrong)
    page.locator(f'.tile[data-position="{right}"]').click()
    page.locator("#say-close").click()
    page.locator("#check").click()
    expect(page.locator("#checked")).to_contain_text("Right ones that you flagged: 1")
    expect(page.locator(f'.tile[data-position="{right}"]')).to_contain_text("It is")
    tile = page.locator(f'.tile[data-position="{missed}"]')
    expect(tile).to_contain_class("missed")
    expect(tile).to_contain_text("It is")
    page.locator(f'.tile[data-position="{missed}"]').click()  # what was checked stays as it was
    expect(tile).to_have_attribute("aria-pressed", "false")


def test_the_tutorial_may_be_skipped(campaign, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{campaign.pk}/tutorial/")
    page.locator("#skip").click()
    expect(page).to_have_url(f"/campaigns/{campaign.pk}/review/")
    assert Tutorial.objects.get().skipped
    page.goto("/")
    page.locator("[data-campaign] a.primary").click()
    expect(page).to_have_url(f"/campaigns/{campaign.pk}/review/")


def test_ones_own_work_is_shown_on_its_page_and_where_nothing_is_left(dataset, lead, ann, ben, sign_in):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, batch_size=60)
    page = sign_in(ann, "/")
    page.locator("a.user").click()
    expect(page.locator("#no-work")).to_contain_text("You have handed in nothing yet")
    for member in (ben, ann):
        lent = claim.claim(campaign=campaign, member=member)
        assert isinstance(lent, Assignment)
        submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    tiles = Look.objects.filter(reviewer=ann.user).count()
    page.reload()
    expect(page.locator("#today")).to_contain_text(f"{tiles}")
    expect(page.locator("#today")).to_contain_text("in 1 batch")
    expect(page.locator(".agreement")).to_contain_text("100")
    expect(page.locator(".planted")).to_contain_text("You have met none yet")
    page.goto(f"/campaigns/{campaign.pk}/review/")
    expect(page.locator("#nothing #day")).to_contain_text(f"Today you looked at {tiles} tiles in 1 batch.")
