"""Objects to learn from, drawn by chance: outlines with rims, fills and symbols, textures, blobs. Nobody's images.

Objects come in families that share a style, with members that differ in a symbol, a direction, a bar or a colour: what
an encoder must tell apart though it is small. As in photographs.py chance is numpy's RandomState, so that a seed draws
the same.
"""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from .drawn_symbols import CANVAS, SYMBOLS, Points, Random, Symbol, outline, pixels
from .photographs import FAMILIES, octaves

SIDE = CANVAS // 2  # pixels of a drawn object
MEMBERS = 8
Colour = tuple[int, int, int]


def colour(rng: Random) -> Colour:
    """Black, white or grey as often as a colour."""
    if rng.rand() < 0.45:
        shade = int(rng.choice([20, 20, 235, 235, 235, rng.randint(40, 220)]))
        return (shade, shade, shade)
    rgb = colorsys.hsv_to_rgb(rng.rand(), rng.beta(4, 1.5), rng.beta(4, 2))
    return tuple(int(255 * v) for v in rgb)  # type: ignore[return-value]


def unlike(other: Colour, rng: Random) -> Colour:
    """A colour that stands out from the other."""
    for _ in range(20):
        found = colour(rng)
        if sum(abs(a - b) for a, b in zip(found, other, strict=True)) > 180:
            return found
    return (20, 20, 20) if sum(other) > 380 else (235, 235, 235)


@dataclass(frozen=True)
class Design:
    """All that makes an object the object it is."""

    outline: Points
    layers: tuple[tuple[float, Colour], ...]  # (scale of the outline, colour), outermost first
    second: Colour | None  # of the fill's other half or stripes
    split: tuple[float, float]  # its direction and its period; no period is a half
    ink: Colour
    symbols: tuple[Image.Image, ...]
    reach: tuple[float, float]  # half width and height that the symbols may take
    stretched: bool
    bar: float | None = None  # the angle of a bar across everything
    texture: np.ndarray | None = field(default=None, repr=False)  # [CANVAS, CANVAS, 3] in place of the fill


def family(rng: Random) -> list[Design]:
    """MEMBERS objects of one style, all unlike."""
    first = design(rng)
    kind = symbol_kind(rng)
    members = [replace(first, symbols=symbols(kind, rng))]
    while len(members) < MEMBERS:
        members.append(changed(members[rng.randint(len(members))], kind, rng))
    return members


def symbol_kind(rng: Random) -> Symbol:
    return SYMBOLS[rng.choice(len(SYMBOLS), p=[share for _, share in SYMBOLS])][0]


def symbols(kind: Symbol, rng: Random) -> tuple[Image.Image, ...]:
    return tuple(kind(rng) for _ in range(rng.choice([1, 1, 1, 1, 2])))


def changed(one: Design, kind: Symbol, rng: Random) -> Design:
    """Another object of the same style."""
    chance = rng.rand()
    if chance < 0.6:
        return replace(one, symbols=symbols(kind if rng.rand() < 0.7 else symbol_kind(rng), rng))
    if chance < 0.75:
        turned = [ImageOps.mirror(s) if rng.rand() < 0.5 else s.rotate(90 * rng.randint(1, 4), expand=True)
                  for s in one.symbols]  # fmt: skip
        return replace(one, symbols=tuple(turned), texture=None if one.texture is None else one.texture[:, ::-1])
    if chance < 0.82:
        return replace(one, bar=None if one.bar is not None else rng.uniform(-90, 90), symbols=symbols(kind, rng))
    if chance < 0.92:
        fill = colour(rng)
        layers = (*one.layers[:-1], (one.layers[-1][0], fill))
        return replace(one, layers=layers, ink=unlike(fill, rng), symbols=symbols(kind, rng))
    return replace(one, outline=outline(rng), symbols=symbols(kind, rng))


def design(rng: Random) -> Design:
    fill = colour(rng)
    layers: list[tuple[float, Colour]] = [(1.0, fill)]
    scale = 1.0
    for _ in range(rng.choice([0, 1, 1, 2])):
        scale *= rng.uniform(0.7, 0.97)
        fill = unlike(layers[-1][1], rng)
        layers.append((scale, fill))
    whole = rng.rand() < 0.12
    return Design(
        outline=np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float) if whole else outline(rng),
        layers=tuple(layers),
        second=unlike(fill, rng) if rng.rand() < 0.15 else None,
        split=(rng.uniform(0, np.pi), rng.choice([0, 0, 0.3, 0.5])),
        ink=unlike(fill, rng),
        symbols=(),
        reach=tuple(rng.uniform(0.3, 0.75, 2) * max(scale, 0.6)),
        stretched=rng.rand() < 0.4,
        bar=rng.uniform(-90, 90) if rng.rand() < 0.08 else None,
        texture=texture(rng) if whole or rng.rand() < 0.08 else None,
    )


def texture(rng: Random) -> np.ndarray:
    """Smooth noise in two or three colours: [CANVAS, CANVAS, 3]."""
    share = octaves(rng, tuple(rng.randint(2, 40, 3)), CANVAS)[..., None]
    if rng.rand() < 0.3:
        share = (share > rng.uniform(0.3, 0.7)).astype(np.float32)
    a, b = (np.array(colour(rng), np.float32) for _ in range(2))
    return (a + (b - a) * share).astype(np.uint8)


def draw(one: Design) -> np.ndarray:
    """uint8 [SIDE, SIDE, 4], the surround transparent."""
    picture = Image.new("RGBA", (CANVAS, CANVAS), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    for scale, shade in one.layers:
        pen.polygon(pixels(one.outline * scale), fill=(*shade, 255))
    inner = Image.new("L", (CANVAS, CANVAS))
    ImageDraw.Draw(inner).polygon(pixels(one.outline * one.layers[-1][0]), fill=255)
    if one.texture is not None:
        picture.paste(Image.fromarray(one.texture), (0, 0), inner)
    if one.second is not None:
        y, x = np.mgrid[-1 : 1 : CANVAS * 1j, -1 : 1 : CANVAS * 1j]
        along = x * math.cos(one.split[0]) + y * math.sin(one.split[0])
        chosen = along > 0 if not one.split[1] else along % one.split[1] < one.split[1] / 2
        picture.paste(one.second, (0, 0), Image.fromarray((np.asarray(inner) * chosen).astype(np.uint8)))
    for place, symbol in enumerate(one.symbols):
        stamp(picture, symbol, one, place)
    if one.bar is not None:
        cross(picture, one)
    return np.asarray(picture.reduce(CANVAS // SIDE))


def stamp(picture: Image.Image, symbol: Image.Image, one: Design, place: int) -> None:
    """Symbols stand side by side within the design's reach."""
    count = len(one.symbols)
    room = np.array([one.reach[0] / count, one.reach[1]]) * CANVAS
    size = np.array(symbol.size) * (room / symbol.size if one.stretched else min(room / symbol.size))
    width, height = (max(2, int(v)) for v in size)
    x = CANVAS / 2 + (place - (count - 1) / 2) * room[0] * 1.05
    stamped = symbol.resize((width, height), Image.Resampling.BILINEAR)
    picture.paste((*one.ink, 255), (int(x - width / 2), int(CANVAS / 2 - height / 2)), stamped)


def cross(picture: Image.Image, one: Design) -> None:
    turn = math.radians(one.bar or 0)
    ends = np.array([[math.sin(turn), -math.cos(turn)], [-math.sin(turn), math.cos(turn)]])
    ImageDraw.Draw(picture).line(pixels(ends * 0.85), fill=(*one.layers[0][1], 255), width=CANVAS // 14)


def draw_families(count: int, seed: int) -> np.ndarray:
    """uint8 [count, MEMBERS, SIDE, SIDE, 4]; about a millisecond and a half an object."""
    rng = np.random.RandomState(seed)
    return np.stack([np.stack([draw(one) for one in family(rng)]) for _ in range(count)])


def draw_backgrounds(count: int, seed: int) -> np.ndarray:
    """uint8 [count, SIDE, SIDE, 3]: pieces of skies, leaves, walls, streets, lights and textures."""
    rng, found = np.random.RandomState(seed), list[np.ndarray]()
    while len(found) < count:
        world = np.clip(FAMILIES[rng.randint(len(FAMILIES))](rng), 0, 255).astype(np.uint8)
        for side in rng.randint(SIDE // 2, 5 * SIDE, 8):
            x, y = rng.randint(0, len(world) - side, 2)
            piece = Image.fromarray(world[y : y + side, x : x + side])
            found.append(np.asarray(piece.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2)))
        found.append(texture(rng)[::2, ::2])
    return np.stack(found[:count])
