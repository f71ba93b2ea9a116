"""The versions that this process's sockets watch: looked up once for all of them, however many they are.

One channel a watched thing, not one a socket, so that a hand-in costs the same whether two people watch or two hundred.
What the channel layer may lose is made good by a look at the database every few seconds.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from . import live

log = logging.getLogger(__name__)
LOOK_EVERY = 3.0  # seconds between two looks where nobody called
CALM = 0.1  # seconds between two looks, however many call
JOIN_EVERY = 30.0
AWAY = 1.0  # seconds until the channel layer is tried again
Version = Callable[[int], int | None]


class Pulse:
    """One watched thing: its last known version, and whoever waits for the next."""

    def __init__(self, topic: str, key: int, version: Version, also: tuple[str, ...] = ()) -> None:
        self.groups = [live.group(one, key) for one in (topic, *also)]
        # In a thread of its own, not after all who ask whether they may watch.
        self.topic, self.key, self.look = topic, key, database_sync_to_async(version, thread_sensitive=False)
        self.version: int | None = None
        self.moved = asyncio.Condition()
        self.called = asyncio.Event()
        self.called.set()
        self.watchers = 0
        self.tasks = [asyncio.create_task(self.listen()), asyncio.create_task(self.beat())]

    def end(self) -> None:
        for task in self.tasks:
            task.cancel()

    async def beat(self) -> None:
        """Look when somebody called, and once in a while; tell whoever waits."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self.called.wait()
            except TimeoutError:
                pass
            self.called.clear()
            try:
                version = await self.look(self.key)
            except Exception:
                log.warning("The version of %s %s could not be looked up.", self.topic, self.key, exc_info=True)
                version = self.version
            if version != self.version:
                async with self.moved:
                    self.version = version
                    self.moved.notify_all()
            await asyncio.sleep(CALM)

    async def listen(self) -> None:
        """Hear who calls. The layer may be away: then the looks once in a while are all there is. It may forget us too,
        so that we join again and again."""
        while True:
            try:
                layer: Any = get_channel_layer()
                channel = await layer.new_channel()
                while True:
                    for group in self.groups:
                        await layer.group_add(group, channel)
                    self.called.set()
                    await self.hear(layer, channel)
            except Exception as error:
                log.warning("The channel layer is away; live pages look by themselves: %r", error)
                await asyncio.sleep(AWAY)

    async def hear(self, layer: Any, channel: str) -> None:
        try:
            async with asyncio.timeout(JOIN_EVERY):
                while True:
                    await layer.receive(channel)
                    self.called.set()
        except TimeoutError:
            pass

    async def after(self, version: int | None) -> int | None:
        """The version, once it is another one than this."""
        async with self.moved:
            await self.moved.wait_for(lambda: self.version != version)
            return self.version


pulses: dict[tuple[asyncio.AbstractEventLoop, str, int], Pulse] = {}


def join(topic: str, key: int, version: Version, also: tuple[str, ...] = ()) -> Pulse:
    """The pulse of this thing in this process; `leave` it again. also: topics whose calls, by the same key, stir it."""
    place = (asyncio.get_running_loop(), topic, key)
    if place not in pulses:
        pulses[place] = Pulse(topic, key, version, also)
    pulses[place].watchers += 1
    return pulses[place]


def leave(pulse: Pulse) -> None:
    pulse.watchers -= 1
    if not pulse.watchers:
        pulse.end()
        pulses.pop((asyncio.get_running_loop(), pulse.topic, pulse.key), None)
