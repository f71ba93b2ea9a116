"""Tell whoever watches that there is something new to fetch. A message lost is made good by the consumer's own look."""

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)


def group(topic: str, key: int) -> str:
    """The channel group of `campaigns` or `jobs` number `key`."""
    return f"{topic}.{key}"


def changed(topic: str, key: int, version: int) -> None:
    """Announce a version. The queue may be away: then nothing is lost but a moment."""
    layer = get_channel_layer()
    message = {"type": "changed", "topic": topic, "version": version}
    try:
        async_to_sync(layer.group_send)(group(topic, key), message)
    except Exception:
        log.warning("The channel layer is away; live pages will catch up by themselves.", exc_info=True)
