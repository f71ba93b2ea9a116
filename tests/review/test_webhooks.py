"""Webhooks: signed, sent once at least and never by two at once, to the public internet alone, and unread."""

import datetime
import json
import socket
import threading
import time

import pytest
from django.conf import settings as site
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from rest_framework.throttling import ScopedRateThrottle
from standardwebhooks import Webhook as Signer
from standardwebhooks.webhooks import WebhookVerificationError

from review import outbound
from review.models import AuditEvent, Delivery, Notice, Webhook
from review.operations import deliveries, notices, projects, webhooks
from tests import make
from tests.live import wait_for
from tests.receiver import receiving

pytestmark = pytest.mark.django_db
PUBLIC = "https://93.184.216.34/hook"


@pytest.fixture
def private(settings):
    """What an operator may allow: http, and addresses of the own network."""
    settings.WEBHOOK_PRIVATE = True


def api(who, method, address, **given):
    return getattr(make.client(who), method)(f"/api/{address}", given, format="json")


def made(project, lead, url=PUBLIC, **given):
    answer = api(lead, "post", f"projects/{project.pk}/webhooks/", url=url, **given)
    assert answer.status_code == 201, answer.json()
    return Webhook.objects.get(pk=answer.json()["id"])


def told(campaign, **what):
    notice = Notice(**{"campaign": campaign, "kind": "campaign_finished", **what})
    assert notices.write(notice)
    return Delivery.objects.filter(notice=notice)


def later(delivery):
    """The time of the next try has come."""
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())


def test_the_secret_is_shown_once_and_signs_what_is_sent(project, lead, campaign, private):
    with receiving() as receiver:
        answer = api(lead, "post", f"projects/{project.pk}/webhooks/", url=receiver.url).json()
        label = campaign.dataset.labels.get(name="disc")
        (delivery,) = told(campaign, kind="class_finished", about=str(label.pk), label=label)
        assert deliveries.sweep() == 1
    ((headers, body),) = receiver.got
    said = Signer(answer["secret"]).verify(body, headers)
    assert said["type"] == "class_finished" and said["timestamp"]
    assert said["data"] == {
        "project": project.pk, "campaign": campaign.pk, "name": campaign.name, "label": "disc",
        "url": f"{site.SITE_URL}/campaigns/{campaign.pk}/",
    }  # fmt: skip
    assert headers["webhook-id"] == f"delivery-{delivery.pk}"
    with pytest.raises(WebhookVerificationError):
        Signer(answer["secret"]).verify(body.replace(b"disc", b"cross"), headers)
    for path in (f"projects/{project.pk}/webhooks/", f"webhooks/{answer['id']}/deliveries/"):
        assert answer["secret"] not in api(lead, "get", path).content.decode()
    assert answer["secret"] not in api(lead, "patch", f"webhooks/{answer['id']}/", active=True).content.decode()
    assert answer["secret"] not in str(list(AuditEvent.objects.values("data")))


def test_disputes_say_how_many_and_lead_to_the_desk(project, lead, campaign, private):
    with receiving() as receiver:
        made(project, lead, receiver.url)
        told(campaign, kind="disputes_waiting", about="1", disputes=7)
        deliveries.sweep()
    data = json.loads(receiver.got[0][1])["data"]
    assert (data["disputes"], data["url"]) == (7, f"{site.SITE_URL}/campaigns/{campaign.pk}/disputes/")


def test_only_the_kinds_that_it_is_for_go_to_a_webhook_and_none_while_it_is_paused(project, lead, campaign):
    stalled = made(project, lead, kinds=["campaign_stalled"])
    every, paused = made(project, lead), made(project, lead)
    api(lead, "patch", f"webhooks/{paused.pk}/", active=False)
    other = projects.create(name="Elsewhere", by=lead)
    Webhook.objects.create(project=other, url=PUBLIC, created_by=lead)
    assert [d.webhook_id for d in told(campaign)] == [every.pk]
    assert {d.webhook_id for d in told(campaign, kind="campaign_stalled", about="x")} == {stalled.pk, every.pk}


def test_an_error_is_tried_again_later_and_arrives_under_the_same_id(project, lead, campaign, private):
    with receiving(answers=[500, 200]) as receiver:
        webhook = made(project, lead, receiver.url)
        (delivery,) = told(campaign)
        (low, high) = pause_of(delivery)
        assert (delivery.state, delivery.status, delivery.trouble) == ("waiting", 500, "It answered 500.")
        assert low <= 10 <= high
        assert not deliveries.sweep()
        later(delivery)
        assert deliveries.sweep() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.trouble) == ("delivered", 2, "")
    first, second = (headers for headers, _ in receiver.got)
    assert first["webhook-id"] == second["webhook-id"]
    webhook.refresh_from_db()
    assert webhook.failures == 0


def pause_of(delivery) -> tuple[float, float]:
    """Sweep: in how many seconds it is tried again, at least and at most, as far as this clock can tell."""
    before = timezone.now()
    deliveries.sweep()
    delivery.refresh_from_db()
    low, high = (delivery.next_at - at for at in (timezone.now(), before))
    return low.total_seconds(), high.total_seconds()


def test_after_the_last_pause_it_has_failed_and_the_webhook_says_so(project, lead, campaign, private):
    with receiving(answers=[410]) as receiver:
        webhook = made(project, lead, receiver.url)
        (delivery,) = told(campaign)
        waits = []
        for _ in range(len(deliveries.PAUSES) + 1):
            later(delivery)
            waits.append(pause_of(delivery))
        assert all(low <= pause <= high for (low, high), pause in zip(waits, deliveries.PAUSES, strict=False))
        assert delivery.state == "failed"
        (shown,) = api(lead, "get", f"projects/{project.pk}/webhooks/").json()["results"]
        assert (shown["failures"], shown["failing"], shown["active"]) == (7, True, True)
        receiver.answers = [200]
        again = api(lead, "post", f"deliveries/{delivery.pk}/again/").json()
        assert (again["state"], again["attempts"]) == ("waiting", 0)
        assert deliveries.sweep() == 1
    webhook.refresh_from_db()
    delivery.refresh_from_db()
    assert (delivery.state, webhook.failures) == ("delivered", 0)


def test_what_ended_long_ago_is_forgotten_and_what_still_waits_is_not(project, lead, campaign, private):
    with receiving() as receiver:
        made(project, lead, receiver.url)
        (done,) = told(campaign)
        assert deliveries.sweep() == 1
    (waiting,) = told(campaign, kind="campaign_stalled", about="2026-11-29")
    long_ago = timezone.now() - deliveries.KEPT - datetime.timedelta(minutes=1)
    Delivery.objects.update(created_at=long_ago, next_at=long_ago)
    assert deliveries.forget_old() == 0
    Delivery.objects.filter(pk=done.pk).update(ended_at=long_ago)
    assert deliveries.forget_old() == 1
    assert list(Delivery.objects.all()) == [waiting] and Notice.objects.count() == 2


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/", "http://127.0.0.1:1/", ""])
def test_a_redirect_is_a_failure_and_nobody_goes_there(project, lead, campaign, private, location):
    with receiving() as inner, receiving(answers=[307], location=location or inner.url, body=b"x" * 2**25) as receiver:
        made(project, lead, receiver.url)
        (delivery,) = told(campaign)
        deliveries.sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status) == ("waiting", 307) and "redirect (307)" in delivery.trouble
    assert len(receiver.got) == 1 and not inner.got
    assert receiver.sent < 2**24, "the body of a redirect was read"


def test_an_answer_is_neither_read_nor_kept(project, lead, campaign, private):
    with receiving(body=b"what nobody is to see " * 2**20) as receiver:
        webhook = made(project, lead, receiver.url)
        (delivery,) = told(campaign)
        deliveries.sweep()
    assert receiver.sent < 2**23
    answer = api(lead, "get", f"webhooks/{webhook.pk}/deliveries/").content.decode()
    assert '"delivered"' in answer and "nobody is to see" not in answer
    delivery.refresh_from_db()
    assert "nobody" not in str(vars(delivery))


@pytest.mark.parametrize("how", [{"holds": 30.0}, {"drips": True}], ids=["hangs", "drips"])
def test_who_hangs_or_drips_is_given_up_in_time_and_holds_nobody_up(project, lead, campaign, private, monkeypatch, how):
    monkeypatch.setattr(outbound, "SECONDS", 1.0)
    with receiving(**how) as slow, receiving() as quick:
        for receiver in (slow, quick):
            made(project, lead, receiver.url)
        first, second = told(campaign).order_by("pk")
        before = time.monotonic()
        deliveries.sweep()
        assert time.monotonic() - before < 15
        assert quick.got
        sent = slow.sent
        time.sleep(0.5)
        assert slow.sent <= sent + 3, "somebody listens still"
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.status, second.state) == ("waiting", None, "delivered")
    assert "did not answer within" in first.trouble


PRIVATE = [
    "https://127.0.0.1/x", "https://127.1/x", "https://2130706433/x", "https://0x7f000001/x", "https://017700000001/x",
    "https://[::1]/x", "https://[::ffff:127.0.0.1]/x", "https://[::ffff:7f00:1]/x", "https://[::]/x", "https://0.0.0.0/x",
    "https://169.254.169.254/latest/meta-data/", "https://10.1.2.3/x", "https://172.16.0.1/x", "https://192.168.1.1/x",
    "https://100.64.0.1/x", "https://[fd00::1]/x", "https://[fe80::1]/x", "https://[64:ff9b::7f00:1]/x",
    "https://[2002:7f00:1::]/x", "https://224.0.0.1/x", "https://localhost/x", "https://LOCALHOST:8443/x",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_refused_in_any_form_when_it_is_made_and_when_it_is_sent_to(project, lead, url):
    answer = api(lead, "post", f"projects/{project.pk}/webhooks/", url=url)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["url"], answer.json()
    assert not Webhook.objects.exists()
    webhook = Webhook.objects.create(project=project, url=url, created_by=lead)
    delivery = webhooks.send_test(webhook=webhook, by=lead)
    deliveries.sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.trouble) == ("waiting", None, outbound.PRIVATE)
    assert api(lead, "patch", f"webhooks/{webhook.pk}/", url=url).status_code == 400


@pytest.mark.parametrize("url", ["https://127.0.0.1", "https://2130706433", "https://[::ffff:127.0.0.1]"])
def test_nothing_reaches_a_server_of_the_own_network(url):
    """Over http, which outbound.py would refuse before it looks, so that what is tried is the connection itself."""
    with receiving() as receiver:
        port = receiver.url.rsplit(":", 1)[1]
        answer = outbound.sent(f"{url.replace('https', 'http')}:{port}", b"{}", {}, outbound.Line())
        assert answer == outbound.Answer(None, outbound.PRIVATE) and not receiver.got
        assert outbound.post(receiver.url, b"{}", {}).trouble == "The address must begin with https://."


def test_a_name_that_changes_its_address_after_it_was_looked_at_leads_nowhere(monkeypatch):
    """The first look says a public address and each later one a private one, as a hostile name server would."""
    looks = []

    def changing(host, port, *args, **more):
        looks.append(host)
        address = "93.184.216.34" if len(looks) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    outbound.check("https://changes.example/hook")
    assert looks == ["changes.example"]
    assert outbound.post("https://changes.example/hook", b"{}", {}) == outbound.Answer(None, outbound.PRIVATE)


def test_what_was_looked_at_is_what_is_connected_to(monkeypatch):
    """The name is looked up once for a try; the connection is made to the number that came of it."""
    looked = []

    def public(host, port, *args, **more):
        looked.append(host)
        if host != "changes.example":
            raise socket.gaierror("no network in this test")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", public)
    answer = outbound.post("https://changes.example/hook", b"{}", {})
    assert answer == outbound.Answer(None, "It could not be reached.")
    assert looked == ["changes.example", "93.184.216.34"]


def test_proxies_and_passwords_of_the_environment_are_not_used(private, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login operator password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with receiving() as receiver, receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert outbound.post(receiver.url, b"{}", {}) == outbound.Answer(204)
    assert not proxy.got and "Authorization" not in receiver.got[0][0]


@pytest.mark.parametrize(
    "url",
    ["http://93.184.216.34/x", "ftp://93.184.216.34/x", "javascript:alert(1)", "//93.184.216.34/x", "https://", "x",
     " ", "https://93.184.216.34:99999/x", "https://[::1/x", "https://93.184.216.34/a b", "https://localhost./x",
     "https://93.184.216.34/\nHost: x",
     "https://93.184.216.34\\@127.0.0.1/", "https://u:p@93.184.216.34/x", "https://93.184.216.34@127.0.0.1/x",
     "https://" + "a" * 64 + ".example/x", "https://93.184.216.34/" + "a" * 500, "https://93.184.216.34/\x00",
     "https://93.184.216.34/\u202ex", "https://no-such-host.invalid/x", "https://..../x", None, 7, ["https://x"]],
)  # fmt: skip
def test_what_is_no_address_to_send_to_is_refused_with_a_sentence(project, lead, url):
    answer = api(lead, "post", f"projects/{project.pk}/webhooks/", url=url)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["url"]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("kinds", [[], ["no such"], ["class_finished"] * 21, "class_finished", [["class_finished"]]])
def test_kinds_that_there_are_not_are_refused(project, lead, kinds):
    assert api(lead, "post", f"projects/{project.pk}/webhooks/", url=PUBLIC, kinds=kinds).status_code == 400
    with pytest.raises(IntegrityError), transaction.atomic():
        Webhook.objects.create(project=project, url=PUBLIC, created_by=lead, kinds=["no such"])


def test_a_project_has_so_many_webhooks_and_no_more(project, lead):
    for _ in range(webhooks.MOST):
        made(project, lead)
    answer = api(lead, "post", f"projects/{project.pk}/webhooks/", url=PUBLIC)
    assert answer.status_code == 400 and "20 webhooks at most" in answer.json()["detail"]


def test_a_test_is_sent_and_no_second_one_while_it_waits(project, lead, private):
    with receiving() as receiver:
        webhook = made(project, lead, receiver.url)
        one = api(lead, "post", f"webhooks/{webhook.pk}/test/").json()
        assert api(lead, "post", f"webhooks/{webhook.pk}/test/").json()["id"] == one["id"]
        assert deliveries.sweep() == 1
    said = json.loads(receiver.got[0][1])
    assert (said["type"], said["data"]["name"], said["data"]["campaign"]) == ("test", project.name, None)
    (shown,) = api(lead, "get", f"webhooks/{webhook.pk}/deliveries/").json()["results"]
    assert (shown["kind"], shown["state"], shown["status"]) == ("test", "delivered", 204)
    api(lead, "patch", f"webhooks/{webhook.pk}/", active=False)
    assert api(lead, "post", f"webhooks/{webhook.pk}/test/").status_code == 400


def test_what_goes_out_at_a_word_is_throttled_and_looking_is_not(project, lead, monkeypatch):
    webhook = made(project, lead)
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "outward", "3/min")
    codes = [api(lead, "post", f"webhooks/{webhook.pk}/test/").status_code for _ in range(3)]
    assert codes == [201, 201, 429], "one went into making it"
    assert api(lead, "post", f"projects/{project.pk}/webhooks/", url=PUBLIC).status_code == 429
    assert api(lead, "get", f"projects/{project.pk}/webhooks/").status_code == 200


def test_a_lead_who_is_one_no_more_is_refused_at_once_and_each_act_is_in_the_log(project, lead):
    other = make.member(project, "zoe", "lead")
    webhook = made(project, lead, "https://93.184.216.34/services/T000/very-secret")
    delivery = api(lead, "post", f"webhooks/{webhook.pk}/test/").json()
    api(lead, "patch", f"webhooks/{webhook.pk}/", kinds=["class_finished"])
    api(lead, "post", f"deliveries/{delivery['id']}/again/")
    projects.set_member(project=project, user=lead, role="reviewer", by=other.user)
    acts = [("get", f"projects/{project.pk}/webhooks/"), ("patch", f"webhooks/{webhook.pk}/"),
            ("delete", f"webhooks/{webhook.pk}/"), ("post", f"webhooks/{webhook.pk}/test/"),
            ("get", f"webhooks/{webhook.pk}/deliveries/"), ("post", f"deliveries/{delivery['id']}/again/")]  # fmt: skip
    assert {api(lead, *act).status_code for act in acts} == {403}
    projects.remove_member(project=project, user=lead, by=other.user)
    assert {api(lead, *act).status_code for act in acts} == {404}
    assert api(other.user, "delete", f"webhooks/{webhook.pk}/").status_code == 204
    events = AuditEvent.objects.filter(data__has_key="webhook").order_by("pk")
    assert [event.verb for event in events] == [
        "webhook made", "webhook tested", "webhook changed", "delivery sent again", "webhook removed",
    ]  # fmt: skip
    assert {event.data["host"] for event in events} == {"93.184.216.34"} and "very-secret" not in str(
        list(events.values("data"))
    )


def test_one_webhook_with_much_to_be_told_holds_up_no_other(project, lead, campaign):
    """Of each webhook one delivery is taken at a time, the oldest."""
    busy, other = made(project, lead, kinds=["campaign_stalled"]), made(project, lead, kinds=["campaign_finished"])
    for number in range(12):
        told(campaign, kind="campaign_stalled", about=str(number))
    told(campaign)
    assert {delivery.webhook_id for delivery in deliveries.claim()} == {busy.pk, other.pk}
    assert [delivery.webhook_id for delivery in deliveries.claim()] == [busy.pk]


def test_who_comes_back_after_another_has_taken_over_writes_nothing(project, lead, campaign):
    made(project, lead)
    (delivery,) = told(campaign)
    (late,) = deliveries.claim()
    later(delivery)
    (taken,) = deliveries.claim()
    deliveries.record(late, outbound.Answer(500, "It answered 500."))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.attempts) == ("waiting", None, 2)
    deliveries.record(taken, outbound.Answer(200))
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_what_is_being_sent_is_not_sent_beside_it_where_somebody_asks_for_it_again(project, lead, campaign):
    made(project, lead)
    (delivery,) = told(campaign)
    (claimed,) = deliveries.claim()
    api(lead, "post", f"deliveries/{delivery.pk}/again/")
    assert not deliveries.claim()
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now() + datetime.timedelta(hours=6))
    api(lead, "post", f"deliveries/{delivery.pk}/again/")
    delivery.refresh_from_db()
    assert (delivery.next_at - timezone.now()).total_seconds() <= 60
    deliveries.record(claimed, outbound.Answer(200))
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def nothing_is_held(delivery):
    """Somebody else could write the row at once, and nobody is in the midst of a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not Delivery.objects.select_for_update(skip_locked=True).filter(pk=delivery.pk).exists():
            return False
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = "
            "current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
class TestSeveral:
    def test_two_sweeps_at_once_send_once_and_hold_nothing_meanwhile(self, project, lead, campaign, private):
        with receiving(holds=6.0) as receiver:
            made(project, lead, receiver.url)
            (delivery,) = told(campaign)
            threads = [threading.Thread(target=swept) for _ in range(4)]
            for thread in threads:
                thread.start()
            wait_for(lambda: receiver.got, 10)
            wait_for(lambda: nothing_is_held(delivery), 5)
            assert any(thread.is_alive() for thread in threads), "it is being sent still"
            for thread in threads:
                thread.join()
        assert len(receiver.got) == 1
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == ("delivered", 1)

    def test_what_a_worker_left_when_it_was_killed_is_sent_again_under_the_same_id(
        self, project, lead, campaign, private
    ):
        with receiving() as receiver:
            made(project, lead, receiver.url)
            (delivery,) = told(campaign)
            (claimed,) = deliveries.claim()
            assert deliveries.send(claimed).status == 204  # and here the worker dies, before it writes that down
            assert not deliveries.sweep(), "it may still be at it"
            later(delivery)  # the time for which it was claimed is over
            assert deliveries.sweep() == 1
        first, second = (headers["webhook-id"] for headers, _ in receiver.got)
        assert first == second
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == ("delivered", 2)


def swept():
    try:
        deliveries.sweep()
    finally:
        connection.close()
