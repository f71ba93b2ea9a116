"""Trains sortnet without labels: two views of one object shall lie together, all else apart (InfoNCE; van den Oord et
al. 2018, eq. 4, in the symmetric form of Chen et al. 2020, "A Simple Framework for Contrastive Learning", section 2.1).

    python -m ranking.training --output ranking/weights/sortnet.safetensors [--seed 1] [--steps 4000]

makes the weights that are shipped, from objects that it draws itself. The same seed makes the same weights on the same
kind of machine. From there it may go on on a dataset's own crops (Further): train_task.py.
"""

import argparse
import io
import math
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from . import drawn_objects, views
from .accelerator import device, half
from .device import failures
from .encoders import sortnet
from .encoders.base import Crops, Vectors
from .kinds import Ints

CHUNK = 64  # pictures made at once, so that they stay in the processor's cache
DRAWN = 0.3  # what telling drawn objects apart weighs, beside what a dataset's own crops teach
Source = Callable[[int, views.Chance], Tensor]  # (objects, chance) to their views float [2 * objects, 3, p, p]


@dataclass(frozen=True)
class Plan:
    """How to train: `batch` objects a step, a learning rate that falls as a cosine."""

    steps: int
    batch: int = 256
    rate: float = 2e-3
    temperature: float = 0.1
    decay: float = 1e-4
    warm_up: int = 100  # steps
    seed: int = 1


class Training:
    """A network on its way; `to_bytes` between two steps holds all that the rest of the way depends on."""

    def __init__(self, net: sortnet.Net, source: Source, plan: Plan) -> None:
        self.device = device()
        self.net = net.to(self.device).to(memory_format=torch.channels_last).train()
        self.source, self.plan, self.step, self.batch = source, plan, 0, plan.batch
        self.solver = torch.optim.AdamW(net.parameters(), plan.rate, betas=(0.9, 0.99), weight_decay=plan.decay)

    @property
    def done(self) -> bool:
        return self.step >= self.plan.steps

    def advance(self) -> float:
        """One step; its loss. Chance depends on seed and step alone. Where memory runs out the batch is halved."""
        while (loss := self.tried()) is None:
            # Here and not where it was caught: the error held on to what filled the memory.
            self.solver.zero_grad()
            self.batch //= 2
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
        self.step += 1
        return loss

    def tried(self) -> float | None:
        """None where memory ran out with a batch that can be smaller."""
        try:
            with failures():
                return self.learn(views.Chance(self.device).manual_seed(self.plan.seed * 1_000_003 + self.step))
        except torch.OutOfMemoryError:
            if self.batch <= 2:
                raise
            return None

    def learn(self, chance: views.Chance) -> float:
        for group in self.solver.param_groups:
            group["lr"] = self.rate()
        # Of a GPU's algorithms those that give the same again: a resumed training ends where it would have come.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True):
            loss = self.loss(chance)
            self.solver.zero_grad()
            loss.backward()
        self.solver.step()
        return float(loss.detach())

    def loss(self, chance: views.Chance) -> Tensor:
        return contrast(self.see(self.source(self.batch, chance)), self.plan.temperature)

    def see(self, pictures: Tensor) -> Tensor:
        with half(self.device):
            vectors: Tensor = self.net(pictures.to(self.device))
        return vectors

    def rate(self) -> float:
        fallen = 0.5 + 0.5 * math.cos(math.pi * self.step / self.plan.steps)
        return self.plan.rate * min(1.0, (self.step + 1) / max(1, self.plan.warm_up)) * fallen

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        state = {"net": self.net.state_dict(), "solver": self.solver.state_dict(), "step": self.step}
        torch.save({**state, "batch": self.batch, "plan": asdict(self.plan)}, out)
        return out.getvalue()

    def restore(self, data: bytes) -> None:
        """Go on from `to_bytes` of a training by the same plan."""
        state = torch.load(io.BytesIO(data), map_location=self.device, weights_only=True)
        if state["plan"] != asdict(self.plan):
            raise ValueError("This was saved by another training.")
        self.net.load_state_dict(state["net"])
        self.solver.load_state_dict(state["solver"])
        self.step, self.batch = state["step"], state["batch"]


class Further(Training):
    """From trained weights on with a dataset's own crops. Views of a near duplicate are pulled to what the weights at
    the start make of its family on the whole (as a teacher's vectors in Tarvainen & Valpola 2017, "Mean teachers are
    better role models"), and nothing is pushed apart, since two crops may be of one class. Drawn objects are told apart
    meanwhile, so that this is not unlearnt; batch norm keeps its statistics."""

    def __init__(self, net: sortnet.Net, frames: "Frames", drawn: Source, plan: Plan) -> None:
        super().__init__(net, drawn, plan)
        self.frames = frames
        for module in net.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eval()

    def loss(self, chance: views.Chance) -> Tensor:
        pictures, wanted = self.frames(self.batch, chance)
        vectors = self.see(torch.cat([pictures, self.source(self.batch, chance)]))
        pulled = 1 - (vectors[: len(pictures)] * wanted).sum(dim=1).mean()
        return pulled + DRAWN * contrast(vectors[len(pictures) :], self.plan.temperature)


def contrast(vectors: Tensor, temperature: float) -> Tensor:
    """InfoNCE of unit vectors [2n, d], the second half being other views of the first half's objects."""
    likeness = vectors @ vectors.T / temperature
    likeness = likeness.masked_fill(torch.eye(len(vectors), dtype=torch.bool, device=vectors.device), -torch.inf)
    partner = torch.arange(len(vectors), device=vectors.device).roll(len(vectors) // 2)
    return functional.cross_entropy(likeness, partner)


class Drawn:
    """Views of drawn objects, whole families in a batch: what is hard to tell apart meets in one step."""

    def __init__(self, families: int, seed: int, backgrounds: int = 1024) -> None:
        self.objects = torch.from_numpy(drawn_objects.draw_families(families, seed))
        self.backgrounds = torch.from_numpy(drawn_objects.draw_backgrounds(backgrounds, seed + 1)).to(device())

    def __call__(self, count: int, chance: views.Chance) -> Tensor:
        families = -(-count // drawn_objects.MEMBERS)
        chosen = torch.randperm(len(self.objects), generator=chance, device=chance.device)[:families]
        objects = self.objects[chosen.cpu()].flatten(0, 1)[:count].to(chance.device)
        return twice(objects, lambda part: views.view(part, self.backgrounds, sortnet.PIXELS, chance))


class Frames:
    """Views of a dataset's own crops uint8 [n, s, s, 3] in families [n], with what is wanted of each: the direction in
    which its family's vectors [n, d] lie on the whole. All of it lies on the device."""

    def __init__(self, crops: Crops, families: Ints, vectors: Vectors) -> None:
        _, family, counts = np.unique(families, return_inverse=True, return_counts=True)
        sums = np.zeros((len(counts), vectors.shape[1]), np.float32)
        np.add.at(sums, family, vectors)
        here = device()
        self.crops = torch.from_numpy(crops).to(here)
        self.wanted = functional.normalize(torch.from_numpy(sums), dim=1)[torch.from_numpy(family)].to(here)
        self.rows = torch.from_numpy(np.argsort(family, kind="stable")).to(here)  # family after family
        self.counts = torch.from_numpy(counts).to(here)
        self.firsts = self.counts.cumsum(0) - self.counts

    def __call__(self, count: int, chance: views.Chance) -> tuple[Tensor, Tensor]:
        """Two frames each of as many families, where they have two: float [2k, 3, p, p] and [2k, d]."""
        chosen = torch.randperm(len(self.counts), generator=chance, device=chance.device)[:count]
        first, of = self.firsts[chosen], self.counts[chosen]
        one = self.among(of, chance)
        other = (one + 1 + self.among((of - 1).clamp(min=1), chance)) % of
        rows = self.rows[torch.cat([first + one, first + other])]
        seen = [views.view_of_photo(self.crops[part], sortnet.PIXELS, chance) for part in rows.split(CHUNK)]
        return torch.cat(seen), self.wanted[rows]

    @staticmethod
    def among(counts: Tensor, chance: views.Chance) -> Tensor:
        """A number below each."""
        shares = torch.rand(len(counts), generator=chance, device=chance.device)
        return torch.minimum((shares * counts).long(), counts - 1)


def twice(objects: Tensor, view: Callable[[Tensor], Tensor]) -> Tensor:
    return torch.cat([view(part) for _ in range(2) for part in objects.split(CHUNK)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--families", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    began, cpu = time.monotonic(), time.process_time()
    print(f"Drawing {options.families * drawn_objects.MEMBERS:,} objects", flush=True)
    source = Drawn(options.families, options.seed)
    training = Training(sortnet.Net(), source, Plan(options.steps, options.batch, seed=options.seed))
    saved = options.output.with_suffix(".part")
    if saved.exists():
        training.restore(saved.read_bytes())
        print(f"Going on from step {training.step}", flush=True)
    while not training.done:
        loss = training.advance()
        if training.step % 50 == 0:
            saved.write_bytes(training.to_bytes())
            print(f"step {training.step:,} of {options.steps:,}, loss {loss:.3f}", flush=True)
    minutes = f"{(time.monotonic() - began) / 60:.0f} ({(time.process_time() - cpu) / 60:.0f} of processor time)"
    made = {
        "command": "python -m ranking.training " + " ".join(sys.argv[1:]), "steps": str(options.steps),
        "seed": str(options.seed), "minutes": minutes, "machine": machine(), "made": date.today().isoformat(),
        "images": "drawn by ranking/drawn_objects.py, varied by ranking/views.py", "licence": "Apache-2.0",
    }  # fmt: skip
    options.output.write_bytes(sortnet.to_bytes(training.net, made))
    saved.unlink(missing_ok=True)
    print(f"Wrote {options.output}, version {sortnet.version_of(sortnet.load(options.output))}, {minutes} minutes")


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, torch {torch.__version__}"


if __name__ == "__main__":
    main()
