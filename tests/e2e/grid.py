"""The review page in a browser, and what the server holds of it."""

import re

from django.db.models import QuerySet
from playwright.sync_api import Locator, Page, expect

from review.models import Assignment, Member
from tests import live


class Grid:
    """A page that shows the review grid."""

    def __init__(self, page: Page) -> None:
        self.page = page
        expect(self.tiles.first).to_be_visible()

    @property
    def tiles(self) -> Locator:
        return self.page.locator(".tile")

    @property
    def trouble(self) -> Locator:
        return self.page.locator("#trouble")

    def tile(self, position: int) -> Locator:
        return self.page.locator(f'.tile[data-position="{position}"]')

    def flag(self, *positions: int) -> None:
        for position in positions:
            self.tile(position).click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, key: str, text: str) -> None:
        """Press the key that opens a field, and write into it."""
        self.press(key)
        self.page.keyboard.type(text)

    def relabel(self, position: int, typed: str) -> None:
        """Flag a tile and name its right label by typing."""
        self.flag(position)
        self.name_label(typed)

    def name_label(self, typed: str) -> None:
        """Type until a label is found, and take it."""
        self.press("l")
        expect(self.page.locator("label-picker input")).to_be_focused()
        self.page.keyboard.type(typed)
        expect(self.page.locator("label-picker [aria-selected=true]")).to_be_visible()
        self.press("Enter")

    def drag(self, *positions: int) -> None:
        """The pointer goes down on the first tile, over the others in turn, and up on the last."""
        mouse = self.page.mouse
        mouse.move(*self.middle(positions[0]))
        mouse.down()
        for position in positions[1:]:
            mouse.move(*self.middle(position), steps=3)
        mouse.up()

    def tap(self, *positions: int) -> None:
        for position in positions:
            self.tile(position).tap(position={"x": 12, "y": 12})

    def press_and_drag(self, *positions: int) -> None:
        """A finger stays on the first tile until it paints, then goes over the others."""
        client = self.page.context.new_cdp_session(self.page)

        def touch(kind: str, *points: tuple[float, float]) -> None:
            client.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
            )

        touch("touchStart", self.middle(positions[0]))
        expect(self.tile(positions[0])).to_contain_class("flagged")
        for position in positions[1:]:
            touch("touchMove", self.middle(position))
        touch("touchEnd")

    def swipe(self, position: int, up: int) -> None:
        """A finger goes so many pixels up from the middle of a tile, without a rest."""
        client = self.page.context.new_cdp_session(self.page)
        x, y = self.middle(position)
        points = [[{"x": x, "y": y - moved}] for moved in range(0, up, 15)]
        client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[0]})
        for point in points[1:]:
            client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": point})
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def middle(self, position: int) -> tuple[float, float]:
        box = self.tile(position).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def shows(self, *flagged: int) -> None:
        """Exactly these positions are flagged on the page."""
        marked = self.page.locator(".tile.flagged")
        expect(marked).to_have_count(len(flagged))
        assert [int(tile.get_attribute("data-position") or -1) for tile in marked.all()] == sorted(flagged)
        expect(self.page.locator("#flagged-count")).to_have_text(f"{len(flagged)} flagged")

    def here(self, position: int) -> None:
        """The keys go to this tile."""
        expect(self.page.locator(".tile.here")).to_have_attribute("data-position", str(position))

    def says(self, words: str) -> None:
        expect(self.page.locator("#saved")).to_have_text(words)

    def see_all(self) -> None:
        """Go to what is not in view yet until all was."""
        while self.page.locator(".tile.unseen").count():
            self.press("n")
            expect(self.page.locator(".tile.here")).not_to_contain_class("unseen")
        expect(self.page.locator("#unseen-count")).to_have_text(re.compile("^0 (unseen|ungesehen|sin ver|non vues?)$"))

    def hand_in(self) -> None:
        """Hand in once every tile was in view, and see that it was taken: at once, or after what another window wrote
        meanwhile was taken in."""
        self.see_all()
        with self.page.expect_response(lambda answer: answer.url.endswith("/submit/") and answer.ok):
            self.press("Enter")


def opened_by(member: Member) -> QuerySet[Assignment]:
    """What this person looks at, as far as the page has told the server."""
    return Assignment.objects.filter(reviewer=member.user_id, state="lent", opened_at__isnull=False)


def in_hand(member: Member) -> Assignment:
    """What this person looks at, once the page has told the server."""
    live.wait_for(opened_by(member).exists, 10)
    return opened_by(member).get()


def position(assignment: Assignment, row: int) -> int:
    """Where the item of the dataset's row (from 0) lies in an assignment."""
    return assignment.tiles.get(item__row=row + 1).position


def marks(assignment: Assignment) -> dict[int, str | None]:
    """{position: the suggested label} as the server has it now."""
    assignment.refresh_from_db()
    names = dict(assignment.campaign.dataset.labels.values_list("pk", "name"))
    return {mark["position"]: names.get(mark["label"]) for mark in assignment.flags}


def reasons(assignment: Assignment) -> dict[int, str]:
    assignment.refresh_from_db()
    return {mark["position"]: mark["reason"] for mark in assignment.flags}


def comments(assignment: Assignment) -> dict[int, str]:
    assignment.refresh_from_db()
    return {mark["position"]: mark["comment"] for mark in assignment.flags}


def saved(assignment: Assignment, *positions: int, within: float = 15) -> None:
    """The server comes to hold exactly these flags, in so many seconds."""
    live.wait_for(lambda: sorted(marks(assignment)) == sorted(positions), within)
