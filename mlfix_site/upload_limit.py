"""A request's body is judged before it is read: how long it is must be said, and must not be more than is taken. Django
would take all of it to disk first."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
FILES = 2  # an archive and a manifest, each of which may be as large as the limit
FORM_BYTES = 2**20  # what a form needs around its files


def upload_limit(application: App, limit: int) -> App:
    """The application behind a guard that answers 413 and 411 by itself; `limit` is in bytes."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if refusal := judge(dict(scope["headers"]), limit):
            await refuse(send, *refusal)
        else:
            await application(scope, receive, send)

    return guarded


def judge(headers: dict[bytes, bytes], limit: int) -> tuple[int, str, str] | None:
    """(status, type, sentence) for a body that is not taken. A server refuses a length that is no number."""
    if b"transfer-encoding" in headers:
        return 411, "length_required", "Send the request with a Content-Length, not in chunks."
    if int(headers.get(b"content-length", b"0")) > FILES * limit + FORM_BYTES:
        return 413, "too_large", f"The upload is larger than the {limit:,} bytes that are taken."
    return None


async def refuse(send: Send, status: int, kind: str, sentence: str) -> None:
    data = json.dumps({"type": kind, "detail": sentence, "errors": {}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    # What is still being sent is not waited for.
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": data})
