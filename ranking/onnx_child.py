"""A process that runs a stranger's ONNX network and does nothing else: so much memory, so many seconds a batch, no file
written, none read (its folder is an empty one).

    python -m ranking.onnx_child MEMORY_BYTES SECONDS

The first message is the network, with the pixels a side wished where it takes any, and the scale of its values; the
answer says what it takes and gives. Then come crops uint8 [n, pixels, pixels, 3], each answered by float32 [n, dim].
The messages are those of review/cutter.py.
"""

import contextlib
import signal
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from review.cutter import limit, read_head, write

PIXELS = 64  # where a network takes any and nobody wished another
WIDEST = 2**16  # values a crop
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, RGB, in 0 to 1
KINDS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}
THREADS = 4


class Unfit(ValueError):
    """A sentence that says why the network is no encoder."""


def main() -> None:
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    limit(memory)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    signal.setitimer(signal.ITIMER_REAL, seconds)
    head = read_head(source)
    try:
        network = Network(source.read(head["length"]), head["pixels"], head["scale"])
    except Unfit as error:
        return write(sink, {"error": str(error)}, [])
    write(sink, {"pixels": network.pixels, "dim": network.dim}, [])
    signal.setitimer(signal.ITIMER_REAL, 0)  # The next batch comes when it comes.
    while (head := read_head(source)) is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        crops = np.frombuffer(source.read(head["length"]), np.uint8)
        vectors = network.encode(crops.reshape(-1, network.pixels, network.pixels, 3))
        write(sink, {}, [vectors.tobytes()])
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None


@dataclass(frozen=True)
class Takes:
    """What a network takes: values of a kind, colours before or after the places, how many at once, pixels a side."""

    kind: type
    colours: int
    first: bool
    batch: int | None
    pixels: int


class Network:
    """The network, tried once."""

    def __init__(self, data: bytes, pixels: int | None, scale: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.enable_cpu_mem_arena, options.log_severity_level = THREADS, False, 4
        try:
            self.session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # It raises many kinds on files that are broken.
            raise Unfit(f"The file is no ONNX network that can be run here: {first_line(error)}") from None
        inputs = self.session.get_inputs()
        if len(inputs) != 1:
            raise Unfit(f"The network takes {len(inputs)} inputs; an encoder takes one, the crops.")
        self.name, self.scale = inputs[0].name, scale
        self.takes = taken(inputs[0].type, inputs[0].shape, pixels)
        self.pixels = self.takes.pixels
        rng = np.random.default_rng(0)
        vectors = self.encode(rng.integers(0, 256, (3, self.pixels, self.pixels, 3), np.uint8))
        self.dim = vectors.shape[1]
        if not np.isfinite(vectors).all():
            raise Unfit("The network gives values that are not numbers.")

    def encode(self, crops: np.ndarray) -> np.ndarray:
        """uint8 [n, pixels, pixels, 3] to float32 [n, dim]; the first output, flattened. Raises Unfit."""
        step = self.takes.batch or max(len(crops), 1)
        parts = []
        for start in range(0, len(crops), step):
            part = crops[start : start + step]
            whole = np.concatenate([part, np.repeat(part[-1:], step - len(part), axis=0)]) if len(part) < step else part
            parts.append(self.run(whole)[: len(part)])
        return np.concatenate(parts)

    def run(self, crops: np.ndarray) -> np.ndarray:
        try:
            out = np.asarray(self.session.run(None, {self.name: self.values(crops)})[0])
        except Exception as error:
            if isinstance(error, MemoryError) or "bad_alloc" in str(error):
                raise Unfit("The network needs more memory than it is given.") from None
            raise Unfit(f"The network fails on crops of {self.pixels} pixels: {first_line(error)}") from None
        if out.ndim < 2 or out.shape[0] != len(crops) or out.dtype.kind not in "fiu":
            raise Unfit(
                f"Of {len(crops)} crops the network makes {list(out.shape)} values; it must make a vector of each."
            )
        vectors = out.reshape(len(crops), -1).astype(np.float32)
        if not 1 <= vectors.shape[1] <= WIDEST:
            raise Unfit(f"The network makes {vectors.shape[1]:,} values of a crop; at most {WIDEST:,} are taken.")
        return np.ascontiguousarray(vectors)

    def values(self, crops: np.ndarray) -> np.ndarray:
        if self.takes.colours == 1:
            crops = np.rint(crops @ np.array([0.299, 0.587, 0.114]))[..., None].astype(np.uint8)
        values: np.ndarray = crops.astype(np.float32)
        if self.scale != "byte" and self.takes.kind is not np.uint8:
            values /= 255
        if self.scale == "imagenet" and self.takes.colours == 3:
            values = (values - np.array(MEAN, np.float32)) / np.array(DEVIATION, np.float32)
        values = values.transpose(0, 3, 1, 2) if self.takes.first else values
        return np.ascontiguousarray(values.astype(self.takes.kind))


def taken(kind: str, shape: list[Any], wished: int | None) -> Takes:
    """What an input of this type and shape takes; raises Unfit."""
    if kind not in KINDS:
        raise Unfit(f"The network takes {kind}; crops can be given as float, float16 or uint8.")
    if len(shape) != 4:
        raise Unfit(f"The network takes an input of {len(shape)} dimensions; crops have four: how many, colours, "
                    "height, width.")  # fmt: skip
    if shape[1] in (1, 3):
        first, colours, sides = True, shape[1], shape[2:]
    elif shape[3] in (1, 3):
        first, colours, sides = False, shape[3], shape[1:3]
    else:
        raise Unfit("The network's input does not say where its 3 colours (or 1 grey) are: the second or the last.")
    fixed = {side for side in sides if isinstance(side, int) and side > 0}
    if len(fixed) > 1:
        raise Unfit(f"The network takes crops of {sides[1]} × {sides[0]} pixels; they must be square.")
    pixels = fixed.pop() if fixed else wished or PIXELS
    if not 8 <= pixels <= 1024:
        raise Unfit(f"The network takes crops of {pixels} pixels a side; 8 to 1,024 are possible.")
    batch = shape[0] if isinstance(shape[0], int) and shape[0] > 0 else None
    return Takes(KINDS[kind], colours, first, batch, pixels)


def first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:300]


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
