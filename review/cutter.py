"""A process that decodes photos and cuts objects out of them, and does nothing else: no database, no network, no file
written, so much memory and so many seconds. A picture made to do harm ends this process and not the worker.

    python -m review.cutter MAX_PIXELS MEMORY_BYTES SECONDS

Messages on its input and output are a length (four bytes), a head in JSON of that length, then the bytes that the head
tells of. Photos come in batches; each is answered in order. Pillow only.
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


def main() -> None:
    max_pixels, memory, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    Image.init()
    limit(memory)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (head := read_head(source)) is not None:
        heads, blobs = [], []
        for photo in head:
            data = source.read(photo["length"])
            # The alarm's default is the end of the process, in whatever library it may hang.
            signal.setitimer(signal.ITIMER_REAL, seconds)
            answer, cuts = work(data, photo["boxes"], max_pixels)
            heads.append(answer)
            blobs += cuts
        signal.setitimer(signal.ITIMER_REAL, 0)
        write(sink, heads, blobs)


def limit(memory: int) -> None:
    """From here on: so much memory, no file written, no core left behind."""
    for what, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (value, value))


def work(data: bytes, boxes: list[Any], max_pixels: int) -> tuple[dict[str, Any], list[bytes]]:
    """(what is said of a photo, the crops' bytes). A bad photo is an `error`, a bad box one in its place."""
    try:
        image, media_type = crops.decode(data, max_pixels)
        answers, blobs = [], []
        for box in boxes:
            answer, parts = cut(image, box)
            answers.append(answer)
            blobs += parts
    except crops.BadImage as error:
        return {"error": str(error)}, []
    except MemoryError:
        return {"error": "The image needs more memory than it is given."}, []
    return {"type": media_type, "width": image.width, "height": image.height, "cuts": answers}, blobs


def cut(image: Image.Image, box: Any) -> tuple[dict[str, Any], list[bytes]]:
    try:
        checked = crops.check_box(tuple(box), *image.size) if box else None
    except crops.BadImage as error:
        return {"error": str(error)}, []
    crop = crops.cut(image, checked)
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
