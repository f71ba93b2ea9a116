"""In a browser: a project, a dataset and a campaign get other names; a dataset goes into the archive and out again."""

import re

import pytest
from playwright.sync_api import expect

from review.models import Campaign
from review.operations import campaigns
from tests.e2e.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lead_gives_names(project, dataset, campaign, lead, sign_in):
    page = sign_in(lead, f"/projects/{project.pk}/")
    page.get_by_label("Name of the project").fill("Road signs")
    page.locator("#rename").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Road signs")
    page.goto(f"/datasets/{dataset.pk}/")
    page.get_by_label("Name of the dataset").fill("Summer")
    page.locator("#name-and-archive").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Summer")
    page.goto(f"/campaigns/{campaign.pk}/")
    page.locator("#rules").click()
    page.locator("#dialog-rules").get_by_label("Name", exact=True).fill("First sweep")
    page.locator("#save-rules").click()
    expect(page.locator("live-progress > h1")).to_have_text("First sweep")
    expect(page).to_have_title(re.compile("First sweep"))


def test_a_dataset_goes_into_the_archive_and_out_again(project, dataset, campaign, lead, sign_in):
    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    card = page.locator("#name-and-archive")
    card.get_by_role("button", name="Archive it").click()
    expect(card.get_by_role("alert")).to_contain_text(f"Close first: {campaign.name}.")
    campaigns.set_state(campaign=campaign, state=Campaign.State.CLOSED, by=lead)
    card.get_by_role("button", name="Archive it").click()
    expect(page.locator("#in-archive")).to_be_visible()
    expect(page.locator("#new-campaign")).to_have_count(0)
    assert not violations(page)
    page.goto(f"/projects/{project.pk}/")
    expect(page.locator("[data-campaign]")).to_have_count(0)
    page.locator("#archived summary").click()
    page.locator("#archived").get_by_role("link", name=dataset.name).click()
    page.get_by_role("button", name="Take it out").click()
    expect(page.locator("#in-archive")).to_have_count(0)
    page.goto(f"/projects/{project.pk}/")
    expect(page.locator("[data-campaign]")).to_have_count(1)
