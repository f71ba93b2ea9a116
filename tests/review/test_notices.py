"""Notices: found once however often it is looked for, of open campaigns alone, and without reading every item."""

import datetime
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from review import tasks
from review.models import Assignment, AuditEvent, Batch, Campaign, Delivery, HandIn, Notice, Verdict, Webhook
from review.operations import campaigns, claim, notices, resolve, submit
from review.queries import notices as reads
from tests import make

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def found(campaign, kind=None):
    rows = Notice.objects.filter(campaign=campaign).order_by("pk")
    return list(rows.filter(kind=kind) if kind else rows)


def kinds(campaign):
    return sorted({notice.kind for notice in found(campaign)})


def settle(campaign, **which):
    """As a refit would; only what notices look at, put back by the fixture."""
    return campaign.verdicts.filter(**which).update(state=Verdict.State.CLEAN)


@pytest.fixture
def campaign(campaign):
    """What is moved here by hand is put back, so that the invariants hold after the test."""
    yield campaign
    campaign.verdicts.filter(counted=0).update(state=Verdict.State.OPEN)


def long_ago(campaign, hours=25.0):
    Campaign.objects.filter(pk=campaign.pk).update(opened_at=timezone.now() - hours * HOUR)


def test_a_class_is_finished_once_nothing_of_it_is_open_or_disputed(campaign):
    assert not notices.find()
    disc = campaign.dataset.labels.get(name="disc")
    settle(campaign, label=disc)
    first = campaign.verdicts.filter(label=disc).first()
    for state in (Verdict.State.OPEN, Verdict.State.DISPUTED):
        Verdict.objects.filter(pk=first.pk).update(state=state)
        notices.find()
        assert "class_finished" not in kinds(campaign)
    Verdict.objects.filter(pk=first.pk).update(state=Verdict.State.UNCLEAR)
    (notice,) = notices.find()
    assert (notice.kind, notice.label_id) == ("class_finished", disc.pk)
    assert not notices.find()


def test_a_campaign_is_finished_once_all_of_it_is_settled(campaign):
    settle(campaign)
    notices.find()
    assert kinds(campaign) == ["campaign_finished", "class_finished"]
    assert len(found(campaign)) == 1 + len(make.LABELS)
    assert not notices.find()


def test_real_work_ends_in_notices(dataset, lead, project, truth):
    campaign = make.campaign(dataset, lead, policy="solo")
    make.review_alone(campaign, project, truth)
    notices.find()
    assert len(found(campaign, "class_finished")) == len(make.LABELS) and found(campaign, "campaign_finished")


def test_of_a_campaign_that_is_not_open_nothing_is_told(campaign, lead):
    settle(campaign)
    long_ago(campaign)
    campaigns.set_state(campaign=campaign, state="paused", by=lead)
    assert not notices.find()


def test_a_check_up_has_no_finished_classes(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(slice={"where": {"check_up": {}}})
    settle(campaign)
    notices.find()
    assert kinds(campaign) == ["campaign_finished"]


def test_disputes_are_told_of_once_until_the_desk_was_empty(campaign):
    one = campaign.verdicts.first()
    Verdict.objects.filter(pk=one.pk).update(state=Verdict.State.DISPUTED)
    (notice,) = notices.find()
    assert (notice.kind, notice.disputes) == ("disputes_waiting", 1)
    campaign.verdicts.update(state=Verdict.State.DISPUTED)
    assert not notices.find()
    campaign.verdicts.update(state=Verdict.State.OPEN)
    assert not notices.find()
    campaign.verdicts.update(state=Verdict.State.DISPUTED)
    (second,) = notices.find()
    assert second.disputes == campaign.verdicts.count()
    assert not notices.find()


def test_disputes_that_wait_for_a_day_are_told_of_again_each_day(campaign):
    campaign.verdicts.update(state=Verdict.State.DISPUTED)
    assert len(notices.find()) == 1
    for day in (1, 2):
        Notice.objects.update(at=timezone.now() - 23 * HOUR)
        assert not notices.find()
        Notice.objects.update(at=timezone.now() - 25 * HOUR)
        (again,) = notices.find()
        assert again.about == str(day + 1)


def test_a_real_dispute_is_told_of_and_a_decision_empties_the_desk(dataset, lead, project):
    only = {"labels": ["square", "disc"]}
    campaign = make.campaign(dataset, lead, policy="fixed", looks_min=2, looks_max=2, slice=only)
    campaign.verdicts.update(prior=0.5)  # so that one against one settles nothing
    for name, flags in (("ann", True), ("ben", False)):
        member = make.member(project, name)
        lent = claim.claim(campaign=campaign, member=member)
        said = [{"position": 0, "reason": "not_an_object"}] if flags else []
        submit.submit(assignment=lent, revision=0, flags=said, seen=make.everything(lent))
    disputed = campaign.verdicts.get(state=Verdict.State.DISPUTED)
    notices.find()
    (notice,) = found(campaign, "disputes_waiting")
    assert (notice.disputes, notice.over_at) == (1, None)
    resolve.resolve(verdict=disputed, action="clean", by=lead)
    notices.find()
    notice.refresh_from_db()
    assert notice.over_at


def test_a_campaign_stalls_once_in_an_idle_stretch(campaign, project, settings):
    long_ago(campaign, 23)
    assert not notices.find()
    long_ago(campaign, 25)
    (notice,) = notices.find()
    assert notice.kind == "campaign_stalled"
    assert not notices.find()
    lent = claim.claim(campaign=campaign, member=project.members.get())
    submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
    settings.STALLED_HOURS = 0.0
    notices.find()
    first, second = found(campaign, "campaign_stalled")
    assert second.about == HandIn.objects.get().at.isoformat()
    settings.STALLED_HOURS = 24.0
    Notice.objects.filter(kind="campaign_stalled").delete()
    assert not [n for n in notices.find() if n.kind == "campaign_stalled"], "something came in just now"


def test_a_campaign_that_was_paused_has_its_time_anew(campaign, lead):
    long_ago(campaign, 200)
    for state in ("paused", "open"):
        campaign = campaigns.set_state(campaign=campaign, state=state, by=lead)
    assert not notices.find()
    assert AuditEvent.objects.filter(verb="campaign open", campaign=campaign).exists(), "what it is told by"


def test_a_campaign_that_wants_no_looks_does_not_stall(campaign):
    long_ago(campaign)
    Batch.objects.filter(campaign=campaign).update(open=False)
    assert not notices.find()
    again = campaign.verdicts.first()
    batch, again.batch = again.batch, None
    again.save(update_fields=["batch"])
    (notice,) = notices.find()
    assert notice.kind == "campaign_stalled"
    Verdict.objects.filter(pk=again.pk).update(batch=batch)
    Batch.objects.filter(campaign=campaign).update(open=True)


def test_notices_go_to_webhooks_that_there_are_and_to_none_that_comes_later(campaign, project, lead):
    webhook = Webhook.objects.create(project=project, url="https://example.org/x", created_by=lead)
    settle(campaign)
    tasks.notice()
    late = Webhook.objects.create(project=project, url="https://example.org/x", created_by=lead)
    tasks.notice()
    assert webhook.deliveries.count() == len(found(campaign)) > 0 and not late.deliveries.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "no such"},
        {"kind": "class_finished"},
        {"kind": "disputes_waiting"},
        {"kind": "disputes_waiting", "disputes": 0},
        {"kind": "campaign_finished", "disputes": 3},
    ],
)
def test_the_database_holds_no_notice_that_says_nothing(campaign, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(campaign=campaign, **values)


def test_the_queries_are_as_many_for_many_campaigns_as_for_one_and_none_reads_every_verdict(dataset, lead, campaign):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            notices.find()
        return len(caught)

    notices.find()
    one = queries()
    for _ in range(2):
        make.campaign(dataset, lead)
    notices.find()
    assert queries() == one < 12
    with connection.cursor() as cursor:
        # As it would be with millions: a plan that reads the table would be chosen on a small one.
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query, values in ((reads.MET, {"states": list(Verdict.State.values)}),
                              (reads.WANTED, {"campaigns": [campaign.pk]})):  # fmt: skip
            cursor.execute(f"EXPLAIN {query}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            verdicts = [line for line in plan.splitlines() if "review_verdict" in line]
            assert verdicts and all("Index" in line for line in verdicts), plan


@pytest.mark.django_db(transaction=True)
def test_two_at_once_find_each_thing_once(campaign, project, lead):
    Webhook.objects.create(project=project, url="https://example.org/x", created_by=lead)
    settle(campaign)
    gate = threading.Barrier(4)
    made = []

    def look():
        try:
            gate.wait()
            made.extend(notices.find())
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == len(found(campaign)) == Delivery.objects.count() == 1 + len(make.LABELS)
    assert not Assignment.objects.exists()
