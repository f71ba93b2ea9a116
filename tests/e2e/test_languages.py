"""The way of a reviewer in other languages, from signing in to the hand-in: nothing of it is left in English."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from review.models import Campaign
from tests.e2e.axe import violations
from tests.e2e.grid import Grid, in_hand, saved

pytestmark = pytest.mark.django_db(transaction=True)
LOCALES = Path(__file__).parents[2] / "frontend/locales"
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
# Of each component's open shadow tree too, and what only a screen reader or a hover says.
WORDS = """() => {
  const found = [];
  const visit = (node) => {
    if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent.trim());
    if (node.nodeType === Node.ELEMENT_NODE) {
      if (/^(SCRIPT|STYLE)$/.test(node.tagName)) return;
      for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(node.getAttribute(name) ?? "");
    }
    for (const child of [...node.childNodes, ...(node.shadowRoot?.childNodes ?? [])]) visit(child);
  };
  visit(document.body);
  return found.filter(Boolean);
}"""


def english(language: str) -> set[str]:
    """Texts without a gap that read otherwise in this language."""
    units = re.findall(
        r"<source>([^<]+)</source>\s*<target>([^<]+)</target>", (LOCALES / f"{language}.xlf").read_text()
    )
    return {source for source, target in units if source != target}


def translated(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)
    left = english(language) & set(page.evaluate(WORDS))
    assert not left, left


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reviewer_works_in_their_language(campaign, ann, sign_in, language):
    Campaign.objects.filter(pk=campaign.pk).update(name="Schilder")
    page = sign_in(ann)
    page.context.set_extra_http_headers({"Accept-Language": language})
    for path, sign in (("/", "section.card"), (f"/campaigns/{campaign.pk}/", "#own-looks"), ("/work/", "#no-work")):
        page.goto(path)
        expect(page.locator(sign).first).to_be_visible()
        translated(page, language)
    page.goto(f"/campaigns/{campaign.pk}/tutorial/")
    expect(page.locator("#check")).to_be_visible()
    translated(page, language)
    page.goto(f"/campaigns/{campaign.pk}/review/")
    grid = Grid(page)
    grid.relabel(1, "square")
    saved(in_hand(ann), 1)
    translated(page, language)
    for key, dialog in (("?", "keys"), ("g", "class"), ("f", "photo")):
        grid.press(key)
        expect(page.locator(f"#dialog-{dialog}")).to_be_visible()
        translated(page, language)
        grid.press("Escape")
        expect(page.locator(f"#dialog-{dialog}")).to_have_count(0)
    grid.press("w")
    translated(page, language)
    assert not violations(page)
    grid.press("Escape", "p")
    expect(page.locator("label-palette")).to_be_visible()
    translated(page, language)
    grid.press("Escape", "Escape")
    grid.hand_in()
    expect(page.locator(".toast")).to_be_visible()
    translated(page, language)
    page.goto("/work/")
    expect(page.locator("#ledger")).to_be_visible()
    translated(page, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_longer_words_fit_a_phone(campaign, ann, sign_in, language):
    page = sign_in(ann, phone=True)
    page.context.set_extra_http_headers({"Accept-Language": language})
    of = f"/campaigns/{campaign.pk}/"
    signs = {
        f"{of}review/": ".tile",
        f"{of}tutorial/": "#check",
        of: "#own-looks",
        "/": "section.card",
        "/work/": "#no-work",
    }
    for path, sign in signs.items():
        page.goto(path)
        expect(page.locator(sign).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_whoever_chooses_a_language_keeps_it(campaign, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{campaign.pk}/review/")
    grid = Grid(page)
    expect(page.locator("#hand-in")).to_contain_text("Hand in")
    page.locator(".languages summary").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("#hand-in")).to_contain_text("Abgeben")
    expect(page).to_have_url(re.compile(rf"/campaigns/{campaign.pk}/review/$"))
    grid = Grid(page)
    grid.flag(0)
    expect(page.locator("#flagged-count")).to_have_text("1 markiert")
    page.reload()
    expect(page.locator("#hand-in")).to_contain_text("Abgeben")


def test_who_reads_no_word_finds_the_way_by_signs_and_keys(campaign, ann, sign_in):
    """The main path in a language that one does not know: flag by a click, see the mark, hand in by the key."""
    page = sign_in(ann)
    page.context.set_extra_http_headers({"Accept-Language": "fr"})
    page.goto(f"/campaigns/{campaign.pk}/review/")
    grid = Grid(page)
    expect(page.locator("#about .icon")).to_be_visible()
    grid.flag(2)
    expect(grid.tile(2).locator(".badge")).to_be_visible()
    # Each tool that has a word has a sign or a key as well.
    for tool in page.locator("footer button.plain").all():
        assert tool.locator("kbd, .sign").count() or re.search(r"[^\w\s]", tool.inner_text()), tool.inner_text()
    expect(page.locator("#hand-in kbd")).to_have_text("⏎")
    grid.hand_in()
    expect(page.locator(".toast")).to_be_visible()
