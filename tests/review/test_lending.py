"""Lending: what nobody may ever see twice, and what may never be lent beyond what is wanted."""

import datetime
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import redis
from django.conf import settings
from django.db import connections
from django.db.models import F
from django.utils import timezone

from review.models import Assignment, Campaign, Look, Member, Tile
from review.operations import campaigns, claim, flag, plan, projects, submit, sweep
from tests import make

CLIENTS = 64
WANTED = 3


def crowd(project, count: int) -> list[Member]:
    users = [make.User(username=f"person-{k}", password="!") for k in range(count)]
    make.User.objects.bulk_create(users)
    return [Member.objects.create(project=project, user=user) for user in users]


def at_once(jobs: list) -> list:
    """Run all at the same moment, each on a connection of its own; an error is its result."""
    gate = threading.Barrier(len(jobs))

    def go(job):
        try:
            gate.wait()
            return job()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(go, jobs))


def race(project, campaign: Campaign) -> None:
    """64 clients claim at once; nobody is told an error, nothing is lent beyond three holders, nobody holds twice."""
    members = crowd(project, CLIENTS)
    found = at_once([lambda m=m: claim.claim(campaign=campaign, member=m) for m in members])
    assert not [f for f in found if isinstance(f, Exception)]
    holders = Counter(Tile.objects.filter(assignment__state="lent", planted=False).values_list("item_id", flat=True))
    assert max(holders.values()) <= WANTED
    assert sum(holders.values()) == WANTED * campaign.verdicts.count()
    assert not campaign.verdicts.exclude(lent=F("wanted")).exists()


@pytest.fixture
def raced(transactional_db, project, lead) -> Campaign:
    made, _ = make.dataset(project, lead)
    return make.campaign(made, lead, policy="fixed", looks_min=WANTED, looks_max=WANTED)


def test_64_clients_at_once_never_hold_more_than_is_wanted(project, raced):
    race(project, raced)


def test_without_the_lock_the_same_race_goes_wrong(project, raced, monkeypatch):
    monkeypatch.setattr(claim, "LOCK_BATCH", "")
    monkeypatch.setattr(claim, "LOCK_PLACES", "")
    with pytest.raises(AssertionError):
        race(project, raced)
    Assignment.objects.all().delete()
    raced.verdicts.update(lent=0)


def test_one_person_claiming_many_times_at_once_gets_two_assignments_without_a_common_item(project, raced):
    member = crowd(project, 1)[0]
    found = at_once([lambda: claim.claim(campaign=raced, member=member) for _ in range(12)])
    assert sum(isinstance(f, Assignment) for f in found) == 2
    assert sum(isinstance(f, claim.Nothing) for f in found) == 10


def test_the_same_key_gives_the_same_assignment(project, raced):
    member = crowd(project, 1)[0]
    found = at_once([lambda: claim.claim(campaign=raced, member=member, key="once") for _ in range(8)])
    assert {getattr(f, "pk", f) for f in found} == {Assignment.objects.get().pk}


def test_the_same_hand_in_twenty_times_is_one_look_an_item_and_one_answer(project, raced):
    member = crowd(project, 1)[0]
    lent = claim.claim(campaign=raced, member=member)
    seen = make.everything(lent)
    found = at_once([lambda: submit.submit(assignment=lent, revision=0, flags=[], seen=seen) for _ in range(20)])
    assert {(f.counted, f.surplus) for f in found} == {(len(seen), 0)}
    assert Look.objects.filter(campaign=raced).count() == len(seen)


def test_nobody_is_lent_an_item_twice(project, campaign, truth):
    member = make.member(project, "ann")
    met: Counter = Counter()
    while isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
        met.update(lent.tiles.values_list("item_id", flat=True))
        submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    assert max(met.values()) == 1 and len(met) == 48
    assert "seen all that is open" in lent.reason or "settled" in lent.reason


def test_of_what_is_asked_again_everybody_keeps_to_one_class_as_long_as_it_lasts(project, dataset, lead):
    campaign = make.campaign(dataset, lead, batch_size=12, honeypots=0)  # of a grid of its own they are half
    campaign.batches.update(open=False)
    campaign.verdicts.update(batch=None)
    member = make.member(project, "ann")
    grids: list[list[int]] = []
    while isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
        grids.append(list(lent.tiles.filter(planted=False).values_list("label", flat=True)))
        submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    whole = [labels[0] for labels in grids if len(set(labels)) == 1 and len(labels) == 6]
    assert len(whole) >= 6  # the last ones are what is left of several
    assert sum(one != before for one, before in pairwise(whole)) == len(set(whole)) - 1
    assert sum(map(len, grids)) == campaign.verdicts.count()


def test_a_tile_handed_in_unseen_is_no_look_and_its_place_is_free_again(project, campaign):
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    done = submit.submit(assignment=lent, revision=0, flags=[], seen=[0, 1])
    assert (done.counted, done.surplus) == (2, 0)
    other = claim.claim(campaign=campaign, member=make.member(project, "ben"))
    unseen = set(lent.tiles.filter(position__gt=1).values_list("item_id", flat=True))
    assert unseen <= set(other.tiles.values_list("item_id", flat=True))


def overdue(assignment: Assignment) -> None:
    past = timezone.now() - datetime.timedelta(seconds=1)
    Assignment.objects.filter(pk=assignment.pk).update(expires_at=past)
    sweep.lapse_overdue()
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.LAPSED


def test_a_lapsed_lease_returns_the_batch_and_keeps_the_flags(project, campaign):
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    marks = [{"position": 0, "reason": "wrong_label", "label": None, "comment": "odd"}]
    flag.save(assignment=lent, revision=0, flags=marks, seen=[0, 1, 2])
    overdue(lent)
    assert not campaign.verdicts.filter(lent__gt=0).exists()
    assert lent.flags[0]["comment"] == "odd" and lent.seen == [0, 1, 2]


def test_a_late_hand_in_counts_where_there_is_a_place_and_is_kept_as_surplus_elsewhere(project, dataset, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1)
    late = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    tiles = make.everything(late)
    overdue(late)
    taken = claim.claim(campaign=campaign, member=make.member(project, "ben"))
    assert set(taken.tiles.values_list("item_id", flat=True)) == set(late.tiles.values_list("item_id", flat=True))
    submit.submit(assignment=taken, revision=0, flags=[], seen=[0, 1, 2])
    redis.Redis.from_url(settings.REDIS_URL).flushall()  # The queue may forget everything in between.
    done = submit.submit(assignment=late, revision=0, flags=[], seen=tiles)
    assert (done.counted, done.surplus) == (len(tiles) - 3, 3)
    assert Look.objects.filter(assignment=late, counted=False).count() == 3
    assert submit.submit(assignment=late).surplus == 3


def test_marks_saved_in_another_window_are_not_overwritten(project, campaign):
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    flag.save(assignment=lent, revision=0, flags=[], seen=[0])
    with pytest.raises(flag.Stale) as stale:
        flag.save(assignment=lent, revision=0, flags=[], seen=[1])
    assert (stale.value.assignment.revision, stale.value.assignment.seen) == (1, [0])


def test_the_next_assignment_waits_and_its_lease_begins_when_it_is_opened(project, campaign):
    member = make.member(project, "ann")
    first, second = (claim.claim(campaign=campaign, member=member) for _ in range(2))
    assert first.opened_at and second.opened_at is None
    assert second.expires_at == first.expires_at + claim.HOLD
    opened = flag.extend(assignment=second)
    assert opened.opened_at and opened.expires_at > timezone.now() + datetime.timedelta(minutes=44)


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_a_campaign_that_is_not_open_lends_nothing_and_says_so(project, campaign, lead, state):
    campaigns.set_state(campaign=campaign, state=state, by=lead)
    found = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    assert isinstance(found, claim.Nothing) and found.reason.endswith((".", "help."))


def test_whoever_comes_while_a_campaign_is_planned_is_told_so_and_asked_to_come_soon(project, dataset, lead):
    campaign, _ = plan.start(dataset=dataset, by=lead, name="Soon", settings={})
    nothing = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    assert isinstance(nothing, claim.Nothing) and "being planned" in nothing.reason and nothing.retry_after == 3


def test_a_paused_reviewer_is_lent_nothing(project, campaign):
    member = make.member(project, "ann")
    member.paused = True
    assert "paused" in claim.claim(campaign=campaign, member=member).reason


def test_whoever_is_paused_keeps_what_they_are_at_and_nothing_that_was_lent_ahead(project, campaign, lead):
    member = make.member(project, "ann")
    at, ahead = (claim.claim(campaign=campaign, member=member) for _ in range(2))
    projects.pause_member(member=member, paused=True, by=lead)
    states = dict(campaign.assignments.values_list("pk", "state"))
    assert states == {at.pk: "lent", ahead.pk: "released"}
    assert submit.submit(assignment=at, revision=0, flags=[], seen=make.everything(at)).counted == at.tiles.count()


def test_honeypots_are_planted_and_count_as_no_looks(project, dataset, lead):
    campaign = make.campaign(dataset, lead, honeypots=2, policy="fixed", looks_min=1, looks_max=1,
                             slice={"labels": ["square"]})  # fmt: skip
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    planted = list(lent.tiles.filter(planted=True).select_related("item"))
    assert len(planted) == 2
    assert all(tile.item.label_id != tile.label_id for tile in planted)
    done = submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    assert done.counted == lent.tiles.count()  # The answer does not tell which were planted.
    assert campaign.verdicts.filter(counted=1).count() == lent.tiles.filter(planted=False).count()
    assert Look.objects.filter(assignment=lent, planted=True).count() == 2


@pytest.mark.parametrize("people", [3, 8])
def test_planting_an_item_never_leaves_too_few_people_for_its_own_looks(project, dataset, lead, people):
    campaign = make.campaign(dataset, lead, honeypots=6, policy="fixed", looks_min=3, looks_max=3)
    members, working = crowd(project, people), True
    while working:
        working = False
        for member in members:
            if isinstance(lent := claim.claim(campaign=campaign, member=member), Assignment):
                submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
                working = True
    assert set(campaign.verdicts.values_list("counted", flat=True)) == {3}
    # Of three people who must all look at everything, none can be spared to meet an item planted.
    assert Tile.objects.filter(assignment__campaign=campaign, planted=True).exists() == (people > 3)


def test_what_lapsed_with_marks_on_it_is_still_offered_to_be_handed_in(project, campaign):
    member = make.member(project, "ann")
    browser = make.client(member.user)
    marked, bare = (claim.claim(campaign=campaign, member=member) for _ in range(2))
    flag.save(assignment=marked, revision=0, flags=[], seen=[0, 1])
    for assignment in (marked, bare):
        overdue(assignment)
    held = browser.get(f"/api/assignments/?mine&campaign={campaign.pk}").json()["results"]
    assert [(row["id"], row["state"]) for row in held] == [(marked.pk, "lapsed")]
    assert browser.post(f"/api/assignments/{marked.pk}/submit/").json() == {"counted": 2, "surplus": 0, "unsaved": 0}
    assert browser.get("/api/assignments/?mine").json()["results"] == []


def test_what_lapsed_and_is_given_back_is_offered_no_more(project, campaign):
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    flag.save(assignment=lent, revision=0, flags=[], seen=[0])
    overdue(lent)
    submit.release(assignment=lent)
    assert make.client(lent.reviewer).get("/api/assignments/?mine").json()["results"] == []
