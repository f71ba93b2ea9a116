"""Views of one object as a camera might bring them: pose, background, light, lens, noise. All torch, on any device.

What a view changes is what an encoder learns to overlook. Nothing is mirrored or turned far: that changes what a thing
is (left or right, 6 or 9).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

Chance = torch.Generator


def uniform(n: int, low: float, high: float, chance: Chance) -> Tensor:
    return low + (high - low) * torch.rand(n, generator=chance, device=chance.device)


def normal(n: int, spread: float, chance: Chance) -> Tensor:
    return spread * torch.randn(n, generator=chance, device=chance.device)


def view(objects: Tensor, backgrounds: Tensor, pixels: int, chance: Chance) -> Tensor:
    """Objects uint8 [n, s, s, 4] before backgrounds uint8 [m, s, s, 3] drawn by chance: [n, 3, pixels, pixels]."""
    n = len(objects)
    chosen = torch.randint(len(backgrounds), (n,), generator=chance, device=chance.device)
    behind = posed(channels(backgrounds[chosen]), pixels, chance, (1.0, 3.0), 0.2, 0.3, "reflection")
    object_ = channels(objects)
    object_[:, :3] *= object_[:, 3:]  # premultiplied, so that the border takes no colour from what is not there
    object_ = posed(weathered(object_, chance), pixels, chance)
    picture = object_[:, :3] + behind * (1 - object_[:, 3:])
    return photographed(picture, chance)


def view_of_photo(crops: Tensor, pixels: int, chance: Chance) -> Tensor:
    """The same of crops uint8 [n, s, s, 3] whose background is part of them; milder, for they had light and lens."""
    return photographed(posed(channels(crops), pixels, chance, padding="reflection"), chance, strength=0.6)


def channels(pictures: Tensor) -> Tensor:
    return pictures.permute(0, 3, 1, 2).float() / 255


def posed(
    pictures: Tensor,
    pixels: int,
    chance: Chance,
    scale: tuple[float, float] = (0.85, 1.15),
    turn: float = 0.12,
    shift: float = 0.07,
    padding: str = "zeros",
) -> Tensor:
    """Seen from another place: turned by some radians, stretched, moved, tilted; [n, c, pixels, pixels]."""
    n = len(pictures)
    low, high = (math.log(v) for v in scale)
    across, down = (uniform(n, low, high, chance).exp() for _ in range(2))
    angle, skew = normal(n, turn, chance), normal(n, 0.06, chance)
    cos, sin = angle.cos(), angle.sin()
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    rows = [
        [cos / across, (skew - sin) / across, normal(n, shift, chance)],
        [sin / down, cos / down, normal(n, shift, chance)],
        [normal(n, 0.06, chance), normal(n, 0.06, chance), one + zero],
    ]
    carry = torch.stack([torch.stack(row, 1) for row in rows], 1)  # [n, 3, 3], from the view to the picture
    axis = (torch.arange(pixels, device=pictures.device) + 0.5) / pixels * 2 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    points = torch.stack([x, y, torch.ones_like(x)], 2).reshape(1, -1, 3) @ carry.transpose(1, 2)
    grid = (points[..., :2] / points[..., 2:].clamp(min=0.2)).reshape(n, pixels, pixels, 2)
    return functional.grid_sample(pictures, grid, padding_mode=padding, align_corners=False)


def smooth(n: int, cells: int, side: int, chance: Chance) -> Tensor:
    """Soft noise 0..1, [n, 1, side, side]."""
    grid = torch.rand(n, 1, cells, cells, generator=chance, device=chance.device)
    return functional.interpolate(grid, (side, side), mode="bilinear", align_corners=False)


def weathered(objects: Tensor, chance: Chance) -> Tensor:
    """Bleached and dirty, premultiplied [n, 4, s, s]."""
    n, alpha = len(objects), objects[:, 3:]
    colour = objects[:, :3]
    bleach = (uniform(n, -0.6, 0.6, chance).clamp(min=0))[:, None, None, None]
    colour = colour + bleach * ((colour.mean(1, keepdim=True) * 0.6 + 0.33 * alpha) - colour)
    dirt = (smooth(n, 6, objects.shape[-1], chance) - 0.5).clamp(min=0) * uniform(n, 0, 1, chance)[:, None, None, None]
    brown = torch.tensor([0.35, 0.3, 0.25], device=objects.device)[None, :, None, None]
    return torch.cat([colour + dirt * (brown * alpha - colour), alpha], 1)


def photographed(pictures: Tensor, chance: Chance, strength: float = 1.0) -> Tensor:
    """Shadow, light, haze, lens and grain on [n, 3, s, s] in 0..1."""
    n = len(pictures)
    pictures = shadowed(pictures, chance)
    shape = (n, 1, 1, 1)
    pictures = mixed(pictures, chance, strength)
    cast = torch.stack([normal(n, 0.12 * strength, chance) for _ in range(3)], 1)[..., None, None].exp()
    light = normal(n, 0.5 * strength, chance).exp().reshape(shape) * cast
    bent = normal(n, 0.25 * strength, chance).exp().reshape(shape)
    haze = uniform(n, -0.5, 0.6 * strength, chance).clamp(min=0).reshape(shape)
    grey = uniform(n, 0.2, 1.0, chance).reshape(shape)
    pictures = pictures.clamp(1e-4, 1) ** bent * light
    pictures = pictures * (1 - haze) + haze * grey * light.clamp(max=1)
    pictures = blurred(1 - (-1.6 * pictures).exp(), chance, strength)
    grain = normal(n, 0.03 * strength, chance).abs().reshape(shape)
    noise = torch.randn(pictures.shape, generator=chance, device=chance.device)
    return (pictures + grain * noise).clamp(0, 1)


def mixed(pictures: Tensor, chance: Chance, strength: float) -> Tensor:
    """One in three as a sensor with other filters sees it: the colours run into one another."""
    n = len(pictures)
    apart = torch.eye(3, device=pictures.device).expand(n, 3, 3)
    spread = 0.25 * strength * (uniform(n, 0, 1, chance) < 0.35)
    mixing = apart + spread[:, None, None] * torch.randn(n, 3, 3, generator=chance, device=chance.device)
    mixing = mixing / mixing.sum(2, keepdim=True).clamp(min=0.5)  # greys stay grey
    return (mixing @ pictures.flatten(2)).reshape(pictures.shape)


def shadowed(pictures: Tensor, chance: Chance) -> Tensor:
    """One in four has a shadow beyond a slanted line."""
    n, side = len(pictures), pictures.shape[-1]
    axis = torch.linspace(-1, 1, side, device=pictures.device)
    angle, place = uniform(n, 0, 2 * math.pi, chance), uniform(n, -0.6, 0.6, chance)
    along = angle.cos()[:, None, None] * axis + angle.sin()[:, None, None] * axis[:, None] + place[:, None, None]
    dark = (uniform(n, 0, 1, chance) < 0.25) * uniform(n, 0.2, 0.6, chance)
    return pictures * (1 - dark[:, None, None] * (along * 20).sigmoid())[:, None]


def blurred(pictures: Tensor, chance: Chance, strength: float) -> Tensor:
    """Out of focus or moved: each by a Gaussian of its own width, length and direction."""
    n, _, side, _ = pictures.shape
    reach = side // 10
    widest = strength * side / 40
    long = uniform(n, -1.2, 0.9, chance).exp() * widest
    short = long * uniform(n, 0.3, 1.0, chance)
    angle = uniform(n, 0, math.pi, chance)
    axis = torch.arange(-reach, reach + 1, device=pictures.device, dtype=torch.float32)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    along, beside = x * cos + y * sin, y * cos - x * sin
    kernel = (-0.5 * ((along / long[:, None, None]) ** 2 + (beside / short[:, None, None].clamp(min=0.3)) ** 2)).exp()
    kernel = (kernel / kernel.sum((1, 2), keepdim=True)).repeat_interleave(3, 0)[:, None]
    padded = functional.pad(pictures, [reach] * 4, mode="replicate").reshape(1, 3 * n, *[side + 2 * reach] * 2)
    return functional.conv2d(padded, kernel, groups=3 * n).reshape(pictures.shape)
