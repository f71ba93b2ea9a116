"""Between rounds: fixes teach suspicion by themselves, and what is open goes by it."""

import pytest

from review.models import Assignment, Campaign, Job
from review.operations import campaigns, claim, relearning, submit, sweep
from tests import make


@pytest.fixture
def wrong():
    return {row: make.LABELS[(row + 1) % 4] for row in range(3, 96, 6)}


@pytest.fixture
def shapes(project, lead, wrong):
    return make.dataset(project, lead, each=24, wrong=wrong)


@pytest.fixture
def campaign(dataset, lead) -> Campaign:
    # Two looks at least: what is learnt alone then settles nothing that one person has looked at.
    return make.campaign(dataset, lead, policy="evidence", audit_share=0.05, looks_min=2)


def review(campaign, member, truth, batches: int) -> None:
    for _ in range(batches):
        found = claim.claim(campaign=campaign, member=member)
        assert isinstance(found, Assignment)
        submit.submit(
            assignment=found, revision=0, flags=make.flags_of_truth(found, truth), seen=make.everything(found)
        )


def reviewed(campaign, project, truth) -> int:
    """Some batches twice; how many fixes there are then."""
    for name in ("ann", "ben", "cid"):
        review(campaign, make.member(project, name), truth, 3)
    return relearning.fixes(campaign.dataset)


def learnt(dataset) -> Job:
    job = dataset.jobs.filter(kind=Job.Kind.RANK, state="queued").get()
    Job.objects.filter(pk=job.pk).update(parameters={**job.parameters, "encoder": "pixels"})
    make.work(job)
    assert job.state == Job.State.DONE, job.message
    return job


def test_it_is_due_after_some_fixes_and_then_after_half_as_many_more():
    assert not relearning.is_due(0, 19) and relearning.is_due(0, 20)
    assert not relearning.is_due(100, 149) and relearning.is_due(100, 150)
    assert not relearning.is_due(100, 80)  # some were reverted


def test_the_sweep_has_it_learnt_and_what_is_open_goes_by_it(campaign, dataset, project, lead, truth, monkeypatch):
    fixes = reviewed(campaign, project, truth)
    assert fixes
    monkeypatch.setattr(relearning, "LEAST", fixes)
    before = {v.pk: v for v in campaign.verdicts.all()}
    sweep.sweep()
    sweep.sweep()
    job = learnt(dataset)
    assert job.parameters["relearn"] and job.result["fixes"] == fixes
    after = {v.pk: v for v in campaign.verdicts.select_related("item")}
    waiting = [pk for pk, v in before.items() if v.state == "open" and v.audit is None]
    assert job.result["renewed"] == len(waiting) > 0
    # One that what was learnt settles as wrong is relabelled, and then suspected of nothing.
    unfixed = [pk for pk in waiting if after[pk].state != "fix"]
    assert unfixed and all(after[pk].prior == after[pk].item.suspicion for pk in unfixed)
    assert any(after[pk].prior != before[pk].prior for pk in waiting)
    kept = set(before) - set(waiting)
    assert kept and all(after[pk].prior == before[pk].prior for pk in kept)
    # An item that somebody has looked at is judged by it at once; the fixture recomputes all of them.
    assert bool(list(relearning.due())) == relearning.is_due(fixes, relearning.fixes(dataset))


def test_what_nobody_looks_at_where_it_passes_for_clean_is_settled_by_what_was_learnt(
    dataset, project, lead, truth, monkeypatch
):
    campaign = make.campaign(dataset, lead, policy="evidence", looks_min=0, audit_share=0, clean_below=0.01)
    open_ones = campaign.verdicts.filter(state="open")
    doubted = open_ones.count()
    dataset.items.filter(verdicts__in=open_ones).update(suspicion=0.001)
    assert relearning.renew(dataset) == doubted
    assert not campaign.verdicts.filter(state="open").exists() and not campaign.verdicts.filter(wanted__gt=0).exists()
    assert relearning.renew(dataset) == 0


def test_a_campaign_that_is_closed_or_goes_by_plain_rules_stays_as_it_is(dataset, lead):
    closed = make.campaign(dataset, lead)
    campaigns.set_state(campaign=closed, state=Campaign.State.CLOSED, by=lead)
    plain = make.campaign(dataset, lead, policy="fixed")
    dataset.items.update(suspicion=0.5)
    assert relearning.renew(dataset) == 0
    assert not list(relearning.due())
    for campaign in (closed, plain):
        assert not campaign.verdicts.filter(prior=0.5).exists()


def test_what_was_relabelled_since_is_suspected_of_something_else(dataset, lead):
    campaign = make.campaign(dataset, lead)
    verdict = campaign.verdicts.filter(state="open", audit=None).first()
    other = dataset.labels.exclude(pk=verdict.label_id).first()
    dataset.items.update(suspicion=0.4)
    dataset.items.filter(pk=verdict.item_id).update(label=other)
    relearning.renew(dataset)
    verdict.refresh_from_db()
    assert verdict.prior != 0.4
    dataset.items.filter(pk=verdict.item_id).update(label=verdict.label_id)


def test_a_ranking_that_failed_is_not_begun_again_by_itself(campaign, dataset, project, lead, truth, monkeypatch):
    monkeypatch.setattr(relearning, "LEAST", 1)
    assert reviewed(campaign, project, truth)
    assert [one.pk for one in relearning.due()] == [dataset.pk]
    job = relearning.start(dataset)
    Job.objects.filter(pk=job.pk).update(state="running")
    assert not list(relearning.due())
    Job.objects.filter(pk=job.pk).update(state="failed")
    assert not list(relearning.due())
