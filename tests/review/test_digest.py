"""Digests: who gets one, at an address that answered, once a day at most, and what stands in it."""

import datetime
import os
import re
import subprocess
import sys
import threading
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail, signing
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.throttling import ScopedRateThrottle

from review.models import AuditEvent, Label, Member, Notice, Project, User
from review.operations import digests, projects
from tests import make

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
CONSOLE = "django.core.mail.backends.console.EmailBackend"


def put(who, project, what="", **given):
    return make.client(who).put(f"/api/projects/{project.pk}/digest/{what}", given, format="json")


def link():
    """Where the newest mail leads."""
    return re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]


def browser(user):
    made = Client()
    made.force_login(user)
    return made


def reached(user, project, address=None):
    """Somebody whose address is confirmed, and who wants a digest since the day before yesterday."""
    address = address or f"{user.username}@example.org"
    User.objects.filter(pk=user.pk).update(email=address, confirmed_email=address)
    Member.objects.filter(project=project, user=user).update(digest="daily", digest_since=timezone.now() - 2 * DAY)
    return user


def happened(campaign, hours=1.0, **what):
    at = timezone.now() - datetime.timedelta(hours=hours)
    return Notice.objects.create(**{"campaign": campaign, "kind": "campaign_finished", "at": at, **what})


def test_an_address_is_written_to_only_after_its_link_was_followed_by_that_very_person(project, lead, campaign):
    assert put(lead, project, digest="daily").json()["digest"] == "daily"
    Member.objects.update(digest_since=timezone.now() - DAY)
    happened(campaign)
    assert put(lead, project, "address/", address=" lead@example.org ").json()["confirmed"] is False
    (asked,) = mail.outbox
    assert asked.to == ["lead@example.org"] and "as lead" in asked.body
    assert not digests.send_due()
    address = link()
    assert Client().get(address)["Location"].startswith("/login/")
    other = make.member(project, "eve", "lead").user
    User.objects.filter(pk=other.pk).update(email="lead@example.org")  # she gave the same one
    for act in ("get", "post"):
        assert getattr(browser(other), act)(address).status_code == 404
    assert not digests.send_due()
    page = browser(lead).get(address)
    assert page.status_code == 200 and b"lead@example.org" in page.content
    lead.refresh_from_db()
    assert not lead.confirmed_email, "a GET confirms nothing"
    assert b"Confirmed" in browser(lead).post(address).content
    assert digests.send_due() == 1 and mail.outbox[-1].to == ["lead@example.org"]


def test_a_changed_address_has_to_answer_anew_and_an_old_link_is_none_for_it(project, lead, campaign):
    reached(lead, project)
    happened(campaign)
    put(lead, project, "address/", address="new@example.org")
    old = link()
    put(lead, project, "address/", address="newer@example.org")
    assert browser(lead).post(old).status_code == 404
    assert not digests.send_due()
    assert browser(lead).post(link()).status_code == 200
    assert digests.send_due() == 1 and mail.outbox[-1].to == ["newer@example.org"]
    put(lead, project, "address/", address="")
    lead.refresh_from_db()
    assert (lead.email, lead.reached_by_email) == ("", False)


def test_what_an_operator_types_for_somebody_is_no_confirmed_address(project, lead, campaign):
    reached(lead, project)
    User.objects.filter(pk=lead.pk).update(email="other@example.org")
    happened(campaign)
    assert not digests.send_due()


def test_a_link_runs_out_and_one_that_was_tampered_with_is_none(project, lead, monkeypatch):
    put(lead, project, "address/", address="lead@example.org")
    address = link()
    forged = signing.dumps({"user": lead.pk, "email": "lead@example.org"}, salt="another purpose")
    for bad in (address[:-4] + "xxx/", f"/email/{forged}/", "/email/no-such-token/"):
        assert browser(lead).post(bad).status_code == 404
    monkeypatch.setattr(digests, "CONFIRM_DAYS", -1)
    assert browser(lead).post(address).status_code == 404
    lead.refresh_from_db()
    assert not lead.confirmed_email


def test_one_mail_tells_of_all_projects_and_nothing_twice(project, dataset, campaign, lead):
    reached(lead, project)
    happened(campaign, kind="disputes_waiting", disputes=3, about="1", hours=3)
    label = Label.objects.get(dataset=dataset, name="disc")
    happened(campaign, kind="class_finished", label=label, about=str(label.pk), hours=2)
    happened(campaign, kind="campaign_stalled", about=timezone.now().isoformat())
    assert digests.send_due() == 1
    (sent,) = mail.outbox
    assert sent.to == ["lead@example.org"] and "3 things happened" in sent.subject
    lines = sent.body.splitlines()
    assert [line for line in lines if line.startswith("- ")] == [
        "- 3 disputes wait.", "- The class Disc is finished: all of its items are settled.",
        next(line for line in lines if "Nothing was handed in since" in line),
    ]  # fmt: skip
    assert f"http://127.0.0.1:8000/campaigns/{campaign.pk}/disputes/" in lines
    assert f"http://127.0.0.1:8000/campaigns/{campaign.pk}/" in lines
    assert f"How often you are written to: http://127.0.0.1:8000/projects/{project.pk}/" in lines
    assert not digests.send_due() and len(mail.outbox) == 1


def test_once_a_day_at_most_and_never_where_nothing_happened(project, campaign, lead):
    reached(lead, project)
    assert not digests.send_due()
    happened(campaign)
    assert digests.send_due() == 1
    happened(campaign, kind="disputes_waiting", disputes=1, about="1", hours=0.1)
    User.objects.update(digest_sent_at=timezone.now() - datetime.timedelta(hours=23))
    assert not digests.send_due()
    User.objects.update(digest_sent_at=timezone.now() - datetime.timedelta(hours=25))
    Notice.objects.filter(kind="campaign_finished").update(at=timezone.now() - datetime.timedelta(hours=26))
    assert digests.send_due() == 1
    assert "One dispute waits" in mail.outbox[-1].body and "is finished" not in mail.outbox[-1].body


def test_what_is_being_written_just_now_waits_so_that_it_is_not_missed(project, campaign, lead):
    reached(lead, project)
    happened(campaign, hours=0)
    assert not digests.send_due()
    Notice.objects.update(at=timezone.now() - datetime.timedelta(minutes=2))
    assert digests.send_due() == 1


def test_only_members_who_supervise_and_who_wish_it_are_written_to(project, campaign, lead):
    happened(campaign)
    people = {name: make.member(project, name, "supervisor") for name in ("sue", "demoted", "gone", "away", "never")}
    for member in people.values():
        reached(member.user, project)
    reviewer = make.member(project, "ann")
    reached(reviewer.user, project)
    projects.set_member(project=project, user=people["demoted"].user, role="reviewer", by=lead)
    projects.remove_member(project=project, user=people["gone"].user, by=lead)
    User.objects.filter(username="away").update(is_active=False)
    put(people["never"].user, project, digest="never")
    assert digests.send_due() == 1
    assert [sent.to for sent in mail.outbox] == [["sue@example.org"]]


def test_another_project_of_theirs_that_they_do_not_follow_stays_out(project, campaign, lead):
    reached(lead, project)
    happened(campaign)
    other = projects.create(name="Elsewhere", by=lead)
    Project.objects.filter(pk=other.pk).update(name="Not followed")
    dataset = campaign.dataset
    dataset.project = other
    dataset.save(update_fields=["project"])
    assert not digests.send_due()
    dataset.project = project
    dataset.save(update_fields=["project"])
    assert digests.send_due() == 1


def test_who_chooses_a_digest_is_told_of_what_happens_from_then_on(project, campaign, lead):
    happened(campaign, hours=30)
    reached(lead, project)
    put(lead, project, digest="never")
    put(lead, project, digest="daily")
    assert not digests.send_due()
    since = Member.objects.get(user=lead).digest_since
    put(lead, project, digest="daily")
    assert Member.objects.get(user=lead).digest_since == since, "chosen twice is chosen once"


def test_names_put_nothing_into_the_headers_and_turn_nothing_round(project, campaign, lead):
    reached(lead, project)
    evil = "Signs\r\nBcc: eve@example.org\u202egnp.\u2066\x00\n\n- All is well"
    Project.objects.filter(pk=project.pk).update(name=evil.replace("\x00", ""))
    type(campaign).objects.filter(pk=campaign.pk).update(name=evil.replace("\x00", ""))
    label = campaign.dataset.labels.get(name="disc")
    Label.objects.filter(pk=label.pk).update(readable_name="disc\r\nBcc: x\u200f")
    happened(campaign, kind="class_finished", label=label, about=str(label.pk))
    assert digests.send_due() == 1
    (sent,) = mail.outbox
    said = sent.message()
    assert said["Bcc"] is None and said["To"] == "lead@example.org" and "Signs" not in said["Subject"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", sent.body)
    assert "Signs Bcc: eve@example.org gnp. - All is well" in sent.body.splitlines()
    assert "- All is well" not in sent.body.splitlines()


@pytest.mark.parametrize(
    "address",
    ["x", "a@b", "a@example.org\nBcc: eve@example.org", "a@example.org, b@example.org", "<a@example.org>", "@", None,
     "a" * 250 + "@example.org", "a@example.org\x00", 7, ["a@example.org"]],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_written_to(project, lead, address):
    answer = put(lead, project, "address/", address=address)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["address"]
    lead.refresh_from_db()
    assert not mail.outbox and not lead.email


def test_confirmations_are_throttled(project, lead, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "confirmation", "2/min")
    codes = [put(lead, project, "address/", address=f"a{n}@example.org").status_code for n in range(3)]
    assert codes == [200, 200, 429] and len(mail.outbox) == 2


def test_where_the_site_sends_no_mail_it_says_so_and_takes_no_address(project, lead, campaign, settings):
    reached(lead, project)
    happened(campaign)
    settings.EMAIL_BACKEND = CONSOLE
    shown = make.client(lead).get(f"/api/projects/{project.pk}/digest/").json()
    assert shown["site_sends_mail"] is False
    answer = put(lead, project, "address/", address="new@example.org")
    assert answer.status_code == 400 and "sends no mail" in answer.json()["detail"]
    assert not digests.send_due()
    lead.refresh_from_db()
    assert lead.digest_sent_at is None, "what was not sent is not taken for sent"


def test_rights_hold_at_once_and_the_log_says_what_was_done_without_the_address(project, lead):
    sue, ann = make.member(project, "sue", "supervisor"), make.member(project, "ann")
    assert put(sue.user, project, digest="daily").status_code == 200
    put(sue.user, project, "address/", address="sue@example.org")
    assert put(ann.user, project, digest="daily").status_code == 403
    assert put(make.user("stranger"), project, digest="daily").status_code == 404
    projects.set_member(project=project, user=sue.user, role="reviewer", by=lead)
    assert put(sue.user, project, digest="never").status_code == 403
    assert put(sue.user, project, "address/", address="x@example.org").status_code == 403
    events = AuditEvent.objects.filter(actor=sue.user).order_by("pk")
    assert [event.verb for event in events] == ["digest chosen", "e-mail address given"]
    assert "example.org" not in str(list(events.values("data")))
    for wrong in ({}, {"digest": "hourly"}, {"digest": None}):
        assert put(lead, project, **wrong).status_code == 400
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(user=lead).update(digest="daily", digest_since=None)


class Broken:
    """A mail server that is away, or that knows nobody of this name."""

    def __init__(self, error):
        self.error = error

    def __call__(self, *args, **more):
        raise self.error


@pytest.mark.parametrize(
    ("error", "told_later"),
    [(SMTPServerDisconnected("away"), True), (OSError("away"), True), (SMTPRecipientsRefused({}), False)],
)
def test_a_mail_server_that_is_away_loses_no_digest_and_an_address_that_is_none_is_not_tried_each_minute(
    project, campaign, lead, monkeypatch, error, told_later
):
    reached(lead, project)
    happened(campaign)
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", Broken(error))
        assert not digests.send_due()
    assert digests.send_due() == told_later


def test_a_confirmation_that_cannot_be_sent_is_said(project, lead, monkeypatch):
    broken = Broken(SMTPServerDisconnected("away"))
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", broken)
    answer = put(lead, project, "address/", address="lead@example.org")
    assert answer.status_code == 400 and "No mail could be sent" in answer.json()["detail"]


SETTINGS = """import django; django.setup(); from django.conf import settings as s
print(s.EMAIL_BACKEND.split(".")[-2], s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.DEFAULT_FROM_EMAIL, s.SITE_URL)"""


@pytest.mark.parametrize(
    ("variables", "set_to"),
    [
        ({}, "console localhost 25 False mlfix@localhost http://127.0.0.1:8000"),
        ({"EMAIL_URL": "", "DEFAULT_FROM_EMAIL": "", "MLFIX_URL": "", "EMAIL_BACKEND": ""},
         "console localhost 25 False mlfix@localhost http://127.0.0.1:8000"),
        ({"EMAIL_URL": "smtp+tls://me:word@mail.example.org:587", "DEFAULT_FROM_EMAIL": "m@example.org",
          "MLFIX_URL": "https://labels.example.org/"},
         "smtp mail.example.org 587 True m@example.org https://labels.example.org"),
        ({"EMAIL_URL": "smtp://mail.example.org:25", "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"},
         "dummy mail.example.org 25 False mlfix@localhost http://127.0.0.1:8000"),
    ],
)  # fmt: skip
def test_mail_is_set_by_one_address(variables, set_to):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMAIL", "MLFIX_URL", "DEFAULT"))}
    done = subprocess.run([sys.executable, "-c", SETTINGS], env=kept | variables, capture_output=True, text=True)
    assert done.stdout.strip() == set_to, done.stderr


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_to_each_person_once(project, campaign, lead):
    for name in ("sue", "kim", "max"):
        reached(make.member(project, name, "supervisor").user, project)
    happened(campaign)
    gate = threading.Barrier(4)

    def look():
        try:
            gate.wait()
            digests.send_due()
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent.to[0] for sent in mail.outbox) == ["kim@example.org", "max@example.org", "sue@example.org"]
