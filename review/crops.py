"""From a photo and a box to two JPEG crops that show which object is meant. No Django."""

import io
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageEnhance, ImageOps, UnidentifiedImageError

from . import depth
from .depth import Window

# Only what people label; Pillow would otherwise try some fifty formats, a few of them programs in disguise.
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif", "BMP": "image/bmp",
           "TIFF": "image/tiff"}  # fmt: skip
SMALL, LARGE = 128, 320  # pixels of a crop's longer side, where a dataset asks for no other small one
MARGIN = 0.18  # of the box's longer side, on each side
SMALLEST_VIEW = 24  # source pixels: a tiny box keeps at least this much around it
LEAN_QUALITY = 50
MOST_STORED = 2**24  # pixels of a crop of ours
DIM = 0.72  # brightness left to what is not the object

Box = tuple[float, float, float, float]


class BadImage(ValueError):
    """A sentence that says why this image cannot be used."""


@dataclass(frozen=True)
class View:
    """How a dataset's objects are shown: the small crop's longer side in pixels, and the window of deep grey."""

    pixels: int = SMALL
    window: Window | None = None


@dataclass(frozen=True)
class Crop:
    """JPEG bytes at two sizes (equal where the source has no more to show) and the box inside, as fractions."""

    small: bytes
    large: bytes
    inner: Box | None


def decode(data: bytes, max_pixels: int, window: Window | None = None) -> tuple[Image.Image, str]:
    """(the upright RGB image, its media type), or BadImage."""
    image, media_type = opened(data, max_pixels)
    with refusals(max_pixels):
        return rgb(ImageOps.exif_transpose(image), window), media_type


def opened(data: bytes, max_pixels: int) -> tuple[Image.Image, str]:
    """(the image with its pixels yet to be read, its media type), or BadImage: the size is judged by the header."""
    with refusals(max_pixels):
        image = Image.open(io.BytesIO(data), formats=list(FORMATS))
        if image.width < 1 or image.height < 1:
            raise BadImage(f"The image is {image.width} × {image.height} pixels: it has no area.")
        if image.width * image.height > max_pixels:
            raise BadImage(f"The image is {image.width} × {image.height} pixels; at most {max_pixels:,} are taken.")
        return image, FORMATS[image.format or ""]


@contextmanager
def refusals(max_pixels: int) -> Iterator[None]:
    """Whatever goes wrong with a picture is a BadImage with a sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except BadImage:
        raise
    except UnidentifiedImageError:
        raise BadImage("The file is not a JPEG, PNG, WebP, GIF, BMP or TIFF image.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadImage(f"The image is larger than the {max_pixels:,} pixels that are taken.") from None
    except MemoryError:
        raise BadImage("The image needs more memory to decode than it is given.") from None
    except Exception as error:  # Pillow's decoders raise many kinds on broken files; one bad image costs one row.
        raise BadImage(f"The image is broken: {error}.") from None


def rgb(image: Image.Image, window: Window | None = None) -> Image.Image:
    """Any mode as RGB: transparency over grey, deep grey through the dataset's window."""
    if depth.deep(image):
        if window is None:
            raise BadImage(
                "The image has more than 8 bits of grey, and none of the images that were sampled had: there is no "
                "window to see it through. Import the dataset again with a window."
            )
        image = depth.windowed(image, window)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (128, 128, 128, 255))
        image = Image.alpha_composite(ground, image)
    made = image.convert("RGB")
    made.info = {}  # Comments and the like are the sender's words; they would be written into every crop.
    return made


def sample(data: bytes, boxes: Sequence[Box | None], max_pixels: int, shares: bool = False) -> list[list[float]]:
    """The values of each box's view in a deep image, as `depth.sampled`; none for an image of 8 bits. BadImage."""
    image, _ = opened(data, max_pixels)
    if not depth.deep(image):
        return []
    with refusals(max_pixels):
        image = ImageOps.exif_transpose(image)
        checked = [box and check_box(box, *image.size, shares) for box in boxes]
        return [depth.sampled(image.crop(surroundings(box, *image.size)) if box else image) for box in checked]


def check_box(box: Box, width: int, height: int, shares: bool = False) -> Box:
    """The box in pixels, clipped to its image; raises BadImage with the reason. It may reach out of it by one pixel, in
    `shares` of the image's sides as far as its middle stays inside, which YOLO allows."""
    if shares:
        box = tuple(round(v * side, 3) for v, side in zip(box, (width, height) * 2, strict=True))  # type: ignore[assignment]
    x, y, w, h = box
    if not all(math.isfinite(v) for v in box):
        raise BadImage("The box holds a value that is not a number.")
    if w <= 0 or h <= 0:
        raise BadImage(f"The box has no area: width {w:g}, height {h:g}.")
    out = 0.5 * min(w, width), 0.5 * min(h, height)
    across, down = out if shares else (1, 1)
    if x < -across or y < -down or x + w > width + across or y + h > height + down:
        raise BadImage(f"The box {x:g}, {y:g}, {w:g} × {h:g} reaches outside its image of {width} × {height} pixels.")
    (left, w), (top, h) = clipped(x, w, width), clipped(y, h, height)
    return left, top, w, h


def clipped(start: float, length: float, side: int) -> tuple[float, float]:
    if start >= 0 and start + length <= side:
        return start, length
    first = min(max(start, 0), side - 1)
    return first, min(start + length, side) - first


def cut(image: Image.Image, box: Box | None, pixels: int = SMALL) -> Crop:
    """Cut the object out with some surroundings, dimmed so that one sees which object is meant. `pixels`: the small
    crop's longer side."""
    if box is None:
        view, inner = image, None
    else:
        frame = surroundings(box, image.width, image.height)
        view = image.crop(frame)
        x, y, w, h = box[0] - frame[0], box[1] - frame[1], box[2], box[3]
        inner = (x / view.width, y / view.height, w / view.width, h / view.height)
    large = fit(view, max(LARGE, pixels))
    if inner:
        large = dim_around(large, inner)
    small = fit(large, pixels)
    large_bytes = jpeg(large, 85)
    return Crop(large_bytes if small is large else jpeg(small, 82), large_bytes, inner)


def surroundings(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom): a square about the box where the image has room for one."""
    x, y, w, h = box
    side = max(max(w, h) * (1 + 2 * MARGIN), SMALLEST_VIEW)
    frame = []
    for middle, limit in ((x + w / 2, width), (y + h / 2, height)):
        low = max(0.0, min(middle - side / 2, limit - side))
        frame.append((math.floor(low), min(limit, math.ceil(low + side))))
    return frame[0][0], frame[1][0], frame[0][1], frame[1][1]


def fit(image: Image.Image, side: int) -> Image.Image:
    """No larger than `side`; the same object where it is small enough already."""
    scale = side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def dim_around(image: Image.Image, inner: Box) -> Image.Image:
    dimmed = ImageEnhance.Brightness(image).enhance(DIM)
    x, y, w, h = inner
    area = (
        round(x * image.width),
        round(y * image.height),
        max(round((x + w) * image.width), round(x * image.width) + 1),
        max(round((y + h) * image.height), round(y * image.height) + 1),
    )
    dimmed.paste(image.crop(area), area[:2])
    return dimmed


def jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def lean(crop: bytes, side: int) -> bytes:
    """One of our own crops as a WebP no larger than `side`, of about a third of the bytes: for slow and dear lines.
    Nothing where it cannot be read."""
    out = io.BytesIO()
    try:
        fit(decode(crop, MOST_STORED)[0], side).save(out, "WEBP", quality=LEAN_QUALITY, method=2)
    except BadImage:
        return b""
    return out.getvalue()


def photo_with_box(
    data: bytes,
    box: Box | None,
    max_pixels: int,
    *,
    window: Window | None = None,
    side: int = 1600,
    blurred: bool = False,
) -> bytes:
    """The photo as a JPEG no larger than `side`, its object framed; blurred, only the object is left sharp."""
    from PIL import ImageDraw, ImageFilter

    image, _ = decode(data, max_pixels, window)
    scale = min(1.0, side / max(image.size))
    image = fit(image, side)
    if box is None:
        return jpeg(image, 88)
    x, y, w, h = (v * scale for v in box)
    area = (int(x), int(y), max(int(x + w), int(x) + 1), max(int(y + h), int(y) + 1))
    if blurred:
        sharp = image.crop(area)
        image = image.filter(ImageFilter.GaussianBlur(max(image.size) / 40))
        image.paste(sharp, area[:2])
    thick = max(2, round(max(image.size) / 300))
    pen = ImageDraw.Draw(image)
    pen.rectangle([area[0] - thick, area[1] - thick, area[2] + thick, area[3] + thick], outline="white", width=thick)
    pen.rectangle([area[0] - 2 * thick, area[1] - 2 * thick, area[2] + 2 * thick, area[3] + 2 * thick], outline="black",
                  width=thick)  # fmt: skip
    return jpeg(image, 88)
