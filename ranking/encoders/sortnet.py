"""MLfix's own small encoder: a plain convolutional network, trained without labels by training.py, shipped with us.

Where LPIPS sees light, pose and blur, this one was taught to overlook them. Its vectors have unit length.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..accelerator import device, half
from .base import Crops, EncoderUnavailable, Vectors

PIXELS = 32
DIM = 192
BATCH, BATCH_OF_GPU = 64, 2048
CODE = "2"  # raise it when a change here changes the vectors
FLAT = 0.03  # of full scale: a crop of less contrast than this is not blown up to full contrast
COUNTER = "num_batches_tracked"  # of batch norm: no vector depends on it
WEIGHTS = Path(__file__).parent.parent / "weights" / "sortnet.safetensors"


class Block(nn.Module):
    """Convolution, batch norm, ReLU; with what came in added where the shape stays."""

    def __init__(self, before: int, after: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(after)
        self.adds = before == after and stride == 1

    def forward(self, hidden: Tensor) -> Tensor:
        out = self.norm(self.conv(hidden))
        return functional.relu(out + hidden if self.adds else out, inplace=True)

    def fused(self) -> "Block":
        """The batch norm folded into the convolution: the same numbers in half the time."""
        assert isinstance(self.norm, nn.BatchNorm2d)
        self.conv, self.norm = fuse_conv_bn_eval(self.conv, self.norm), nn.Identity()
        return self


class Net(nn.Module):
    """Pictures float [n, 3, 32, 32] in 0..1 to vectors of unit length [n, 192]."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            Block(3, 32, 5, 2), Block(32, 64),
            Block(64, 96, 3, 2), Block(96, 96),
            Block(96, 160, 3, 2), Block(160, 160), Block(160, 96, 1),
        )  # fmt: skip
        self.last = nn.Linear(96 * (PIXELS // 8) ** 2, DIM, bias=False)

    def forward(self, pictures: Tensor) -> Tensor:
        hidden = self.blocks(even(pictures).contiguous(memory_format=torch.channels_last))
        return functional.normalize(self.last(hidden.flatten(1)).float(), dim=1)


def even(pictures: Tensor) -> Tensor:
    """Each picture minus its mean, over its contrast: much of the light is gone before the first layer."""
    centred = pictures - pictures.mean(dim=(1, 2, 3), keepdim=True)
    return centred / centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt().clamp(min=FLAT)


class Sortnet:
    """The encoder over a trained network."""

    name = "sortnet"
    pixels = PIXELS
    dim = DIM

    def __init__(self, net: Net) -> None:
        self.version = version_of(net)
        self.device = device()
        net = net.eval().requires_grad_(False)
        for block in net.blocks:
            assert isinstance(block, Block)
            block.fused()
        self.net = net.to(self.device).to(memory_format=torch.channels_last)

    def encode(self, crops: Crops) -> Vectors:
        """RGB crops uint8 [n, 32, 32, 3] to float32 [n, 192] of unit length; by bfloat16, where that is used, less than
        a degree from what single precision makes of them."""
        vectors = np.empty((len(crops), self.dim), np.float32)
        gpu = self.device.type == "cuda"
        step = BATCH_OF_GPU if gpu else BATCH
        with torch.inference_mode(), half(self.device):
            for start in range(0, len(crops), step):
                batch = torch.from_numpy(np.ascontiguousarray(crops[start : start + step]))
                batch = (batch.pin_memory() if gpu else batch).to(self.device, non_blocking=True)
                found = self.net(batch.permute(0, 3, 1, 2).float() / 255)
                torch.from_numpy(vectors[start : start + step]).copy_(found)
        return vectors


def version_of(net: Net) -> str:
    digest = hashlib.sha256(f"{CODE} {PIXELS}".encode())
    for name, tensor in kept(net).items():
        digest.update(name.encode() + tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def provenance(path: Path = WEIGHTS) -> dict[str, str]:
    """How a file's weights were made."""
    with safetensors.safe_open(path, "pt") as file:
        return dict(json.loads(file.metadata()["made"]))


def maker(folder: str, crop_pixels: int = 0) -> Sortnet:
    """The encoder as it comes with us: it needs no other weights and sees the size that it was trained on."""
    return Sortnet(load())


def load(path: Path = WEIGHTS) -> Net:
    """The network with the weights of a file; EncoderUnavailable where that cannot be read."""
    try:
        return from_bytes(path.read_bytes())
    except OSError:
        raise EncoderUnavailable(
            f"sortnet lacks its weights: {path} is not there. Make it: python -m ranking.training --output {path}"
        ) from None


def from_bytes(data: bytes) -> Net:
    """The network of a safetensors file's bytes; half precision is how it is stored, single how it computes."""
    net = Net()
    try:
        state = {name: tensor.float() for name, tensor in safetensors.torch.load(data).items()}
        missing, unknown = net.load_state_dict(state, strict=False)
    except (safetensors.SafetensorError, RuntimeError) as error:
        raise EncoderUnavailable(f"These are no weights of sortnet ({type(error).__name__}).") from None
    if unknown or any(not name.endswith(COUNTER) for name in missing):
        raise EncoderUnavailable("These are the weights of another network than sortnet.")
    return net


def to_bytes(net: Net, made: dict[str, str]) -> bytes:
    """The weights in half precision, with how they were made."""
    state = {name: tensor.detach().cpu().half().contiguous() for name, tensor in kept(net).items()}
    # One entry: several would be written in any order, and the same weights be other bytes each time.
    return safetensors.torch.save(state, metadata={"made": json.dumps(made, sort_keys=True)})


def kept(net: Net) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in sorted(net.state_dict().items()) if not name.endswith(COUNTER)}
