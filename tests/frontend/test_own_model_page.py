"""A lead sends what a model says in a real browser: refused rows are told, and the suspicion is taken from it."""

import pytest
from playwright.sync_api import expect

from mlfix_site import processes
from review.models import Job
from tests import make
from tests.frontend.test_upload_page import page_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lead_sends_predictions_and_takes_the_suspicion_from_them(
    transactional_db, project, lead, tmp_path, monkeypatch
):
    made, truth = make.dataset(project, lead, wrong={5: "square"})
    keys = made.items.values_list("key", flat=True)
    lines = ["key,predicted,probability", *(f"{key},{truth[key]},.9" for key in keys), "nobody,disc,.5"]
    (tmp_path / "said.csv").write_text("\n".join(lines))
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop in this thread.
    with page_of(lead, f"/datasets/{made.pk}/", run=[processes.general_worker()]) as page:
        expect(page.locator("#seen")).to_contain_text("Crops of 128 pixels")
        page.locator("#own-name").fill("net")
        page.locator("#own-file").set_input_files(tmp_path / "said.csv")
        page.locator("#own-send").click()
        line = page.locator("li[data-predictions]")
        expect(line).to_contain_text("48 items: predicted", timeout=30_000)
        expect(line).to_contain_text("the suspicion is taken from it")
        expect(line.locator("a")).to_contain_text("1 row was refused")
    made.refresh_from_db()
    assert made.predictions is not None and made.predictions.name == "net"
    assert made.jobs.filter(kind=Job.Kind.RANK).count() == 2
