"""A small convolutional network, trained from nothing on a dataset's own crops and labels.

Crops are never mirrored: that turns signs, letters and left hands into others.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import folds
from .accelerator import device, half
from .encoders.base import Crops, Vectors
from .kinds import Ints, Say, Tick, silent

SIDE = 48  # pixels of the crops that it takes; it sees SEEN of them, shifted, turned and scaled
SEEN = 32
WIDTHS = (32, 64, 128, 256)
BATCH = 64
EPOCHS, RATE = 14, 3e-3
LEAST_STEPS, MOST_STEPS = 300, 1500  # of a small set's training, and of any on a CPU
TURN, SCALE, SHIFT, LIGHT = 0.2, 0.12, 0.1, 0.5  # radians; shares of the side; of the contrast
VIEWS = 4  # slightly moved views of a crop over which the judgement is averaged
CALM = 0.5  # how much less these are moved
LEAST_ITEMS, ITEMS_A_LABEL = 1000, 20  # with fewer it learns nothing that vectors do not tell
MOST_ITEMS = {"cpu": 50_000, "cuda": 1_000_000}
# What vectors mistake at least before a CPU trains a network, which takes it thirty times as long as all else.
LEAST_MISTAKEN = {"cpu": 0.1, "cuda": 0.0}


def not_worth_it(n: int, k: int, mistaken: Callable[[], float]) -> str:
    """Why n items of k labels, of which vectors alone have mistaken a share, are too few to learn from, too many for
    this machine, or told well enough; "" where they are not."""
    here, least = device().type, max(LEAST_ITEMS, ITEMS_A_LABEL * k)
    if n < least:
        return f"for a network on the crops {n:,} items are too few, {least:,} would do"
    if n > MOST_ITEMS[here]:
        return f"for a network on the crops {n:,} items are too many, {MOST_ITEMS[here]:,} would do"
    if (share := mistaken()) < LEAST_MISTAKEN[here]:
        return f"they mistake {share:.0%} of the items, too few for a network on the crops"
    return ""


def out_of_fold(
    crops: Crops, given: Ints, fold: Ints, weights: Vectors, seed: int, tick: Tick, say: Say = silent
) -> Vectors:
    """Log-probabilities float32 [n, k] of the labels 0..k-1 from crops uint8 [n, 48, 48, 3], weights [n] and a seed."""
    k = int(given.max()) + 1

    def train(learned: Ints, judged: Ints, number: int) -> Vectors:
        say(f"Learning the labels from the crops, {number + 1} of {folds.FOLDS}")
        generator = torch.Generator().manual_seed(seed * folds.FOLDS + number)
        network = fit(crops, learned, given, weights, k, generator, tick)
        return predict(network, crops, judged, generator, tick)

    return folds.log_softmax(folds.out_of_fold(train, given, fold, weights))


class Same(nn.Module):
    """A block beside which its input passes unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block = block(channels, channels)

    def forward(self, hidden: Tensor) -> Tensor:
        return hidden + self.block(hidden)


def block(inner: int, outer: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inner, outer, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outer), nn.ReLU(inplace=True))


def build(k: int, generator: torch.Generator) -> nn.Module:
    """Crops [n, 3, 32, 32] to logits [n, k]; the weights are drawn by the generator."""
    a, b, c, d = WIDTHS
    network = nn.Sequential(
        block(3, a, 5, 2), block(a, b), nn.MaxPool2d(2), block(b, c), Same(c), nn.MaxPool2d(2), block(c, d),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(d, k),
    )  # fmt: skip
    for parameter in network.parameters():
        if parameter.ndim > 1:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu", generator=generator)
    nn.init.zeros_(network[-1].bias)  # type: ignore[arg-type]
    return network.to(device()).to(memory_format=torch.channels_last)


def fit(
    crops: Crops, learned: Ints, given: Ints, weights: Vectors, k: int, generator: torch.Generator, tick: Tick
) -> nn.Module:
    """The network trained on these rows by Adam, the rate rising and falling once (Smith & Topin 2019)."""
    network = build(k, generator).train()
    a_round = max(1, len(learned) // BATCH)
    steps = max(EPOCHS * a_round, LEAST_STEPS)
    if device().type == "cpu":
        steps = min(steps, MOST_STEPS)
    solver = torch.optim.Adam(network.parameters(), RATE)
    rate = torch.optim.lr_scheduler.OneCycleLR(solver, RATE, total_steps=steps)
    with torch.random.fork_rng():  # dropout draws from the process's own numbers
        torch.manual_seed(generator.initial_seed())
        for step in range(steps):
            tick()
            if step % a_round == 0:
                shuffled = learned[torch.randperm(len(learned), generator=generator).numpy()]
            rows = shuffled[step % a_round * BATCH :][:BATCH]
            targets, heed = (torch.from_numpy(part[rows]).to(device()) for part in (given, weights))
            solver.zero_grad()
            logits = run(network, moved(pixels(crops[rows]), generator, 1.0))
            each = functional.cross_entropy(logits, targets, reduction="none")
            (each * heed).mean().backward()
            solver.step()
            rate.step()
    return network.eval()


def predict(network: nn.Module, crops: Crops, rows: Ints, generator: torch.Generator, tick: Tick) -> Vectors:
    """Log-probabilities float32 [rows, k], averaged over views."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(rows), 4 * BATCH):
            tick()
            seen = pixels(crops[rows[start : start + 4 * BATCH]])
            views = [functional.interpolate(seen, (SEEN, SEEN), mode="bilinear", antialias=True)]
            views += [moved(seen, generator, CALM) for _ in range(VIEWS - 1)]
            parts.append(torch.stack([run(network, view).log_softmax(dim=1) for view in views]).mean(dim=0).cpu())
    return torch.cat(parts).numpy()


def run(network: nn.Module, seen: Tensor) -> Tensor:
    """Logits float32; half precision and channels last are two and a half times as fast, on processors too."""
    with half(device()):
        logits: Tensor = network(seen.contiguous(memory_format=torch.channels_last))
    return logits.float()


def pixels(crops: Crops) -> Tensor:
    """uint8 [n, s, s, 3] to [n, 3, s, s], each crop's light and contrast evened out."""
    seen = torch.from_numpy(crops).to(device()).permute(0, 3, 1, 2).float()
    mean, spread = seen.mean(dim=(1, 2, 3), keepdim=True), seen.std(dim=(1, 2, 3), keepdim=True)
    return (seen - mean) / (spread + 8)  # of 255: a flat crop's noise is not blown up


def moved(seen: Tensor, generator: torch.Generator, much: float) -> Tensor:
    """Shifted, turned, scaled, lit otherwise, each crop by its own draw: [n, 3, 32, 32]."""
    draw = (torch.rand(7, len(seen), generator=generator) * 2 - 1) * much
    turn, scale = draw[0] * TURN, 1 + draw[1] * SCALE
    wide = scale * (1 + draw[2] * SCALE / 2)
    across = torch.stack([turn.cos() * wide, -turn.sin() * scale, draw[3] * SHIFT], dim=1)
    down = torch.stack([turn.sin() * wide, turn.cos() * scale, draw[4] * SHIFT], dim=1)
    grid = functional.affine_grid(torch.stack([across, down], dim=1), [len(seen), 3, SEEN, SEEN], align_corners=False)
    view = functional.grid_sample(seen, grid.to(seen.device), padding_mode="border", align_corners=False)
    contrast, light = ((draw[part] * LIGHT).to(seen.device)[:, None, None, None] for part in (5, 6))
    return view * contrast.exp() + light
