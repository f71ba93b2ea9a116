"""The ledger that people are paid by: a line a hand-in, whatever becomes of it, never changed and never deleted."""

import csv
import datetime
import io

import pytest
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from review.models import Assignment, HandIn
from review.operations import active, campaigns, claim, flag, projects, submit
from tests import make


@pytest.fixture
def two_looks(dataset, lead):
    return make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1, batch_size=12)


def lent_to(member, campaign) -> Assignment:
    found = claim.claim(campaign=campaign, member=member)
    assert isinstance(found, Assignment)
    return found


def lines(who, address) -> list[dict[str, str]]:
    answer = make.client(getattr(who, "user", who)).get(address)
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_what_came_too_late_to_count_is_work_too(project, two_looks, lead):
    ann, ben = make.member(project, "ann"), make.member(project, "ben")
    late = lent_to(ann, two_looks)
    Assignment.objects.filter(pk=late.pk).update(expires_at=timezone.now() - datetime.timedelta(minutes=1))
    submit.lapse(assignment=late)
    while isinstance(other := claim.claim(campaign=two_looks, member=ben), Assignment):
        submit.submit(assignment=other, revision=0, flags=[], seen=make.everything(other))
    late.refresh_from_db()
    done = submit.submit(assignment=late, revision=0, flags=[], seen=make.everything(late))
    tiles = late.tiles.count()
    assert done.counted == 0 and done.surplus == tiles
    line = HandIn.objects.get(reviewer=ann.user)
    assert (line.looks, line.late) == (tiles, True)
    (row,) = [row for row in lines(lead, f"/api/projects/{project.pk}/work.csv") if row["person"] == "ann"]
    assert (row["batches"], row["looks"], row["late_batches"]) == ("1", str(tiles), "1")


def test_a_hand_in_that_is_sent_twice_is_one_line_and_what_was_not_seen_is_no_look(project, two_looks):
    lent = lent_to(make.member(project, "ann"), two_looks)
    for _ in range(2):
        submit.submit(assignment=lent, revision=0, flags=[], seen=[0, 1, 2])
    assert HandIn.objects.get().looks == 3


def test_nobody_changes_or_deletes_a_line(project, two_looks):
    lent = lent_to(make.member(project, "ann"), two_looks)
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    line = HandIn.objects.get()
    for touch in (
        lambda: HandIn.objects.update(looks=99),
        lambda: HandIn.objects.all()._raw_delete("default"),
        line.delete,
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            touch()
    with pytest.raises(ProtectedError):
        two_looks.delete()
    assert HandIn.objects.get().looks == lent.tiles.count()


def test_lines_outlive_membership_and_campaign(project, two_looks, lead):
    ann = make.member(project, "ann")
    lent = lent_to(ann, two_looks)
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    projects.remove_member(project=project, user=ann.user, by=lead)
    campaigns.set_state(campaign=two_looks, state="closed", by=lead)
    assert [row["person"] for row in lines(lead, f"/api/projects/{project.pk}/work.csv")] == ["ann"]
    assert [(row["project"], row["looks"]) for row in lines(ann, "/api/work.csv")] == [
        ("Signs", str(lent.tiles.count()))
    ]
    (month,) = make.client(ann.user).get("/api/work/").json()["months"]
    assert (month["project"], month["batches"], month["tiles"]) == ("Signs", 1, lent.tiles.count())


def test_a_period_begins_and_ends_with_its_days_by_the_clock_that_is_named(project, two_looks, lead):
    lent = lent_to(make.member(project, "ann"), two_looks)
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    today = timezone.now().date()
    address = f"/api/projects/{project.pk}/work.csv?since={{}}&until={{}}"
    tomorrow, yesterday = today + datetime.timedelta(days=1), today - datetime.timedelta(days=1)
    assert len(lines(lead, address.format(today, today))) == 1
    assert not lines(lead, address.format(tomorrow, tomorrow)) and not lines(lead, address.format(yesterday, yesterday))
    ahead = (timezone.now() + datetime.timedelta(hours=14)).date()
    assert len(lines(lead, address.format(ahead, ahead) + "&zone=Etc/GMT-14")) == 1
    for bad in (
        "since=x",
        "since=2026-02-01&until=2026-01-01",
        "until=0001-01-01",
        "zone=Middle/Earth",
        "from=2026-01-01",
    ):
        assert make.client(lead).get(f"/api/projects/{project.pk}/work.csv?{bad}").status_code == 400, bad


def test_nobody_sees_anothers_lines(project, two_looks):
    ann, ben = make.member(project, "ann"), make.member(project, "ben")
    lent = lent_to(ann, two_looks)
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    assert lines(ben, "/api/work.csv") == [] and make.client(ben.user).get("/api/work/").json()["months"] == []


def test_time_is_what_lies_between_signs_and_no_gap_counts_for_more_than_it_may(project, two_looks):
    lent = lent_to(make.member(project, "ann"), two_looks)
    begun = lent.opened_at
    for seconds in (30, 50, 4000, 4010):  # a lunch lies between the second and the third
        active.sign(lent, begun + datetime.timedelta(seconds=seconds))
    assert lent.active_seconds == 50 + active.IDLE.total_seconds() + 10
    active.sign(lent, begun)  # a clock that goes backwards takes nothing away
    assert lent.active_seconds == 60 + active.IDLE.total_seconds()


def test_saving_keeping_and_handing_in_are_signs_and_waiting_to_be_opened_is_none(project, two_looks):
    ann = make.member(project, "ann")
    first, second = lent_to(ann, two_looks), lent_to(ann, two_looks)
    ago = timezone.now() - datetime.timedelta(seconds=60)
    Assignment.objects.filter(pk=first.pk).update(opened_at=ago)
    Assignment.objects.filter(pk=second.pk).update(lent_at=ago)
    flag.save(assignment=first, revision=0, flags=[], seen=[0])
    assert 60 <= Assignment.objects.get(pk=first.pk).active_seconds <= (timezone.now() - ago).total_seconds()
    submit.submit(assignment=first, revision=1, flags=[], seen=make.everything(first))
    flag.extend(assignment=second)
    assert Assignment.objects.get(pk=second.pk).active_seconds == 0
    flag.extend(assignment=second)
    submit.submit(assignment=second, revision=0, flags=[], seen=make.everything(second))
    of = dict(HandIn.objects.values_list("assignment", "seconds"))
    gone = (timezone.now() - ago).total_seconds()
    assert 60 <= of[first.pk] <= gone and of[second.pk] <= gone - 60
