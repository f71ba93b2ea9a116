"""All distances among n crops: the lpips package's pair network beside our one vector a crop, in one run.

    python -m benchmarks.pairwise [--threads 2] [--sizes 200 1000 5000]

Both have the same random weights, since time does not depend on them; that both give the same distances is checked on
the pairs that are run. The pair network is run on a sample of pairs and its time extrapolated to all n (n - 1) / 2.
Ours is exact up to 2,000 crops; above that it is what the ranking does: averaged over cells, then projected to 256
dimensions.
"""

import argparse
import time
import warnings

import ranking  # noqa: F401  (before torch: it sets how threads wait)

import lpips as package  # isort: skip
import numpy as np  # isort: skip
import torch  # isort: skip
from torch import nn  # isort: skip

from benchmarks import support
from ranking import projection
from ranking.encoders import lpips
from ranking.encoders.base import Crops, Vectors

PAIRS = 2048  # of the sample
BATCH = 64
EXACT = 2000  # crops whose wide vectors are held at once: 950 MB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000, 5000])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    theirs, layers = pair_network()
    exact, pooled = (lpips.Lpips("squeeze", layers, pooled=flag) for flag in (False, True))
    rng = np.random.default_rng(1)
    crops = rng.integers(0, 256, (max(options.sizes), lpips.PIXELS, lpips.PIXELS, 3), dtype=np.uint8)
    one, other = rng.integers(0, len(crops), (2, PAIRS))
    pairwise(theirs, crops[one[:BATCH]], crops[other[:BATCH]])
    began = time.perf_counter()
    expected = pairwise(theirs, crops[one], crops[other])
    each = (time.perf_counter() - began) / PAIRS
    found = np.square(exact.encode(crops[one[:BATCH]]) - exact.encode(crops[other[:BATCH]])).sum(axis=1)
    print(f"All distances by lpips-squeeze at {lpips.PIXELS} px; {options.threads} threads; {support.machine()}")
    print(f"a pair takes the package {each * 1000:.2f} ms; largest difference of {BATCH} distances "
          f"{np.abs(found - expected[:BATCH]).max():.1e}")  # fmt: skip
    print(f"{'n':>6}{'package (extrapolated)':>24}{'ours':>10}{'times':>8}")
    for n in options.sizes:
        began = time.perf_counter()
        distances(exact if n <= EXACT else pooled, crops[:n])
        seconds, all_pairs = time.perf_counter() - began, each * n * (n - 1) / 2
        print(f"{n:>6,}{all_pairs:>22,.0f} s{seconds:>8.1f} s{all_pairs / seconds:>8,.0f}", flush=True)


def pair_network() -> tuple[nn.Module, nn.Sequential]:
    """The package's network and its layers."""
    torch.manual_seed(5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = package.LPIPS(net="squeeze", pnet_rand=True, verbose=False).eval()
    parts = [getattr(made.net, f"slice{k}") for k in range(1, made.L + 1)]
    return made, nn.Sequential(*[layer for part in parts for layer in part])


def pairwise(net: nn.Module, one: Crops, other: Crops) -> np.ndarray:
    found = []
    with torch.inference_mode():
        for start in range(0, len(one), BATCH):
            a, b = (
                torch.from_numpy(crops[start : start + BATCH]).permute(0, 3, 1, 2).float() / 127.5 - 1
                for crops in (one, other)
            )
            found.append(net(a, b).flatten())
    return torch.cat(found).numpy()


def distances(encoder: lpips.Lpips, crops: Crops) -> Vectors:
    """All squared distances [n, n]; of pooled vectors after their projection."""
    if not encoder.pooled:
        vectors = encoder.encode(crops)
    else:
        some = crops[projection.choose(np.arange(len(crops)), encoder.dim)]
        project = projection.fit(encoder.encode(some))
        vectors = np.concatenate([project.apply(encoder.encode(crops[k : k + 64])) for k in range(0, len(crops), 64)])
    products = projection.product(vectors, vectors.T)
    lengths = products.diagonal().copy()
    products *= -2
    products += lengths
    products += lengths[:, None]
    return products


if __name__ == "__main__":
    main()
