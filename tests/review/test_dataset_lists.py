"""What a dataset is called, and the archive: lists leave out what is in it, and nothing of it is gone."""

import pytest

from review.models import AuditEvent, Campaign
from review.operations import campaigns, datasets, import_
from review.queries import pages
from review.storage import store
from tests import make


@pytest.fixture
def lead_browser(lead):
    return make.client(lead)


def test_a_dataset_is_called_otherwise_and_the_log_says_so(dataset, lead, lead_browser):
    answer = lead_browser.post(f"/api/datasets/{dataset.pk}/rename/", {"name": " Signs of 2026 "}, format="json")
    assert answer.status_code == 200 and answer.json()["name"] == "Signs of 2026"
    event = AuditEvent.objects.get(verb="dataset renamed")
    assert (event.actor, event.data["name"]) == (lead, "Signs of 2026")
    for name in ("", " ", "x" * 201):
        assert (
            lead_browser.post(f"/api/datasets/{dataset.pk}/rename/", {"name": name}, format="json").status_code == 400
        )


def test_what_people_work_on_is_not_archived(dataset, campaign, lead, lead_browser):
    address = f"/api/datasets/{dataset.pk}/archive/"
    for state in ("open", "paused"):
        campaigns.set_state(campaign=campaign, state=state, by=lead)
        answer = lead_browser.post(address)
        assert answer.status_code == 409 and f"Close first: {campaign.name}." in answer.json()["detail"]
    campaigns.set_state(campaign=campaign, state=Campaign.State.CLOSED, by=lead)
    assert lead_browser.post(address).json()["archived"] is True


def test_what_is_archived_is_in_no_list_until_it_is_taken_out(project, dataset, campaign, lead, lead_browser):
    campaigns.set_state(campaign=campaign, state=Campaign.State.CLOSED, by=lead)
    member = project.members.get(user=lead)

    def listed() -> tuple[int, int, int]:
        (row,) = pages.home(lead)
        return len(row.datasets), len(row.campaigns), len(pages.campaigns_of(project, member))

    assert listed() == (1, 1, 1)
    datasets.archive(dataset=dataset, by=lead)
    assert listed() == (0, 0, 0)
    assert lead_browser.get(f"/api/projects/{project.pk}/").json()["datasets"][0]["archived"] is True
    assert [line.campaign for line in pages.campaigns_of(project, member, dataset)] == [campaign]
    assert lead_browser.get(f"/api/campaigns/{campaign.pk}/progress/").status_code == 200
    answer = lead_browser.post(f"/api/datasets/{dataset.pk}/campaigns/", {"name": "Again"}, format="json")
    assert answer.status_code == 400 and "in the archive" in answer.json()["detail"]
    assert lead_browser.post(f"/api/datasets/{dataset.pk}/unarchive/").json()["archived"] is False
    assert listed() == (1, 1, 1)
    verbs = list(AuditEvent.objects.filter(verb__contains="archived").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["dataset archived", "dataset unarchived"]


def test_what_failed_is_put_out_of_sight(project, lead, lead_browser):
    source = {"archive": store().put(b"no archive")}
    made, job = import_.start(project=project, by=lead, name="Set", source=source)
    make.work(job)
    made.refresh_from_db()
    assert made.state == "failed"
    assert lead_browser.post(f"/api/datasets/{made.pk}/archive/").json()["archived"] is True
    assert pages.home(lead)[0].datasets == []
