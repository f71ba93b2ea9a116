"""The dataset's append-only history: a line for each change of an item or of a label, in one row of numbers."""

from typing import Any

from ..models import Dataset, Revision, User

MERGED, PARTED = "merge", "parted"
MOVED = (MERGED, PARTED)  # causes of lines that move all items of a label


def append(dataset: Dataset, field: str, old: Any, new: Any, *, cause: str, by: User | None, **of: Any) -> Revision:
    """The next line, after the last one of the same `item` or `label` and field. The caller holds the dataset's row."""
    previous = Revision.objects.filter(field=field, **of).order_by("-number").first()
    dataset.revision += 1
    revision = Revision.objects.create(
        dataset=dataset, number=dataset.revision, previous=previous, field=field, old=old, new=new, cause=cause, by=by,
        **of,
    )  # fmt: skip
    Dataset.objects.filter(pk=dataset.pk).update(revision=dataset.revision)
    return revision
