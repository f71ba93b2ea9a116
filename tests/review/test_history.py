"""What happened to an item and in a project, for those who supervise."""

import csv
import datetime
import io

import pytest
from django.utils import timezone

from review.models import AuditEvent
from review.operations import resolve
from tests import make


@pytest.fixture
def reviewed(campaign, project, truth):
    make.review_alone(campaign, project, truth)
    return campaign


def test_an_items_story_is_told_from_its_looks_to_its_revisions(reviewed, lead):
    verdict = reviewed.verdicts.filter(state="fix").first()
    fix = verdict.fixes.get()
    resolve.revert(fix=fix, by=lead)
    story = make.client(lead).get(f"/api/items/{verdict.item_id}/history/").json()
    assert story["item"]["label"] == verdict.label.name
    (one,) = story["verdicts"]
    assert (one["campaign"], one["state"], one["fix"]) == (reviewed.pk, "clean", None)
    assert one["resolution"] == verdict.resolutions.get(current=True).pk
    happened = [(event["what"], event["by"], event["reason"], event["new"]) for event in story["events"]]
    right = fix.new_label.name
    assert ("look", "lead", "wrong_label", right) in happened
    assert ("decision", "lead", "clean", None) in happened
    revisions = [event for event in story["events"] if event["what"] == "revision"]
    assert [(one["old"], one["new"]) for one in revisions] == [(right, verdict.label.name), (verdict.label.name, right)]
    times = [event["at"] for event in story["events"]]
    assert times == sorted(times, reverse=True)


def test_an_item_that_nothing_happened_to_has_an_empty_story(dataset, lead):
    item = dataset.items.first()
    story = make.client(lead).get(f"/api/items/{item.pk}/history/").json()
    assert story["verdicts"] == [] and story["events"] == []


def test_the_log_is_filtered_by_what_who_campaign_and_time(reviewed, project, lead, dataset):
    other = make.campaign(dataset, lead)
    browser, path = make.client(lead), f"/api/projects/{project.pk}/log/"

    def verbs(**chosen) -> set[str]:
        return {row["verb"] for row in browser.get(path, chosen).json()["results"]}

    everything = browser.get(path).json()["results"]
    assert len(everything) == AuditEvent.objects.filter(project=project).count()
    assert everything[0]["id"] > everything[-1]["id"]
    assert verbs(verb="handed in") == verbs(verb="HANDED") == {"handed in"}
    assert "handed in" in verbs(by="lead", campaign=reviewed.pk) and "handed in" not in verbs(campaign=other.pk)
    assert verbs(by="nobody") == set()
    today = timezone.now().date()
    assert verbs(since=today - datetime.timedelta(days=1), until=today + datetime.timedelta(days=1))
    assert verbs(since=today + datetime.timedelta(days=2)) == verbs(until="2020-01-01") == set()
    for wrong in ({"since": "yesterday"}, {"until": "2026-02-30"}, {"campaign": "x"}, {"colour": "red"}):
        assert browser.get(path, wrong).status_code == 400


def test_the_log_names_what_its_details_hold_by_id(reviewed, project, lead, dataset):
    browser, path = make.client(lead), f"/api/projects/{project.pk}/log"
    label = dataset.labels.get(name="disc")
    assert browser.patch(f"/api/labels/{label.pk}/", {"rest": True}, format="json").status_code == 200
    event = browser.get(f"{path}/", {"verb": "label marked"}).json()["results"][0]
    assert (event["details"]["label"], event["names"]) == (label.pk, {"label": label.readable_name})
    (row,) = csv.DictReader(io.StringIO(read(browser.get(f"{path}.csv", {"verb": "label marked"}))))
    assert row["details"] == f"rest: true; label: {label.readable_name}"


def read(answer) -> str:
    return b"".join(answer.streaming_content).decode()


def test_the_log_comes_as_a_file_without_formulas(reviewed, project, lead):
    project.members.get().user.__class__.objects.filter(pk=lead.pk).update(username="=1+1")
    sent = make.client(lead).get(f"/api/projects/{project.pk}/log.csv", {"verb": "handed in"})
    rows = list(csv.DictReader(io.StringIO(read(sent))))
    assert rows and {row["verb"] for row in rows} == {"handed in"}
    assert all("None" not in row["details"] and "True" not in row["details"] for row in rows)
    assert {row["by"] for row in rows} == {"'=1+1"}
    assert [int(row["id"]) for row in rows] == sorted(int(row["id"]) for row in rows)
