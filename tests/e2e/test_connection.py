"""Lines that break, servers that die, windows that compete, time that runs out: no mark is lost."""

import datetime
import os
import signal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from review.models import Assignment, Campaign, Look
from review.operations import claim, submit, sweep
from tests import make
from tests.e2e.grid import Grid, in_hand, marks, saved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def grid(campaign, ann, sign_in) -> Grid:
    return Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))


def test_marks_made_offline_are_kept_and_saved_when_the_line_is_back(grid, ann):
    lent = in_hand(ann)
    grid.page.context.set_offline(True)
    grid.flag(1, 2)
    expect(grid.trouble).to_contain_text("the server does not answer. Your marks are kept here.")
    grid.says("Not saved yet")
    grid.flag(3)
    assert not marks(lent)
    grid.page.context.set_offline(False)
    saved(lent, 1, 2, 3, within=5)
    grid.says("Saved")
    expect(grid.trouble).to_have_count(0)


def test_marks_made_offline_outlive_a_closed_tab(grid, ann):
    lent, context = in_hand(ann), grid.page.context
    context.set_offline(True)
    grid.flag(1, 2)
    expect(grid.trouble).to_be_visible()
    address = grid.page.url
    grid.page.close()
    assert not marks(lent)
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    Grid(page).shows(1, 2)
    saved(lent, 1, 2)


def test_a_server_killed_in_mid_flagging_loses_nothing(grid, ann, site):
    lent = in_hand(ann)
    grid.flag(0, 1, 2)
    (web,) = site.keeper.children
    os.killpg(web.process.pid, signal.SIGKILL)
    grid.flag(3, 4)
    expect(grid.trouble).to_contain_text("Your marks are kept here")
    grid.flag(5)
    saved(lent, 0, 1, 2, 3, 4, 5, within=60)
    grid.says("Saved")
    grid.shows(0, 1, 2, 3, 4, 5)


def test_the_flags_of_two_windows_on_one_assignment_both_survive(grid, ann):
    lent = in_hand(ann)
    page = grid.page.context.new_page()
    page.goto(grid.page.url)
    other = Grid(page)
    grid.flag(1)
    saved(lent, 1)
    other.flag(2)
    saved(lent, 1, 2)
    other.shows(1, 2)
    grid.flag(3)
    other.flag(4)
    saved(lent, 1, 2, 3, 4)
    other.flag(1)
    saved(lent, 2, 3, 4)
    grid.flag(5)
    saved(lent, 2, 3, 4, 5)
    grid.shows(2, 3, 4, 5)


def test_a_window_whose_assignment_was_handed_in_elsewhere_says_so_and_goes_on(grid, ann):
    first = in_hand(ann)
    page = grid.page.context.new_page()
    page.goto(grid.page.url)
    other = Grid(page)
    grid.hand_in()
    expect(grid.page.locator("#label-name")).to_have_text("Cross")
    other.flag(1)
    expect(other.trouble).to_contain_text("has been handed in already")
    other.page.locator("#go-on").click()
    expect(page.locator("#label-name")).to_have_text("Cross")
    assert not marks(first) and not marks(in_hand(ann))


def test_a_lapsed_lease_can_still_be_handed_in_and_the_page_says_what_counted(campaign, ann, ben, sign_in):
    Campaign.objects.filter(pk=campaign.pk).update(policy="fixed", looks_min=1, looks_max=1)
    page = sign_in(ann, "/")
    page.clock.install()
    page.goto(f"/campaigns/{campaign.pk}/review/")
    grid, late = Grid(page), in_hand(ann)
    grid.flag(1)
    saved(late, 1)
    lapse(late)
    others_look_at(campaign, ben, late, [0, 1, 2])
    page.clock.fast_forward(61_000)
    grid.press("ArrowRight")
    expect(page.locator("#lapsed")).to_contain_text("You can still hand in")
    grid.flag(4)
    saved(late, 1, 4)
    grid.hand_in()
    expect(page.locator(".toast")).to_contain_text("3 looks came late")
    late.refresh_from_db()
    assert (late.counted, late.surplus) == (late.tiles.count() - 3, 3)
    flagged = Look.objects.filter(assignment=late).exclude(reason="")
    assert sorted(flagged.values_list("counted", flat=True)) == [False, True]


def test_a_reload_after_the_lapse_brings_back_what_was_marked(campaign, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{campaign.pk}/review/")
    grid, late = Grid(page), in_hand(ann)
    grid.flag(1)
    saved(late, 1)
    lapse(late)
    page.reload()
    grid = Grid(page)
    expect(page.locator("#lapsed")).to_contain_text("You can still hand in")
    grid.shows(1)
    grid.hand_in()
    late.refresh_from_db()
    assert (late.state, late.counted) == ("handed_in", late.tiles.count())


def test_what_is_marked_after_another_window_handed_in_is_not_said_to_be_in_it(campaign, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{campaign.pk}/review/")
    here, first = Grid(page), in_hand(ann)
    other = page.context.new_page()
    other.goto(f"/campaigns/{campaign.pk}/review/")
    Grid(other).hand_in()
    here.flag(1)
    here.hand_in()
    expect(page.locator("#unsaved")).to_contain_text("The tiles before were handed in by another window: 1 mark")
    first.refresh_from_db()
    assert first.flags == []


def lapse(assignment: Assignment) -> None:
    past = timezone.now() - datetime.timedelta(seconds=1)
    Assignment.objects.filter(pk=assignment.pk).update(expires_at=past)
    sweep.lapse_overdue()
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.LAPSED


def others_look_at(campaign, member, late, positions) -> None:
    """Somebody else hands in looks at those items of the lapsed assignment."""
    taken = claim.claim(campaign=campaign, member=member)
    items = late.tiles.filter(position__in=positions).values_list("item_id", flat=True)
    seen = taken.tiles.filter(item__in=list(items)).values_list("position", flat=True)
    assert len(seen) == len(positions)
    submit.submit(assignment=taken, revision=0, flags=[], seen=list(seen))


def test_somebody_signed_out_meanwhile_is_told_and_loses_nothing(grid, ann):
    lent = in_hand(ann)
    grid.page.context.clear_cookies(name="sessionid")
    grid.flag(1)
    expect(grid.trouble).to_contain_text("you are signed out")
    with grid.page.expect_popup() as popup:
        grid.trouble.get_by_role("link", name="Sign in again").click()
    page = popup.value
    page.get_by_label("User name").fill("ann")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    Grid(page).shows(1)
    grid.flag(2)
    saved(lent, 1, 2)
    grid.says("Saved")
