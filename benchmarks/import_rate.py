"""How fast an import is beside bare Pillow on the same cores: decode, cut and encode alone, and the whole import.

    python -m benchmarks.import_rate MANIFEST.csv IMAGES.zip [--times 20] [--runs 3]

The images are imported so many times over, under other names, and the rate is taken between a fifth and nine tenths of
the way, when everything is warm. Bare Pillow reads the same zip and does the same to each picture, and writes nothing.
"""

import argparse
import csv
import os
import resource
import statistics
import tempfile
import threading
import time
import zipfile
from itertools import groupby
from multiprocessing import get_context
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks import support

BOX = ("x", "y", "width", "height")
STEADY = (0.2, 0.9)
SECONDS_BETWEEN_LOOKS = 0.05


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


def many(manifest: Path, images: Path, times: int, folder: Path) -> tuple[Path, Path, int]:
    """The same so many times over: a larger manifest, a larger zip, and how many rows there are."""
    with open(manifest, newline="") as file:
        rows = list(csv.DictReader(file))
    larger = folder / "manifest.csv", folder / "images.zip", times * len(rows)
    with open(larger[0], "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for k in range(times):
            writer.writerows({**row, "image": f"{k:02d}/{row['image']}"} for row in rows)
    with zipfile.ZipFile(images) as source, zipfile.ZipFile(larger[1], "w", zipfile.ZIP_STORED) as out:
        for name in (name for name in source.namelist() if not name.endswith("/")):
            data = source.read(name)
            for k in range(times):
                out.writestr(f"{k:02d}/{name}", data)
    return larger


def imported(manifest: Path, images: Path) -> float:
    """Items a second of the import's steady part."""
    from review.models import Job, User
    from review.operations import import_, jobs, projects
    from review.storage import store

    lead, _ = User.objects.get_or_create(username="bench-lead")
    source = {"manifest": store().put_file(str(manifest)), "manifest_name": "manifest.csv",
              "archive": store().put_file(str(images))}  # fmt: skip
    project = projects.create(name="Rates", by=lead)
    _, job = import_.start(project=project, by=lead, name="Rates", source=source)
    points: list[tuple[float, int, int]] = []
    watcher = threading.Thread(target=watch, args=[job.pk, points])
    watcher.start()
    jobs.run(job.pk, import_.run)
    watcher.join()
    job = Job.objects.get(pk=job.pk)
    if job.state != Job.State.DONE:
        raise SystemExit(f"The import ended as {job.state}: {job.message}")
    first, last = (next(p for p in points if p[1] >= share * p[2]) for share in STEADY)
    return (last[1] - first[1]) / (last[0] - first[0])


def watch(job: int, points: list[tuple[float, int, int]]) -> None:
    """Append (seconds, done, total) at each step of the job until it ends."""
    from review.models import Job

    done = -1
    while True:
        now: Any = Job.objects.values("done", "total", "state").get(pk=job)
        if now["total"] and now["done"] != done:
            done = now["done"]
            points.append((time.perf_counter(), done, now["total"]))
        if now["state"] not in (Job.State.QUEUED, Job.State.RUNNING):
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    support.set_up()
    with tempfile.TemporaryDirectory() as folder:
        manifest, images, rows = many(options.manifest, options.images, options.times, Path(folder))
        print(f"Import, {rows:,} rows, {images.stat().st_size / max(rows, 1) / 1000:.1f} kB each; {support.machine()}")
        pairs = [(bare(manifest, images), imported(manifest, images)) for _ in range(options.runs)]
    for name, rates in zip(("bare Pillow", "import"), zip(*pairs, strict=True), strict=True):
        print(f"{name:22}{statistics.median(rates):8,.0f} items a second")
    print(f"share                 {statistics.median(i / b for b, i in pairs):8.0%}")
    print(f"peak memory           {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:8.0f} MB")


if __name__ == "__main__":
    main()
