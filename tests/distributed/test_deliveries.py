"""Notices and their deliveries by the processes of a real site, one of which is killed in the middle of sending."""

import dataclasses
import datetime

import pytest
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from mlfix_site import processes
from review.models import Batch, Campaign, Delivery, Webhook
from tests import live
from tests.receiver import receiving

pytestmark = pytest.mark.django_db(transaction=True)
OFTEN = {"MLFIX_NOTICE_SECONDS": "0.5", "MLFIX_DELIVER_SECONDS": "0.5", "MLFIX_WEBHOOK_PRIVATE": "true"}


def often(program: processes.Program) -> processes.Program:
    return dataclasses.replace(program, environment={**program.environment, **OFTEN})


def test_a_worker_that_is_killed_while_it_sends_leaves_the_delivery_to_the_next(project, campaign, lead):
    with receiving(holds=600.0) as receiver:
        webhook = Webhook.objects.create(project=project, url=receiver.url, created_by=lead)
        Campaign.objects.update(opened_at=timezone.now() - datetime.timedelta(days=2))
        with live.running(often(processes.general_worker()), often(processes.beat())) as keeper:
            live.wait_for(lambda: receiver.got)
            live.kill(keeper, "general")
            receiver.ended.set()  # from now on it answers at once
            delivery = webhook.deliveries.get()
            assert (delivery.state, delivery.attempts) == ("waiting", 1)
            assert delivery.next_at > timezone.now()
            Delivery.objects.update(next_at=timezone.now())  # the minute that it was claimed for is over
            live.wait_for(lambda: webhook.deliveries.filter(state="delivered").exists())
            Batch.objects.update(open=False)  # nothing more to find while the site ends
    first, second = receiver.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"] == f"delivery-{delivery.pk}"
    assert Signer(webhook.secret).verify(second[1], second[0])["type"] == "campaign_stalled"
    Batch.objects.update(open=True)
