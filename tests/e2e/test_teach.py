"""The lead has the encoder go on learning from the dataset's page, and is told there what came of it."""

import pytest
from playwright.sync_api import expect

from ranking import agreement, lessons
from review.models import Job
from review.operations import train
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_lessons_of_which_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "BATCH", 8)
    monkeypatch.setattr(lessons, "DRAWN", 8)
    monkeypatch.setattr(lessons, "BACKGROUNDS", 8)
    monkeypatch.setattr(agreement, "LEAST", 2.0)


def test_teaching_is_started_cancelled_and_resumed_on_the_page_which_says_what_came_of_it(dataset, lead, sign_in):
    page = sign_in(lead, f"/datasets/{dataset.pk}/")
    page.get_by_role("button", name="Teach it").click()
    status = page.locator("[role=status]", has_text="Training")
    expect(status).to_contain_text("waiting for a worker")
    expect(status.get_by_text("No worker is running")).to_be_visible()
    status.get_by_role("button", name="Cancel").click()
    expect(status).to_contain_text("cancelled")
    status.get_by_role("button", name="Resume").click()
    expect(status).to_contain_text("waiting for a worker")
    dataset.jobs.filter(kind=Job.Kind.TRAIN).update(parameters={"steps": train.FEWEST})
    done = make.work(dataset.jobs.get(kind=Job.Kind.TRAIN))
    assert done.state == Job.State.DONE, done.message
    expect(status).to_contain_text("What was learnt is not kept")
    expect(status).to_contain_text("All stays as it was")


def test_only_a_lead_is_offered_to_teach(dataset, ann, sign_in):
    page = sign_in(ann, f"/datasets/{dataset.pk}/")
    expect(page.get_by_role("button", name="Teach it")).to_have_count(0)
