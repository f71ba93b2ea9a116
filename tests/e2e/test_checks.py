"""Planted checks in real browsers: missed ones are shown, a disagreement is heard, a lead changes the rules."""

import pytest
from playwright.sync_api import expect

from review.models import Assignment, Contest, Member
from review.operations import claim, projects, submit
from tests import live, make
from tests.e2e.grid import Grid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def checked(project, dataset, lead):
    """A campaign that plants, and enough people at work that it may."""
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, batch_size=12, honeypots=1)
    for name in ("cleo", "dan", "eve", "finn"):
        lent = claim.claim(campaign=campaign, member=make.member(project, name))
        assert isinstance(lent, Assignment)
        submit.submit(assignment=lent, revision=0, flags=[], seen=[0])
    return campaign


def test_a_missed_check_is_shown_contested_and_answered_at_the_desk(checked, project, ann, sign_in):
    grid = Grid(sign_in(ann, f"/campaigns/{checked.pk}/review/"))
    grid.hand_in()
    strip = grid.page.locator("#missed")
    expect(strip).to_contain_text("you left 1 planted wrong label alone")
    expect(strip.locator(".check > img")).to_have_js_property("complete", True)
    strip.get_by_role("button", name="I disagree").click()
    expect(strip).to_contain_text("A supervisor looks at it")
    grid.flag(0)  # The next batch is there all the while.
    desk = sign_in(make.member(project, "sue", "supervisor"), f"/campaigns/{checked.pk}/disputes/")
    contest = desk.locator(".contest")
    expect(contest).to_contain_text("ann left it alone among")
    contest.get_by_role("button", name="The reviewer is right").click()
    expect(contest).to_have_count(0)
    assert Contest.objects.get().state == "upheld"


def test_no_tile_stays_under_the_note_on_what_was_missed(checked, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{checked.pk}/review/")
    page.set_viewport_size({"width": 420, "height": 560})
    grid = Grid(page)
    grid.hand_in()
    strip = page.locator("#missed .said")
    expect(strip).to_be_visible()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last, note = grid.tiles.last.bounding_box(), page.locator("#missed").bounding_box()
    assert last["y"] + last["height"] <= note["y"]
    grid.see_all()
    page.locator("#missed-close").click()
    expect(page.locator("#missed")).to_have_count(0)


def test_the_lead_changes_the_rules_of_a_running_campaign(checked, lead, sign_in):
    board = sign_in(lead, f"/campaigns/{checked.pk}/")
    board.locator("#rules").click()
    rules = board.locator("#dialog-rules")
    rules.get_by_label("Looks at most").fill("3")
    rules.get_by_label("Bar").fill("60")
    rules.get_by_label("Stop at").fill("0.3")
    rules.locator("#save-rules").click()
    expect(rules).to_be_hidden()
    checked.refresh_from_db()
    assert (checked.looks_min, checked.looks_max, checked.quality_min, checked.target_rate) == (3, 3, 0.6, 0.003)


def test_who_is_paused_at_work_hands_in_and_is_then_told(project, campaign, lead, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{campaign.pk}/review/")
    grid = Grid(page)
    live.wait_for(lambda: campaign.assignments.filter(reviewer=ann.user_id, opened_at=None).exists())
    projects.pause_member(member=ann, paused=True, by=lead)
    grid.hand_in()
    expect(page.locator("#nothing")).to_contain_text("Your reviewing is paused.")


def test_a_paused_reviewer_is_told_why_and_let_go_on_by_the_lead(checked, project, lead, ann, sign_in):
    Member.objects.filter(pk=ann.pk).update(paused=True, paused_for="missed", paused_of=12)
    page = sign_in(ann, f"/campaigns/{checked.pk}/review/")
    expect(page.locator("#nothing")).to_contain_text("Of 12 wrong labels that were planted to check, you flagged 0.")
    people = sign_in(lead, f"/projects/{project.pk}/").locator('[data-member="ann"]')
    expect(people).to_contain_text("paused: Of 12 wrong labels")
    people.get_by_role("button", name="Let go on").click()
    expect(people.get_by_role("button", name="Pause")).to_be_visible()
    page.locator("#look-again").click()
    expect(page.locator(".tile").first).to_be_visible()
