"""A few processes that decode and cut (see cutter.py), fed with batches and replaced when one dies. No Django."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import crops
from .cutter import LONGEST_HEAD, read_head, write

ROOT = Path(__file__).resolve().parent.parent
BATCH_PHOTOS, BATCH_BYTES = 128, 8 * 2**20
PIPE_BYTES = 2**20  # a batch of small photos at a time, instead of 64 KB; the system's own size where it has no other
LARGEST_CROP = 16 * 2**20
START_SECONDS = 60.0
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
# Memory of one photo is kept for the next: giving each back and taking it anew costs as much as decoding it.
# A window is applied by numpy, whose threads would only take address space.
REUSE = {
    "OPENBLAS_NUM_THREADS": "1",
    "PILLOW_BLOCKS_MAX": "32",
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**29),
}
DIED = "The image made the decoder stop: it is broken, or made to do harm."
TOO_LONG = "The image took longer to decode than it is given."


class Died(Exception):
    """A process ended in the middle of its work; the sentence says how."""


@dataclass(frozen=True)
class Limits:
    """What one photo may take."""

    pixels: int = 100_000_000
    memory_bytes: int = 2 * 2**30
    seconds: float = 30.0


@dataclass
class Task:
    """A photo's bytes and the boxes wanted of it; None is the whole image. `sample`: its deep grey, and no crop.
    `shares`: the boxes are in shares of its sides."""

    data: bytes
    boxes: list[crops.Box | None]
    sample: bool = False
    shares: bool = False


@dataclass(frozen=True)
class Cut:
    """One box's outcome: the crop with the box as it was clipped to the image, or the sentence why there is none."""

    crop: crops.Crop | None = None
    box: crops.Box | None = None
    error: str = ""


@dataclass(frozen=True)
class Photo:
    """A photo's outcome; `error` tells why nothing of it can be used."""

    media_type: str = ""
    width: int = 0
    height: int = 0
    cuts: list[Cut] = field(default_factory=list)
    samples: list[list[float]] = field(default_factory=list)
    error: str = ""


class Cutter:
    """One process. Started when first needed, so that a pool which is not used costs nothing."""

    def __init__(self, limits: Limits, view: crops.View) -> None:
        self.limits, self.view = limits, view
        self.process: subprocess.Popen | None = None

    def start(self) -> subprocess.Popen:
        """It is told nothing of this site: an environment of a few harmless names, and pipes."""
        limits = [self.limits.pixels, self.limits.memory_bytes, self.limits.seconds]
        arguments = [*limits, self.view.pixels, *(self.view.window or ())]
        return subprocess.Popen(
            [sys.executable, "-m", "review.cutter", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=PIPE_BYTES,
            cwd=ROOT,
            env={name: os.environ[name] for name in KEPT if name in os.environ} | REUSE,
        )

    def cut(self, tasks: Sequence[Task]) -> list[Photo]:
        """Raises Died, and is ready for the next batch all the same."""
        if self.process is None:
            self.process = self.start()
        process, late = self.process, threading.Event()
        seconds = START_SECONDS + len(tasks) * self.limits.seconds
        guard = threading.Timer(seconds, end, [process, late])
        guard.daemon = True
        guard.start()
        try:
            return exchange(process, tasks)
        except (OSError, ValueError, KeyError, TypeError):
            status = self.stop()
            raise Died(TOO_LONG if late.is_set() or status == -14 else DIED) from None
        finally:
            guard.cancel()

    def stop(self) -> int:
        """End the process; its status, negative for a signal that had ended it."""
        process, self.process = self.process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def end(process: subprocess.Popen, late: threading.Event) -> None:
    late.set()
    process.kill()


def exchange(process: subprocess.Popen, tasks: Sequence[Task]) -> list[Photo]:
    """Send a batch and read its answer. The answer is not trusted: what it says is checked as it is taken."""
    assert process.stdin and process.stdout
    head = [
        {"length": len(task.data), "boxes": task.boxes, "shares": task.shares, "sample": task.sample} for task in tasks
    ]
    write(process.stdin, head, [task.data for task in tasks])
    answer = read_head(process.stdout)
    if not isinstance(answer, list) or len(answer) != len(tasks):
        raise ValueError
    return [taken(said, task, process.stdout) for said, task in zip(answer, tasks, strict=True)]


def taken(said: dict[str, Any], task: Task, pipe: Any) -> Photo:
    if "error" in said:
        return Photo(error=str(said["error"])[:1000])
    if task.sample:
        return Photo(samples=[[float(value) for value in values] for values in said["samples"]])
    if said["type"] not in crops.FORMATS.values() or len(said["cuts"]) != len(task.boxes):
        raise ValueError
    cuts = [one_cut(cut, pipe) for cut in said["cuts"]]
    return Photo(said["type"], int(said["width"]), int(said["height"]), cuts)


def one_cut(said: dict[str, Any], pipe: Any) -> Cut:
    if "error" in said:
        return Cut(error=str(said["error"])[:1000])
    parts = [exactly(pipe, length) for length in said["lengths"]]
    if not 1 <= len(parts) <= 2:
        raise ValueError
    return Cut(crops.Crop(parts[0], parts[-1], four(said["inner"])), four(said["box"]))


def four(values: Any) -> crops.Box | None:
    if values is None:
        return None
    x, y, width, height = (float(value) for value in values)
    return x, y, width, height


def exactly(pipe: Any, length: int) -> bytes:
    if not 0 < length <= LARGEST_CROP:
        raise ValueError
    data = pipe.read(length)
    if len(data) < length:
        raise ValueError
    return data


class Cutters:
    """As many processes as cores. `submit` returns at once; an outcome comes for every task, whatever dies."""

    def __init__(
        self,
        limits: Limits,
        processes: int | None = None,
        view: crops.View = crops.View(),  # noqa: B008 (frozen)
    ) -> None:
        self.count = processes or cores()
        self.free: queue.SimpleQueue[Cutter] = queue.SimpleQueue()
        self.all = [Cutter(limits, view) for _ in range(self.count)]
        for cutter in self.all:
            self.free.put(cutter)
        self.threads = ThreadPoolExecutor(self.count, thread_name_prefix="cutter")

    def __enter__(self) -> "Cutters":
        return self

    def __exit__(self, *_: object) -> None:
        self.threads.shutdown(wait=True, cancel_futures=True)
        for cutter in self.all:
            cutter.stop()

    def submit(self, tasks: Sequence[Task]) -> list[tuple[Sequence[Task], Future[list[Photo]]]]:
        """The tasks in batches, each with the promise of its outcomes in order."""
        return [(batch, self.threads.submit(self.work, batch)) for batch in batches(tasks)]

    def work(self, tasks: Sequence[Task]) -> list[Photo]:
        cutter = self.free.get()
        try:
            return cut_all(cutter, tasks)
        finally:
            self.free.put(cutter)


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2


def cut_all(cutter: Cutter, tasks: Sequence[Task]) -> list[Photo]:
    """Where a batch kills the process, its photos are tried one by one: the one at fault alone is lost."""
    try:
        return cutter.cut(tasks)
    except Died as error:
        if len(tasks) == 1:
            return [Photo(error=str(error))]
        return [photo for task in tasks for photo in cut_all(cutter, [task])]


def batches(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    batch: list[Task] = []
    size = 0
    for task in tasks:
        if batch and (len(batch) == BATCH_PHOTOS or size + len(task.data) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(task)
        size += len(task.data)
    if batch:
        yield batch


__all__ = ["LONGEST_HEAD", "Cut", "Cutters", "Limits", "Photo", "Task"]
