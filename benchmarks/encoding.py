"""What encoding costs, forward, normalising and projecting apart; and how well distances keep their ranks.

    python -m benchmarks.encoding [MANIFEST.csv IMAGES.zip] [--crops 2000] [--encoder lpips-squeeze]

Needs the backbone's weights, in MLFIX_WEIGHTS or by download. Ranks are compared within labels, each item's distances
to the others of its label: as LPIPS has them exactly, and as they are stored.
"""

import argparse
import os
import resource
import statistics
import time

import ranking  # noqa: F401  (before torch: it sets how threads wait)

import numpy as np  # isort: skip
import torch  # isort: skip
from scipy.stats import spearmanr  # isort: skip

from benchmarks import pictures, support
from ranking import projection
from ranking.encoders import Encoder, EncoderUnavailable, lpips, make

ROUNDS = 5
LABELS, OF_EACH = 8, 120  # whose ranks are compared


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", help="a manifest and its images; drawn signs where none are given")
    parser.add_argument("--crops", type=int, default=2000)
    parser.add_argument("--encoder", default="lpips-squeeze")
    arguments = parser.parse_args()
    folder = os.environ.get("MLFIX_WEIGHTS", "")
    try:
        encoder = make(arguments.encoder, folder)
    except EncoderUnavailable as reason:
        print(f"Encoding was not measured. {reason}")
        return
    crops, labels = pictures.crops(arguments.data, encoder.pixels)
    chosen = np.random.default_rng(1).integers(0, len(crops), arguments.crops)
    print(f"Encoding {len(chosen):,} crops of {encoder.pixels} px by {encoder.name}; {support.machine()}")
    sample = encoder.encode(crops[projection.choose(np.arange(len(crops)), encoder.dim)])
    project = projection.fit(sample)
    del sample
    print_times(encoder, project, crops[chosen])
    print(f"stored                {project.axes.shape[1]:6d} numbers of {encoder.dim:,}")
    if isinstance(encoder, lpips.Lpips):
        exact = lpips.Lpips(arguments.encoder.removeprefix("lpips-"), encoder.features, encoder.pixels, pooled=False)
        print_fidelity(encoder, project, exact, crops, labels)
    print(f"peak memory           {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:6.0f} MB")


def print_times(encoder: Encoder, project: projection.Projection, crops: np.ndarray) -> None:
    """Medians over rounds, each part's own clock inside one and the same pass."""
    rounds = [one_pass(encoder, project, crops) for _ in range(ROUNDS)]
    forward, encoded, projected = (statistics.median(r[k] for r in rounds) / len(crops) * 1000 for k in range(3))
    whole = encoded + projected
    print(f"forward               {forward:6.3f} ms a crop")
    print(f"normalise, concatenate{encoded - forward:6.3f} ms a crop")
    print(f"project               {projected:6.3f} ms a crop")
    print(f"whole                 {whole:6.3f} ms a crop ({1000 / whole:,.0f} a second)")
    print(f"forward's share       {forward / whole:6.1%}")


def one_pass(encoder: Encoder, project: projection.Projection, crops: np.ndarray) -> tuple[float, float, float]:
    """Seconds of the bare network, of encoding (the network within it) and of projecting, batch by batch."""
    forward = encoded = projected = 0.0
    for start in range(0, len(crops), lpips.BATCH):
        part = crops[start : start + lpips.BATCH]
        began = time.perf_counter()
        if isinstance(encoder, lpips.Lpips):
            with torch.inference_mode():
                encoder.layers(torch.from_numpy(part))
        between = time.perf_counter()
        vectors = encoder.encode(part)
        ended = time.perf_counter()
        project.apply(vectors)
        forward, encoded = forward + between - began, encoded + ended - between
        projected += time.perf_counter() - ended
    return forward, encoded, projected


def print_fidelity(
    encoder: Encoder, project: projection.Projection, exact: Encoder, crops: np.ndarray, labels: np.ndarray
) -> None:
    kept, averaged = [], []
    for label in np.random.default_rng(2).permutation(np.unique(labels))[:LABELS]:
        members = crops[labels == label][:OF_EACH]
        true, wide = distances(exact.encode(members)), encoder.encode(members)
        kept += ranks_agree(true, distances(project.apply(wide)))
        averaged += ranks_agree(true, distances(wide))
    for name, values in (("ranks as stored", kept), ("ranks before projection", averaged)):
        print(f"{name:22}{np.mean(values):6.4f} Spearman, the worst twentieth below {np.quantile(values, 0.05):.4f}")


def distances(vectors: np.ndarray) -> np.ndarray:
    squares = (vectors * vectors).sum(axis=1)
    return squares[:, None] + squares - 2 * vectors @ vectors.T


def ranks_agree(one: np.ndarray, other: np.ndarray) -> list[float]:
    """Spearman's correlation of each item's distances to all others."""
    others = ~np.eye(len(one), dtype=bool)
    if len(one) < 3:
        return []
    return [spearmanr(one[k, others[k]], other[k, others[k]]).statistic for k in range(len(one))]


if __name__ == "__main__":
    main()
