"""Makes a photograph out of a flat face: a place, a pose, a light, a lens, a bad day. All of it from one seeded source.

The source of chance is numpy's RandomState: its streams are frozen for good, so that a seed draws the same pictures
under every version of numpy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Floats = np.ndarray
WORLD = 360  # side of a place in pixels; frames look at different parts of it
SHARPNESS = 2  # pictures are composed at twice their size


@dataclass(frozen=True)
class Place:
    """Where one physical sign stands and in what state it is: shared by all its frames."""

    world: Image.Image
    face: Image.Image  # weathered, RGBA
    pole: tuple[int, int, int]
    yaw: float
    pitch: float
    roll: float
    brightness: float
    cast: tuple[float, float, float]
    softness: float
    clutter: bool


def octaves(rng: np.random.RandomState, grains: tuple[int, ...], side: int = WORLD) -> Floats:
    """Smooth noise of several grain sizes, [side, side] in 0..1; coarser grains weigh more."""
    total = np.zeros((side, side), np.float32)
    for weight, cells in zip((1.0, 0.7, 0.5, 0.35), grains, strict=False):
        grid = Image.fromarray(rng.rand(cells, cells).astype(np.float32))
        total += weight * np.asarray(grid.resize((side, side), Image.Resampling.BICUBIC))
    low, high = total.min(), total.max()
    return (total - low) / max(1e-6, high - low)


def between(a: Floats, b: Floats, share: Floats) -> Floats:
    return a + (b - a) * share[..., None]


def tint(rng: np.random.RandomState, colour: tuple[int, int, int], spread: float = 18) -> Floats:
    return np.clip(np.array(colour) + rng.normal(0, spread, 3), 0, 255)


def sky(rng: np.random.RandomState) -> Floats:
    height = np.repeat(np.linspace(0, 1, WORLD)[:, None], WORLD, 1)
    colours = between(tint(rng, (110, 150, 205)), tint(rng, (215, 222, 228)), height)
    return between(
        colours,
        tint(rng, (235, 236, 238)),
        np.clip(octaves(rng, (3, 6, 12)) * 2 - 0.9, 0, 0.9),
    )


def foliage(rng: np.random.RandomState) -> Floats:
    leaves = between(
        tint(rng, (22, 34, 18), 8),
        tint(rng, (112, 140, 70)),
        octaves(rng, (5, 14, 40, 110)) ** 1.4,
    )
    holes = np.clip((octaves(rng, (6, 18, 50)) - 0.68) * 8, 0, 1)
    return between(leaves, tint(rng, (200, 215, 232), 10), holes)


def facade(rng: np.random.RandomState) -> Floats:
    wall = between(
        tint(rng, (120, 112, 104), 8),
        tint(rng, (186, 176, 162), 8),
        octaves(rng, (2, 30, 90)),
    )
    pitch_x, pitch_y = rng.randint(34, 90), rng.randint(40, 100)
    y, x = np.mgrid[0:WORLD, 0:WORLD]
    panes = ((x % pitch_x) < pitch_x * 0.55) & ((y % pitch_y) < pitch_y * 0.6)
    return between(wall, tint(rng, (50, 58, 70), 8), panes * (0.55 + 0.4 * octaves(rng, (4, 9))))


def street(rng: np.random.RandomState) -> Floats:
    scene = sky(rng)
    horizon = rng.randint(WORLD // 3, 2 * WORLD // 3)
    ground = between(
        tint(rng, (70, 70, 72), 8),
        tint(rng, (128, 126, 122), 8),
        octaves(rng, (2, 20, 90)),
    )
    ridge = horizon - (octaves(rng, (4, 12, 30))[0] * 90).astype(int)
    rows = np.arange(WORLD)[:, None]
    scene = np.where((rows > ridge[None, :])[..., None], foliage(rng), scene)
    return np.where((rows > horizon)[..., None], ground, scene)


def lights(rng: np.random.RandomState) -> Floats:
    image = Image.new("RGB", (WORLD, WORLD), tuple(int(v) for v in tint(rng, (44, 46, 56), 10)))
    pen = ImageDraw.Draw(image)
    for _ in range(rng.randint(25, 60)):
        x, y, radius = rng.randint(0, WORLD), rng.randint(0, WORLD), rng.randint(5, 40)
        colour = tuple(int(v) for v in tint(rng, (150, 128, 92), 22))
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(6)), np.float32)


FAMILIES: tuple[Callable[[np.random.RandomState], Floats], ...] = (
    sky,
    foliage,
    facade,
    street,
    lights,
    street,
    foliage,
)


def weathered(face: Image.Image, rng: np.random.RandomState) -> Image.Image:
    """The face after some years: bleached, dirty, sometimes with a sticker or rust."""
    pixels = np.asarray(face, np.float32).copy()
    side = pixels.shape[0]
    colour = pixels[..., :3]
    bleach = rng.beta(1.2, 4) * 0.7
    colour = between(colour, colour.mean(-1, keepdims=True) * 0.6 + 85, np.full((side, side), bleach))
    dirt = np.clip(octaves(rng, (3, 8, 25), side) - 0.5, 0, 1) * rng.uniform(0, 0.8)
    pixels[..., :3] = between(colour, tint(rng, (88, 78, 64), 10), dirt)
    worn = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGBA")
    if rng.rand() < 0.12:
        stuck = ImageDraw.Draw(worn)
        x, y, half = (
            *rng.randint(side // 4, 3 * side // 4, 2),
            rng.randint(side // 24, side // 11),
        )
        stuck.rectangle(
            [x - half, y - half, x + half, y + half],
            fill=(*(int(v) for v in tint(rng, (190, 170, 90), 50)), 255),
        )
    return worn


def find_place(face: Image.Image, rng: np.random.RandomState) -> Place:
    """Draw the place of one physical sign."""
    world = FAMILIES[rng.randint(len(FAMILIES))](rng)
    warm = rng.normal(0, 0.06)
    return Place(
        world=Image.fromarray(np.clip(world, 0, 255).astype(np.uint8), "RGB"),
        face=weathered(face, rng),
        pole=tuple(int(v) for v in tint(rng, (128, 130, 132), 14)),  # type: ignore[arg-type]
        yaw=rng.normal(0, 0.32),
        pitch=rng.normal(0, 0.08),
        roll=rng.normal(0, 0.05),
        brightness=float(np.clip(rng.lognormal(-0.22, 0.36), 0.24, 1.35)),
        cast=(1 + warm, 1 + rng.normal(0, 0.02), 1 - warm),
        softness=rng.gamma(1.6, 0.35),
        clutter=rng.rand() < 0.12,
    )


def corners_seen(yaw: float, pitch: float, roll: float) -> Floats:
    """The corners of the square [-1, 1]² after turning it in space, seen from a distance of 5: [4, 2]."""
    square = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float)
    cy, sy, cp, sp, cr, sr = (
        np.cos(yaw),
        np.sin(yaw),
        np.cos(pitch),
        np.sin(pitch),
        np.cos(roll),
        np.sin(roll),
    )
    turn = (
        np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    )
    points = square @ turn.T
    return points[:, :2] * (5 / (5 + points[:, 2:]))


def homography(source: Floats, target: Floats) -> list[float]:
    """The eight numbers PIL wants: they carry each target corner [4, 2] to its source corner [4, 2]."""
    rows = []
    for (sx, sy), (tx, ty) in zip(source, target, strict=True):
        rows.append([tx, ty, 1, 0, 0, 0, -sx * tx, -sx * ty])
        rows.append([0, 0, 0, tx, ty, 1, -sy * tx, -sy * ty])
    return list(np.linalg.solve(np.array(rows), source.ravel()))


def photograph(place: Place, box: int, side: int, rng: np.random.RandomState) -> tuple[Image.Image, tuple[int, ...]]:
    """One frame: an RGB picture `side` pixels square, the sign in it about `box` pixels wide, and its x, y, w, h."""
    scene = surroundings(place, side, rng)
    centre = side / 2 + rng.uniform(-0.5, 0.5, 2) * (side - box) * 0.7
    layer = stand(place, box, side, centre, rng)
    scene = plant_pole(scene, place, box, centre)
    scene.paste(layer, (0, 0), layer)
    if place.clutter:
        hang_twig(scene, centre * SHARPNESS, box * SHARPNESS, rng)
    left, top, right, bottom = layer.getchannel("A").reduce(SHARPNESS).point(lambda v: 255 * (v > 100)).getbbox() or (
        0,
        0,
        side,
        side,
    )
    picture = expose(lens(scene.reduce(SHARPNESS), box, place, rng), place, rng)
    return picture, (left, top, right - left, bottom - top)


def surroundings(place: Place, side: int, rng: np.random.RandomState) -> Image.Image:
    window = rng.randint(WORLD // 3, WORLD // 2)
    x, y = rng.randint(0, WORLD - window, 2)
    view = place.world.crop((x, y, x + window, y + window))
    return view.resize((side * SHARPNESS,) * 2, Image.Resampling.BICUBIC)


def stand(place: Place, box: int, side: int, centre: Floats, rng: np.random.RandomState) -> Image.Image:
    """The face in its pose on a transparent layer, with the light falling across it."""
    reach = box * SHARPNESS
    face = place.face.resize((reach, reach), Image.Resampling.LANCZOS)
    seen = corners_seen(
        place.yaw + rng.normal(0, 0.1),
        place.pitch + rng.normal(0, 0.05),
        place.roll + rng.normal(0, 0.035),
    )
    target = seen * reach / 2 + centre * SHARPNESS
    source = np.array([[0, 0], [reach, 0], [reach, reach], [0, reach]], float)
    layer = face.transform(
        (side * SHARPNESS,) * 2,
        Image.Transform.PERSPECTIVE,
        homography(source, target),
        Image.Resampling.BILINEAR,
    )
    if rng.rand() < 0.2:
        return shadowed(layer, rng)
    return layer


def shadowed(layer: Image.Image, rng: np.random.RandomState) -> Image.Image:
    """A branch's or a roof's shadow: half of the layer, beyond a slanted line, is darker."""
    side = layer.width
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    dark = 1 / (1 + np.exp(-(x * np.cos(angle) + y * np.sin(angle) + rng.uniform(-0.12, 0.12)) * 90))
    pixels = np.asarray(layer, np.float32).copy()
    pixels[..., :3] *= (1 - dark * rng.uniform(0.25, 0.55))[..., None]
    return Image.fromarray(pixels.astype(np.uint8), "RGBA")


def plant_pole(scene: Image.Image, place: Place, box: int, centre: Floats) -> Image.Image:
    half = max(1, box * SHARPNESS // 26)
    x, y = (centre * SHARPNESS).astype(int)
    pen = ImageDraw.Draw(scene)
    pen.rectangle([x - half, y, x + half, scene.height], fill=place.pole)
    pen.rectangle(
        [x + half // 2, y, x + half, scene.height],
        fill=tuple(v * 2 // 3 for v in place.pole),
    )
    return scene


def hang_twig(scene: Image.Image, centre: Floats, reach: int, rng: np.random.RandomState) -> None:
    """Leaves before a part of the sign's edge."""
    pen = ImageDraw.Draw(scene)
    angle = rng.uniform(0, 2 * np.pi)
    root = centre + np.array([np.cos(angle), np.sin(angle)]) * reach * 0.55
    for _ in range(rng.randint(8, 22)):
        x, y = root + rng.normal(0, reach * 0.12, 2)
        long, wide = rng.uniform(0.02, 0.07, 2) * reach
        pen.ellipse(
            [x - long, y - wide, x + long, y + wide],
            fill=tuple(int(v) for v in tint(rng, (58, 82, 38), 16)),
        )


def lens(picture: Image.Image, box: int, place: Place, rng: np.random.RandomState) -> Floats:
    """Out of focus and moved: float pixels [side, side, 3]."""
    blur = place.softness * rng.uniform(0.5, 1.5) * box / 60
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)), np.float32)
    if rng.rand() < 0.3:
        reach = rng.gamma(2, 0.02) * box
        direction = rng.normal(0, 1, 2) * (1.0, 0.5)
        direction /= np.hypot(*direction) + 1e-9
        steps = np.linspace(-0.5, 0.5, 7)[:, None] * reach * direction
        pixels = np.mean(
            [np.roll(pixels, tuple(np.round(step).astype(int)), (1, 0)) for step in steps],
            0,
        )
    return pixels


def expose(pixels: Floats, place: Place, rng: np.random.RandomState) -> Image.Image:
    light = place.brightness * rng.lognormal(0, 0.1)
    pixels = pixels / 255 * light * np.array(place.cast)
    haze = rng.beta(1, 7) * 0.5
    pixels = pixels * (1 - haze) + haze * 0.6
    pixels = 1 - np.exp(-1.25 * pixels ** rng.uniform(0.85, 1.2) * 1.3)  # film: bright parts saturate softly
    grain = rng.normal(0, rng.gamma(2, 0.008), pixels.shape)
    return Image.fromarray((np.clip(pixels + grain, 0, 1) * 255).astype(np.uint8), "RGB")
