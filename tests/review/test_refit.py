"""A refit lets people go on, and one that is cut off is done again."""

import threading
import time

import pytest
from django.db import connections, transaction

from review.models import Campaign, Fit
from review.operations import claim, decide, refit, submit, sweep
from tests import make


@pytest.fixture
def begun(transactional_db, project, lead) -> Campaign:
    """Everything was looked at once, of two looks."""
    made, _ = make.dataset(project, lead)
    campaign = make.campaign(made, lead, policy="fixed", looks_min=2, looks_max=2, batch_size=12)
    look_at_all(campaign, make.member(project, "ann"))
    return campaign


def look_at_all(campaign: Campaign, member) -> None:
    while not isinstance(lent := claim.claim(campaign=campaign, member=member), claim.Nothing):
        submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))


def in_thread(job) -> threading.Thread:
    def run() -> None:
        try:
            job()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def waits_for_a_lock(wanted: int) -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0] >= wanted)


def test_people_claim_and_hand_in_while_a_refit_is_under_way(begun, project, monkeypatch):
    monkeypatch.setattr(refit, "AT_ONCE", 5)
    ben = make.member(project, "ben")
    batch = claim.claim(campaign=begun, member=ben).batch_id
    taken = begun.verdicts.exclude(batch=batch).order_by("-pk").values_list("pk", flat=True)[0]
    held, gate = threading.Event(), threading.Event()

    def hold_a_row() -> None:
        with transaction.atomic():
            decide.held(begun, [taken])
            held.set()
            gate.wait(60)

    holding = in_thread(hold_a_row)
    assert held.wait(30)
    refitting = in_thread(lambda: refit.refit(begun.pk))
    end = time.monotonic() + 30
    while not waits_for_a_lock(1):
        assert time.monotonic() < end
        time.sleep(0.05)
    mine = begun.assignments.get(reviewer=ben.user, state="lent")
    done = submit.submit(assignment=mine, revision=0, flags=[], seen=make.everything(mine))
    assert done.counted and refitting.is_alive()
    assert claim.claim(campaign=begun, member=ben).tiles.exists()
    gate.set()
    refitting.join(60)
    holding.join(60)
    begun.refresh_from_db()
    assert begun.fit.number == 1 and begun.fit.whole
    assert not begun.verdicts.exclude(fit=begun.fit).exists()


def test_a_refit_that_is_cut_off_is_due_at_once_and_then_whole(begun, monkeypatch):
    monkeypatch.setattr(refit, "AT_ONCE", 10)
    settle, done = decide.settle, []

    def cut_off(campaign, verdicts, fit) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(settle(campaign, verdicts, fit))

    monkeypatch.setattr(decide, "settle", cut_off)
    with pytest.raises(KeyboardInterrupt):
        refit.refit(begun.pk)
    monkeypatch.setattr(decide, "settle", settle)
    begun.refresh_from_db()
    assert begun.fit.number == 1 and not begun.fit.whole
    assert begun.verdicts.filter(fit=begun.fit).count() == 10
    assert sweep.due_for_refit() == [begun.pk]
    sweep.sweep()
    begun.refresh_from_db()
    assert begun.fit.whole and not begun.verdicts.exclude(fit=begun.fit).exists()
    assert sweep.due_for_refit() == []


def test_what_nobody_has_judged_keeps_no_fit(dataset, lead, project):
    campaign = make.campaign(dataset, lead, batch_size=12)
    lent = claim.claim(campaign=campaign, member=make.member(project, "ann"))
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    fit = refit.refit(campaign.pk)
    assert isinstance(fit, Fit) and fit.looks == lent.tiles.count()
    assert set(campaign.verdicts.filter(counted=0).values_list("probability", "fit")) == {(None, None)}
    assert not campaign.verdicts.filter(counted__gt=0).exclude(fit=fit).exists()
