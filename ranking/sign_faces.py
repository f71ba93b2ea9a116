"""Faces of traffic signs, drawn by ourselves: flat, clean, seen from the front, with a transparent surround.

A face is drawn at four times its size and shrunk, which is all the anti-aliasing that PIL offers. Coordinates inside a
face run from -1 to 1, x to the right and y downward.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

RED: Colour = (190, 22, 34)
WHITE: Colour = (238, 238, 234)
BLACK: Colour = (24, 24, 27)
GREY: Colour = (128, 130, 132)
SUPERSAMPLING = 4


class Canvas:
    """A square RGBA canvas `size` pixels wide that takes coordinates from -1 to 1."""

    def __init__(self, size: int):
        self.size = size
        self.side = size * SUPERSAMPLING
        self.image = Image.new("RGBA", (self.side, self.side), (0, 0, 0, 0))
        self.pen = ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> Point:
        return ((x + 1) / 2 * self.side, (y + 1) / 2 * self.side)

    def disc(self, radius: float, colour: Colour, x: float = 0.0, y: float = 0.0) -> None:
        self.pen.ellipse(
            [*self.at(x - radius, y - radius), *self.at(x + radius, y + radius)],
            fill=(*colour, 255),
        )

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        self.pen.polygon([self.at(x, y) for x, y in points], fill=(*colour, 255))

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        thick = max(1, round(width / 2 * self.side))
        self.pen.line(
            [self.at(x, y) for x, y in points],
            fill=(*colour, 255),
            width=thick,
            joint="curve",
        )

    def box(
        self,
        x: float,
        y: float,
        half_width: float,
        half_height: float,
        colour: Colour,
        round_: float = 0,
    ) -> None:
        corners = [
            *self.at(x - half_width, y - half_height),
            *self.at(x + half_width, y + half_height),
        ]
        self.pen.rounded_rectangle(corners, radius=round_ / 2 * self.side, fill=(*colour, 255))

    def text(
        self,
        text: str,
        colour: Colour,
        half_width: float,
        half_height: float,
        x: float = 0,
        y: float = 0,
    ) -> None:
        """Stretch the text to the box of the given half sizes around (x, y): road lettering is tall and narrow."""
        mask = glyphs(text)
        width, height = round(half_width * self.side), round(half_height * self.side)
        left, top = self.at(x - half_width, y - half_height)
        ink = Image.new("RGBA", (width, height), (*colour, 255))
        self.image.paste(
            ink,
            (round(left), round(top)),
            mask.resize((width, height), Image.Resampling.BILINEAR),
        )

    def finish(self) -> Image.Image:
        return self.image.reduce(SUPERSAMPLING)


@lru_cache(maxsize=512)
def glyphs(text: str) -> Image.Image:
    """The text as a tight grey mask; Pillow brings the font, so no font file is needed. Stroked, for road weight."""
    font = ImageFont.load_default(size=200)
    left, top, right, bottom = font.getbbox(text, stroke_width=6)
    mask = Image.new("L", (math.ceil(right - left), math.ceil(bottom - top)), 0)
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=font, stroke_width=6)
    tight = mask.getbbox()
    return mask.crop(tight) if tight else mask


def regular_polygon(corners: int, radius: float, turn: float = 0.0) -> list[Point]:
    angles = [2 * math.pi * k / corners + turn for k in range(corners)]
    return [(radius * math.sin(a), -radius * math.cos(a)) for a in angles]


def car(canvas: Canvas, x: float, y: float, scale: float, colour: Colour) -> None:
    """A car seen from behind."""
    canvas.polygon([(x - 0.6 * scale, y), (x - 0.4 * scale, y - 0.55 * scale), (x + 0.4 * scale, y - 0.55 * scale),
                    (x + 0.6 * scale, y)], colour)  # fmt: skip
    canvas.polygon([(x - 0.42 * scale, y - 0.06 * scale), (x - 0.3 * scale, y - 0.42 * scale),
                    (x + 0.3 * scale, y - 0.42 * scale), (x + 0.42 * scale, y - 0.06 * scale)], WHITE)  # fmt: skip
    canvas.box(x, y + 0.22 * scale, 0.72 * scale, 0.26 * scale, colour, 0.1 * scale)
    for side in (-1, 1):
        canvas.box(x + side * 0.5 * scale, y + 0.52 * scale, 0.16 * scale, 0.18 * scale, colour)


def red_ring(canvas: Canvas, rim: float = 0.2) -> None:
    canvas.disc(0.99, WHITE)
    canvas.disc(0.96, RED)
    canvas.disc(0.96 - rim, WHITE)


def digits(canvas: Canvas, number: int, colour: Colour = BLACK) -> None:
    half_width = 0.46 if number < 100 else 0.58
    canvas.text(str(number), colour, half_width, 0.4)


def speed_limit(number: int) -> Callable[[int], Image.Image]:
    def draw(size: int) -> Image.Image:
        canvas = Canvas(size)
        red_ring(canvas)
        digits(canvas, number)
        return canvas.finish()

    return draw


def end_of_speed_limit_80(size: int) -> Image.Image:
    canvas = Canvas(size)
    canvas.disc(0.99, BLACK)
    canvas.disc(0.94, WHITE)
    digits(canvas, 80, GREY)
    for shift in (-0.2, -0.1, 0.0, 0.1, 0.2):
        reach = math.sqrt(0.94**2 - shift**2 / 2) / math.sqrt(2)
        canvas.line(
            [
                (reach + shift / 2, -reach + shift / 2),
                (-reach + shift / 2, reach + shift / 2),
            ],
            BLACK,
            0.05,
        )
    return canvas.finish()


def no_overtaking(size: int) -> Image.Image:
    canvas = Canvas(size)
    red_ring(canvas)
    car(canvas, -0.33, 0.0, 0.42, RED)
    car(canvas, 0.33, 0.0, 0.42, BLACK)
    return canvas.finish()


def no_entry(size: int) -> Image.Image:
    canvas = Canvas(size)
    canvas.disc(0.99, WHITE)
    canvas.disc(0.96, RED)
    canvas.box(0, 0, 0.7, 0.17, WHITE)
    return canvas.finish()


def yield_(size: int) -> Image.Image:
    canvas = Canvas(size)
    down = math.pi
    for radius, colour in ((1.12, WHITE), (1.06, RED), (0.62, WHITE)):
        canvas.polygon([(x, y - 0.28) for x, y in regular_polygon(3, radius, down)], colour)
    return canvas.finish()


SPEEDS = (20, 30, 50, 60, 70, 80, 100, 120)
FACES: dict[str, Callable[[int], Image.Image]] = {
    **{f"speed-limit-{number}": speed_limit(number) for number in SPEEDS},
    "end-of-speed-limit-80": end_of_speed_limit_80,
    "no-overtaking": no_overtaking,
    "no-entry": no_entry,
    "yield": yield_,
}
