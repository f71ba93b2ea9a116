"""Histograms of oriented gradients: what a crop's shapes are, whatever its light and colour.

Dalal & Triggs 2005, "Histograms of Oriented Gradients for Human Detection", with signed directions, square root
compression and local normalisation by the surrounding cells. LPIPS sees light, pose and blur more than class: right for
laying look-alikes side by side, too little for suspicion, which goes by both.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .encoders.base import Crops, Vectors

PIXELS = 40
CELL = 4  # pixels
BINS = 9  # of the full circle
DIM = BINS * (PIXELS // CELL) ** 2
VERSION = "2"  # raise it when a change here changes the vectors


def encode(crops: Crops) -> Vectors:
    """RGB crops uint8 [n, 40, 40, 3] to float32 [n, DIM]."""
    with torch.inference_mode():
        across, down = gradients(torch.from_numpy(crops).float().sqrt())
        cells = histograms(across, down)
        energy = functional.avg_pool2d((cells * cells).sum(dim=1, keepdim=True), 3, stride=1, padding=1)
        floor = 0.1 * energy.mean(dim=(1, 2, 3), keepdim=True) + 1e-3  # a flat region's noise is not blown up
        return (cells / (energy + floor).sqrt()).flatten(1).numpy()


def gradients(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The steepest colour's gradient at each pixel of [n, h, w, 3]: two of [n, h, w]; 0 at the border."""
    across, down = torch.zeros_like(pixels), torch.zeros_like(pixels)
    across[:, :, 1:-1] = pixels[:, :, 2:] - pixels[:, :, :-2]
    down[:, 1:-1] = pixels[:, 2:] - pixels[:, :-2]
    steepest = (across**2 + down**2).argmax(dim=3, keepdim=True)
    return across.gather(3, steepest)[..., 0], down.gather(3, steepest)[..., 0]


def histograms(across: Tensor, down: Tensor) -> Tensor:
    """Each cell's gradient strength by direction, shared between the two nearest bins and the nearest cells."""
    strength = torch.hypot(across, down)
    angle = (torch.atan2(down, across) / (2 * np.pi) % 1) * BINS
    share = angle - angle.floor()
    low = angle.floor().long() % BINS
    planes = torch.zeros(len(strength), BINS, PIXELS, PIXELS)
    planes.scatter_(1, low[:, None], (strength * (1 - share))[:, None])
    planes.scatter_add_(1, ((low + 1) % BINS)[:, None], (strength * share)[:, None])
    ramp = torch.tensor([*range(1, CELL + 1), *range(CELL, 0, -1)], dtype=torch.float32)
    tent = (ramp[:, None] * ramp / ramp.sum() ** 2).expand(BINS, 1, -1, -1)
    return functional.conv2d(planes, tent, stride=CELL, padding=CELL // 2, groups=BINS)
