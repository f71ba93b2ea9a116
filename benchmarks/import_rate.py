"""How fast an import is beside bare Pillow on the same cores: decode, cut and encode alone, and the whole import.

    python benchmarks/import_rate.py MANIFEST IMAGES.zip [--runs 3]

Prints one JSON line: items a second of each (the best run), and the share of the bare rate that the import reaches.
Everything runs in a data folder of its own (MLFIX_VAR, or a new temporary one), with the production engines.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from itertools import groupby
from multiprocessing import get_context
from operator import itemgetter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
BOX = ("x", "y", "width", "height")


def cut(task: tuple[str, str, int, int]) -> int:
    """Decode every `step`-th image from `first` on and cut its rows' objects; how many were done."""
    from review import crops

    manifest, images, first, step = task
    with open(manifest, newline="") as file:
        rows = sorted(csv.DictReader(file), key=itemgetter("image"))
    mine = [(name, list(group)) for name, group in groupby(rows, itemgetter("image"))][first::step]
    with zipfile.ZipFile(images) as archive:
        for name, group in mine:
            image, _ = crops.decode(archive.read(name), 10**8)
            for row in group:
                crops.cut(image, tuple(float(row[part]) for part in BOX) if row.get("x") else None)
    return sum(len(group) for _, group in mine)


def bare(manifest: Path, images: Path) -> float:
    """Items a second of Pillow alone, on all cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    tasks = [(str(manifest), str(images), first, cores) for first in range(cores)]
    with get_context("spawn").Pool(cores) as pool:
        pool.map(abs, range(cores))  # Starting them is not what is measured.
        start = time.perf_counter()
        done = sum(pool.map(cut, tasks))
        return done / (time.perf_counter() - start)


def imported(manifest: Path, images: Path) -> float:
    """Items a second of the import, as its command measures it."""
    command = [sys.executable, "manage.py", "import_dataset", "Rates", str(manifest), "--images", str(images)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    made = json.loads(done.stdout.splitlines()[-1])
    return (made["items"] + made["rejected"]) / made["seconds"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ.setdefault("MLFIX_VAR", tempfile.mkdtemp(prefix="mlfix-rate-"))
    manifest, images = options.manifest.resolve(), options.images.resolve()
    pairs = [(bare(manifest, images), imported(manifest, images)) for _ in range(options.runs)]
    alone, whole = (max(values) for values in zip(*pairs, strict=True))
    print(json.dumps({"bare": round(alone), "import": round(whole), "share": round(whole / alone, 2)}))


if __name__ == "__main__":
    main()
