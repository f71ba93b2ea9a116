"""What suspicion is measured against: a plain network of five convolutions on 32 px crops, trained from nothing."""

import numpy as np
import torch
from torch import nn

from ranking import folds
from ranking.encoders.base import Crops, Vectors
from ranking.neighbours import Ints

EPOCHS, BATCH, RATE, SHIFT = 14, 64, 1e-3, 2

SIDE = 32  # pixels


def block(inner: int, outer: int) -> list[nn.Module]:
    return [nn.Conv2d(inner, outer, 3, padding=1, bias=False), nn.BatchNorm2d(outer), nn.ReLU(inplace=True)]


def build(k: int) -> nn.Module:
    pool = nn.MaxPool2d(2)
    layers = [*block(3, 32), *block(32, 32), pool, *block(32, 64), pool, *block(64, 128), pool, *block(128, 128)]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, k))
    return network.to(memory_format=torch.channels_last)  # like ours, in bfloat16 too: twice as fast as without


def shifted(seen: torch.Tensor) -> torch.Tensor:
    """The batch moved by up to two pixels."""
    across, down = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
    return torch.roll(seen, (down, across), (2, 3))


def logits(network: nn.Module, seen: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        found: torch.Tensor = network(seen.contiguous(memory_format=torch.channels_last))
    return found.float()


def out_of_fold(crops: Crops, given: Ints, groups: Ints, seed: int = 0) -> Vectors:
    """Log-probabilities float32 [n, k] from crops uint8 [n, 32, 32, 3], labels 0..k-1, folds by groups."""
    seen = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255 - 0.5
    targets, k = torch.from_numpy(given), int(given.max()) + 1
    torch.manual_seed(seed)

    def train(learned: Ints, judged: Ints, _: int) -> Vectors:
        network = build(k).train()
        solver = torch.optim.Adam(network.parameters(), RATE)
        for _ in range(EPOCHS):
            shuffled = torch.from_numpy(learned)[torch.randperm(len(learned))]
            for rows in shuffled.split(BATCH):
                solver.zero_grad()
                nn.functional.cross_entropy(logits(network, shifted(seen[rows])), targets[rows]).backward()
                solver.step()
        network.eval()
        with torch.inference_mode():
            return torch.cat([logits(network, seen[rows]) for rows in torch.from_numpy(judged).split(512)]).numpy()

    fold = folds.deal(given, groups, seed)
    return folds.log_softmax(folds.out_of_fold(train, given, fold, np.ones(len(given), np.float32)))
