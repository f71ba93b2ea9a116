"""What changed between two versions of a dataset."""

import pytest

from review.operations import resolve
from tests import make


@pytest.fixture
def mended(dataset, lead, project, truth):
    """One trusted person's flags are fixes at once."""
    campaign = make.campaign(dataset, lead, policy="solo")
    make.review_alone(campaign, project, truth)
    campaign.dataset.refresh_from_db()
    return campaign


def changes(dataset, lead, **asked) -> list[dict]:
    return make.client(lead).get(f"/api/datasets/{dataset.pk}/changes/", asked).json()["results"]


def test_each_item_is_there_once_from_what_it_was_to_what_it_is(mended, lead, truth):
    dataset = mended.dataset
    found = changes(dataset, lead)
    n = dataset.revision
    assert len(found) == n >= 2
    for row in found:
        assert (row["field"], row["new"]) == ("label", truth[row["key"]]) and row["old"] != row["new"]
    assert [row["number"] for row in found] == sorted((row["number"] for row in found), reverse=True)
    first = mended.fixes.order_by("pk").first()
    resolve.revert(fix=first, by=lead)
    assert first.item.key not in {row["key"] for row in changes(dataset, lead)}  # back where it was
    assert [row["key"] for row in changes(dataset, lead, since=n)] == [first.item.key]
    assert len(changes(dataset, lead, until=n)) == n
    other = mended.verdicts.filter(state="clean").exclude(item=first.item_id).first()
    resolve.resolve(verdict=other, by=lead, action="remove", seen_resolution=None)
    assert (changes(dataset, lead)[0]["field"], changes(dataset, lead)[0]["new"]) == ("removed", True)
    counts = make.client(lead).get(f"/api/datasets/{dataset.pk}/changes/counts/").json()
    assert counts == {
        "since": 0, "until": n + 2, "relabelled": n - 1, "removed": 1, "taken_back": 0, "redrawn": 0,
        "labels": [],
    }  # fmt: skip


def test_versions_that_are_none_are_refused(mended, lead):
    path = f"/api/datasets/{mended.dataset_id}/changes/"
    for wrong in ({"since": -1}, {"until": 99}, {"since": 2, "until": 1}, {"since": "x"}, {"colour": 1}):
        assert make.client(lead).get(path, wrong).status_code == 400
    assert make.client(lead).get(path, {"since": 2, "until": 2}).json()["results"] == []
