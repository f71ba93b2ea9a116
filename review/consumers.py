"""Sockets that say "fetch again": the same permissions as the routes, looked up anew while they are open.

A message is {topic, version}. It is sent at once where none was in the last second, else when that second is over.
"""

import asyncio
import logging
import random
import zlib
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.urls import path

from . import pulse, rules
from .models import Campaign, Job, User
from .queries import clusters
from .queries.version import version as version_of

log = logging.getLogger(__name__)
APART = 1.0  # seconds between two messages
ASK_EVERY = 3.0  # seconds between two looks at whether the person may still watch
GONE = 4404


class Watch(AsyncJsonWebsocketConsumer):
    """One watched thing. Subclasses say what its version is, whose project it is of, and who `may` watch; `also`: whose
    calls stir it too. The channel layer is the pulse's: a socket has no channel of its own."""

    topic = ""
    also: tuple[str, ...] = ()
    may = staticmethod(rules.can_see)
    channel_layer_alias = "none"

    async def connect(self) -> None:
        self.key = int(self.scope["url_route"]["kwargs"]["pk"])
        self.pulse: pulse.Pulse | None = None
        self.tasks: list[asyncio.Task] = []
        self.project = await self.found()
        if not await self.allowed():
            await self.close(code=GONE)
            return
        self.pulse = pulse.join(self.topic, self.key, self.version, self.also)
        await self.accept()
        self.tasks = [asyncio.create_task(self.tell(self.pulse)), asyncio.create_task(self.guard())]

    async def disconnect(self, code: int) -> None:
        for task in self.tasks:
            task.cancel()
        if self.pulse:
            pulse.leave(self.pulse)
            self.pulse = None

    async def receive(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is taken in."""

    async def tell(self, watched: pulse.Pulse) -> None:
        sent: int | None = None
        while True:
            sent = await watched.after(sent)
            await self.send_json({"topic": self.topic, "version": sent})
            await asyncio.sleep(APART)

    async def guard(self) -> None:
        """Close where the person may not watch any more, or nobody can tell."""
        may = True
        while may:
            # Not all of a crowd in one moment.
            await asyncio.sleep(ASK_EVERY * random.uniform(0.8, 1.2))
            try:
                may = await self.allowed()
            except Exception:
                log.warning("Whether somebody may watch could not be looked up.", exc_info=True)
                may = False
        await self.close(code=GONE)

    @database_sync_to_async
    def found(self) -> int | None:
        return self.project_of(self.key)

    @database_sync_to_async
    def allowed(self) -> bool:
        user = self.person()
        return user is not None and self.project is not None and self.may(rules.membership(user, self.project))

    def person(self) -> User | None:
        """Who the session belongs to now: a signed-out or changed session belongs to nobody."""
        session = self.scope.get("session")
        if session is None or not session.session_key:
            return None
        request = HttpRequest()
        request.session = SessionStore(session.session_key)
        user = get_user(request)
        return user if isinstance(user, User) else None

    @staticmethod
    def project_of(key: int) -> int | None:
        raise NotImplementedError

    @staticmethod
    def version(key: int) -> int | None:
        raise NotImplementedError


class WatchCampaign(Watch):
    topic = "campaigns"

    @staticmethod
    def project_of(key: int) -> int | None:
        return Campaign.objects.filter(pk=key).values_list("dataset__project_id", flat=True).first()

    @staticmethod
    def version(key: int) -> int | None:
        return version_of(key)


class WatchDesk(Watch):
    """What is to settle, and what other supervisors have before them."""

    topic = "desks"
    also = ("campaigns",)
    may = staticmethod(rules.can_supervise)

    @staticmethod
    def project_of(key: int) -> int | None:
        return WatchCampaign.project_of(key)

    @staticmethod
    def version(key: int) -> int | None:
        found = version_of(key)
        return None if found is None else zlib.crc32(repr((found, clusters.taken_places(key))).encode())


class WatchJob(Watch):
    topic = "jobs"

    @staticmethod
    def project_of(key: int) -> int | None:
        return Job.objects.filter(pk=key).values_list("project_id", flat=True).first()

    @staticmethod
    def version(key: int) -> int | None:
        """Moves with every step, every state and every run."""
        found = Job.objects.filter(pk=key).values_list("fence", "state", "done", "message").first()
        return zlib.crc32(repr(found).encode()) if found else None


routes = [
    path("ws/campaigns/<int:pk>/", WatchCampaign.as_asgi()),
    path("ws/campaigns/<int:pk>/desk/", WatchDesk.as_asgi()),
    path("ws/jobs/<int:pk>/", WatchJob.as_asgi()),
]
