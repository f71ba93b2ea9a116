"""What suspicion is measured against: a plain network of five convolutions on 32 px crops, trained from nothing:
batch norm, crops of even light, moved at random, a learning rate that rises and falls (Smith & Topin 2019)."""

import numpy as np
import torch
from torch import nn

from ranking import folds
from ranking.encoders.base import Crops, Vectors
from ranking.kinds import Ints

EPOCHS, BATCH, RATE = 14, 64, 3e-3
TURN, SCALE, SHIFT, LIGHT = 0.2, 0.12, 0.12, 0.5  # radians; shares of the side; of the contrast
SIDE = 32  # pixels


def block(inner: int, outer: int) -> list[nn.Module]:
    return [nn.Conv2d(inner, outer, 3, padding=1, bias=False), nn.BatchNorm2d(outer), nn.ReLU(inplace=True)]


def build(k: int) -> nn.Module:
    pool = nn.MaxPool2d(2)
    layers = [*block(3, 32), *block(32, 32), pool, *block(32, 64), pool, *block(64, 128), pool, *block(128, 128)]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, k))
    return network.to(memory_format=torch.channels_last)  # like ours, in bfloat16 too: twice as fast as without


def even(crops: Crops) -> torch.Tensor:
    """uint8 [n, 32, 32, 3] to float [n, 3, 32, 32], each crop of mean 0 and spread 1."""
    seen = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255
    return (seen - seen.mean((1, 2, 3), keepdim=True)) / seen.std((1, 2, 3), keepdim=True).clamp(min=0.02)


def moved(seen: torch.Tensor) -> torch.Tensor:
    """Each crop turned, scaled, shifted and lit otherwise."""
    turn, scale, light, dark, across, down = (torch.rand(6, len(seen)) * 2 - 1).split(1)
    angle, size = turn[0] * TURN, 1 + scale[0] * SCALE
    one, other = torch.cos(angle) * size, torch.sin(angle) * size
    places = torch.stack([one, -other, across[0] * SHIFT, other, one, down[0] * SHIFT], dim=1).view(-1, 2, 3)
    grid = nn.functional.affine_grid(places, list(seen.shape), align_corners=False)
    found = nn.functional.grid_sample(seen, grid, padding_mode="border", align_corners=False)
    return found * (1 + light[0] * LIGHT)[:, None, None, None] + (dark[0] * 0.2)[:, None, None, None]


def logits(network: nn.Module, seen: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        found: torch.Tensor = network(seen.contiguous(memory_format=torch.channels_last))
    return found.float()


def out_of_fold(crops: Crops, given: Ints, groups: Ints, seed: int = 0) -> Vectors:
    """Log-probabilities float32 [n, k] from crops uint8 [n, 32, 32, 3], labels 0..k-1, folds by groups."""
    seen, targets, k = even(crops), torch.from_numpy(given), int(given.max()) + 1
    torch.manual_seed(seed)

    def train(learned: Ints, judged: Ints, _: int) -> Vectors:
        network = build(k).train()
        solver = torch.optim.Adam(network.parameters(), RATE)
        steps = EPOCHS * -(-len(learned) // BATCH)
        pace = torch.optim.lr_scheduler.OneCycleLR(solver, RATE, steps)
        for _ in range(EPOCHS):
            shuffled = torch.from_numpy(learned)[torch.randperm(len(learned))]
            for rows in shuffled.split(BATCH):
                solver.zero_grad()
                nn.functional.cross_entropy(logits(network, moved(seen[rows])), targets[rows]).backward()
                solver.step()
                pace.step()
        network.eval()
        with torch.inference_mode():
            return torch.cat([logits(network, seen[rows]) for rows in torch.from_numpy(judged).split(512)]).numpy()

    fold = folds.deal(given, groups, seed)
    return folds.log_softmax(folds.out_of_fold(train, given, fold, np.ones(len(given), np.float32)))
