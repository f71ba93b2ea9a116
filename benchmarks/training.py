"""What sortnet gains by learning on a dataset's own crops, and whether the job would keep it.

    python -m benchmarks.training [MANIFEST IMAGES TRUTH] [--steps 100] [--threads 1]

As in benchmarks/encoders.py, neighbours are looked for among other tracks: the average precision of their disagreement
for the labels planted wrong (by image and by track, over plantings made here), and how many true labels they name.
Without MANIFEST the drawn particles of benchmarks/particles.py are learnt.
"""

import argparse
import time
from pathlib import Path

import ranking  # noqa: F401  (before torch: it sets how threads wait)

import numpy as np  # isort: skip
import torch  # isort: skip
from PIL import Image  # isort: skip

from benchmarks import encoders, particles, support
from ranking import lessons
from ranking.encoders import sortnet

PARTICLES = 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", type=Path, metavar="MANIFEST IMAGES TRUTH")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--plantings", type=int, default=3, help="of each kind")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    data = encoders.read(*options.data) if options.data else drawn()
    plantings = {
        kind: [encoders.plant(data, kind, seed) for seed in range(options.plantings)] for kind in encoders.SHARES
    }
    large, small = (data.crops(side) for side in lessons.sides())
    print(f"Learning on {len(small):,} crops, {options.steps} steps; {options.threads} threads; {support.machine()}")
    began = time.process_time()
    lesson = lessons.lesson(large, small, data.given, np.full(len(small), -1))
    course = lessons.course(lesson, options.steps)
    while not course.done:
        course.advance()
    print(f"{time.process_time() - began:.0f} s of processor time\n{'':<12}{'images':>8}{'tracks':>8}{'accuracy':>10}")
    made = sortnet.to_bytes(course.net, {})
    for name, net in (("as shipped", sortnet.load()), ("learnt", sortnet.from_bytes(made))):
        print(f"{name:<12}{told(sortnet.Sortnet(net).encode(small), data, plantings)}")
    print(lessons.sentence(lessons.judge(lesson, sortnet.load(), sortnet.from_bytes(made))))


def drawn() -> encoders.Data:
    """The particles, 3 % of the pictures mislabelled."""
    crops, labels, groups = particles.draw(PARTICLES, seed=1)
    images = [Image.fromarray(crop) for crop in crops]
    return encoders.Data(images, particles.plant(labels, groups, False, 0), labels, groups)


def told(vectors: np.ndarray, data: encoders.Data, plantings: dict[str, list[np.ndarray]]) -> str:
    rows = encoders.nearest_elsewhere(vectors, data.tracks)
    precisions = [
        np.mean([encoders.average_precision(encoders.disagreement(rows, given), given != data.true) for given in made])
        for made in plantings.values()
    ]
    accuracy = (encoders.voted(rows, data.true) == data.true).mean()
    return f"{precisions[0]:8.3f}{precisions[1]:8.3f}{accuracy:10.3f}"


if __name__ == "__main__":
    main()
