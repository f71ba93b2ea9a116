"""LPIPS as one vector an image, so that the squared Euclidean distance of two vectors is their LPIPS distance.

Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", eq. 1: the distance is the
sum over layers l and positions of |w_l * (a_l - b_l)|^2 / (H_l W_l) between activations of unit length over channels.
Hence the vector is the concatenation of the unit activations times sqrt(w / (H W)), and n forward passes with one
matrix product replace n^2 runs of the pair network.

The first layers make most of the numbers and say the least each: averaged over cells of some pixels they are a quarter
as many, and after the projection to a few hundred dimensions distances rank the same (see benchmarks/encoding.py).
"""

import hashlib
import importlib.util
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torchvision
from torch import Tensor, nn

from ..accelerator import device
from .base import Crops, EncoderUnavailable, Vectors

PIXELS, LARGE_PIXELS = 64, 128
LARGE_CROPS = 256  # pixels: crops of this side and more are made to show what 64 would blur
BATCH = 64
CODE = "2"  # raise it when a change here changes the vectors
NUMBERS, COARSEST = 5_000, 4  # a layer with more numbers is averaged over cells, of so many positions a side at most
PROBE_SECONDS = 2.0
# What lpips itself uses to bring [-1, 1] to the scale that the backbones were trained on.
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Net:
    """A backbone: its builder and its weights in torchvision, and the layers whose outputs are compared."""

    builder: str
    weights: str
    taps: tuple[int, ...]

    @property
    def url(self) -> str:
        return str(torchvision.models.get_weight(self.weights).url)

    def features(self) -> nn.Sequential:
        """The convolutional layers up to the last tap, without weights."""
        with torch.device("meta"):
            layers = torchvision.models.get_model(self.builder, weights=None).features
        return nn.Sequential(*list(layers)[: self.taps[-1] + 1])


NETS = {
    "squeeze": Net("squeezenet1_1", "SqueezeNet1_1_Weights.IMAGENET1K_V1", (1, 4, 7, 9, 10, 11, 12)),
    "alex": Net("alexnet", "AlexNet_Weights.IMAGENET1K_V1", (1, 4, 7, 9, 11)),
    "vgg": Net("vgg16", "VGG16_Weights.IMAGENET1K_V1", (3, 8, 15, 22, 29)),
}


class Lpips:
    """The encoder over one backbone, `features` being its convolutional layers with their weights.

    With `pooled`, layers are averaged over cells where they are large; without, squared distances are LPIPS exactly.
    """

    def __init__(self, net: str, features: nn.Sequential, pixels: int = PIXELS, pooled: bool = True) -> None:
        self.name = f"lpips-{net}"
        self.pixels = pixels
        self.pooled = pooled
        self.device = device()
        self.features = features.eval().requires_grad_(False).to(self.device)
        self.taps = NETS[net].taps
        self.linear = [weight.to(self.device) for weight in linear_weights(net)]
        self.version = self.hash()
        with torch.inference_mode():
            layers = self.layers(torch.zeros(1, pixels, pixels, 3, dtype=torch.uint8, device=self.device))
        self.cells = [cell(layer) if pooled else 1 for layer in layers]
        self.sizes = [-(-layer.shape[1] // k) * -(-layer.shape[2] // k) * layer.shape[3]
                      for layer, k in zip(layers, self.cells, strict=True)]  # fmt: skip
        self.dim = sum(self.sizes)

    def hash(self) -> str:
        digest = hashlib.sha256(f"{CODE} {self.name} {self.pixels} {self.pooled}".encode())
        for tensor in [*self.features.state_dict().values(), *self.linear]:
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    def encode(self, crops: Crops) -> Vectors:
        """RGB crops uint8 [n, pixels, pixels, 3] to float32 [n, dim]."""
        vectors = np.empty((len(crops), self.dim), np.float32)
        with torch.inference_mode():
            for start in range(0, len(crops), BATCH):
                batch = torch.from_numpy(np.ascontiguousarray(crops[start : start + BATCH])).to(self.device)
                parts = torch.from_numpy(vectors[start : start + BATCH]).split(self.sizes, dim=1)
                for layer, weight, k, part in zip(self.layers(batch), self.linear, self.cells, parts, strict=True):
                    part.copy_(weighted(layer, weight, k).flatten(1))
        return vectors

    def layers(self, crops: Tensor) -> list[Tensor]:
        """The tapped activations [n, H, W, C] of crops uint8 [n, h, w, 3]; channels lie last throughout."""
        shift, scale = (torch.tensor(v, device=self.device) for v in (SHIFT, SCALE))
        hidden = ((crops.float() / 127.5 - 1 - shift) / scale).permute(0, 3, 1, 2)
        tapped = []
        for number, layer in enumerate(self.features):
            hidden = layer(hidden)
            if number in self.taps:
                tapped.append(hidden.permute(0, 2, 3, 1))
        return tapped


def cell(layer: Tensor) -> int:
    """The side of the cells over which [n, H, W, C] is averaged."""
    _, height, width, channels = layer.shape
    fits = (k for k in range(1, COARSEST) if -(-height // k) * -(-width // k) * channels <= NUMBERS)
    return next(fits, COARSEST)


def weighted(layer: Tensor, weight: Tensor, k: int = 1) -> Tensor:
    """Unit length over channels times sqrt(w / (H W)): [n, H, W, C], which is overwritten, and w [C] to [n, H, W, C].
    Over cells of k by k positions, their mean times k: as long as they are together where they all point one way."""
    places = layer.shape[1] * layer.shape[2]
    unit = layer.div_(torch.linalg.vector_norm(layer, dim=3, keepdim=True).add_(1e-10))
    if k > 1:
        maps = unit.permute(0, 3, 1, 2)
        unit = nn.functional.avg_pool2d(maps, k, ceil_mode=True, count_include_pad=False).permute(0, 2, 3, 1)
    return unit * ((weight / places).sqrt() * k)


def linear_weights(net: str) -> list[Tensor]:
    """The w of each layer, [C], as they come inside the lpips package; they are never negative."""
    spec = importlib.util.find_spec("lpips")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "weights" / "v0.1" / f"{net}.pth"
    state = torch.load(path, map_location="cpu", weights_only=True)
    return [state[f"lin{k}.model.1.weight"].float().flatten() for k in range(len(NETS[net].taps))]


def maker(net: str) -> Callable[[str, int], Lpips]:
    """A function from the folder of weights and the side of the crops to the encoder."""
    return lambda folder, crop_pixels: Lpips(net, load(net, folder), pixels_for(crop_pixels))


def pixels_for(crop_pixels: int) -> int:
    """The side that crops of this side are brought to."""
    return LARGE_PIXELS if crop_pixels >= LARGE_CROPS else PIXELS


def load(net: str, folder: str = "") -> nn.Sequential:
    """The backbone with its trained weights; EncoderUnavailable where they cannot be had."""
    features = NETS[net].features()
    state = from_folder(net, folder) or from_torchvision(net)
    state = {name.removeprefix("features."): tensor.float() for name, tensor in state.items()}
    wanted = features.state_dict()
    if any(name not in state or state[name].shape != wanted[name].shape for name in wanted):
        raise EncoderUnavailable(f"The weights found for lpips-{net} are not those of {NETS[net].builder}.")
    features.load_state_dict({name: state[name] for name in wanted}, assign=True)
    return features


def from_folder(net: str, folder: str) -> Weights | None:
    """The weights from the folder that the user named: the features alone, or torchvision's whole file."""
    name = NETS[net].builder
    files = [p for p in sorted(Path(folder).glob(f"{name}*.pth")) if p.stem.split("-")[0] == name] if folder else []
    if not files:
        return None
    try:
        return torch.load(files[0], map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds on files that are broken or would run code
        raise EncoderUnavailable(f"{files[0]} could not be read as weights ({type(error).__name__}).") from None


def from_torchvision(net: str) -> Weights:
    """The weights from torchvision's folder of downloads, else downloaded into it."""
    url = NETS[net].url
    cached = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[1]
    if not cached.exists() and not reachable(url):
        raise unavailable(net)
    try:
        return torch.hub.load_state_dict_from_url(url, map_location="cpu", check_hash=True, weights_only=True)
    except (OSError, RuntimeError):
        raise unavailable(net) from None


def unavailable(net: str) -> EncoderUnavailable:
    host, file = NETS[net].url.split("/")[2], NETS[net].url.rsplit("/", 1)[1]
    return EncoderUnavailable(
        f"lpips-{net} lacks its weights: put {file} into the folder that MLFIX_WEIGHTS names, or let this worker "
        f"reach {host}."
    )


def reachable(url: str) -> bool:
    """Whether the address answers within a moment. Looking up a name has no time limit of its own, hence the thread."""
    answered = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PROBE_SECONDS):
                answered.append(True)
        except (OSError, ValueError):
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return bool(answered)
