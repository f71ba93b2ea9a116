"""How far slow steps are: one moving bar on a terminal, else a line every few seconds."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

import rich.progress
from rich.console import Console

LINE_SECONDS = 3.0


class Progress:
    """Shows one step at a time with what is done of how much; the next step ends the one before."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self.stream = stream
        self.title = ""
        self.said = ""
        self.said_at = 0.0
        self.bars: rich.progress.Progress | None = None
        if stream.isatty():
            columns = (
                rich.progress.TextColumn("{task.description}"),
                rich.progress.BarColumn(),
                rich.progress.MofNCompleteColumn(),
                rich.progress.TimeElapsedColumn(),
            )
            self.bars = rich.progress.Progress(*columns, console=Console(file=stream))
            self.bars.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def show(self, title: str, done: int, total: int | None, message: str = "") -> None:
        """Say that the step `title` is at `done` of `total` (None where nobody knows)."""
        if self.bars:
            self.move_bar(title, done, total, message)
        else:
            self.write_line(title, done, total, message)
        self.title = title

    def move_bar(self, title: str, done: int, total: int | None, message: str) -> None:
        assert self.bars
        if title != self.title:
            self.bars.add_task(title, total=total)
        self.bars.update(self.bars.task_ids[-1], completed=done, total=total, description=describe(title, message))

    def write_line(self, title: str, done: int, total: int | None, message: str) -> None:
        count = f": {done:,} of {total:,}" if total else f": {done:,}" if done else ""
        line, now = describe(title, message) + count, time.monotonic()
        over = bool(total) and done == total
        if line != self.said and (title != self.title or over or now - self.said_at >= LINE_SECONDS):
            self.stream.write(line + "\n")
            self.stream.flush()
            self.said, self.said_at = line, now

    def say(self, sentence: str) -> None:
        """A line of its own, above the bar."""
        if self.bars:
            self.bars.console.print(sentence, markup=False, highlight=False, soft_wrap=True)
        else:
            self.stream.write(sentence + "\n")
            self.stream.flush()

    def close(self) -> None:
        if self.bars:
            self.bars.stop()


def describe(title: str, message: str) -> str:
    return f"{title} ({message[:1].lower()}{message[1:]})" if message else title
