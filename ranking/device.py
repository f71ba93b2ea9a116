"""An encoder kept to what its device can do: smaller batches where memory runs out, a sentence where it fails."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from .encoders.base import Crops, Encoder, EncoderUnavailable, Vectors

FAILED = ("CUDA error", "CUDA-capable", "CUDA driver", "NVIDIA driver", "cuDNN error", "CUBLAS_STATUS", "HIP error")
NO_ROOM = ("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
LARGEST = 2**16  # crops at once, far above what anybody sends


class Steady:
    """The encoder itself, but for how many crops it is given at once; it gives finite vectors or none."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self.most = encoder, LARGEST
        self.name, self.version, self.pixels, self.dim = encoder.name, encoder.version, encoder.pixels, encoder.dim

    def encode(self, crops: Crops) -> Vectors:
        """As the encoder's; raises EncoderUnavailable. A batch that was too large once is not tried again."""
        parts, start = [], 0
        while start < len(crops):
            part = crops[start : start + self.most]
            if (found := self.tried(part)) is None:
                self.give_way(len(part))
                continue
            parts.append(found)
            start += len(part)
        vectors = np.concatenate(parts) if parts else np.empty((0, self.dim), np.float32)
        if not np.isfinite(vectors).all():
            raise EncoderUnavailable(f"{self.name} gives a value that is not a number, so nothing is laid out by it.")
        return vectors

    def tried(self, crops: Crops) -> Vectors | None:
        """None where memory ran out. The error is gone by then: it holds on to what filled the memory."""
        try:
            with failures():
                return self.encoder.encode(crops)
        except torch.OutOfMemoryError:
            return None

    def give_way(self, tried: int) -> None:
        if tried == 1:
            raise EncoderUnavailable(
                f"The device has not the memory for a single crop with {self.name}. Free some, or choose another "
                "encoder, and resume the job."
            )
        self.most = tried // 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


@contextmanager
def failures() -> Iterator[None]:
    """What a device that fails or vanishes raises, as EncoderUnavailable; what its libraries raise where they find no
    room, as torch.OutOfMemoryError."""
    try:
        yield
    except (torch.OutOfMemoryError, EncoderUnavailable):
        raise
    except RuntimeError as error:
        line = str(error).split("\n", 1)[0][:200]
        if any(word in line for word in NO_ROOM):
            raise torch.OutOfMemoryError(line) from None
        if not any(word in line for word in FAILED):
            raise
        raise EncoderUnavailable(
            f"The device failed or is gone: {line.rstrip('.')}. What was embedded is kept. Start this worker anew, "
            "then resume the job."
        ) from None
