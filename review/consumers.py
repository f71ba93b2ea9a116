"""Sockets that say "fetch again": the same permissions as the routes, looked up anew while they are open.

A message is {topic, version}. It is sent at most once a second, and whatever the channel layer may lose is made good by
the consumer's own look at the version.
"""

import asyncio
import zlib
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.urls import path

from . import live, rules
from .models import Campaign, Job, User
from .queries import progress

TICK_SECONDS = 1.0
LOOK_EVERY = 3  # ticks between two looks at the database
GONE = 4404


class Watch(AsyncJsonWebsocketConsumer):
    """One watched thing. Subclasses say where it is, and what its version is."""

    topic = ""

    async def connect(self) -> None:
        self.key = int(self.scope["url_route"]["kwargs"]["pk"])
        self.sent: int | None = None
        self.stirred = True
        self.clock: asyncio.Task | None = None
        if await self.look() is None:
            await self.close(code=GONE)
            return
        await self.channel_layer.group_add(live.group(self.topic, self.key), self.channel_name)
        await self.accept()
        self.clock = asyncio.create_task(self.tick())

    async def disconnect(self, code: int) -> None:
        if self.clock:
            self.clock.cancel()
            await self.channel_layer.group_discard(live.group(self.topic, self.key), self.channel_name)

    async def receive(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is taken in."""

    async def changed(self, event: dict[str, Any]) -> None:
        self.stirred = True

    async def tick(self) -> None:
        """Once a second: send the version if it moved; every few seconds look even where nobody called."""
        count = 0
        while True:
            if self.stirred or count % LOOK_EVERY == 0:
                self.stirred = False
                version = await self.look()
                if version is None:
                    await self.close(code=GONE)
                    return
                if version != self.sent:
                    self.sent = version
                    await self.send_json({"topic": self.topic, "version": version})
            count += 1
            await asyncio.sleep(TICK_SECONDS)

    @database_sync_to_async
    def look(self) -> int | None:
        """The version, or None where the person may not (or no longer) watch."""
        user = self.person()
        return self.version_for(user) if user else None

    def person(self) -> User | None:
        """Who the session belongs to now: a signed-out or changed session belongs to nobody."""
        session = self.scope.get("session")
        if session is None or not session.session_key:
            return None
        request = HttpRequest()
        request.session = SessionStore(session.session_key)
        user = get_user(request)
        return user if isinstance(user, User) else None

    def version_for(self, user: User) -> int | None:
        raise NotImplementedError


class WatchCampaign(Watch):
    topic = "campaigns"

    def version_for(self, user: User) -> int | None:
        campaign = Campaign.objects.select_related("dataset").filter(pk=self.key).first()
        if campaign is None or not rules.can_see(rules.membership(user, campaign.dataset.project_id)):
            return None
        return progress.version(campaign)


class WatchJob(Watch):
    topic = "jobs"

    def version_for(self, user: User) -> int | None:
        job = Job.objects.filter(pk=self.key).first()
        if job is None or not rules.can_see(rules.membership(user, job.project_id)):
            return None
        # Moves with every step, every state and every run.
        return zlib.crc32(repr((job.fence, job.state, job.done, job.message)).encode())


routes = [
    path("ws/campaigns/<int:pk>/", WatchCampaign.as_asgi()),
    path("ws/jobs/<int:pk>/", WatchJob.as_asgi()),
]
