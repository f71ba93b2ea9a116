"""The symbols on drawn objects: written, pictured, or made of lines and spots; each a tight grey mask, by chance.

The fonts are those that wheels bring: DejaVu (matplotlib) and Font Awesome (Django REST framework).
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CANVAS = 128  # pixels in which objects are composed
Random = np.random.RandomState
Points = np.ndarray  # [k, 2], -1 to 1, y downward
Symbol = Callable[[Random], Image.Image]

FONTS = {
    "matplotlib": [f"mpl-data/fonts/ttf/DejaVu{name}.ttf" for name in (
        "Sans", "Sans-Bold", "Sans-Oblique", "SansMono", "SansMono-Bold", "Serif", "Serif-Bold", "Serif-Italic",
    )],
    "rest_framework": ["static/rest_framework/fonts/fontawesome-webfont.ttf"],
}  # fmt: skip
SIGNS = [*range(0x2190, 0x21D6), *range(0x25A0, 0x25FF), *range(0x2600, 0x2670), *range(0x2701, 0x27BF)]
LETTERS = [ord(c) for c in "ABCDEFGHJKLMNPQRSTUVWXYZabdefghkmnqrtyΓΔΘΛΞΠΣΦΨΩБДЖИЛФЦШЮЯ?!&%#@+=<>"]
PICTOGRAMS = range(0xF000, 0xF2E1)


def font_file(package: str, path: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"Drawing objects needs the fonts of {package}. Install it: pip install {package}")
    return str(Path(spec.origin).parent / path)


@lru_cache(maxsize=1)
def text_fonts() -> list[str]:
    return [font_file("matplotlib", path) for path in FONTS["matplotlib"]]


@lru_cache(maxsize=1)
def pictogram_font() -> str:
    return font_file("rest_framework", FONTS["rest_framework"][0])


@lru_cache(maxsize=32)
def font(path: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, 72)


@lru_cache(maxsize=4096)
def text_mask(path: str, text: str, stroke: int) -> Image.Image | None:
    """The text as a tight grey mask, None where the font has nothing to show for it."""
    face = font(path)
    box = face.getbbox(text, stroke_width=stroke)
    width, height = int(box[2] - box[0]), int(box[3] - box[1])
    if width < 3 or height < 3:
        return None
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).text((-box[0], -box[1]), text, fill=255, font=face, stroke_width=stroke)
    return None if mask.tobytes() == missing_glyph(path, stroke) else mask


@lru_cache(maxsize=64)
def missing_glyph(path: str, stroke: int) -> bytes:
    face = font(path)
    box = face.getbbox("\uffff", stroke_width=stroke)
    mask = Image.new("L", (max(1, int(box[2] - box[0])), max(1, int(box[3] - box[1]))))
    ImageDraw.Draw(mask).text((-box[0], -box[1]), "\uffff", fill=255, font=face, stroke_width=stroke)
    return mask.tobytes()


def number(rng: Random) -> Image.Image:
    text = str(rng.randint(1, 10)) + rng.choice(["", "0", "0", "0", "5", "00", str(rng.randint(10, 99))])
    return written(text, rng)


def letters(rng: Random) -> Image.Image:
    return written("".join(chr(rng.choice(LETTERS)) for _ in range(rng.choice([1, 1, 1, 2, 3]))), rng)


def sign(rng: Random) -> Image.Image:
    return written(chr(rng.choice(SIGNS)), rng, text_fonts()[0])


def pictogram(rng: Random) -> Image.Image:
    return written(chr(rng.choice(PICTOGRAMS)), rng, pictogram_font())


def written(text: str, rng: Random, path: str = "") -> Image.Image:
    mask = text_mask(path or text_fonts()[rng.randint(len(text_fonts()))], text, int(rng.choice([0, 0, 2, 4])))
    return mask or polygon_symbol(rng)


def polygon_symbol(rng: Random) -> Image.Image:
    return drawn(lambda pen: pen.polygon(pixels(outline(rng)), fill=255))


def strokes(rng: Random) -> Image.Image:
    """A bent line, or several."""
    width = rng.randint(6, 22)

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for _ in range(rng.choice([1, 1, 2, 3])):
            pen.line(pixels(rng.uniform(-0.8, 0.8, (rng.randint(2, 5), 2))), fill=255, width=width, joint="curve")

    return drawn(draw)


def arrow(rng: Random) -> Image.Image:
    """One to two shafts from the foot, straight or bent, with heads."""
    width, head = rng.randint(8, 20), rng.uniform(0.28, 0.5)
    ends = rng.choice([-90, -60, -45, -30, 0, 30, 45, 60, 90], rng.choice([1, 1, 1, 2]), replace=False)

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for degrees in ends:
            turn = math.radians(degrees)
            bend = np.array([0.0, rng.uniform(-0.4, 0.3)])
            tip = bend + 0.55 * np.array([math.sin(turn), -math.cos(turn)])
            pen.line(pixels(np.array([[0, 0.85], bend, tip])), fill=255, width=width, joint="curve")
            along, side = (tip - bend) / 0.55, np.array([math.cos(turn), math.sin(turn)])
            pen.polygon(pixels(np.stack([tip + along * head, tip - side * head, tip + side * head])), fill=255)

    return drawn(draw)


def spots(rng: Random) -> Image.Image:
    def draw(pen: ImageDraw.ImageDraw) -> None:
        for _ in range(rng.randint(1, 7)):
            x, y, a, b = *rng.uniform(-0.7, 0.7, 2), *rng.uniform(0.08, 0.35, 2)
            pen.ellipse([*pixels(np.array([[x - a, y - b]]))[0], *pixels(np.array([[x + a, y + b]]))[0]], fill=255)

    return drawn(draw)


def figure(rng: Random) -> Image.Image:
    """A head, a body, limbs: somebody or something on legs."""
    lean, width = rng.uniform(-0.35, 0.35), rng.randint(8, 18)
    head, hip = np.array([lean, -0.65]), np.array([rng.uniform(-0.2, 0.2), 0.15])
    limbs = [(hip, rng.uniform(-0.6, 0.6), 0.9) for _ in range(2)]
    limbs += [(hip + 0.7 * (head - hip), rng.uniform(-0.9, 0.9), rng.uniform(-0.6, 0.4)) for _ in range(2)]

    def draw(pen: ImageDraw.ImageDraw) -> None:
        for start, x, y in limbs:
            knee = (start + [x, y]) / 2 + rng.normal(0, 0.12, 2)
            pen.line(pixels(np.stack([start, knee, [x, y]])), fill=255, width=width, joint="curve")
        pen.line(pixels(np.stack([head, hip])), fill=255, width=2 * width)
        pen.ellipse([*pixels(head[None] - 0.2)[0], *pixels(head[None] + 0.2)[0]], fill=255)

    return drawn(draw)


def drawn(draw: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    mask = Image.new("L", (CANVAS, CANVAS))
    draw(ImageDraw.Draw(mask))
    return mask.crop(mask.getbbox() or (0, 0, CANVAS, CANVAS))


def pixels(points: Points) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (np.asarray(points) + 1) / 2 * (CANVAS - 1)]


def regular(corners: int, turn: float) -> Points:
    angles = 2 * np.pi * np.arange(corners) / corners + turn
    return np.stack([np.sin(angles), -np.cos(angles)], 1)


def outline(rng: Random) -> Points:
    """A closed line that fills the square [-1, 1]²."""
    kind = rng.choice(["disc", "polygon", "box", "star", "blob", "jagged"], p=[0.32, 0.3, 0.12, 0.06, 0.12, 0.08])
    if kind == "disc":
        points = regular(48, 0)
    elif kind == "polygon":
        corners = int(rng.choice([3, 3, 4, 5, 6, 8]))
        points = regular(corners, math.pi / corners * rng.randint(0, 2) + math.pi / 2 * rng.randint(0, 4))
    elif kind == "box":
        points = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    elif kind == "star":
        points = star(rng)
    elif kind == "blob":
        angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        radius = 1 + sum(rng.normal(0, 0.25 / k) * np.sin(k * angles + rng.uniform(0, 6.28)) for k in range(1, 6))
        points = np.stack([radius * np.sin(angles), -radius * np.cos(angles)], 1)
    else:
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.randint(4, 9)))
        points = np.stack([np.sin(angles), -np.cos(angles)], 1) * rng.uniform(0.5, 1, len(angles))[:, None]
    low, high = points.min(0), points.max(0)
    return (points - low) / np.maximum(high - low, 0.1) * 2 - 1


def star(rng: Random) -> Points:
    tips = rng.randint(4, 9)
    return regular(2 * tips, 0) * np.tile([1, rng.uniform(0.4, 0.75)], tips)[:, None]


SYMBOLS: tuple[tuple[Symbol, float], ...] = (
    (number, 0.2), (letters, 0.1), (sign, 0.12), (pictogram, 0.2), (polygon_symbol, 0.08), (strokes, 0.08),
    (arrow, 0.1), (spots, 0.05), (figure, 0.07),
)  # fmt: skip
