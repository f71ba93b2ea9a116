"""The outline: a line around each object, where the picture shows it, whatever the shape of the crop."""

import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from review.models import Job
from review.operations import import_
from review.storage import store
from tests import make
from tests.e2e.grid import Grid

pytestmark = pytest.mark.django_db(transaction=True)
LIGHT, RIM = 150, 3
# (width, height of the photo; the object's box): crops that are wide, tall and square.
PHOTOS = [((200, 50), (70, 10, 60, 20)), ((50, 200), (10, 80, 20, 50)), ((100, 100), (30, 40, 40, 20))]


def photo(size: tuple[int, int], box: tuple[int, int, int, int]) -> bytes:
    """A bright object on black."""
    image = Image.new("RGB", size)
    x, y, w, h = box
    ImageDraw.Draw(image).rectangle([x, y, x + w - 1, y + h - 1], fill="white")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def grid(project, lead, ann, sign_in) -> Grid:
    archive, table = io.BytesIO(), io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["image", "label", "x", "y", "width", "height"])
    with zipfile.ZipFile(archive, "w") as files:
        for row in range(12):
            size, box = PHOTOS[row % len(PHOTOS)]
            files.writestr(f"{row}.png", photo(size, box))
            writer.writerow([f"{row}.png", "block", *box])
    source = {"archive": store().put(archive.getvalue()), "manifest": store().put(table.getvalue().encode())}
    dataset, job = import_.start(project=project, by=lead, name="Blocks", source=source)
    assert make.work(job).state == Job.State.DONE, job.message
    make.rank(dataset)
    campaign = make.campaign(dataset, lead)
    return Grid(sign_in(ann, f"/campaigns/{campaign.pk}/review/"))


def bright(png: bytes) -> list[float]:
    """Left, top, right, bottom of what is bright in a picture but for its rim, which the ring of a tile may touch."""
    inner = np.array(Image.open(io.BytesIO(png)).convert("L"))[RIM:-RIM, RIM:-RIM]
    rows, columns = np.nonzero(inner > LIGHT)
    return [columns.min() + RIM, rows.min() + RIM, columns.max() + RIM + 1, rows.max() + RIM + 1]


def frame_in(grid: Grid, position: int) -> list[float]:
    tile, frame = (found.bounding_box() for found in (grid.tile(position), grid.tile(position).locator(".frame i")))
    assert tile and frame
    left, top = frame["x"] - tile["x"], frame["y"] - tile["y"]
    corners = [left, top, left + frame["width"], top + frame["height"]]
    return np.clip(corners, RIM, tile["width"] - RIM).tolist()


def test_o_frames_every_object_and_is_remembered(grid):
    frames = grid.page.locator(".tile .frame i")
    number = grid.tiles.count()
    expect(frames).to_have_count(0)
    grid.page.mouse.move(0, 0)
    expect(grid.page.locator(".tile.unseen")).to_have_count(0)
    shots = [bright(tile.screenshot(animations="disabled")) for tile in grid.tiles.all()]
    grid.press("o")
    expect(frames).to_have_count(number)
    for position, shot in enumerate(shots):
        assert frame_in(grid, position) == pytest.approx(shot, abs=2)
    grid.page.reload()
    expect(frames).to_have_count(number)
    grid.page.locator("#outline").click()
    expect(frames).to_have_count(0)


def test_the_key_help_names_the_outline(grid):
    grid.press("?")
    expect(grid.page.locator("#dialog-keys")).to_contain_text("frame the box of every object")
