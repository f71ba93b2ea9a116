"""What supervisors write to a member: who may, what is refused, and that it goes once it was read."""

import pytest

from review.models import AuditEvent
from review.operations import messages, projects
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sue(project):
    return make.member(project, "sue", "supervisor")


@pytest.fixture
def ann(project):
    return make.member(project, "ann")


def write(who, project, **given):
    return make.client(who).post(f"/api/projects/{project.pk}/messages/", given, format="json")


def waiting(who):
    return [one["text"] for one in make.client(who).get("/api/messages/").json()["results"]]


def test_it_waits_for_the_person_it_is_for_until_they_have_read_it(project, sue, ann):
    made = write(sue.user, project, username="ann", text="  Look twice\nat bars.  ")
    assert made.status_code == 201 and made.json()["text"] == "Look twice\nat bars."
    write(sue.user, project, username="ann", text="Thank you.")
    assert waiting(ann.user) == ["Look twice\nat bars.", "Thank you."] and not waiting(sue.user)
    first = make.client(ann.user).post(f"/api/messages/{made.json()['id']}/read/").json()
    again = make.client(ann.user).post(f"/api/messages/{made.json()['id']}/read/").json()
    assert first["read_at"] == again["read_at"] is not None
    assert waiting(ann.user) == ["Thank you."]
    sent = make.client(sue.user).get(f"/api/projects/{project.pk}/messages/?username=ann").json()["results"]
    assert [(one["text"], one["read_at"] is None) for one in sent] == [
        ("Thank you.", True),
        ("Look twice\nat bars.", False),
    ]


def test_only_who_supervises_writes_and_only_to_members(project, sue, ann, lead):
    assert write(ann.user, project, username="sue", text="Hello").status_code == 403
    assert write(make.user("stranger"), project, username="ann", text="Hello").status_code == 404
    refused = write(lead, project, username="stranger", text="Hello")
    assert refused.status_code == 400 and "no member 'stranger'" in refused.json()["detail"]
    for text, field in (("   ", "text"), ("x" * 1001, "text")):
        assert list(write(lead, project, username="ann", text=text).json()["errors"]) == [field]
    assert list(write(sue.user, project, username="sue", text="Hello").json()["errors"]) == ["username"]


def test_nobody_reads_what_is_for_another_or_of_a_project_they_left(project, sue, ann, lead):
    made = messages.send(to=ann, text="Hello", by=sue.user)
    assert make.client(sue.user).post(f"/api/messages/{made.pk}/read/").status_code == 404
    projects.remove_member(project=project, user=ann.user, by=lead)
    assert not waiting(ann.user)
    assert make.client(ann.user).post(f"/api/messages/{made.pk}/read/").status_code == 404


def test_the_log_says_that_it_was_written_and_not_what(project, sue, ann):
    messages.send(to=ann, text="Between us", by=sue.user)
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.data["to"]) == ("message written", "ann") and "Between us" not in str(event.data)
