"""Give the dataset back with its fixes: whole, in the form it came in or another, or as a patch of what changed."""

import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from .. import formats
from ..formats import base
from ..formats.images import open_archive
from ..models import Dataset, Export, Fix, Item, Job, Revision, User
from ..storage import store
from . import audit, jobs
from .sources import limits


def start(
    *, dataset: Dataset, by: User | None, format: str = "auto", kind: str = Export.Kind.FULL
) -> tuple[Export, Job]:
    """An export of the dataset as it stands, and the job that writes it. Raises ValidationError by field."""
    try:
        chosen = formats.exported(format, dataset.format)
    except ValueError as error:
        raise ValidationError({"format": str(error)}) from None
    if kind not in Export.Kind.values:
        raise ValidationError({"kind": f"Choose one of {', '.join(Export.Kind.values)}."})
    if dataset.state != Dataset.State.READY:
        raise ValidationError("The dataset has not been imported yet, so there is nothing to export.")
    with transaction.atomic():
        export = Export.objects.create(dataset=dataset, format=chosen.name, kind=kind, by=by)
        job = jobs.create(Job.Kind.EXPORT, project=dataset.project, by=by, dataset=dataset, export=export)
        audit.record("export started", project=dataset.project, actor=by, export=export.pk, kind=kind)
    return export, job


def run(run: jobs.Run) -> dict[str, Any]:
    export, dataset = run.job.export, run.job.dataset
    assert export is not None and dataset is not None
    run.progress(0, None, "Writing the file")
    with tempfile.NamedTemporaryFile() as file:
        try:
            with transaction.atomic():
                # A fix holds this row while it writes, so what follows is one version of the dataset.
                rows = Dataset.objects.select_for_update(no_key=True)
                revision = rows.values_list("revision", flat=True).get(pk=dataset.pk)
                file.writelines(contents(export, dataset))
                fixes = applied(dataset).count()
        except base.SourceError as error:
            raise jobs.Refused(str(error)) from None
        file.flush()
        size, key = file.tell(), store().put_file(file.name)
    Export.objects.filter(pk=export.pk).update(key=key, revision=revision, fixes=fixes)
    return {"export": export.pk, "fixes": fixes, "bytes": size}


def contents(export: Export, dataset: Dataset) -> Iterable[bytes]:
    chosen = formats.FILES[export.format]
    return patch(dataset, chosen) if export.kind == Export.Kind.PATCH else full(dataset, chosen)


def file_name(export: Export) -> str:
    """What to call the export: the dataset's name, the kind, the revision, and the format's suffix."""
    chosen = formats.FILES[export.format]
    suffix = chosen.patch_suffix if export.kind == Export.Kind.PATCH else chosen.suffix
    return f"{export.dataset.name}-{export.kind}-r{export.revision}{suffix}"


def media_type(export: Export) -> str:
    chosen = formats.FILES[export.format]
    return "text/csv" if export.kind == Export.Kind.PATCH and chosen.patch_suffix == ".csv" else chosen.media_type


def applied(dataset: Dataset) -> Any:
    return Fix.objects.filter(dataset=dataset, state=Fix.State.APPLIED)


def full(dataset: Dataset, chosen: formats.Format) -> Iterator[bytes]:
    """The file that came in with the fixes in it, and every other byte as it was; where the dataset came in another
    form, a new file of its items."""
    key = dataset.layout["source"].get("manifest")
    if chosen.name != dataset.format or not key or not chosen.rewrite:
        yield from chosen.write(written(dataset), columns(dataset))
        return
    changed, names = changes(dataset), renamed(dataset)
    rewrite = partial(chosen.rewrite, renamed=names) if chosen.numbered else chosen.rewrite
    with store().open(key) as file:
        if not changed and not names:
            while block := file.read(2**20):
                yield block
        elif chosen.beside:
            yield from rewrite(open_archive(file, limits()), changed)
        elif chosen.limited:
            yield from rewrite(file, changed, limits())
        else:
            yield from rewrite(file, changed)


def columns(dataset: Dataset) -> base.Columns:
    """The columns that the dataset's items need."""
    items = Item.objects.filter(dataset=dataset, removed=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT name FROM review_item, jsonb_object_keys(attributes) AS name "
            "WHERE dataset_id = %s ORDER BY name",
            [dataset.pk],
        )
        names = [name for (name,) in cursor.fetchall()]
    return base.Columns(boxes=items.filter(object__x__isnull=False).exists(), attributes=names)


def written(dataset: Dataset, rows: Iterable[int] | None = None) -> Iterator[base.Written]:
    """The dataset's items as they are now, in the source's order; `rows` keeps some, removed ones too."""
    items = Item.objects.filter(dataset=dataset).select_related("object__image", "label").order_by("row")
    items = items.filter(removed=False) if rows is None else items.filter(row__in=rows)
    for item in items.iterator(2000):
        image = item.object.image
        yield base.Written(
            item.row, item.key, image.path, image.width, image.height, item.label.name, item.object.box, item.attributes
        )


def changes(dataset: Dataset) -> base.Changes:
    """The rows of the source whose head is not what came in."""
    lines = Revision.objects.filter(dataset=dataset).order_by("number")
    first: dict[int, dict[str, Any]] = {}
    for item_id, field, old in lines.filter(item__isnull=False).values_list("item_id", "field", "old"):
        first.setdefault(item_id, {}).setdefault(field, old)
    names = dict(dataset.labels.values_list("pk", "name"))
    came_in = names | came_in_as(lines)
    renamed = [pk for pk, name in names.items() if came_in[pk] != name]
    items = Item.objects.filter(Q(pk__in=first) | Q(label__in=renamed), dataset=dataset).select_related("object__image")
    found = ((item.row, change(item, first.get(item.pk, {}), names, came_in)) for item in items.iterator(2000))
    return {row: one for row, one in found if one != base.Change()}


def renamed(dataset: Dataset) -> dict[str, str]:
    """What labels were called in the source, and are called now, where that is another name."""
    names = dict(dataset.labels.values_list("pk", "name"))
    came_in = came_in_as(Revision.objects.filter(dataset=dataset))
    return {name: names[pk] for pk, name in came_in.items() if pk in names and names[pk] != name}


def came_in_as(lines: QuerySet[Revision]) -> dict[int, str]:
    """By the ids of labels that were renamed, what they were called in the source."""
    named = lines.filter(field=Revision.Field.NAME, previous=None, old__isnull=False)
    return {line.label_id: line.old for line in named if line.label_id and line.old}


def change(item: Item, old: dict[str, Any], names: dict[int, str], came_in: dict[int, str]) -> base.Change:
    """What became of an item since it came in, from the first old value of each field that was ever changed, and from
    what labels are called and were called then."""
    if item.removed:
        return base.Change(removed=True)
    label = names[item.label_id]
    relabelled = label != came_in[old.get(Revision.Field.LABEL, item.label_id)]
    box = item.object.box
    redrawn = box is not None and Revision.Field.BOX in old and list(box) != old[Revision.Field.BOX]
    size = (item.object.image.width, item.object.image.height) if redrawn else None
    return base.Change(label if relabelled else None, box if redrawn else None, size=size)


def patch(dataset: Dataset, chosen: formats.Format) -> Iterator[bytes]:
    """The fixes that stand, each with its evidence; a COCO patch is the annotations that they change, of a COCO file in
    that file's own ids."""
    fixes = applied(dataset).select_related("item__object__image", "old_label", "new_label", "resolution", "by")
    rows = (fix_row(fix) for fix in fixes.order_by("item__row", "pk").iterator(2000))
    if chosen.name != "coco":
        yield from chosen.patch(rows)
        return
    by_row = {row["row"]: row for row in rows}
    if key := dataset.layout["source"].get("manifest") if dataset.format == chosen.name else None:
        with store().open(key) as file:
            yield from formats.coco.excerpt(file, changes(dataset), by_row, renamed(dataset))
        return
    yield from chosen.patch((item, by_row[item.row]) for item in written(dataset, by_row))


def fix_row(fix: Fix) -> dict[str, Any]:
    return {
        "key": fix.item.key,
        "image": fix.item.object.image.path,
        "row": fix.item.row,
        "change": fix.kind,
        "old_label": fix.old_label.name if fix.old_label else None,
        "new_label": fix.new_label.name if fix.new_label else None,
        "old_box": fix.old_box,
        "new_box": fix.new_box,
        "probability": fix.probability,
        "looks": fix.looks,
        "flags": fix.flags,
        "resolution": fix.resolution.action if fix.resolution else None,
        "by": fix.by.username if fix.by else "consensus",
        "at": fix.at.isoformat(),
    }
