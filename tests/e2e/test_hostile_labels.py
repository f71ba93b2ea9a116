"""Labels and comments that would be markup elsewhere are text here, on every page that shows them."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from review.models import Label
from tests import make
from tests.e2e.grid import Grid, in_hand

pytestmark = pytest.mark.django_db(transaction=True)
IMAGE, SCRIPT, TEMPLATE = "<img src=x onerror=broken=1>", "</script><script>broken=1</script>", "{{7*7}}"
HOSTILE = (IMAGE, SCRIPT, TEMPLATE)


@pytest.fixture
def hostile_campaign(project, lead):
    wrong = {row: HOSTILE[row % 4] for row in range(48) if row % 4 < 3}
    dataset, _ = make.dataset(project, lead, wrong=wrong)
    dataset.items.update(suspicion=0.5)  # two who disagree leave doubt, whatever a ranking thinks of such labels
    return make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, batch_size=60, clean_below=0.0001)


def harmless(page: Page) -> None:
    """Each hostile name stands on the page as it is written, and did nothing."""
    for name in Label.objects.filter(name__in=HOSTILE).values_list("readable_name", flat=True):
        expect(page.get_by_text(name).filter(visible=True).first).to_be_visible()
    assert page.evaluate("typeof broken") == "undefined"
    assert page.locator("img[src='x']").count() == 0
    assert page.get_by_text("49", exact=True).count() == 0


def review(sign_in, campaign, member, relabel: bool) -> None:
    grid = Grid(sign_in(member, f"/campaigns/{campaign.pk}/review/"))
    harmless(grid.page)
    if relabel:
        tiles = dict(in_hand(member).tiles.order_by("position").values_list("label__name", "position"))
        for shown, right in ((IMAGE, "script"), (SCRIPT, "{{7"), (TEMPLATE, "img")):
            grid.relabel(tiles[shown], right)
            expect(grid.page.locator("say-panel")).to_be_visible()
        grid.write("m", IMAGE)
        grid.press("Enter")
        assert grid.page.evaluate("typeof broken") == "undefined"
    grid.hand_in()


def test_hostile_names_are_text_on_the_grid_the_desk_and_the_board(hostile_campaign, lead, ann, ben, sign_in):
    review(sign_in, hostile_campaign, ann, relabel=True)
    review(sign_in, hostile_campaign, ben, relabel=False)
    page = sign_in(lead, f"/campaigns/{hostile_campaign.pk}/disputes/")
    expect(page.locator("#to-settle")).to_have_text("3 to settle")
    harmless(page)
    for left in (2, 1, 0):
        page.keyboard.press("1")
        expect(page.locator("#to-settle" if left else "#nothing")).to_contain_text(str(left) if left else "Nothing")
    for address in ("fixes/", ""):
        page.goto(f"/campaigns/{hostile_campaign.pk}/{address}")
        harmless(page)
    page.goto(f"/datasets/{hostile_campaign.dataset_id}/")
    harmless(page)
    shown = urlencode({"label": IMAGE, "beside": SCRIPT, "search": TEMPLATE})
    page.goto(f"/datasets/{hostile_campaign.dataset_id}/explore/?{shown}")
    harmless(page)
