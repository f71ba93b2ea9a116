"""Labels as the world writes them: from right to left, with pictures, without end, and by the thousand."""

import pytest
from playwright.sync_api import expect

from review.models import Label
from review.operations import labels
from tests import live, make
from tests.e2e.grid import Grid, in_hand, saved

pytestmark = pytest.mark.django_db(transaction=True)
ARABIC, FAMILY, FACE = "إشارة قف", "👩‍👩‍👧‍👦 crossing", "🛑"
LONG = "a-very-long-name-" * 17 + "with-an-end"  # exactly 300
WITHIN = "document.documentElement.scrollWidth <= innerWidth"
ODD = (ARABIC, FAMILY, LONG)


@pytest.fixture
def odd(project, lead):
    assert len(LONG) == 300
    wrong = {row: ODD[row % 4] for row in range(48) if row % 4 < 3}
    dataset, _ = make.dataset(project, lead, wrong=wrong)
    return make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1, batch_size=60)


@pytest.mark.parametrize("phone", [False, True])
def test_every_label_is_shown_and_can_be_given_without_breaking_the_page(odd, ann, sign_in, phone):
    grid = Grid(sign_in(ann, f"/campaigns/{odd.pk}/review/", phone=phone))
    page = grid.page
    shown = {label.name: label.readable_name for label in Label.objects.filter(name__in=ODD)}
    assert shown[ARABIC] == ARABIC
    for name in ODD:
        section = page.get_by_role("heading", level=2, name=shown[name], exact=True)
        section.scroll_into_view_if_needed()
        expect(section).to_be_visible()
    assert page.evaluate(WITHIN)
    tiles = dict(in_hand(ann).tiles.values_list("label__name", "position"))
    for of, typed in ((ARABIC, "crossing"), (FAMILY, "with-an-end"), (LONG, "إشارة")):
        grid.tile(tiles[of]).scroll_into_view_if_needed()
        grid.relabel(tiles[of], typed)
        assert page.evaluate(WITHIN)
        grid.press("Escape")
        expect(page.locator("say-panel")).to_have_count(0)
    saved(in_hand(ann), *sorted(tiles[of] for of in ODD))
    wanted = set(Label.objects.filter(name__in=ODD).values_list("pk", flat=True))
    live.wait_for(lambda: {flag["label"] for flag in in_hand(ann).flags} == wanted, 10)


def test_two_thousand_labels_are_found_as_one_types(dataset, campaign, ann, lead, sign_in):
    Label.objects.bulk_create(
        Label(dataset=dataset, name=f"kind-{n:04d}", readable_name=f"Kind {n:04d}") for n in range(2000)
    )
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    page = grid.page
    grid.relabel(3, "kind 1999")
    last = Label.objects.get(name="kind-1999")
    live.wait_for(lambda: [flag["label"] for flag in in_hand(ann).flags] == [last.pk], 10)
    page.locator("label-picker input").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("kind 12")
    expect(page.locator("label-picker li")).to_have_count(8)
    expect(page.locator("label-picker li").first).to_contain_text("Kind 0012")


def test_a_label_called_anew_while_people_review_is_shown_by_its_new_name(dataset, campaign, ann, lead, sign_in):
    grid = Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))
    label = in_hand(ann).tiles.get(position=0).label
    labels.call(label=label, readable_name="Wegweiser", by=lead)
    grid.flag(0)
    saved(in_hand(ann), 0)
    grid.page.reload()
    expect(grid.page.locator("#label-name")).to_have_text("Wegweiser")
    grid.shows(0)
