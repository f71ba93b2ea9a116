"""MLfix's first recipe, as the thing to beat: ResNet-18 features, 1,024 visual words by k-means, a binary bag.

Each place of the network's third stage is one feature; the words are k-means' centres of a sample of them; a crop is
the set of words that it holds. Its order was greedy: from each item to the nearest one not yet placed.
"""

from pathlib import Path

import numpy as np
import torch
import torchvision
from torch import Tensor, nn

from ranking.encoders.base import Crops

PIXELS = 64
WORDS = 1024
SAMPLE = 40_000  # features
ROUNDS = 12
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Words:
    """The recipe fitted on crops uint8 [n, 64, 64, 3]."""

    def __init__(self, crops: Crops, seed: int = 0) -> None:
        self.net, trained = backbone()
        self.name = "ResNet-18 words" + ("" if trained else " (random weights)")
        rng = np.random.default_rng(seed)
        some = crops[rng.choice(len(crops), min(len(crops), SAMPLE // 16), replace=False)]
        features = torch.cat([self.features(some[k : k + 64]).flatten(0, 1) for k in range(0, len(some), 64)])
        self.centres = centres(features, rng)

    def features(self, crops: Crops) -> Tensor:
        """[n, places, 256]."""
        with torch.inference_mode():
            shift, scale = torch.tensor(MEAN), torch.tensor(SPREAD)
            pictures = ((torch.from_numpy(crops).float() / 255 - shift) / scale).permute(0, 3, 1, 2)
            return self.net(pictures).flatten(2).transpose(1, 2)

    def bags(self, crops: Crops) -> np.ndarray:
        """bool [n, WORDS]: which words a crop holds."""
        features = self.features(crops)
        words = nearest(features.flatten(0, 1), self.centres).reshape(features.shape[:2])
        bags = torch.zeros(len(crops), WORDS, dtype=torch.bool)
        return bags.scatter_(1, words, True).numpy()


def backbone() -> tuple[nn.Module, bool]:
    """ResNet-18 to its third stage; with torchvision's weights where they have been downloaded before."""
    url = torchvision.models.ResNet18_Weights.IMAGENET1K_V1.url
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[1]
    torch.manual_seed(0)
    net = torchvision.models.resnet18(weights=None)
    if file.exists():
        net.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    layers = list(net.children())[:7]
    return nn.Sequential(*layers).eval(), file.exists()


def centres(features: Tensor, rng: np.random.Generator) -> Tensor:
    """Lloyd's k-means from a random start; a centre that holds nothing stays where it is."""
    found = features[torch.from_numpy(rng.choice(len(features), WORDS, replace=False))].clone()
    for _ in range(ROUNDS):
        words = nearest(features, found)
        sums = torch.zeros_like(found).index_add_(0, words, features)
        counts = torch.bincount(words, minlength=WORDS)[:, None]
        found = torch.where(counts > 0, sums / counts.clamp(min=1), found)
    return found


def nearest(features: Tensor, found: Tensor) -> Tensor:
    squares = (found * found).sum(dim=1)
    return torch.cat([(squares - 2 * part @ found.T).argmin(dim=1) for part in features.split(8192)])
