"""The upload in a real browser: a tar and JSON Lines are chosen, looked through first, then imported without a second
upload."""

import shutil

import pytest
from django.conf import settings
from playwright.sync_api import expect, sync_playwright

from mlfix_site import processes
from tests import live, make
from tests.sources import PICTURE, json_lines, tarred

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lead_looks_first_and_then_imports_what_is_already_there(
    transactional_db, project, lead, tmp_path, monkeypatch
):
    (tmp_path / "signs.tar.gz").write_bytes(tarred({"a.jpg": PICTURE, "b.jpg": PICTURE}, "w:gz"))
    rows = [{"image": name, "label": "disc"} for name in ("a.jpg", "b.jpg", "lost.jpg")]
    (tmp_path / "labels.jsonl").write_bytes(json_lines(rows))
    cookie = make.client(lead).cookies[settings.SESSION_COOKIE_NAME].value
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop in this thread.
    with live.web(processes.general_worker()) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/projects/{project.pk}/")
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
        browser.close()
    made.refresh_from_db()
    assert (made.state, made.items.count(), made.rejected.count()) == ("ready", 2, 1)
