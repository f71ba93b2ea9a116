"""Being told of what happens, in a browser: a lead's webhooks, and the e-mail of those who supervise."""

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from playwright.sync_api import expect
from standardwebhooks import Webhook as Signer

from mlfix_site import processes
from mlfix_site.embedded import free_port
from mlfix_site.running import wait_until_ready
from review.models import Member, Webhook
from review.operations import deliveries
from tests import live, make
from tests.e2e.axe import violations
from tests.e2e.conftest import Site
from tests.receiver import receiving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[Site]:
    """One that may send to this machine, and that sends mail, to nobody."""
    port = free_port()
    variables = {"DJANGO_ALLOW_ASYNC_UNSAFE": "", "MLFIX_WEBHOOK_PRIVATE": "true",
                 "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}  # fmt: skip
    with live.running(processes.web(port, **variables)) as keeper:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url)
        yield Site(url, keeper)


@pytest.fixture(autouse=True)
def private(settings):
    settings.WEBHOOK_PRIVATE = True


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_lead_adds_a_webhook_tests_it_sees_it_fail_sends_it_again_and_removes_it(project, lead, sign_in, phone):
    with receiving(answers=[503, 204]) as receiver:
        page = sign_in(lead, f"/projects/{project.pk}/", phone=phone)
        card = page.locator("#webhooks")
        expect(card.locator("#no-webhooks")).to_contain_text("None yet")
        card.get_by_label("Address").fill("https://user:word@example.org/")
        card.get_by_role("button", name="Add").click()
        expect(card.locator("#webhook-url-wrong")).to_contain_text("Leave the name and the password out")
        expect(card.get_by_label("Address")).to_be_focused()
        card.get_by_label("Address").fill(receiver.url)
        card.get_by_label("A campaign stands still").uncheck()
        card.get_by_label("Address").press("Enter")
        secret = card.get_by_label("The secret", exact=True)
        expect(secret).to_be_focused()
        card.get_by_role("button", name="Copy").click()
        signer = Signer(secret.input_value())
        hook = card.locator("[data-webhook]")
        expect(hook).to_contain_text(receiver.url)
        expect(hook).to_contain_text("A class is finished · Disputes wait · A campaign is finished")
        hook.get_by_role("button", name="Test").press("Enter")
        sent = hook.locator("[data-delivery]")
        expect(sent).to_contain_text("on its way")
        assert deliveries.sweep() == 1
        expect(sent).to_contain_text("It answered 503.")
        expect(sent).to_contain_text("again at")
        with page.expect_response("**/again/"):
            sent.get_by_role("button", name="Send again").press("Enter")
        Webhook.objects.get().deliveries.update(next_at="2026-01-01T00:00Z")
        assert deliveries.sweep() == 1
        page.reload()
        expect(sent).to_contain_text("delivered")
        expect(card.get_by_label("The secret", exact=True)).to_have_count(0)
        assert signer.verify(receiver.got[1][1], receiver.got[1][0])["type"] == "test"
        assert not violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it runs out of a narrow screen"
        page.on("dialog", lambda dialog: dialog.accept())
        hook.get_by_role("button", name="Remove").press("Enter")
        expect(hook).to_have_count(0)
        expect(card.get_by_label("Address")).to_be_focused()
    assert not Webhook.objects.exists()


def test_a_supervisor_chooses_a_digest_and_gives_an_address(project, sign_in):
    sue = make.member(project, "sue", "supervisor")
    page = sign_in(sue, f"/projects/{project.pk}/")
    card = page.locator("#email")
    expect(card.get_by_label("Never")).to_be_checked()
    card.get_by_label("Once a day").check()
    expect(card.locator("#email-state")).to_have_text("Give an address, else nothing can be sent.")
    card.get_by_label("Your address").fill("sue@example")
    card.get_by_role("button", name="Save").click()
    expect(card.locator("#email-state")).to_contain_text("This is no e-mail address.")
    card.get_by_label("Your address").fill("sue@example.org")
    card.get_by_label("Your address").press("Enter")
    expect(card.locator("#email-state")).to_contain_text(re.compile("A link is on its way to sue@example.org"))
    expect(page.locator("#webhooks")).to_have_count(0)
    assert not violations(page)
    page.reload()
    expect(card.get_by_label("Once a day")).to_be_checked()
    expect(card.locator("#email-state")).to_contain_text("Not confirmed yet")
    member = Member.objects.select_related("user").get(user=sue.user)
    assert (member.digest, member.user.email, member.user.confirmed_email) == ("daily", "sue@example.org", "")
    assert not mail.outbox, "it was sent by the site"
