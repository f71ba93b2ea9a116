"""What encoding costs, forward, normalising and projecting apart, beside a bare forward pass of the same network.

    python -m benchmarks.encoding [--crops 2000] [--encoder lpips-squeeze]

Needs the backbone's weights, in MLFIX_WEIGHTS or by download.
"""

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import ranking  # noqa: F401  (before torch: it sets how threads wait)

import numpy as np  # isort: skip
import torch  # isort: skip

from benchmarks import support
from ranking import encoders, projection
from ranking.encoders import lpips

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crops", type=int, default=2000)
    parser.add_argument("--encoder", default="lpips-squeeze")
    arguments = parser.parse_args()
    try:
        encoder = encoders.make(arguments.encoder, os.environ.get("MLFIX_WEIGHTS", ""))
    except encoders.EncoderUnavailable as reason:
        print(f"Encoding was not measured. {reason}")
        return
    side = encoder.pixels
    crops = np.random.default_rng(1).integers(0, 255, (arguments.crops, side, side, 3), dtype=np.uint8)
    print(f"Encoding {arguments.crops:,} crops of {side} px by {encoder.name}; {support.machine()}")
    vectors = encoder.encode(crops[:512])
    project = projection.fit(vectors)
    whole, forward, encoded, projected = [], [], [], []
    for _ in range(ROUNDS):
        forward.append(timed(lambda: bare_forward(encoder, crops))[0])
        began = time.perf_counter()
        for start in range(0, len(crops), 256):
            part = crops[start : start + 256]
            seconds, vectors = timed(lambda part=part: encoder.encode(part))
            encoded.append(seconds)
            projected.append(timed(lambda vectors=vectors: project.apply(vectors))[0])
        whole.append(time.perf_counter() - began)
    n = len(crops)
    whole_ms, forward_ms = (statistics.median(v) / n * 1000 for v in (whole, forward))
    apply_ms = sum(projected) / ROUNDS / n * 1000
    print(f"forward alone         {forward_ms:6.2f} ms a crop")
    print(f"normalise, concatenate{sum(encoded) / ROUNDS / n * 1000 - forward_ms:6.2f} ms a crop")
    print(f"project               {apply_ms:6.2f} ms a crop")
    print(f"whole                 {whole_ms:6.2f} ms a crop ({1000 / whole_ms:,.0f} a second)")
    print(f"forward's share       {forward_ms / whole_ms:6.1%}")
    print(f"peak memory           {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:6.0f} MB")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds, the result)."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def bare_forward(encoder, crops: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    """The network's activations and nothing else, in the encoder's own batches."""
    with torch.inference_mode():
        for start in range(0, len(crops), lpips.BATCH):
            encoder.layers(torch.from_numpy(crops[start : start + lpips.BATCH]))


if __name__ == "__main__":
    main()
