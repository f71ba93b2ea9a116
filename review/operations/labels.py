"""What a lead says of labels: one by one, or of all in one file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import IO

from django.core.exceptions import ValidationError
from django.db import transaction

from ..formats import label_sheet
from ..formats.base import LABEL_LENGTH, BadRow, RowError, SourceError
from ..formats.label_sheet import LabelRow, Sheet
from ..icons import BadIcon, Icons
from ..models import Dataset, Label, User
from ..queries.guidelines import heads
from ..queries.labels import ids_by_name
from ..storage import store
from . import audit, guidelines
from .sources import limits


def mark_rest(*, label: Label, rest: bool, by: User | None) -> Label:
    """Say that a label is a class without a look of its own, or that it is not: then it is not proposed again."""
    with transaction.atomic():
        label.rest = rest
        label.rest_proposal = Label.RestProposal.NONE if rest else Label.RestProposal.DECLINED
        label.save(update_fields=["rest", "rest_proposal"])
        audit.record("label marked", project=label.dataset.project_id, actor=by, label=label.pk, rest=rest)
    return label


def call(*, label: Label, readable_name: str, by: User) -> Label:
    """How people read a label; its name in the data stays."""
    if not readable_name.strip():
        raise ValidationError({"readable_name": "Write how people are to read it."})
    with transaction.atomic():
        label.readable_name = readable_name.strip()[:LABEL_LENGTH]
        label.save(update_fields=["readable_name"])
        audit.record("label named", project=label.dataset.project_id, actor=by, label=label.pk,
                     readable_name=label.readable_name)  # fmt: skip
    return label


def set_icon(*, label: Label, data: bytes | None, name: str = "", by: User) -> Label:
    """Give a label an icon, of a picture as a stranger sends it, or take it away (None). Raises ValidationError."""
    key = ""
    if data is not None:
        with Icons() as icons:
            try:
                key = store().put(icons.png(data, name))
            except BadIcon as reason:
                raise ValidationError({"icon": str(reason)}) from None
    with transaction.atomic():
        label.icon = key
        label.save(update_fields=["icon"])
        audit.record("label icon set", project=label.dataset.project_id, actor=by, label=label.pk, icon=bool(key))
    return label


@dataclass
class Described:
    """What a file changed: so many labels' names or parents, icons and guidelines; and the rows that were refused."""

    names: int = 0
    icons: int = 0
    guidelines: int = 0
    rejected: list[BadRow] = field(default_factory=list)


def describe(*, dataset: Dataset, file: IO[bytes], by: User) -> Described:
    """Take readable names, parents, guidelines and icons of labels out of one CSV or zip. What a row does not say stays
    as it is; a row that cannot be taken leaves the others be. ValidationError where the file as a whole is none."""
    try:
        sheet = label_sheet.read(file, limits())
    except SourceError as reason:
        raise ValidationError({"file": str(reason)}) from None
    if not sheet.rows and not sheet.rejected:
        raise ValidationError({"file": "Nothing is said of a label: there is no row, and no icon called like one."})
    done = Described(rejected=sheet.rejected)
    icons = read_icons(sheet, done)
    with transaction.atomic():
        held = {label.pk: label for label in dataset.labels.select_for_update(no_key=True).order_by("pk")}
        labels = {name: held[pk] for name, pk in ids_by_name(dataset).items()}
        rows = list(known(sheet.rows, labels, done))
        changed = [label for row in rows if (label := renamed(row, labels, icons, done))]
        Label.objects.bulk_update(changed, ["readable_name", "parent", "icon"], batch_size=1000)
        write_guidelines(rows, labels, by, done)
        audit.record("labels described", project=dataset.project_id, actor=by, dataset=dataset.pk, names=done.names,
                     icons=done.icons, guidelines=done.guidelines)  # fmt: skip
    done.rejected.sort(key=lambda row: row.number)
    return done


def read_icons(sheet: Sheet, done: Described) -> dict[int, str]:
    """Storage keys of the icons that can be drawn, by the rows' numbers."""
    keys: dict[int, str] = {}
    with Icons() as icons:
        for row in sheet.rows:
            if not row.icon:
                continue
            try:
                keys[row.number] = store().put(icons.png(sheet.icon(row), row.icon))
            except (BadIcon, RowError) as reason:
                done.rejected.append(BadRow(row.number, row.icon, "icon", str(reason)))
    return keys


def known(rows: Iterable[LabelRow], labels: dict[str, Label], done: Described) -> Iterable[LabelRow]:
    for row in rows:
        if row.label in labels:
            yield row
        else:
            reason = f"The dataset has no label {row.label[:100]!r}."
            done.rejected.append(BadRow(row.number, row.icon or "", "label", reason))


def renamed(row: LabelRow, labels: dict[str, Label], icons: dict[int, str], done: Described) -> Label | None:
    """The label as the row has it, unsaved; None where the row changes none of name, parent and icon."""
    label = labels[row.label]
    before = label.readable_name, label.parent_id
    if row.readable_name is not None:
        label.readable_name = row.readable_name
    if row.parent is not None:
        set_parent(row, label, labels, done)
    done.names += (label.readable_name, label.parent_id) != before
    if (icon := icons.get(row.number, label.icon)) != label.icon:
        label.icon = icon
        done.icons += 1
        return label
    return label if (label.readable_name, label.parent_id) != before else None


def set_parent(row: LabelRow, label: Label, labels: dict[str, Label], done: Described) -> None:
    parent = above = labels.get(row.parent or "")
    by_key = {one.pk: one for one in labels.values()}
    for _ in labels:  # up to the root; a ring has none
        if above is None or above.pk == label.pk:
            break
        above = by_key.get(above.parent_id or 0)
    if parent is None or above is not None:
        said = "is no label of the dataset" if parent is None else "would stand above itself"
        done.rejected.append(BadRow(row.number, "", "parent", f"{(row.parent or '')[:100]!r} {said}."))
    else:
        label.parent = parent


def write_guidelines(rows: Iterable[LabelRow], labels: dict[str, Label], by: User, done: Described) -> None:
    """A version where the text is another than the one that holds; its rulings stay."""
    said = {row.label: row for row in rows if row.guideline is not None}
    standing = heads([labels[name].pk for name in said])
    for name, row in said.items():
        label, head = labels[name], standing.get(labels[name].pk)
        if (head.text if head else "") != row.guideline:
            kept = list(head.rulings.values_list("pk", flat=True)) if head else []
            guidelines.edit(label=label, text=row.guideline or "", keep=kept, seen=head.number if head else 0, by=by)
            done.guidelines += 1
