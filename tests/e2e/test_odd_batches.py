"""A batch of one, a clock that is wrong, and a key that is pressed twice."""

import datetime

import pytest
from playwright.sync_api import expect

from review.models import Assignment, Look
from review.operations import claim, submit
from tests.e2e.grid import Grid, in_hand, saved

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_batch_of_one_is_reviewed_like_any_other(campaign, ann, sign_in):
    claim.claim(campaign=campaign, member=ann, tiles=1)
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    assert grid.tiles.count() == 1
    grid.press("ArrowRight", "ArrowDown", "End", " ")
    grid.shows(0)
    first = in_hand(ann)
    saved(first, 0)
    grid.hand_in()
    first.refresh_from_db()
    assert (first.state, first.counted) == ("handed_in", 1)
    grid.shows()


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_clock_that_is_wrong_by_more_than_a_day_changes_nothing(campaign, ann, sign_in, hours):
    page = sign_in(ann)
    page.clock.install(time=datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours))
    page.goto(f"/campaigns/{campaign.pk}/review/")
    grid = Grid(page)
    grid.flag(1)
    page.clock.run_for(5000)
    first = in_hand(ann)
    saved(first, 1)
    expect(page.locator("#lapsed, #lease, #trouble")).to_have_count(0)
    page.clock.run_for(5000)
    grid.hand_in()
    first.refresh_from_db()
    assert first.state == "handed_in" and first.counted == first.tiles.count()


def test_enter_pressed_twice_and_sent_twice_hands_in_once(campaign, ann, sign_in):
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    first = in_hand(ann)
    grid.see_all()
    sent: list[str] = []
    grid.page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/submit/") else None)
    with grid.page.expect_response(lambda answer: answer.url.endswith("/submit/") and answer.ok):
        grid.press("Enter", "Enter")
        grid.page.locator("#hand-in").dblclick()
    expect(grid.page.locator(".toast")).to_be_visible()
    assert sent == [sent[0]]
    assert submit.submit(assignment=first).counted == first.tiles.count()
    assert Look.objects.filter(assignment=first).count() == first.tiles.count()
    assert Assignment.objects.filter(reviewer=ann.user_id, state="handed_in").count() == 1
