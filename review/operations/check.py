"""Look through a source before it is brought in: what would come of it, with nothing written."""

import dataclasses
from collections import Counter
from typing import Any

from ..formats import base
from ..models import Dataset
from . import jobs, window
from .import_ import failing
from .parts import Part, cut_parts
from .sources import Opened, cutters, open_source

FIRST_REJECTED = 100


def run(run: jobs.Run) -> dict[str, Any]:
    """Counts by label, and the first refused rows with their reasons. A check cut off begins anew: it wrote nothing."""
    dataset = run.job.dataset
    assert dataset is not None
    if dataset.state not in (Dataset.State.CHECKING, Dataset.State.CHECKED, Dataset.State.FAILED):
        raise jobs.Refused("The dataset is being imported, so there is nothing left to look through.")
    with failing(run, dataset, Dataset.State.CHECKING):
        found = Found()
        with open_source(dataset) as source:
            total = source.count()
            window.settle(run, dataset, source)
            found.previews = window.previews(run, dataset, source)
            look_through(run, dataset, source, total, found)
        if dataset.group_by and not found.grouped:
            raise jobs.Refused(f"No row has the attribute {dataset.group_by!r} that rows are to be grouped by.")
        Dataset.objects.filter(pk=dataset.pk).update(state=Dataset.State.CHECKED)
    moved = dataclasses.asdict(source.move) if source.move else None
    seen = {"window": window.as_json(dataset.view.window), "crop_pixels": dataset.crop_pixels}
    return found.as_json() | {"moved": moved} | seen


def look_through(run: jobs.Run, dataset: Dataset, source: Opened, total: int, found: "Found") -> None:
    run.progress(0, total, "Looking through the objects")
    with cutters(dataset.view) as pool:
        for _, part in cut_parts(source.rows(), source.images, pool, {}):
            found.add(part, dataset.group_by)
            run.progress(found.items + found.rejected, total, "Looking through the objects")


class Found:
    def __init__(self) -> None:
        self.labels: Counter[str] = Counter()
        self.rejected = 0
        self.first: list[base.BadRow] = []
        self.grouped = False
        self.previews: list[tuple[str, str]] = []

    @property
    def items(self) -> int:
        return self.labels.total()

    def add(self, part: Part, group_by: str) -> None:
        self.labels.update(row.label for row, _, _, _ in part.good)
        self.rejected += len(part.bad)
        self.first = sorted([*self.first, *part.bad], key=lambda bad: bad.number)[:FIRST_REJECTED]
        self.grouped = self.grouped or any(group_by in row.attributes for row, _, _, _ in part.good)

    def as_json(self) -> dict[str, Any]:
        return {
            "dry_run": True,
            "items": self.items,
            "labels": dict(sorted(self.labels.items())),
            "rejected": self.rejected,
            "previews": [picture for picture, _ in self.previews],
            "preview_labels": [label for _, label in self.previews],
            "first_rejected": [
                {"row": bad.number, "file": bad.file, "field": bad.field, "reason": bad.reason} for bad in self.first
            ],
        }
