"""Sockets of a running site: refused to whom the routes refuse, told of changes, closed when the right ends."""

import asyncio
import contextlib
import json
import time

import pytest
import redis
from channels.layers import get_channel_layer
from django.conf import settings
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from review.operations import audit, claim, projects, submit
from review.queries.version import version
from tests import live, make

pytestmark = pytest.mark.django_db(transaction=True)


def cookie_of(user) -> str:
    return make.client(user).cookies[settings.SESSION_COOKIE_NAME].value


def socket(url: str, path: str, cookie: str | None, origin: str | None = None) -> ClientConnection:
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"} if cookie else {}
    return connect(url.replace("http", "ws") + path, additional_headers=headers, origin=origin or url, proxy=None)


def refused(*args) -> bool:
    try:
        socket(*args).close()
    except InvalidStatus as answer:
        return answer.response.status_code == 403
    return False


@pytest.fixture
def watched(transactional_db, project, lead):
    made, _ = make.dataset(project, lead)
    return make.campaign(made, lead)


def hear(connection: ClientConnection, timeout: float) -> dict:
    return json.loads(connection.recv(timeout=timeout))


def test_sockets_keep_to_the_permissions_of_the_routes(watched, project, lead):
    stranger, foreign, member = make.user("stranger"), make.user("foreign"), make.member(project, "ann")
    projects.create(name="Elsewhere", by=foreign)
    campaign, job = f"/ws/campaigns/{watched.pk}/", f"/ws/jobs/{watched.jobs.get().pk}/"
    with live.web() as url:
        for path in (campaign, job):
            assert refused(url, path, None)
            assert refused(url, path, "no-such-session")
            assert refused(url, path, cookie_of(stranger))
            assert refused(url, path, cookie_of(foreign))
            assert refused(url, path, cookie_of(lead), "https://evil.example")
        assert refused(url, "/ws/campaigns/987654321/", cookie_of(lead))

        with socket(url, campaign, cookie_of(lead)) as connection:
            first = hear(connection, 3)
            lent = claim.claim(campaign=watched, member=member)
            submit.submit(assignment=lent, revision=0, flags=[], seen=make.everything(lent))
            second = hear(connection, 2)
            assert first["topic"] == second["topic"] == "campaigns" and second["version"] > first["version"]

        for end in (removed, signed_out, password_changed):
            someone = make.member(project, end.__name__)
            browser = make.client(someone.user)
            with socket(url, campaign, browser.cookies[settings.SESSION_COOKIE_NAME].value) as connection:
                hear(connection, 3)
                end(project, someone, browser, lead)
                began = time.monotonic()
                with pytest.raises(ConnectionClosed):
                    while True:
                        connection.recv(timeout=5)
                assert time.monotonic() - began < 5, end.__name__


def test_a_quiet_line_to_the_queue_is_not_taken_for_one_that_is_away():
    async def listen() -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        with pytest.raises(asyncio.TimeoutError):
            async with asyncio.timeout(layer.brpop_timeout + 2):
                await layer.receive(channel)
        await layer.close_pools()

    asyncio.run(listen())


def test_all_who_watch_hear_the_last_change_and_no_more_than_once_a_second(watched, project, lead):
    with live.web() as url, contextlib.ExitStack() as stack:
        cookie = cookie_of(lead)
        sockets = [stack.enter_context(socket(url, f"/ws/campaigns/{watched.pk}/", cookie)) for _ in range(5)]
        for connection in sockets:
            hear(connection, 3)
        began = time.monotonic()
        while time.monotonic() < began + 3:
            audit.record("stirred", project=project, campaign=watched)
            time.sleep(0.02)
        last, stirred = version(watched), time.monotonic() - began
        for connection in sockets:
            heard = [hear(connection, 5)["version"]]
            while heard[-1] != last:
                heard.append(hear(connection, 5)["version"])
            # One at once, then one a second at most, and the last.
            assert heard == sorted(set(heard)) and 3 <= len(heard) <= stirred + 2


def test_a_queue_that_forgets_everything_delays_a_change_by_seconds_and_loses_none(watched, project, lead):
    with live.web() as url, socket(url, f"/ws/campaigns/{watched.pk}/", cookie_of(lead)) as connection:
        before = hear(connection, 3)["version"]
        redis.Redis.from_url(settings.REDIS_URL).flushall()
        audit.record("stirred", project=project, campaign=watched)
        assert hear(connection, 6)["version"] == version(watched) > before


def removed(project, member, browser, lead):
    projects.remove_member(project=project, user=member.user, by=lead)


def signed_out(project, member, browser, lead):
    browser.logout()


def password_changed(project, member, browser, lead):
    member.user.set_password("another-good-password")
    member.user.save()
