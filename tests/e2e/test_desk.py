"""The desk in a browser: one decision for many cases, exceptions, taking back, the rule, two supervisors at once."""

import re

import pytest
from playwright.sync_api import expect

from review.models import Item, Label, Resolution, Ruling
from review.operations import claim
from review.operations import desk as acts
from tests import make
from tests.e2e.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(project, disputed, sign_in):
    page = sign_in(make.member(project, "sue", "supervisor"), f"/campaigns/{disputed.pk}/disputes/")
    page.locator('.cluster[data-to="disc"]').click()
    expect(page.locator("main h1")).to_have_text("Labelled Square: is it Disc?")
    return page


def cases(page) -> list[int]:
    return [int(one.get_attribute("data-case")) for one in page.locator(".case").all()]


def test_one_decision_settles_all_that_was_taken_but_for_the_exceptions(disputed, desk):
    shown = cases(desk)
    assert len(shown) >= 5
    desk.keyboard.press("a")
    expect(desk.locator("#taken")).to_contain_text(f"{len(shown)} cases taken")
    desk.locator(f'.case[data-case="{shown[2]}"] .tick').click()
    expect(desk.locator("#act-suggested")).to_contain_text(f"Make all {len(shown) - 1} Disc")
    desk.keyboard.press("1")
    expect(desk.locator("#toast")).to_contain_text(f"{len(shown) - 1} cases: Made Disc")
    expect(desk.locator(".case")).to_have_count(1)
    assert cases(desk) == [shown[2]]
    settled = Item.objects.filter(verdicts__in=shown, label__name="disc")
    assert settled.count() == len(shown) - 1
    # The exception by itself; then the next question is before one.
    desk.keyboard.press("0")
    expect(desk.locator("main h1")).not_to_have_text("Labelled Square: is it Disc?")
    desk.keyboard.press("z")
    expect(desk.locator("main h1")).to_have_text("Labelled Square: is it Disc?")
    desk.keyboard.press("z")
    expect(desk.locator(".case")).to_have_count(len(shown))
    assert settled.count() == 0
    desk.keyboard.press("z")
    expect(desk.locator("#toast")).to_contain_text("There is nothing to take back")


def test_what_was_decided_is_made_the_rule_with_its_example(disputed, desk):
    first = cases(desk)[0]
    desk.keyboard.press("r")
    expect(desk.locator("#toast")).to_contain_text("Decide what is right or wrong first")
    desk.keyboard.press("1")
    expect(desk.locator("#make-rule")).to_be_visible()
    desk.keyboard.press("r")
    desk.locator("#rule-said").fill("Round is round.")
    desk.locator("#rule-save").click()
    expect(desk.locator("#toast")).to_contain_text("It is the rule now")
    item = disputed.verdicts.get(pk=first).item_id
    assert set(Ruling.objects.filter(item=item).values_list("label__name", "shows", "said")) == {
        ("square", "no", "Round is round."), ("disc", "yes", "Round is round.")
    }  # fmt: skip


def test_two_supervisors_see_where_the_other_is_and_what_the_other_settled(disputed, desk, project, sign_in):
    other = sign_in(make.member(project, "tom", "supervisor"), f"/campaigns/{disputed.pk}/disputes/")
    other.locator('section[aria-label="Disc"] .cluster[data-to="bar"]').click()
    square = other.locator('.cluster[data-to="disc"]')
    expect(square.locator(".here")).to_have_text("sue")
    desk.keyboard.press("a")
    desk.keyboard.press("0")
    expect(desk.locator("#toast")).to_contain_text("Left as it is")
    expect(square).to_have_count(0)
    expect(other.locator("main h1")).to_have_text("Labelled Disc: is it Bar?")
    desk.locator('section[aria-label="Disc"] .cluster[data-to="bar"]').click()
    expect(desk.locator("#beside")).to_contain_text("tom has this before them too")


def test_look_alikes_that_are_open_still_are_settled_alike_but_for_what_is_left_out(disputed, desk, lead):
    first, *others = cases(desk)
    acts.ask_again(campaign=disputed, verdicts=others, looks=1, by=lead)
    expect(desk.locator(".case")).to_have_count(1)
    desk.keyboard.press("1")
    offer = desk.locator("desk-offer")
    expect(offer.locator("#offer-take")).to_contain_text("Make them Disc too")
    offered = offer.locator("[data-offer]").count()
    assert offered == len(others)
    offer.locator("[data-offer]").first.click()
    desk.keyboard.press("y")
    expect(desk.locator("#toast")).to_contain_text(f"{offered - 1} look-alikes settled alike")
    expect(offer).to_have_count(0)
    settled = Item.objects.filter(verdicts__in=[first, *others], label__name="disc")
    assert settled.count() == offered


def test_tiles_stay_where_they_lie_and_the_case_in_hand_is_in_view(desk):
    shown = cases(desk)
    for key in ("1", "0"):
        desk.keyboard.press(key)
        expect(desk.locator(".case")).to_have_count(len(shown) - 1)
        shown = shown[1:]
        desk.wait_for_timeout(1500)  # the desk is fetched again meanwhile
        assert cases(desk) == shown
        expect(desk.locator(".case.on")).to_have_attribute("data-case", str(shown[0]))
        expect(desk.locator(".case.on")).to_be_in_viewport()
    desk.keyboard.press("z")
    expect(desk.locator(".case")).to_have_count(len(shown) + 1)
    assert cases(desk)[: len(shown)] == shown
    expect(desk.locator(".case.on")).to_be_in_viewport()


def test_on_a_phone_one_sees_what_one_decides(project, disputed, sign_in):
    page = sign_in(make.member(project, "sue", "supervisor"), f"/campaigns/{disputed.pk}/disputes/", phone=True)
    for act in ("clean", "unclear"):
        decided = page.locator("aside").get_attribute("data-case")
        page.locator(".votes").scroll_into_view_if_needed()
        page.locator(f"#act-{act}").tap()
        expect(page.locator("aside")).not_to_have_attribute("data-case", decided)
        expect(page.locator("main h1")).to_be_in_viewport()
        expect(page.locator("#toast")).to_be_visible()
        toast, answers = page.locator("#toast").bounding_box(), page.locator(".answers").bounding_box()
        assert toast["x"] >= 0 and toast["x"] + toast["width"] <= 360
        assert toast["y"] + toast["height"] < answers["y"], "it lies over the answers"
    page.locator("#act-redraw").tap()
    expect(page.locator("#box-drawer")).to_be_in_viewport()


def test_the_rest_is_left_to_the_consensus_and_taken_back(disputed, desk):
    total = disputed.verdicts.filter(state="disputed").count()
    expect(desk.locator("#remaining")).to_have_text(re.compile(r"\d decisions?, about .* of the risk"))
    desk.locator("#accept").click()
    dialog = desk.locator("#dialog-accept")
    expect(dialog).to_contain_text(f"{total} cases would be settled as the votes have it")
    dialog.locator("#accept-all").click()
    expect(desk.locator("#nothing")).to_be_visible()
    expect(desk.locator("#toast")).to_contain_text(f"accepted on {total} cases")
    assert set(Resolution.objects.values_list("looked", flat=True)) == {False}
    desk.locator("#take-back").click()
    expect(desk.locator("#to-settle")).to_have_text(f"{total} to settle")


def test_an_items_page_tells_its_story_and_reopens_a_decision(disputed, desk):
    verdict = cases(desk)[0]
    desk.keyboard.press("1")
    expect(desk.locator("#toast")).to_contain_text("Made Disc")
    item = disputed.verdicts.get(pk=verdict).item
    desk.goto(f"/items/{item.pk}/")
    expect(desk.locator("h1")).to_have_text(item.key)
    story = desk.locator("ol")
    expect(story).to_contain_text(re.compile("ann flagged it: wrong label\\s+Disc"))
    expect(story).to_contain_text("ben looked and left it")
    expect(story).to_contain_text("changed the label")
    desk.locator(".reopen").click()
    expect(desk.locator(f'tr[data-verdict="{verdict}"]')).to_contain_text("in dispute")
    expect(story).to_contain_text("no longer stands")
    item.refresh_from_db()
    assert item.label.name == "square"
    desk.locator(".again").click()
    expect(desk.locator(f'tr[data-verdict="{verdict}"]')).to_contain_text("still looked at")


def test_the_log_is_filtered_and_its_filter_is_in_the_address(disputed, desk, project):
    desk.keyboard.press("0")
    expect(desk.locator("#toast")).to_be_visible()
    desk.goto(f"/projects/{project.pk}/")
    desk.get_by_role("link", name="Log").click()
    expect(desk.locator("tr[data-event]").first).to_contain_text("resolved")
    desk.get_by_label("What").fill("handed in")
    desk.locator("#filter").click()
    expect(desk.locator("tr[data-event]").first).to_contain_text("handed in")
    expect(desk.locator("tr[data-event]").filter(has_text="resolved")).to_have_count(0)
    assert desk.url.endswith("?verb=handed+in")
    desk.reload()
    expect(desk.locator("tr[data-event]").first).to_contain_text("handed in")
    with desk.expect_download() as file:
        desk.locator("#csv").click()
    lines = file.value.path().read_text().splitlines()
    assert lines[0] == "id,at,by,verb,campaign,details" and len(lines) > 2
    desk.get_by_label("Who").fill("nobody")
    desk.locator("#filter").click()
    expect(desk.locator("#nothing")).to_be_visible()


def test_what_is_refused_is_said_and_stays_said(disputed, desk):
    """Nobody but the lead and the supervisor is left to ask; and one decision is taken for all that are meant."""
    desk.keyboard.press("a")
    one = cases(desk)[0]
    desk.locator(f'.case[data-case="{one}"] .tick').click()  # in hand, and left out
    expect(desk.locator("#act-suggested")).to_contain_text("Disc")
    members = disputed.dataset.project.members
    members.exclude(user__username="sue").update(paused=True)
    desk.keyboard.press("m")
    alert = desk.locator("desk-case").get_by_role("alert")
    expect(alert).to_contain_text("Not asked: looks: Only 1 of the project's members")
    desk.wait_for_timeout(1500)  # the desk is fetched again meanwhile
    expect(alert).to_be_visible()
    expect(desk.locator(".case.taken")).to_have_count(len(cases(desk)) - 1)


def test_what_is_most_like_a_case_stands_beside_it(desk, disputed):
    case = desk.locator("desk-case")
    expect(case.locator("near-items #near")).to_have_text(re.compile(r"^Of those most like it \d (is|are) "))
    expect(case.locator("near-items li")).to_have_count(6)
    labels = {name for (name,) in Label.objects.filter(dataset=disputed.dataset).values_list("readable_name")}
    assert {one.get_attribute("title") for one in case.locator("near-items li").all()} <= labels
    for picture in case.locator("near-items img.crop").all():
        expect(picture).not_to_have_js_property("naturalWidth", 0)


def test_a_batch_is_sent_back_and_its_reviewer_paused(disputed, project, lead, sign_in):
    page = sign_in(lead, f"/campaigns/{disputed.pk}/reviewers/ann/")
    expect(page.get_by_role("heading", level=1)).to_have_text("ann")
    batch = page.locator("tr[data-batch]").last
    batch.locator(".show").click()
    expect(page.locator("#opened [data-position].flagged")).to_have_count(5)
    page.locator("#send-back").click()
    page.locator("#why").fill("Squares are no discs.")
    page.locator("#back-send").click()
    expect(page.locator("#opened")).to_contain_text("Sent back: Squares are no discs.")
    expect(batch).to_contain_text("does not count")
    page.locator("#pause").click()
    expect(page.locator("#pause")).to_have_text("Let go on")
    assert project.members.get(user__username="ann").paused
    page.locator("#pause").click()
    expect(page.locator("#pause")).to_have_text("Pause")


def test_what_somebody_has_in_hand_is_taken_back(campaign, lead, ann, sign_in):
    lent = claim.claim(campaign=campaign, member=ann)
    page = sign_in(lead, f"/campaigns/{campaign.pk}/reviewers/ann/")
    expect(page.locator("#in-hand")).to_contain_text(f"In hand: {lent.tiles.count()} tiles of 1 batch, lent until")
    page.locator("#take-back").click()
    expect(page.locator("#in-hand")).to_have_count(0)
    lent.refresh_from_db()
    assert lent.state == "lapsed"


def test_a_reviewer_is_written_to_and_reads_it_above_their_tiles(disputed, dataset, project, lead, ann, sign_in):
    page = sign_in(lead, f"/campaigns/{disputed.pk}/reviewers/ann/")
    page.locator("#message").fill("Bars of <b>two</b> colours are bars.\nThank you.")
    page.locator("#send-message").click()
    expect(page.locator(".written li")).to_contain_text("not read yet")
    expect(page.locator("#message")).to_have_value("")
    other = sign_in(ann, "/")
    expect(other.locator("own-messages p")).to_contain_text("lead writes")
    make.campaign(dataset, lead)
    other.goto(f"/campaigns/{dataset.campaigns.latest('pk').pk}/review/")
    message = other.locator("own-messages section")
    expect(message).to_contain_text("Bars of <b>two</b> colours are bars.")
    message.get_by_role("button", name="Got it").click()
    expect(message).to_have_count(0)
    other.keyboard.press(" ")
    expect(other.locator(".tile.here")).to_contain_class("flagged")
    page.reload()
    expect(page.locator(".written li")).to_contain_text("read ")
    expect(page.locator(".written li")).not_to_contain_text("not read yet")


def test_versions_are_compared_and_the_comparison_is_in_the_address(disputed, desk, dataset):
    desk.goto(f"/datasets/{dataset.pk}/changes/")
    expect(desk.locator("#nothing")).to_contain_text("no fix was accepted yet")
    desk.goto(f"/campaigns/{disputed.pk}/disputes/")
    expect(desk.locator(".case").first).to_be_visible()
    desk.keyboard.press("1")
    expect(desk.locator("#toast")).to_contain_text("Made ")
    desk.goto(f"/datasets/{dataset.pk}/changes/")
    expect(desk.locator("[data-change]")).to_have_count(1)
    expect(desk.locator("#counts")).to_have_text("From version 0 to 1: 1 relabelled.")
    desk.locator("[name=since]").fill("1")
    desk.locator("#compare").click()
    expect(desk.locator("#nothing")).to_contain_text("Nothing changed")
    assert desk.url.endswith("?since=1")
    desk.reload()
    expect(desk.locator("#nothing")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_what_leads_use(disputed, project, dataset, lead, sign_in, scheme, width):
    item = disputed.looks.exclude(reason="").first().item_id
    of = f"/campaigns/{disputed.pk}"
    page = sign_in(lead, f"{of}/disputes/", width=width)
    page.emulate_media(color_scheme=scheme)
    pages = {
        f"{of}/disputes/": "desk-case, .cluster", f"{of}/": "#reviewers tr", f"{of}/report/": "main h1",
        f"{of}/reviewers/ann/": "#batches tr", f"/items/{item}/": "ol li",
        f"/datasets/{dataset.pk}/changes/": "#nothing", f"/projects/{project.pk}/log/": "tr[data-event]",
        f"{of}/fixes/": "main h1", "/": "main h1", f"/projects/{project.pk}/": "main h1", "/work/": "#no-work",
        f"/datasets/{dataset.pk}/": "main h1",
    }  # fmt: skip
    for path, sign in pages.items():
        page.goto(path)
        expect(page.locator(sign).first).to_be_visible()
        assert not violations(page), path
