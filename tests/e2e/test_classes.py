"""In a browser: classes renamed, merged, proposed and taken back; and what a new campaign would take, in its form."""

import re

import pytest
from playwright.sync_api import expect

from tests import make
from tests.e2e.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)


def open_form(page, kind: str) -> None:
    page.locator("#change-classes summary").click()
    page.get_by_label("What is to be done").select_option(kind)


def test_a_supervisor_proposes_what_a_lead_does_and_takes_back(dataset, project, lead, sign_in):
    sue = make.member(project, "sue", "supervisor")
    page = sign_in(sue, f"/datasets/{dataset.pk}/")
    open_form(page, "rename")
    page.get_by_label("Class", exact=True).fill("disc")
    page.get_by_label("New name in the data").fill("circle")
    page.get_by_label("Why").fill("As the norm says.")
    page.get_by_role("button", name="Propose it").click()
    expect(page.locator("#proposed-changes")).to_contain_text("disc called circle “As the norm says.”")
    assert not violations(page)

    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    page.locator("#proposed-changes").get_by_role("button", name="Do it").click()
    expect(page.locator('tr[data-label="circle"]')).to_be_visible()
    expect(page.locator("#proposed-changes")).to_have_count(0)
    page.goto(f"/datasets/{dataset.pk}/changes/")
    expect(page.locator("#label-lines")).to_contain_text("disc was called circle")
    page.goto(f"/datasets/{dataset.pk}/")
    page.locator("#change-classes summary").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.locator('tr[data-label="disc"]')).to_be_visible()


def test_a_lead_merges_classes_and_is_told_what_cannot_be(dataset, lead, sign_in):
    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    open_form(page, "merge")
    page.get_by_label("Class", exact=True).fill("cross")
    page.get_by_label("Becomes a part of").fill("crossing")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("alert")).to_contain_text("The dataset has no label 'crossing'.")
    page.get_by_label("Becomes a part of").fill("bar")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator('tr[data-label="cross"]')).to_have_count(0)
    assert not dataset.items.filter(label__name="cross").exists()


def test_the_form_of_a_campaign_tells_what_it_would_take(dataset, lead, sign_in):
    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    told = page.locator("#outlook")
    expect(told).to_contain_text(re.compile(rf"Items\s*{dataset.items.count()}"))
    page.get_by_label("A fixed number").check()
    expect(told).to_contain_text("Looksabout 147")  # three each of 48, and two planted ones in a hundred
    page.locator("#which summary").click()
    page.get_by_role("textbox", name="Classes").fill("no such")
    expect(page.locator("campaign-outlook").get_by_role("alert")).to_contain_text("no label 'no such'")
    page.get_by_role("textbox", name="Classes").fill("disc")
    discs = dataset.items.filter(label__name="disc").count()
    expect(told).to_contain_text(re.compile(rf"Items\s*{discs}Looks"))
    assert not violations(page)
