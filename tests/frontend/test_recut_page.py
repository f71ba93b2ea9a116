"""The dataset page in a real browser: a lead looks at a few crops as they would be, then has all cut anew."""

import pytest
from playwright.sync_api import expect

from mlfix_site import processes
from tests import make
from tests.frontend.test_upload_page import page_of
from tests.review.test_depth import ramp
from tests.sources import bring_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lead_looks_at_another_window_and_has_all_crops_cut_by_it(transactional_db, project, lead, monkeypatch):
    made, _ = bring_in(project, lead, {"disc/dim.png": ramp(1000, 1500), "disc/bright.png": ramp(1500, 2000)})
    make.rank(made)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop in this thread.
    with page_of(lead, f"/datasets/{made.pk}/", run=[processes.general_worker()]) as page:
        page.locator("recut-crops summary").click()
        page.locator("recut-crops input[name=window_low]").fill("0")
        page.locator("recut-crops input[name=window_high]").fill("4000")
        page.locator("#look").click()
        expect(page.locator("#new-crops img")).to_have_count(2, timeout=30_000)
        expect(page.locator("#found")).to_contain_text("black would be at 1,00")
        made.refresh_from_db()
        assert made.window_high is not None and made.window_high < 2000
        page.locator("#recut").click()
        expect(page.locator("#seen")).to_contain_text("black at 0, white at 4,000", timeout=30_000)
    made.refresh_from_db()
    assert (made.window_low, made.window_high) == (0, 4000)
