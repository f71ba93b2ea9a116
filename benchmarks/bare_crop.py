"""A bare ASGI function that answers every request with one crop: what a hundred single pictures would cost at best."""

from benchmarks import support

support.set_up()

from tests import make  # noqa: E402

CROP = make.picture("disc", 1)
HEADERS = [(b"content-type", b"image/jpeg"), (b"content-length", str(len(CROP)).encode())]


async def application(scope, receive, send):  # type: ignore[no-untyped-def]
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": CROP})
