"""Sources to import, made here, and what becomes of them; the fixes that tests give them."""

import io
import json
import tarfile
import zipfile
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from review.models import Dataset, Export, Item, Job, Label, Project, Revision, User
from review.operations import export, fixes, import_
from review.storage import store
from tests import make

PICTURE = make.picture("disc", 1)


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def bring_in(
    project: Project,
    lead: User,
    archive: bytes | dict[str, bytes],
    manifest: bytes | str | None = None,
    manifest_name: str = "",
    **options: Any,
) -> tuple[Dataset, Job]:
    """(the dataset, its finished job): the real import of this source."""
    packed = zipped(archive) if isinstance(archive, dict) else archive
    source = {"archive": store().put(packed)}
    if manifest is not None:
        text = manifest.encode() if isinstance(manifest, str) else manifest
        source |= {"manifest": store().put(text), "manifest_name": manifest_name}
    made, job = import_.start(project=project, by=lead, name="Set", source=source, **options)
    make.work(job)
    made.refresh_from_db()
    return made, job


def exported(dataset: Dataset, lead: User, format: str = "auto", kind: str = "full") -> bytes:
    made, job = export.start(dataset=dataset, by=lead, format=format, kind=kind)
    assert make.work(job).state == Job.State.DONE, job.message
    return store().get(Export.objects.get(pk=made.pk).key)


def revise(dataset: Dataset, key: str, field: str, new: Any) -> None:
    """One change of one item, by the dataset's history, as a fix makes it."""
    with transaction.atomic():
        held = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
        item = Item.objects.select_related("object__image__shard").get(dataset=dataset, key=key)
        old = {
            Revision.Field.LABEL: item.label_id,
            Revision.Field.REMOVED: item.removed,
            Revision.Field.BOX: list(item.object.box or []) or None,
        }[Revision.Field(field)]
        if field == Revision.Field.LABEL:
            new = Label.objects.get(dataset=dataset, name=new).pk
        fixes.revise(held, item, field, old, new, cause="test", by=None)


def json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def reasons(dataset: Dataset) -> dict[int, tuple[str, str]]:
    """{row: (field, reason)} of what was refused."""
    return {row: (field, reason) for row, field, reason in dataset.rejected.values_list("row", "field", "reason")}
