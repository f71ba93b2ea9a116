"""In a browser: a lead makes a team, puts somebody in it and says how much a day."""

import pytest
from playwright.sync_api import expect

from review.models import Member, Team
from tests import make
from tests.e2e.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lead_makes_a_team_and_says_what_its_members_are_lent(dataset, project, lead, sign_in):
    ann = make.member(project, "ann")
    page = sign_in(lead, f"/projects/{project.pk}/")
    card = page.locator("#teams")
    expect(card.locator("#no-teams")).to_be_visible()
    card.locator("#new-team summary").click()
    form = card.locator("#new-team form")
    form.get_by_label("Name").fill("Round")
    form.get_by_label("Classes").fill("disc, no such")
    form.get_by_role("button", name="Make it").click()
    expect(card.get_by_role("alert")).to_contain_text("No dataset of this project has a label 'no such'.")
    form.get_by_label("Classes").fill("disc")
    form.get_by_role("button", name="Make it").click()
    expect(card.locator('[data-team="Round"]')).to_contain_text("0 members · 1 class")
    card.locator("#placing > summary").click()
    line = card.locator('[data-placed="ann"]')
    line.locator("summary").click()
    line.get_by_label("Team").select_option("Round")
    line.get_by_label("Looks a day").fill("300")
    line.get_by_role("button", name="Save").click()
    expect(line.locator("summary")).to_contain_text("Round · 300 looks a day")
    expect(card.locator('[data-team="Round"]')).to_contain_text("1 member")
    assert not violations(page)
    ann.refresh_from_db()
    assert ann.daily_looks == 300 and ann.team == Team.objects.get()
    page.on("dialog", lambda dialog: dialog.accept())
    card.locator('[data-team="Round"] summary').click()
    card.get_by_role("button", name="Dissolve").click()
    expect(card.locator("#no-teams")).to_be_visible()
    assert Member.objects.get(pk=ann.pk).daily_looks == 300
