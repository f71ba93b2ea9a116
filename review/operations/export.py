"""Give the dataset back with its fixes: whole, in the form it came in, or as a patch of what changed."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ..formats import manifest
from ..models import Dataset, Export, Fix, Item, Job, Revision, User
from ..storage import store
from . import audit, jobs

FORMATS = ("manifest",)
PATCH_COLUMNS = (
    "key", "image", "row", "change", "old_label", "new_label", "old_box", "new_box", "probability", "looks", "flags",
    "resolution", "by", "at",
)  # fmt: skip


def start(
    *, dataset: Dataset, by: User | None, format: str = "manifest", kind: str = Export.Kind.FULL
) -> tuple[Export, Job]:
    """An export of the dataset as it stands, and the job that writes it. Raises ValidationError by field."""
    if format not in FORMATS:
        raise ValidationError({"format": f"Choose one of {', '.join(FORMATS)}."})
    if kind not in Export.Kind.values:
        raise ValidationError({"kind": f"Choose one of {', '.join(Export.Kind.values)}."})
    if dataset.state != Dataset.State.READY:
        raise ValidationError("The dataset has not been imported yet, so there is nothing to export.")
    with transaction.atomic():
        export = Export.objects.create(dataset=dataset, format=format, kind=kind, by=by)
        job = jobs.create(Job.Kind.EXPORT, project=dataset.project, by=by, dataset=dataset, export=export)
        audit.record("export started", project=dataset.project, actor=by, export=export.pk, kind=kind)
    return export, job


def run(run: jobs.Run) -> dict[str, Any]:
    export, dataset = run.job.export, run.job.dataset
    assert export is not None and dataset is not None
    with transaction.atomic():
        # A fix holds this row while it writes, so what follows is one version of the dataset.
        revision = Dataset.objects.select_for_update(no_key=True).values_list("revision", flat=True).get(pk=dataset.pk)
        lines = patch(dataset) if export.kind == Export.Kind.PATCH else full(dataset, run)
        data = "".join(lines).encode()
        fixes = applied(dataset).count()
    key = store().put(data)
    Export.objects.filter(pk=export.pk).update(key=key, revision=revision, fixes=fixes)
    return {"export": export.pk, "fixes": fixes, "bytes": len(data)}


def applied(dataset: Dataset) -> Any:
    return Fix.objects.filter(dataset=dataset, state=Fix.State.APPLIED)


def full(dataset: Dataset, run: jobs.Run) -> Iterable[str]:
    """The manifest that came in with the fixes in its cells, every other byte as it was; a dataset that came as class
    folders is written as a manifest of image and label."""
    changed = changes(dataset)
    key = dataset.layout["source"].get("manifest")
    if dataset.format == "manifest" and key:
        run.progress(0, None, "Writing the manifest")
        yield from manifest.rewrite(store().get(key), lambda number: changed.get(number, {}))
        return
    yield csv_line(["image", "label"])
    items = Item.objects.filter(dataset=dataset, removed=False).select_related("object__image", "label")
    for item in items.order_by("row").iterator(2000):
        yield csv_line([item.object.image.path, item.label.name])


def changes(dataset: Dataset) -> dict[int, dict[str, Any] | None]:
    """{row of the source: its new cells, or None where it is removed}, for rows whose head is not what came in."""
    touched = Revision.objects.filter(dataset=dataset).order_by("number").values_list("item_id", "field", "old")
    first: dict[tuple[int, str], Any] = {}
    for item_id, field, old in touched:
        first.setdefault((item_id, field), old)
    items = Item.objects.filter(pk__in={item for item, _ in first}).select_related("label", "object").in_bulk()
    found: dict[int, dict[str, Any] | None] = {}
    for (item_id, field), old in first.items():
        item = items[item_id]
        if item.removed:
            found[item.row] = None
        elif field == Revision.Field.LABEL and item.label_id != old:
            found.setdefault(item.row, {})["label"] = item.label.name  # type: ignore[index]
        elif field == Revision.Field.BOX and item.object.box and list(item.object.box) != old:
            cells = dict(zip(manifest.BOX, (f"{value:g}" for value in item.object.box), strict=True))
            found.setdefault(item.row, {}).update(cells)  # type: ignore[union-attr]
    return found


def patch(dataset: Dataset) -> Iterator[str]:
    """One line a fix that stands: what changed, on what evidence, by whom and when."""
    yield csv_line(PATCH_COLUMNS)
    fixes = applied(dataset).select_related("item__object__image", "old_label", "new_label", "resolution", "by")
    for fix in fixes.order_by("item__row", "pk"):
        yield csv_line(
            [
                fix.item.key,
                fix.item.object.image.path,
                fix.item.row,
                fix.kind,
                fix.old_label.name if fix.old_label else "",
                fix.new_label.name if fix.new_label else "",
                box_text(fix.old_box),
                box_text(fix.new_box),
                f"{fix.probability:.6f}" if fix.probability is not None else "",
                fix.looks,
                fix.flags,
                fix.resolution.action if fix.resolution else "",
                fix.by.username if fix.by else "consensus",
                fix.at.isoformat(),
            ]
        )


def box_text(box: list[float] | None) -> str:
    return " ".join(f"{value:g}" for value in box) if box else ""


def csv_line(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if not isinstance(cell, str) or cell[:1] not in ("=", "+", "-", "@", "\t", "\r"):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
