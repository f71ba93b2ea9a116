"""A process that decodes photos and cuts objects out of them, and does nothing else: no database, no network, no file
written, so much memory and so many seconds. A picture made to do harm ends this process and not the worker.

    python -m review.cutter MAX_PIXELS MEMORY_BYTES SECONDS CROP_PIXELS [LOW HIGH]

Messages on its input and output are a length (four bytes), a head in JSON of that length, then the bytes that the head
tells of. Photos come in batches; each is answered in order. LOW and HIGH are the window of deep grey.
"""

import contextlib
import json
import resource
import signal
import sys
from typing import IO, Any

from PIL import Image

from review import crops

LONGEST_HEAD = 64 * 2**20
MEMORY = "The image needs more memory than it is given."


def main() -> None:
    max_pixels, memory, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    window = (float(sys.argv[5]), float(sys.argv[6])) if len(sys.argv) > 5 else None
    view = crops.View(int(sys.argv[4]), window)
    Image.init()
    limit(memory)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (head := read_head(source)) is not None:
        heads, blobs = [], []
        for photo in head:
            data = source.read(photo["length"])
            # The alarm's default is the end of the process, in whatever library it may hang.
            signal.setitimer(signal.ITIMER_REAL, seconds)
            ask = sample if photo["sample"] else work
            answer, cuts = ask(data, photo["boxes"], photo["shares"], max_pixels, view)
            heads.append(answer)
            blobs += cuts
        signal.setitimer(signal.ITIMER_REAL, 0)
        write(sink, heads, blobs)


def limit(memory: int) -> None:
    """From here on: so much memory, no file written, no core left behind."""
    for what, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (value, value))


def sample(
    data: bytes, boxes: list[Any], shares: bool, max_pixels: int, _: crops.View
) -> tuple[dict[str, Any], list[bytes]]:
    """The values of deep grey in the boxes, as `work`; they travel in the head."""
    try:
        return {"samples": crops.sample(data, [tuple(box) if box else None for box in boxes], max_pixels, shares)}, []
    except crops.BadImage as error:
        return {"error": str(error)}, []
    except MemoryError:
        return {"error": MEMORY}, []


def work(
    data: bytes, boxes: list[Any], shares: bool, max_pixels: int, view: crops.View
) -> tuple[dict[str, Any], list[bytes]]:
    """(what is said of a photo, the crops' bytes). A bad photo is an `error`, a bad box one in its place."""
    try:
        image, media_type = crops.decode(data, max_pixels, view.window)
        answers, blobs = [], []
        for box in boxes:
            answer, parts = cut(image, box, shares, view.pixels)
            answers.append(answer)
            blobs += parts
    except crops.BadImage as error:
        return {"error": str(error)}, []
    except MemoryError:
        return {"error": MEMORY}, []
    return {"type": media_type, "width": image.width, "height": image.height, "cuts": answers}, blobs


def cut(image: Image.Image, box: Any, shares: bool, pixels: int) -> tuple[dict[str, Any], list[bytes]]:
    try:
        checked = crops.check_box(tuple(box), *image.size, shares) if box else None
    except crops.BadImage as error:
        return {"error": str(error)}, []
    crop = crops.cut(image, checked, pixels)
    parts = [crop.small] if crop.small is crop.large else [crop.small, crop.large]
    return {"box": checked, "inner": crop.inner, "lengths": [len(part) for part in parts]}, parts


def read_head(file: IO[bytes]) -> Any:
    """The next message's head, or None at the end of the input."""
    size = file.read(4)
    if len(size) < 4:
        return None
    length = int.from_bytes(size, "big")
    if length > LONGEST_HEAD:
        raise ValueError("a head of this length is no message of ours")
    return json.loads(file.read(length))


def write(file: IO[bytes], head: Any, blobs: list[bytes]) -> None:
    said = json.dumps(head).encode()
    file.write(b"".join([len(said).to_bytes(4, "big"), said, *blobs]))
    file.flush()


if __name__ == "__main__":
    main()
