"""Before a crowd is asked, in a browser: the lead's check-up, and the classes' names and icons in one file."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import expect

from review.models import Campaign
from tests import make
from tests.e2e.axe import violations
from tests.e2e.grid import Grid

pytestmark = pytest.mark.django_db(transaction=True)
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4" fill="teal"/></svg>'


def test_a_lead_checks_a_dataset_up_and_opens_what_it_makes_worth_opening(dataset, lead, sign_in):
    """Who flags nothing mends nothing, so that the suspected are left to be looked at."""
    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    page.get_by_role("button", name="Check up").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    expect(page.locator("#rate")).to_have_text("unknown")
    checked = Campaign.objects.get(name="Check-up")
    make.work(checked.jobs.get())
    page.reload()
    expect(page.locator("#looked")).to_have_text(re.compile(r"0 of \d+ items looked at"))
    page.goto(f"/campaigns/{checked.pk}/review/")
    while checked.verdicts.filter(counted=0).exists():
        Grid(page).hand_in()
        expect(page.locator(".tile, #nothing").first).to_be_visible()
    page.route("**/progress/*", lambda late: None)  # the heading waits for no number
    page.goto(f"/campaigns/{checked.pk}/")
    expect(page.locator("#rate")).to_have_text(re.compile(r"[\d.]+–[\d.]+\s%"))
    expect(page.locator(".worst li").first).to_be_visible()
    assert not violations(page)
    page.locator('.way[data-labels="all"]').get_by_role("button", name="Open this campaign").click()
    page.wait_for_url(re.compile(rf"/campaigns/(?!{checked.pk}/)\d+/$"))
    opened = Campaign.objects.latest("pk")
    assert (opened.policy, opened.looks_min, opened.target_rate) == ("evidence", 0, 0.003)


def test_a_page_that_lay_open_while_the_ranking_ran_offers_what_it_makes_possible(project, lead, sign_in):
    unranked, _ = make.dataset(project, lead, ranked=False)
    page = sign_in(lead, f"/datasets/{unranked.pk}/")
    expect(page.locator("dataset-facts job-progress")).to_be_visible()
    expect(page.locator("#check-up")).to_have_count(0)
    make.rank(unranked)
    page.locator("#just-ranked button").click()
    expect(page.locator("#check-up")).to_be_visible()


def test_classes_get_names_and_icons_out_of_one_zip(dataset, lead, sign_in):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("labels.csv", "label,readable_name\nsquare,Four corners\nno such,x\n")
        archive.writestr("disc.svg", ICON)
    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    page.locator("#labels-upload summary").click()
    sheet = {"name": "labels.zip", "mimeType": "application/zip", "buffer": out.getvalue()}
    page.locator("#labels-file").set_input_files(sheet)
    page.locator("#labels-send").click()
    done = page.locator("#labels-done")
    expect(done).to_contain_text("1 name, 1 icon taken in")
    expect(done).to_contain_text("The dataset has no label 'no such'.")
    expect(page.locator('tr[data-label="square"]')).to_contain_text("Four corners")
    icon = page.locator('tr[data-label="disc"] td').first.locator("img.icon")
    expect(icon).to_have_attribute("src", re.compile("/icon/"))
    expect(icon).to_have_js_property("naturalWidth", 128)
    page.locator("#labels-file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"colour\nred\n"})
    page.locator("#labels-send").click()
    expect(page.locator("labels-upload").get_by_role("alert")).to_contain_text("no column label")
