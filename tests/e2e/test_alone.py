"""One person alone, with nothing but a browser: from a zip on their disk to a mended manifest."""

import csv
import io
import zipfile

import pytest
from playwright.sync_api import Page, expect

from mlfix_site import processes
from tests import live, make
from tests.e2e.grid import Grid, in_hand, opened_by

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 90_000  # milliseconds that an import, a ranking, a plan may take on a busy machine


@pytest.fixture
def workers(project):
    with live.running(processes.general_worker(), processes.ranking_worker(), processes.beat()):
        yield


def upload(page: Page, archive: bytes, manifest: bytes) -> None:
    page.locator("#files").set_input_files(
        [
            {"name": "Shapes.zip", "mimeType": "application/zip", "buffer": archive},
            {"name": "labels.csv", "mimeType": "text/csv", "buffer": manifest},
        ]
    )
    expect(page.locator("dataset-upload #name")).to_have_value("Shapes")
    page.locator("#upload").click()
    page.wait_for_url("**/datasets/*/")


def review_all(page: Page, member, truth: dict[str, str]) -> None:
    """Flag what is wrong and name what it is, hand in, until nothing is left."""
    nothing = page.locator("#nothing")
    while True:
        live.wait_for(lambda: nothing.is_visible() or opened_by(member).exists(), 30)
        if nothing.is_visible():
            return
        grid = Grid(page)
        for mark in make.flags_of_truth(in_hand(member), truth):
            grid.relabel(mark["position"], mark["label"])
            grid.press("Escape")  # the panel may lie over the next tile
        grid.hand_in()
        expect(page.locator(".toast")).to_contain_text("Handed in")


def test_one_person_carries_a_dataset_from_upload_to_a_mended_manifest(project, lead, wrong, workers, sign_in):
    archive, manifest, truth = make.source(wrong=wrong)
    page = sign_in(lead, f"/projects/{project.pk}/")
    upload(page, archive, manifest)
    expect(page.locator("#items")).to_have_text(str(len(truth)), timeout=LONG)
    dataset_page = page.url

    form = page.locator("#new-campaign")
    form.get_by_label("Name", exact=True).fill("By myself")
    form.get_by_label("One person decides").check()
    form.get_by_role("button", name="Plan and open it").click()
    page.wait_for_url("**/campaigns/*/")
    expect(page.locator("#to-review")).to_be_visible(timeout=LONG)
    page.locator("#to-review").click()
    review_all(page, project.members.get(user=lead), truth)

    page.goto(dataset_page)
    page.locator("#export-full").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click(timeout=LONG)
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert {row["image"]: row["label"] for row in rows} == truth
    page.get_by_label("Form of the export").select_option(label="As YOLO labels")
    page.locator("#export-full").click()
    expect(page.locator("export-list li").first).to_contain_text("YOLO labels")
    with page.expect_download() as download:
        page.locator("export-list li", has_text="YOLO").get_by_role("link", name="Download").click(timeout=LONG)
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == len(truth) + 1
