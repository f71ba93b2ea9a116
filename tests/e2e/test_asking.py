"""Asking in real browsers: by one key or one button, answered at the desk, told to the asker, ruled for everybody."""

import pytest
from playwright.sync_api import expect

from review.models import GuidelineRead, Label, Question, Ruling
from review.operations import guidelines
from tests import live, make
from tests.e2e.grid import Grid, in_hand, saved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sue(project):
    return make.member(project, "sue", "supervisor")


def ask(grid: Grid) -> None:
    """What the page would ask, as it stands."""
    grid.press("i")
    expect(grid.page.locator("#question")).to_be_visible()
    grid.press("Enter")
    expect(grid.page.locator(".toast")).to_contain_text("Asked")


def test_a_question_is_asked_by_key_answered_with_an_example_and_told_to_the_asker(campaign, ann, sue, ben, sign_in):
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    lent = in_hand(ann)
    name = lent.tiles.get(position=2).label.readable_name
    grid.flag(2)
    grid.press("i")
    question = grid.page.locator("#question")
    expect(question).to_have_value(f"Is this {name}?")
    expect(grid.page.get_by_alt_text("The tile that you ask about")).to_be_visible()
    grid.page.keyboard.type("Does a round one count?")
    grid.press("Enter")
    expect(grid.page.locator(".toast")).to_contain_text("Asked")
    expect(question).to_be_hidden()
    saved(lent, 2)  # The keys that were written did nothing to the tiles.

    desk = sign_in(sue, "/")
    desk.get_by_role("link", name="Answer 1 question").click()
    asked = desk.locator(".question")
    expect(asked).to_contain_text("Does a round one count?")
    expect(asked.locator("img").first).to_have_js_property("complete", True)
    asked.get_by_label("Answer to ann").fill("No, four corners.")
    asked.get_by_role("button", name=f"It is not {name}").click()
    asked.get_by_role("button", name="Answer", exact=True).click()
    expect(desk.locator("#questions")).to_have_count(0)
    assert Ruling.objects.get().item_id == lent.tiles.get(position=2).item_id

    grid.page.reload()
    grid.page.locator("#answers").click()
    told = grid.page.locator("own-answers dialog")
    expect(told).to_contain_text("No, four corners.")
    expect(told).to_contain_text(f"Not {name}")
    told.get_by_role("button", name="Got it").click()
    expect(grid.page.locator("#answers")).to_have_count(0)
    live.wait_for(lambda: Question.objects.get().told_at)

    other = Grid(sign_in(ben, f"/campaigns/{campaign.pk}/review/"))
    strip = other.page.locator(f'[data-news="{lent.tiles.get(position=2).label.name}"]')
    expect(strip).to_contain_text("No, four corners.")
    other.flag(0)  # A look is not blocked by it.
    other.shows(0)
    strip.get_by_role("button", name="Got it").click()
    expect(strip).to_have_count(0)
    expect(other.page.locator("[data-rulings] summary")).to_contain_text("1 ruling")
    live.wait_for(lambda: GuidelineRead.objects.filter(user=ben.user).exists())
    other.page.reload()
    expect(other.tiles.first).to_be_visible()
    expect(strip).to_have_count(0)


def test_an_answer_comes_to_an_open_page(campaign, ann, sue, sign_in):
    page = sign_in(ann, "/")
    page.clock.install()
    page.goto(f"/campaigns/{campaign.pk}/review/")
    grid = Grid(page)
    ask(grid)
    desk = make.client(sue.user)
    desk.post(f"/api/questions/{Question.objects.get().pk}/answer/", {"text": "Yes, it is."}, format="json")
    page.clock.fast_forward(16_000)
    page.locator("#answers").click()
    expect(page.locator("own-answers dialog")).to_contain_text("Yes, it is.")


def test_on_a_phone_a_button_asks_about_the_class_and_a_lost_server_loses_no_word(campaign, ann, sign_in):
    page = sign_in(ann, f"/campaigns/{campaign.pk}/review/", width=360, height=740)
    grid = Grid(page)
    lent = in_hand(ann)
    page.locator("#ask").click()
    box = page.locator("#ask").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
    page.get_by_label("in general").check()
    expect(page.get_by_alt_text("The tile that you ask about")).to_have_count(0)
    page.locator("#question").fill("What of half ones?")
    page.route("**/questions/", lambda route: route.abort())
    page.locator("#send-question").click()
    expect(page.get_by_role("alert")).to_contain_text("Your words are kept")
    page.unroute("**/questions/")
    page.reload()
    expect(grid.tiles.first).to_be_visible()
    page.locator("#ask").click()
    expect(page.locator("#question")).to_have_value("What of half ones?")
    page.get_by_label("in general").check()
    page.locator("#send-question").click()
    expect(page.locator("#question")).to_be_hidden()
    made = Question.objects.get()
    assert (made.text, made.item, made.label) == ("What of half ones?", None, lent.tiles.get(position=0).label)


def test_another_item_may_be_the_example(campaign, dataset, ann, sue, sign_in):
    lent = in_hand_of(campaign, ann, sign_in)
    desk = sign_in(sue, f"/campaigns/{campaign.pk}/disputes/")
    asked = desk.locator(".question")
    asked.get_by_label("Answer to ann").fill("Like this one.")
    asked.get_by_role("button", name="✓").click()
    asked.get_by_role("button", name="Another item").click()
    key = dataset.items.filter(label=lent.tiles.get(position=0).label).order_by("row").last().key
    asked.locator(f'item-choice [data-key="{key}"]').click()
    expect(asked.get_by_alt_text(f"The example: {key}")).to_be_visible()
    asked.get_by_role("button", name="Answer", exact=True).click()
    expect(desk.locator("#questions")).to_have_count(0)
    assert Ruling.objects.get().item.key == key


def in_hand_of(campaign, ann, sign_in):
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    ask(grid)
    return in_hand(ann)


def test_a_lead_writes_a_guideline_and_a_reviewer_is_shown_the_change_once(campaign, dataset, lead, ann, sign_in):
    lent = in_hand_of(campaign, ann, sign_in)
    label = lent.tiles.get(position=0).label
    guidelines.edit(label=label, text="Four corners.", keep=[], seen=0, by=lead)
    guidelines.mark_read(label=label, number=1, by=ann.user)
    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    row = page.locator(f'label-table [data-label="{label.name}"]')
    expect(row).to_contain_text("Four corners.")
    row.get_by_role("button", name="guideline for").filter(visible=True).click()
    page.locator("#guideline-text").fill("Four corners, all of them in view.")
    page.locator("#save-guideline").click()
    expect(row).to_contain_text("all of them in view")
    row.get_by_role("button", name="guideline for").filter(visible=True).click()
    page.locator("#versions summary").click()
    expect(page.locator(".versions li")).to_have_count(2)
    expect(page.locator('.versions [data-version="1"]')).to_contain_text("lead")

    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    strip = grid.page.locator(f'[data-news="{label.name}"]')
    expect(strip).to_contain_text("has changed")
    expect(strip).to_contain_text("Before: Four corners.")
    expect(grid.page.locator("#guideline")).to_have_text("Four corners, all of them in view.")
    grid.hand_in()
    live.wait_for(lambda: GuidelineRead.objects.get(user=ann.user, label=label).number == 2)


def test_questions_answers_and_guidelines_are_text(campaign, dataset, lead, ann, sue, sign_in):
    evil = "<img src=x onerror=broken=1> {{7*7}}"
    lent = in_hand_of(campaign, ann, sign_in)
    Question.objects.update(text=evil)
    label = Label.objects.get(pk=lent.tiles.get(position=0).label_id)
    guidelines.edit(label=label, text=evil, keep=[], seen=0, by=lead)
    guidelines.rule(label=label, said=guidelines.Said(evil, asked=evil), by=lead)
    for who, path in ((sue, f"/campaigns/{campaign.pk}/disputes/"), (ann, f"/campaigns/{campaign.pk}/review/"),
                      (lead, f"/datasets/{dataset.pk}/")):  # fmt: skip
        page = sign_in(who, path)
        expect(page.get_by_text(evil).filter(visible=True).first).to_be_visible()
        assert page.evaluate("typeof broken") == "undefined" and page.locator("img[src='x']").count() == 0
