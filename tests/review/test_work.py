"""One's own work: how much and how good, honestly, and for nobody else."""

import datetime

import pytest
from django.utils import timezone

from review.models import Assignment, Look, Resolution, Verdict
from review.operations import claim, resolve, submit
from tests import make


@pytest.fixture
def two_looks(dataset, lead):
    return make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, batch_size=60)


def look(campaign, member, flags=()) -> Assignment:
    lent = claim.claim(campaign=campaign, member=member)
    assert isinstance(lent, Assignment)
    marks = [{"position": p, "reason": "wrong_label"} for p in flags]
    submit.submit(assignment=lent, revision=0, flags=marks, seen=make.everything(lent))
    return lent


def work(member, zone="UTC"):
    return make.client(member.user).get(f"/api/work/?zone={zone}").json()


def test_whoever_has_done_nothing_yet_has_an_empty_page(project, campaign):
    found = work(make.member(project, "ann"))
    assert (found["today"], found["campaigns"]) == ({"batches": 0, "tiles": 0}, [])
    assert len(found["days"]) == 7 and not any(day["tiles"] for day in found["days"])


def test_what_was_handed_in_counts_by_the_persons_own_clock(project, two_looks):
    ann = make.member(project, "ann")
    lent = look(two_looks, ann)
    tiles = lent.tiles.count()
    found = work(ann)
    assert found["today"] == found["week"] == {"batches": 1, "tiles": tiles}
    assert found["days"][-1] == {"day": timezone.now().date().isoformat(), "tiles": tiles}
    Assignment.objects.update(ended_at=timezone.now() - datetime.timedelta(days=2))
    found = work(ann)
    assert (found["today"]["tiles"], found["week"]["tiles"], found["days"][-3]["tiles"]) == (0, tiles, tiles)
    Assignment.objects.update(ended_at=timezone.now() - datetime.timedelta(days=9))
    assert (work(ann)["week"]["tiles"], work(ann)["campaigns"][0]["tiles"]) == (0, tiles)


def test_days_begin_where_the_person_is(project, two_looks):
    ann = make.member(project, "ann")
    look(two_looks, ann)
    now = timezone.now()
    Assignment.objects.update(ended_at=now.replace(hour=0, minute=0, second=0, microsecond=0))
    ahead = work(ann, "Etc/GMT-14")  # fourteen hours ahead: there it is that same day, or the next one
    local = now.astimezone(datetime.timezone(datetime.timedelta(hours=14)))
    assert bool(ahead["today"]["tiles"]) == (local.date() == now.date())
    assert make.client(ann.user).get("/api/work/?zone=Middle/Earth").status_code == 400


def test_agreement_is_with_others_and_after_the_verdict(project, two_looks, lead):
    ann, ben = make.member(project, "ann"), make.member(project, "ben")
    lent = look(two_looks, ann, flags=[0, 1])
    settled = work(ann)["campaigns"][0]["agreement"]
    assert settled == {"settled": 0, "agreed": 0, "interval": None}  # nobody else has looked yet
    items = list(lent.tiles.order_by("position").values_list("item", flat=True))
    theirs = claim.claim(campaign=two_looks, member=ben)
    at = dict(theirs.tiles.values_list("item", "position"))
    submit.submit(assignment=theirs, revision=0, flags=[{"position": at[items[0]], "reason": "not_an_object"}],
                  seen=make.everything(theirs))  # fmt: skip
    states = dict(two_looks.verdicts.values_list("item", "state"))
    both = [item for item in items if item in at]
    done = [item for item in both if states[item] in ("clean", "fix")]
    agreed = sum((states[item] == "fix") == (item in items[:2]) for item in done)
    found = work(ann)["campaigns"][0]["agreement"]
    assert (found["settled"], found["agreed"]) == (len(done), agreed) and done
    assert found["interval"][0] < agreed / len(done) <= found["interval"][1]


def test_a_supervisors_word_counts_as_anothers_and_ones_own_does_not(project, dataset, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1, batch_size=60)
    sue, tom = (make.member(project, name, "supervisor") for name in ("sue", "tom"))
    lent = look(campaign, sue, flags=[0])
    verdicts = {v.item_id: v for v in campaign.verdicts.all()}
    first, second = (verdicts[lent.tiles.get(position=p).item_id] for p in (0, 1))
    resolve.resolve(verdict=second, by=sue.user, action=Resolution.Action.CLEAN)
    assert work(sue)["campaigns"][0]["agreement"]["settled"] == 0
    resolve.resolve(verdict=first, by=tom.user, action=Resolution.Action.CLEAN)
    found = work(sue)["campaigns"][0]["agreement"]
    assert (found["settled"], found["agreed"]) == (1, 0)


def test_a_redrawn_box_says_that_the_label_is_right(project, dataset, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=1, looks_max=1, batch_size=60)
    ann = make.member(project, "ann")
    lent = look(campaign, ann)
    verdict = Verdict.objects.get(campaign=campaign, item=lent.tiles.get(position=0).item)
    resolve.resolve(verdict=verdict, by=lead, action="redraw", box=[5, 5, 20, 20])
    found = work(ann)["campaigns"][0]["agreement"]
    assert (found["settled"], found["agreed"]) == (1, 1)


def test_planted_ones_are_told_with_their_interval(project, dataset, lead):
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, honeypots=2)
    for name in ("cleo", "dan", "eve", "finn"):
        lent = claim.claim(campaign=campaign, member=make.member(project, name))
        submit.submit(assignment=lent, revision=0, flags=[], seen=[0])
    ann = make.member(project, "ann")
    lent = claim.claim(campaign=campaign, member=ann)
    planted = list(lent.tiles.filter(planted=True).values_list("position", flat=True))
    assert planted
    submit.submit(assignment=lent, revision=0, seen=make.everything(lent),
                  flags=[{"position": planted[0], "reason": "wrong_label"}])  # fmt: skip
    told = work(ann)["campaigns"][0]["planted"]
    assert (told["seen"], told["found"]) == (len(planted), 1)
    assert told["interval"][0] < 1 / len(planted) <= told["interval"][1]
    assert Look.objects.filter(reviewer=ann.user).count() == work(ann)["campaigns"][0]["tiles"]


def test_it_is_ones_own(project, two_looks):
    ann, ben = make.member(project, "ann"), make.member(project, "ben")
    look(two_looks, ann)
    assert work(ben)["campaigns"] == [] and work(ben)["week"]["tiles"] == 0
