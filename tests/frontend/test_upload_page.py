"""The upload in a real browser: a tar and JSON Lines are chosen, looked through first, then imported without a second
upload; and how deep grey will be seen is shown and set."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect, sync_playwright

from mlfix_site import processes
from tests import live, make
from tests.review.test_depth import ramp
from tests.sources import PICTURE, json_lines, tarred, zipped

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def page_of(lead, address: str, *, run=()) -> Iterator[Page]:
    """The page at this address of a real site, with these workers, in the lead's browser."""
    cookie = make.client(lead).cookies[settings.SESSION_COOKIE_NAME].value
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with live.web(*run) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
        page = context.new_page()
        page.goto(f"{url}{address}")
        yield page
        browser.close()


def test_a_lead_looks_first_and_then_imports_what_is_already_there(
    transactional_db, project, lead, tmp_path, monkeypatch
):
    (tmp_path / "signs.tar.gz").write_bytes(tarred({"a.jpg": PICTURE, "b.jpg": PICTURE}, "w:gz"))
    rows = [{"image": name, "label": "disc"} for name in ("a.jpg", "b.jpg", "lost.jpg")]
    (tmp_path / "labels.jsonl").write_bytes(json_lines(rows))
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop in this thread.
    with page_of(lead, f"/projects/{project.pk}/", run=[processes.general_worker()]) as page:
        page.locator("#files").set_input_files([tmp_path / "signs.tar.gz", tmp_path / "labels.jsonl"])
        expect(page.locator("#name")).to_have_value("signs")
        page.locator("#check").click()
        checked = page.locator("#checked")
        expect(checked).to_contain_text("2 items of 1 class would come in, 1 row would be refused", timeout=30_000)
        expect(page.locator("check-result li").last).to_contain_text("There is no image lost.jpg")
        made = project.datasets.get()
        assert made.state == "checked" and not made.items.exists()
        page.locator("#import").click()
        expect(page.locator("#items")).to_have_text("2", timeout=30_000)
    made.refresh_from_db()
    assert (made.state, made.items.count(), made.rejected.count()) == ("ready", 2, 1)


def test_of_two_zips_the_smaller_one_is_the_annotations(transactional_db, project, lead, tmp_path, monkeypatch):
    lines = {"train/a.txt": b"0 .5 .5 .5 .5\n0 .2 .2 .1 .1 .1\n", "train/b.txt": b"9 .5 .5 .5 .5\n"}
    (tmp_path / "labels.zip").write_bytes(zipped({**lines, "data.yaml": b"names: [disc]"}))
    (tmp_path / "pictures.zip").write_bytes(zipped({f"train/{name}.jpg": PICTURE for name in "ab"}))
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with page_of(lead, f"/projects/{project.pk}/", run=[processes.general_worker()]) as page:
        page.locator("#files").set_input_files([tmp_path / "labels.zip", tmp_path / "pictures.zip"])
        expect(page.locator("#two-zips")).to_be_visible()
        expect(page.locator("#name")).to_have_value("pictures")
        page.locator("#check").click()
        expect(page.locator("#checked")).to_contain_text("2 items of 1 class would come in, 1 row", timeout=30_000)
        expect(page.locator("#format")).to_have_text("Read as YOLO labels.")
        expect(page.locator("check-result li").last).to_contain_text("It is object 1 of train/b.txt")
        expect(page.locator("#previews figcaption").first).to_have_text("disc")
    assert project.datasets.get().format == "yolo"


def test_a_lead_sees_the_window_of_deep_grey_and_sets_another_before_the_import(
    transactional_db, project, lead, tmp_path, monkeypatch
):
    (tmp_path / "deep.zip").write_bytes(zipped({"disc/dim.png": ramp(1000, 1500), "disc/bright.png": ramp(1500, 2000)}))
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with page_of(lead, f"/projects/{project.pk}/", run=[processes.general_worker()]) as page:
        page.locator("#files").set_input_files(tmp_path / "deep.zip")
        page.locator("#check").click()
        expect(page.locator("#previews img")).to_have_count(2, timeout=30_000)
        low, high = page.locator("input[name=window_low]"), page.locator("input[name=window_high]")
        assert 1000 <= float(low.input_value()) <= 1010 and 1990 <= float(high.input_value()) <= 2000
        low.fill("0")
        high.fill("4000")
        page.locator("input[name=crop_pixels]").fill("64")
        page.locator("#again").click()
        expect(page.locator("#seen")).to_contain_text("black at 0, white at 4,000", timeout=30_000)
        expect(page.locator("#previews img")).to_have_count(2, timeout=30_000)
        page.locator("#import").click()
        expect(page.locator("#items")).to_have_text("2", timeout=30_000)
        expect(page.locator("#seen")).to_contain_text("Crops of 64 pixels a side")
    made = project.datasets.get()
    assert (made.state, made.window_low, made.window_high, made.crop_pixels) == ("ready", 0, 4000, 64)


def test_an_upload_is_cancelled_and_nobody_leaves_it_by_mistake(transactional_db, project, lead, tmp_path, monkeypatch):
    (tmp_path / "shapes.zip").write_bytes(zipped({"disc/a.jpg": PICTURE}))
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    leaves = "dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    with page_of(lead, f"/projects/{project.pk}/") as page:
        page.locator("#files").set_input_files(tmp_path / "shapes.zip")
        page.route("**/api/projects/*/datasets/", lambda route: None)  # it never gets there
        assert page.evaluate(leaves)
        page.locator("#upload").click()
        expect(page.locator("#cancel")).to_be_visible()
        assert not page.evaluate(leaves)
        page.locator("#cancel").click()
        expect(page.locator("#upload-trouble")).to_contain_text("Cancelled. Nothing was brought in")
        assert page.evaluate(leaves)
        expect(page.locator("#upload")).to_be_visible()
    assert not project.datasets.exists()


def test_an_import_that_failed_says_why_and_is_tried_again_or_left(
    transactional_db, project, lead, tmp_path, monkeypatch
):
    (tmp_path / "torn.zip").write_bytes(zipped({"disc/a.jpg": PICTURE})[:-20])
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with page_of(lead, f"/projects/{project.pk}/", run=[processes.general_worker()]) as page:
        page.locator("#files").set_input_files(tmp_path / "torn.zip")
        page.locator("#upload").click()
        page.wait_for_url("**/datasets/*/")
        expect(page.locator("#failed")).to_contain_text("zip", timeout=30_000)
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("[role=status][data-state=failed]")).to_contain_text("stopped on an error", timeout=30_000)
        expect(page.locator("#campaigns")).to_contain_text("bring in a mended one on the project’s page")


def test_a_lead_names_a_folder_of_the_site_instead_of_uploading(transactional_db, project, lead, tmp_path, monkeypatch):
    pictures = tmp_path / "pictures"
    for label in ("disc", "bar"):
        (pictures / label).mkdir(parents=True)
        (pictures / label / "a.jpg").write_bytes(PICTURE)
    monkeypatch.setenv("MLFIX_IMPORT_ROOTS", str(tmp_path))
    with page_of(lead, f"/projects/{project.pk}/", run=(processes.general_worker(),)) as page:
        folder = page.get_by_label("Or a folder that is here already")
        folder.fill("/etc")
        page.locator("#upload").click()
        expect(page.locator("#upload-trouble")).to_contain_text("not below one that the site may import from")
        folder.fill(str(pictures))
        expect(page.locator("#name")).to_have_value("pictures")
        page.locator("#upload").click()
        page.wait_for_url("**/datasets/*/")
        expect(page.locator("#items")).to_have_text("2", timeout=30_000)
    assert set(project.datasets.get().labels.values_list("name", flat=True)) == {"disc", "bar"}
