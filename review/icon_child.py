"""A process that makes an icon of a stranger's picture and does nothing else: so much memory, so many seconds each, no
file written. An SVG is drawn, so that whatever it would run is gone; one that refers to anything outside itself is
refused.

    python -m review.icon_child MEMORY_BYTES SECONDS

Messages as in review/cutter.py: each head {length, svg} with its bytes is answered by {length} and a PNG, or {error}.
"""

import io
import re
import signal
import sys
import warnings

import resvg_py
from PIL import Image

from review.crops import FORMATS
from review.cutter import limit, read_head, write

SIDE = 128  # pixels of the longer side
MOST_PIXELS = 2**24
# What an SVG may not have: entities, what it would fetch, and styles from elsewhere.
OUTSIDE = re.compile(
    rb"""<!doctype|<!entity|@import|(?:href|src)\s*=\s*["']?\s*(?!["'#]|data:image/(?:png|jpeg|gif|webp)[;,])"""
    rb"""|url\(\s*["']?\s*(?!["'#])""",
    re.IGNORECASE,
)


class Unfit(ValueError):
    """A sentence that says why this is no icon."""


def main() -> None:
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    limit(memory)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (head := read_head(source)) is not None:
        data = source.read(head["length"])
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            picture = png(drawn(data) if head["svg"] else data)
        except Unfit as error:
            write(sink, {"error": str(error)}, [])
        except MemoryError:
            write(sink, {"error": "It needs more memory than an icon is given."}, [])
        else:
            write(sink, {"length": len(picture)}, [picture])
        signal.setitimer(signal.ITIMER_REAL, 0)


def drawn(data: bytes) -> bytes:
    """An SVG as PNG, its scripts and links not followed."""
    if OUTSIDE.search(data):
        raise Unfit("The SVG refers to something outside itself. Save it with all that it shows inside.")
    try:
        text = data.decode()
        return bytes(resvg_py.svg_to_bytes(svg_string=text, width=SIDE, skip_system_fonts=b"<text" not in data))
    except (ValueError, UnicodeDecodeError, RuntimeError):
        raise Unfit("This is no SVG that can be drawn.") from None


def png(data: bytes) -> bytes:
    """Any picture as a PNG that fits SIDE; raises Unfit."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Unfit(f"It has {image.width}×{image.height} pixels; {SIDE}×{SIDE} are enough for an icon.")
                small = image.convert("RGBA")
    except Unfit:
        raise
    except Exception:  # whatever a broken picture makes a decoder raise
        raise Unfit("This is no picture that can be read: send PNG, JPEG, WebP, GIF or SVG.") from None
    small.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
