"""Explore in a real browser: a field of very many tiles, what narrows it, and the tile in hand."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from review.models import Item, Object
from tests import live, make
from tests.e2e.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)
SCROLLED = "wall => wall.shadowRoot.querySelector('.scroll').scrollTop"
HEIGHT = "wall => wall.shadowRoot.querySelector('.scroll').scrollHeight"
FIRST = """wall => {
    const top = wall.getBoundingClientRect().top;
    const tiles = [...wall.shadowRoot.querySelectorAll('.tile:not(.here)')];
    const inSight = tiles.filter(tile => tile.getBoundingClientRect().bottom > top + 20);
    return Math.min(...inSight.map(tile => Number(tile.dataset.index)));
}"""
FOCUSED = "wall => Number(wall.shadowRoot.activeElement?.dataset.index ?? -1)"


@pytest.fixture
def sue(project):
    return make.member(project, "sue", "supervisor")


class Explorer:
    def __init__(self, page: Page) -> None:
        self.page = page
        expect(page.locator("#count-0")).not_to_have_text("…")

    @property
    def wall(self) -> Locator:
        return self.page.locator("#wall-0")

    def tile(self, index: int, side: int = 0) -> Locator:
        return self.page.locator(f'#wall-{side} .tile[data-index="{index}"]')

    def counts(self, words: str, side: int = 0) -> None:
        expect(self.page.locator(f"#count-{side}")).to_have_text(words)

    def shown(self, side: int = 0) -> list[int]:
        """The items of the tiles that are there, in order."""
        read = "tiles => tiles.map(t => [Number(t.dataset.index), Number(t.dataset.id)]).sort((a, b) => a[0] - b[0])"
        return [key for _, key in self.page.locator(f"#wall-{side} .tile:visible").evaluate_all(read)]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def here(self, index: int, side: int = 0) -> None:
        """The keys go to this tile, and it is whole in sight."""
        expect(self.tile(index, side)).to_be_focused()
        expect(self.tile(index, side)).to_contain_class("here")
        expect(self.tile(index, side)).to_be_in_viewport(ratio=1)

    def pick(self, name: str, typed: str) -> None:
        self.page.locator(f"#{name} input").click()
        self.page.keyboard.type(typed)
        expect(self.page.locator(f"#{name} [aria-selected=true]")).to_be_visible()
        self.page.keyboard.press("Enter")

    def scroll(self, top: float) -> None:
        self.wall.evaluate("(wall, top) => { wall.shadowRoot.querySelector('.scroll').scrollTop = top; }", top)


def address(dataset, query: str = "") -> str:
    return f"/datasets/{dataset.pk}/explore/{query}"


@pytest.fixture
def explorer(dataset, sue, sign_in) -> Explorer:
    return Explorer(sign_in(sue, address(dataset)))


def grown(dataset, many: int) -> int:
    """Items until there are so many, each another one's object under a key of its own; returns how many there are."""
    own = list(dataset.items.order_by("pk"))
    Item.objects.bulk_create(
        Item(
            dataset=dataset, object_id=own[k % len(own)].object_id, label_id=own[k % len(own)].label_id,
            key=f"copy-{k}", row=1000 + k, suspicion=0.01, attributes={},
        )
        for k in range(many - len(own))
    )  # fmt: skip
    return dataset.items.count()


def test_ten_thousand_tiles_are_one_field_of_which_only_those_near_the_screen_are_there(dataset, sue, sign_in):
    assert grown(dataset, 10_000) == 10_000
    explorer = Explorer(sign_in(sue, address(dataset, "?ordering=row")))
    explorer.counts("10,000 items")
    expect(explorer.tile(0).locator("img")).to_be_visible()
    height = explorer.wall.evaluate(HEIGHT)
    assert explorer.page.locator("#wall-0 .tile").count() < 200
    for share in (0.5, 0.1, 0.9):
        explorer.scroll(height * share)
        middle = explorer.page.locator("#wall-0 .tile:visible").nth(30)
        expect(middle.locator("img")).to_be_visible()
        assert explorer.page.locator("#wall-0 .tile").count() < 200
        assert explorer.wall.evaluate(HEIGHT) == height
    explorer.press("End")
    explorer.here(9_999)
    explorer.press("Home")
    explorer.here(0)
    assert explorer.wall.evaluate(SCROLLED) == 0


def test_the_tiles_lie_in_the_order_that_the_api_says_and_each_shows_its_own_crop(dataset, explorer):
    expect(explorer.tile(20).locator("img")).to_be_visible()
    answer = explorer.page.request.get(f"/api/datasets/{dataset.pk}/slice/").json()
    shown = explorer.shown()
    assert len(shown) > 20 and shown == answer["ids"][: len(shown)]
    same = """async ([tile, url]) => {
        const pixels = async (src) => {
            const image = Object.assign(new Image(), { src });
            await image.decode();
            const pen = new OffscreenCanvas(32, 32).getContext("2d");
            pen.drawImage(image, 0, 0, 32, 32);
            return pen.getImageData(0, 0, 32, 32).data.join();
        };
        return await pixels(tile.querySelector("img").src) === await pixels(url);
    }"""
    for index in (0, 7, 20):
        tile = explorer.tile(index).element_handle()
        size = explorer.page.evaluate("devicePixelRatio") * explorer.tile(index).bounding_box()["width"]
        url = f"/api/items/{answer['ids'][index]}/crop/?size={320 if size > 160 else 128}"
        assert explorer.page.evaluate(same, [tile, url])


def test_keys_walk_the_field_and_focus_is_kept_when_one_scrolls_far_away(dataset, sue, sign_in):
    grown(dataset, 3_000)
    explorer = Explorer(sign_in(sue, address(dataset)))
    explorer.here(0)
    columns = int(explorer.page.locator("#wall-0 .ground").get_attribute("aria-colcount") or 0)
    explorer.press("ArrowRight", "ArrowDown")
    explorer.here(columns + 1)
    explorer.press("ArrowUp", "ArrowLeft", "ArrowLeft")
    explorer.here(0)
    explorer.press("PageDown", "PageDown")
    far = explorer.wall.evaluate(FOCUSED)
    assert far >= 4 * columns and far % columns == 0
    explorer.here(far)
    explorer.press("PageUp", "PageUp")
    explorer.here(0)
    explorer.press("ArrowRight")
    explorer.scroll(1e9)
    expect(explorer.tile(2_999)).to_be_in_viewport()
    assert explorer.wall.evaluate(FOCUSED) == 1
    explorer.press("ArrowRight")
    explorer.here(2)


def test_the_filter_lies_in_the_address_and_back_takes_it_off(dataset, explorer):
    page = explorer.page
    explorer.counts("48 items")
    explorer.pick("label", "dis")
    explorer.counts(f"{dataset.items.filter(label__name='disc').count()} items")
    expect(page).to_have_url(address(dataset, "?label=disc"))
    page.locator("#ordering").select_option("suspicion")
    expect(page).to_have_url(address(dataset, "?label=disc&ordering=suspicion"))
    page.locator("#search").fill("0001")
    page.locator("#search").press("Enter")
    expect(page.locator(".chip")).to_have_text(["“0001” in the key ×"])
    explorer.counts("1 item")
    shared = page.url
    page.go_back()
    page.go_back()
    expect(page).to_have_url(address(dataset, "?label=disc"))
    expect(page.locator("#ordering")).to_have_value("blend")
    expect(page.locator("#search")).to_have_value("")
    page.go_back()
    explorer.counts("48 items")
    expect(page.locator("#label input")).to_have_value("")
    page.go_forward()
    explorer.counts(f"{dataset.items.filter(label__name='disc').count()} items")
    page.goto(shared)
    Explorer(page).counts("1 item")
    expect(page.locator("#search")).to_have_value("0001")
    expect(page.locator("#label input")).to_have_value("Disc")


def test_every_filter_has_its_field(dataset, explorer, lead):
    page = explorer.page
    page.locator("#more").click()
    found = dataset.items.filter(suspicion__gte=0.02).count()
    assert 0 < found < 48
    page.locator("#suspicion_min").fill("0.02")
    page.locator("#suspicion_min").press("Enter")
    explorer.counts(f"{found} item{'s' if found > 1 else ''}")
    page.locator("[data-field=suspicion_min]").first.click()
    Object.objects.filter(pk=dataset.items.first().object_id).update(width=9, height=9)
    page.locator("#pixels_max").fill("20")
    page.locator("#pixels_max").press("Enter")
    explorer.counts("1 item")
    page.locator("[data-field=pixels_max]").first.click()
    page.locator("#state").select_option("none")
    explorer.counts("48 items")
    page.locator("[data-field=state]").first.click()
    explorer.pick("predicted", "cross")
    explorer.counts(f"{dataset.items.filter(predicted__name='cross').count()} items")
    expect(page.locator("#more")).to_contain_text("1")


def test_where_nothing_fits_the_page_says_what_to_take_away(dataset, sue, sign_in):
    page = sign_in(sue, address(dataset, "?label=disc&search=nowhere"))
    nothing = page.locator("#nothing-0")
    expect(nothing).to_contain_text("Nothing is labelled Disc, “nowhere” in the key")
    nothing.locator("[data-field=search]").click()
    expect(page.locator("#count-0")).to_have_text(f"{dataset.items.filter(label__name='disc').count()} items")
    page.go_back()
    nothing.locator("#show-all").click()
    expect(page.locator("#count-0")).to_have_text("48 items")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?suspicion_min=lots", "suspicion_min: This is not a number."),
        ("?label=unicorn", "label: The dataset has no label 'unicorn'."),
        ("?ordering=password", "ordering: Choose one of"),
        ("?like=987654321", "There is no such item here."),
    ],
)
def test_an_address_that_means_nothing_is_answered_with_a_sentence(dataset, sue, sign_in, query, said):
    page = sign_in(sue, address(dataset, query))
    expect(page.locator("dataset-explorer")).to_contain_text(said)
    if "like" not in query:
        page.locator("#show-all").click()
        expect(page.locator("#count-0")).to_have_text("48 items")


def test_a_pinned_tile_shows_what_is_most_like_it_in_any_label_or_in_its_own(dataset, explorer):
    page = explorer.page
    explorer.press("ArrowRight")
    item = int(explorer.tile(1).get_attribute("data-id") or 0)
    known = page.request.get(f"/api/items/{item}/alike/").json()
    explorer.press("p")
    expect(page).to_have_url(address(dataset, f"?like={item}"))
    explorer.counts(f"{len(known['in_any'])} items", 1)
    assert explorer.shown(1) == known["in_any"][: len(explorer.shown(1))]
    expect(explorer.tile(1)).to_contain_class("pinned")
    page.locator("#near-label").click()
    explorer.counts(f"{len(known['in_label'])} items", 1)
    expect(page.locator("#near-label")).to_have_attribute("aria-pressed", "true")
    page.reload()
    Explorer(page).counts(f"{len(known['in_label'])} items", 1)
    page.locator("#unpin").click()
    expect(page.locator("#column-1")).to_have_count(0)


def test_where_the_dataset_is_not_ranked_a_pin_is_answered_with_a_sentence(project, lead, sue, sign_in):
    made, _ = make.dataset(project, lead, ranked=False)
    explorer = Explorer(sign_in(sue, address(made)))
    explorer.here(0)
    explorer.press("p")
    expect(explorer.page.locator("#nothing-1")).to_contain_text("The dataset is not ranked yet")


def test_two_labels_lie_side_by_side_under_the_same_filter(dataset, sue, sign_in):
    explorer = Explorer(sign_in(sue, address(dataset, "?label=disc&beside=bar")))
    explorer.counts(f"{dataset.items.filter(label__name='disc').count()} items")
    explorer.counts(f"{dataset.items.filter(label__name='bar').count()} items", 1)
    labels = dict(dataset.items.values_list("pk", "label__name"))
    assert {labels[key] for key in explorer.shown(0)} == {"disc"}
    assert {labels[key] for key in explorer.shown(1)} == {"bar"}
    left, right = (explorer.page.locator(f"#column-{side}").bounding_box() for side in (0, 1))
    assert left["x"] + left["width"] <= right["x"] + 1
    explorer.tile(3, 1).click()
    explorer.here(3, 1)
    expect(explorer.page.locator("item-facts #fact-label")).to_have_text("Bar")
    explorer.page.locator("#close-beside").click()
    expect(explorer.page).to_have_url(address(dataset, "?label=disc"))


def test_the_tile_in_hand_is_shown_large_with_what_is_known_and_its_photo_opens(dataset, explorer):
    page = explorer.page
    explorer.tile(2).click()
    item = dataset.items.select_related("label", "predicted").get(pk=explorer.tile(2).get_attribute("data-id"))
    facts = page.locator("item-facts")
    expect(facts.locator(".key")).to_have_text(item.key)
    expect(facts.locator("#fact-label")).to_have_text(item.label.readable_name)
    expect(facts.locator("#fact-predicted")).to_have_text(item.predicted.readable_name)
    expect(facts.locator("#fact-suspicion")).to_contain_text("%")
    expect(facts.locator("#fact-state")).to_contain_text("In no campaign yet")
    expect(facts).to_contain_text("camera-")
    expect(facts.locator("img.crop")).to_have_js_property("complete", True)
    said = re.compile(f"^item 3 of 48, labelled {item.label.readable_name}, .*suspicion")
    expect(explorer.tile(2)).to_have_attribute("aria-label", said)
    explorer.press("f")
    photo = page.locator("photo-view img")
    expect(photo).to_have_attribute("src", f"/api/items/{item.pk}/context/")
    expect(photo).to_have_js_property("complete", True)
    expect(page.locator("#photo-flag")).to_have_count(0)
    explorer.press("ArrowRight")
    expect(photo).to_have_attribute("src", f"/api/items/{explorer.tile(3).get_attribute('data-id')}/context/")
    explorer.press("f")
    expect(page.locator("#dialog-photo")).to_have_count(0)
    explorer.here(3)


def test_crops_come_many_at_once_and_what_is_rushed_past_is_given_up(dataset, sue, sign_in):
    grown(dataset, 5_000)
    page = sign_in(sue, "/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address(dataset, "?ordering=row"))
    explorer = Explorer(page)
    expect(explorer.tile(30).locator("img")).to_be_visible()
    bundles = [url for url in asked if "/slice/crops" in url]
    assert 1 <= len(bundles) <= 4 and not [url for url in asked if re.search(r"/items/\d+/crop/\?size=128", url)]
    page.route("**/slice/crops*", lambda route: None)  # never answered
    with page.expect_request("**/slice/crops*"):
        explorer.scroll(4_000)
    with page.expect_event("requestfailed", lambda request: "/slice/crops" in request.url):
        explorer.scroll(40_000)
    page.unroute("**/slice/crops*")
    explorer.scroll(60_000)
    expect(page.locator("#wall-0 .tile:visible img").first).to_be_visible()


def test_a_crop_that_is_lost_or_broken_leaves_a_placeholder_and_the_others_come(dataset, explorer, sue, sign_in):
    first = dataset.items.order_by("row").first()
    broken = dataset.items.order_by("row")[1]
    Object.objects.filter(pk=first.object_id).update(small_length=0, large_length=0)
    Object.objects.filter(pk=broken.object_id).update(small_length=40, large_length=40)
    explorer.page.goto(address(dataset, "?ordering=row"))
    again = Explorer(explorer.page)
    expect(again.tile(0)).to_have_text("no picture")
    expect(again.tile(1)).to_have_text("no picture")
    expect(again.tile(2).locator("img")).to_be_visible()
    again.tile(0).click()
    expect(explorer.page.locator("item-facts")).to_contain_text("The picture is no longer in storage.")


def test_a_line_that_breaks_is_told_of_and_what_is_missing_comes_once_it_is_back(dataset, sue, sign_in):
    page = sign_in(sue, "/")
    page.route("**/slice/crops*", lambda route: route.abort())
    page.goto(address(dataset))
    explorer = Explorer(page)
    expect(page.locator(".toast")).to_have_text("The server does not answer.")
    page.unroute("**/slice/crops*")
    expect(explorer.tile(0).locator("img")).to_be_visible()


def test_an_order_that_does_not_come_is_asked_for_again(dataset, sue, sign_in):
    page = sign_in(sue, "/")
    page.route("**/slice/?*", lambda route: route.abort())
    page.goto(address(dataset, "?label=disc"))
    expect(page.locator("#nothing-0")).to_contain_text("The server does not answer.")
    page.unroute("**/slice/?*")
    page.locator("#again").click()
    Explorer(page).counts(f"{dataset.items.filter(label__name='disc').count()} items")


def test_the_size_of_tiles_goes_by_keys_and_slider_and_is_remembered(explorer):
    page = explorer.page
    explorer.here(0)
    before = explorer.tile(0).bounding_box()["width"]
    explorer.press("+", "+")
    live.wait_for(lambda: explorer.tile(0).bounding_box()["width"] > before)
    page.locator("#size").fill("60")
    live.wait_for(lambda: 60 <= explorer.tile(0).bounding_box()["width"] < 80)
    small = explorer.tile(0).bounding_box()["width"]
    page.reload()
    again = Explorer(page)
    expect(again.tile(0)).to_be_visible()
    assert again.tile(0).bounding_box()["width"] == pytest.approx(small, abs=1)


def test_another_size_keeps_the_place_where_one_looks(dataset, sue, sign_in):
    grown(dataset, 3_000)
    explorer = Explorer(sign_in(sue, address(dataset)))
    explorer.scroll(6_000)
    before = explorer.wall.evaluate(FIRST)
    explorer.page.locator("#larger").click()
    live.wait_for(lambda: abs(explorer.wall.evaluate(FIRST) - before) < 20)


def test_who_comes_back_is_where_they_were(dataset, sue, sign_in):
    grown(dataset, 3_000)
    page = sign_in(sue, address(dataset, "?ordering=row"))
    explorer = Explorer(page)
    explorer.scroll(8_000)
    live.wait_for(lambda: page.evaluate("history.state?.at ?? 0") > 100)
    at = page.evaluate("history.state.at")
    page.locator(".crumbs a").last.click()
    expect(page).to_have_url(f"/datasets/{dataset.pk}/")
    page.go_back()
    Explorer(page)
    live.wait_for(lambda: abs(explorer.wall.evaluate(FIRST) - at) <= 12, 10)
    explorer.pick("label", "dis")
    live.wait_for(lambda: explorer.wall.evaluate(SCROLLED) == 0)
    page.go_back()
    live.wait_for(lambda: abs(explorer.wall.evaluate(FIRST) - at) <= 12, 10)


def test_on_a_phone_a_tap_opens_the_facts_and_they_close_again(dataset, sue, sign_in):
    page = sign_in(sue, address(dataset), phone=True)
    explorer = Explorer(page)
    expect(page.locator(".hand")).to_be_hidden()
    explorer.tile(1).tap()
    expect(page.locator("item-facts .key")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#facts-close").tap()
    expect(page.locator(".hand")).to_be_hidden()


def test_a_lead_opens_a_campaign_of_what_is_shown_and_a_supervisor_is_not_offered_it(dataset, lead, explorer, sign_in):
    expect(explorer.page.locator("#review-these")).to_have_count(0)
    page = sign_in(lead, address(dataset, "?label=disc&suspicion_max=0.9"))
    page.locator("#review-these").click()
    form = page.locator("#new-campaign")
    expect(form.locator("[name='slice.labels']")).to_have_value("disc")
    expect(form.locator("[name='slice.where.suspicion_max']")).to_have_value("0.9")
    expect(form.locator("[name='slice.labels']")).to_be_visible()
    page.goto(address(dataset, "?state=none"))
    Explorer(page)
    expect(page.locator("#review-these")).to_have_count(0)


def test_tiles_say_what_they_are_labelled_and_what_they_rather_are(dataset, sue, sign_in):
    suspect = dataset.items.filter(suspicion__gte=0.5).select_related("label").order_by("-suspicion").first()
    rather = dataset.labels.get(pk=suspect.suggestions[0][0])
    page = sign_in(sue, f"/datasets/{dataset.pk}/")
    expect(page.locator("#suspected")).to_have_text(str(dataset.items.filter(suspicion__gte=0.5).count()))
    page.locator("#suspected a").click()
    explorer = Explorer(page)
    first = explorer.tile(0)
    expect(first).to_have_attribute("data-own", suspect.label.readable_name)
    expect(first).to_have_attribute("data-rather", rather.readable_name)
    # In one label's field its name says nothing, and what is not suspected says nothing at all.
    page.goto(page.url.split("?")[0] + f"?label={suspect.label.name}&ordering=suspicion")
    expect(explorer.tile(0)).to_have_attribute("data-rather", rather.readable_name)
    expect(explorer.tile(0)).not_to_have_attribute("data-own", suspect.label.readable_name)
    expect(explorer.tile(11)).to_have_attribute("aria-label", re.compile("labelled"))
    expect(explorer.tile(11)).not_to_have_attribute("data-rather", re.compile("."))
    page.locator("#more").click()
    page.locator("#suspicion_min").fill("50 %")
    page.locator("#suspicion_min").press("Enter")
    expect(page).to_have_url(re.compile("suspicion_min=0.5(&|$)"))


def test_the_dataset_page_leads_here_those_who_supervise(dataset, sue, ann, sign_in):
    page = sign_in(sue, f"/datasets/{dataset.pk}/")
    page.locator("#explore").click()
    expect(page).to_have_url(address(dataset))
    other = sign_in(ann, f"/datasets/{dataset.pk}/")
    expect(other.locator("#explore")).to_have_count(0)
    expect(other.locator("#items")).to_have_text("48")
    expect(other.locator("#suspected")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wide_or_narrow(dataset, sue, sign_in, scheme):
    for width in (360, 1280):
        page = sign_in(sue, address(dataset, "?label=disc&beside=bar"), width=width)
        page.emulate_media(color_scheme=scheme)
        explorer = Explorer(page)
        expect(explorer.tile(0).locator("img")).to_be_visible()
        page.locator("#more").click()
        explorer.tile(1).click()
        expect(page.locator("item-facts .key")).to_be_visible()
        assert not violations(page)
