"""What changed in a dataset between two of its versions: each item's field once, from what it was to what it is."""

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from ..models import Dataset, Revision
from .items import label_names, pictures


def between(dataset: Dataset, since: int, until: int) -> QuerySet[Revision]:
    """The last revision after version `since`, up to `until`, of each item and field whose value is another one then;
    with `before`, the value that it had. What was changed and changed back is not among them."""
    inside = Revision.objects.filter(dataset=dataset, item__isnull=False, number__gt=since, number__lte=until)
    same = Q(item=OuterRef("item"), field=OuterRef("field"))
    first = inside.filter(same).order_by("number").values("old")[:1]
    later = inside.filter(same, number__gt=OuterRef("number"))
    return (
        inside.filter(~Exists(later))
        .annotate(before=Subquery(first))
        .exclude(new=F("before"))
        .select_related("item", "by")
    )


def of_labels(dataset: Dataset, since: int, until: int) -> list[dict[str, Any]]:
    """What labels were called otherwise, or merged, after version `since`, up to `until`, line by line."""
    names = label_names(dataset.pk)
    rows = Revision.objects.filter(dataset=dataset, label__isnull=False, number__gt=since, number__lte=until)

    def shown(field: str, value: Any) -> Any:
        return names.get(value) if field == Revision.Field.MERGED else value

    return [
        {
            "number": row.number,
            "label": row.label.name if row.label else None,
            "field": row.field,
            "old": shown(row.field, row.old),
            "new": shown(row.field, row.new),
            "by": row.by.username if row.by else None,
            "at": row.at,
        }
        for row in rows.select_related("by", "label").order_by("number")
    ]


def tallied(rows: QuerySet[Revision]) -> dict[str, int]:
    """How many items were relabelled, removed, taken back in, and given another box."""
    found = rows.aggregate(
        relabelled=Count("pk", filter=Q(field=Revision.Field.LABEL)),
        removed=Count("pk", filter=Q(field=Revision.Field.REMOVED, new=True)),
        taken_back=Count("pk", filter=Q(field=Revision.Field.REMOVED, new=False)),
        redrawn=Count("pk", filter=Q(field=Revision.Field.BOX)),
    )
    return {name: int(n) for name, n in found.items()}


def all_json(rows: list[Revision], dataset: Dataset) -> list[dict[str, Any]]:
    names = label_names(dataset.pk)
    return [change_json(row, names) for row in rows]


def change_json(row: Revision, names: dict[int, str]) -> dict[str, Any]:
    assert row.item is not None
    before: Any = row.before  # type: ignore[attr-defined]

    def shown(value: Any) -> Any:
        return names.get(value) if row.field == Revision.Field.LABEL else value

    return {
        "number": row.number,
        "item": row.item.pk,
        "key": row.item.key,
        "field": row.field,
        "old": shown(before),
        "new": shown(row.new),
        "cause": row.cause,
        "by": row.by.username if row.by else None,
        "at": row.at,
        **pictures(row.item.pk),
    }
