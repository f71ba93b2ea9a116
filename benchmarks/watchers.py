"""Sockets that watch a campaign for some seconds: what each heard and when, as a line of JSON. For benchmarks.board.

COOKIE=... python -m benchmarks.watchers URL CAMPAIGN WATCHERS SECONDS
"""

import asyncio
import json
import os
import sys
import time

from websockets.asyncio.client import ClientConnection, connect

AT_ONCE = 20  # connections that are opened side by side


async def main(url: str, campaign: int, watchers: int, seconds: float) -> None:
    address = f"{url.replace('http', 'ws')}/ws/campaigns/{campaign}/"
    turn = asyncio.Semaphore(AT_ONCE)

    async def opened() -> ClientConnection:
        async with turn:
            found = await connect(
                address, additional_headers={"Cookie": os.environ["COOKIE"]}, origin=url, proxy=None, open_timeout=60
            )
            await found.recv()  # the version as it is
            return found

    sockets = await asyncio.gather(*(opened() for _ in range(watchers)))
    print("ready", flush=True)
    end = time.time() + seconds

    async def hear(socket: ClientConnection) -> list[tuple[int, float]]:
        messages = []
        while (left := end - time.time()) > 0:
            try:
                text = await asyncio.wait_for(socket.recv(), left)
            except TimeoutError:
                break
            messages.append((json.loads(text)["version"], time.time()))
        return messages

    heard = await asyncio.gather(*(hear(socket) for socket in sockets))
    print(json.dumps({"end": end, "messages": heard}), flush=True)
    await asyncio.gather(*(socket.close() for socket in sockets))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
