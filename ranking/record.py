"""Writes the outcome of a ranking: all of it in one transaction, so that nobody meets half of it."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet

from review.arrays import chunked
from review.models import Dataset, Fix, Item, Label, LabelOrder, Predictions, Ranking, Verdict
from review.operations.jobs import Run
from review.queries.labels import merged
from review.storage import store

from . import own_model
from . import store as vectors
from .kinds import Ints
from .outcome import Items, Outcome
from .suspicion import Settled
from .tables import Computed

ROWS_A_STATEMENT, LABELS_A_STATEMENT = 20_000, 20
# An item that was relabelled meanwhile is left alone: what was thought of its old label says nothing of the new one.
UPDATE_ITEMS = """
    UPDATE review_item AS item
    SET predicted_id = new.predicted, suspicion = new.suspicion, suggestions = new.suggestions::jsonb
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::float8[], %s::text[])
        AS new (id, label, predicted, suspicion, suggestions)
    WHERE item.id = new.id AND item.label_id = new.label AND item.dataset_id = %s
"""


def read_items(dataset: Dataset, ranking: Ranking) -> Items:
    """The items that are not removed, in row order, with their objects' vectors."""
    objects, look, shapes = vectors.load(ranking)
    ids, of_object, labels, groups = read_rows(dataset)
    places = np.minimum(np.searchsorted(objects, of_object), len(objects) - 1)
    here = objects[places] == of_object  # what came in since the vectors were made waits for the next ranking
    places = places[here]
    look, shapes = vectors.picked(look, places), vectors.picked(shapes, places)
    settled = read_settled(dataset, ids[here], labels[here])
    return Items(ids[here], of_object[here], labels[here], groups[here], look, shapes, settled)


def read_rows(dataset: Dataset) -> tuple[Ints, Ints, Ints, Ints]:
    """Ids, objects, labels and groups [n], in row order; a group as a number, -1 for none."""
    asked = Item.objects.filter(dataset=dataset, removed=False).order_by("row", "pk")
    rows = asked.values_list("pk", "object_id", "label_id", "group").iterator(ROWS_A_STATEMENT)
    names = {"": -1}
    parts = [np.empty((0, 4), np.int64)]
    for some in chunked(rows, ROWS_A_STATEMENT):
        parts.append(np.array([(*row[:3], names.setdefault(row[3], len(names))) for row in some], np.int64))
    ids, objects, labels, groups = (np.ascontiguousarray(column) for column in np.concatenate(parts).T)
    return ids, objects, labels, groups


def read_settled(dataset: Dataset, ids: Ints, labels: Ints) -> Settled:
    """What people have settled of these items [n] with these labels: what they found clean, and accepted fixes."""
    looked_at = Verdict.objects.filter(campaign__dataset=dataset, state=Verdict.State.CLEAN, counted__gt=0)
    fixes = Fix.objects.filter(dataset=dataset, kind=Fix.Kind.RELABEL, state=Fix.State.APPLIED)
    clean = of_items(looked_at.order_by("item", "-pk"), "label_id", ids)
    fixed = of_items(fixes.order_by("item", "-pk"), "new_label_id", ids)
    first = of_items(fixes.order_by("item", "pk"), "old_label_id", ids)
    wholes = merged(dataset.pk)
    clean, fixed, first = (as_now(one, wholes) for one in (clean, fixed, first))
    return Settled(np.where(first >= 0, first, labels), (labels == clean) | (labels == fixed))


def as_now(labels: Ints, wholes: dict[int, int]) -> Ints:
    """Labels by id, those that were merged as what they are a part of now."""
    found = labels.copy()
    for part, whole in wholes.items():
        found[labels == part] = whole
    return found


def of_items(rows: QuerySet[Any], field: str, ids: Ints) -> Ints:
    """The field of the first row of each of these items [n], -1 where there is none."""
    found = dict(rows.distinct("item").values_list("item_id", field).iterator(ROWS_A_STATEMENT))
    return np.array([found.get(item, -1) for item in ids.tolist()], np.int64)


def read_said(chosen: Predictions, ids: Ints) -> own_model.Said:
    """What a user's model says of these items [n], in their order; of a label that was merged since, of the whole."""
    wholes = merged(chosen.dataset_id)
    with store().open(chosen.values) as source, np.load(source, allow_pickle=False) as file:
        row, said, of_rows = own_model.places(ids, file["items"]), file["probabilities"], own_model.of_rows
        return own_model.Said(
            as_now(of_rows(file["predicted"], row, missing=-1), wholes),
            of_rows(file["probability"].astype(np.float64), row),
            of_rows(file["losses"], row),
            as_now(file["labels"], wholes),
            Computed((len(ids), said.shape[1]), lambda rows: of_rows(said, row[rows])),
        )


def write(run: Run, ranking: Ranking, items: Items, outcome: Outcome) -> None:
    """Everything, then `Dataset.ranking`; raises Stop, with no more written, where the run is no longer ours. Labels
    are held before items, and the dataset not together with them: whoever hands in holds it and then an item."""
    keys = {
        "items": store().put(vectors.to_npy(items.ids)),
        "nearest_within": store().put(vectors.to_npy(outcome.nearest_within)),
        "nearest_any": store().put(vectors.to_npy(outcome.nearest_any)),
    }
    with transaction.atomic():
        run.commit_next(0)
        write_labels(ranking, items, outcome)
        write_orders(ranking, items, outcome)
        write_suspicion(ranking, items, outcome)
    with transaction.atomic():
        run.commit_next(0)
        Ranking.objects.filter(pk=ranking.pk).update(done=True, **keys)
        Dataset.objects.filter(pk=ranking.dataset_id).update(ranking=ranking)


def write_orders(ranking: Ranking, items: Items, outcome: Outcome) -> None:
    ranking.orders.all().delete()
    for some in chunked(outcome.orders.items(), LABELS_A_STATEMENT):
        LabelOrder.objects.bulk_create(
            LabelOrder(
                ranking=ranking,
                label_id=label,
                items=items.ids[rows].tolist(),
                stacks=outcome.stacks[label].tolist(),
                outliers=items.ids[outcome.outliers[label]].tolist(),
            )
            for label, rows in some
        )


def write_suspicion(ranking: Ranking, items: Items, outcome: Outcome) -> None:
    with connection.cursor() as cursor:
        for columns in suspicion_columns(items, outcome):
            cursor.execute(UPDATE_ITEMS, [*columns, ranking.dataset_id])


def suspicion_columns(items: Items, outcome: Outcome) -> Iterator[list[list[Any]]]:
    """Ids, labels, predicted labels, suspicions and suggestions of some thousand items at a time."""
    found = outcome.judgement
    for start in range(0, len(items.ids), ROWS_A_STATEMENT):
        part = slice(start, start + ROWS_A_STATEMENT)
        yield [
            items.ids[part].tolist(),
            items.labels[part].tolist(),
            [label if label >= 0 else None for label in found.predicted[part].tolist()],
            [None if np.isnan(value) else value for value in found.suspicion[part].tolist()],
            [
                json.dumps([[label, round(p, 6)] for label, p in zip(*pair, strict=True) if label >= 0])
                for pair in zip(found.suggested[part].tolist(), found.probabilities[part].tolist(), strict=True)
            ],
        ]


def write_labels(ranking: Ranking, items: Items, outcome: Outcome) -> None:
    rows = Label.objects.filter(dataset=ranking.dataset_id, pk__in=outcome.exemplars)
    labels = list(rows.select_for_update(no_key=True).order_by("pk"))
    for label in labels:
        label.exemplars = items.ids[outcome.exemplars[label.pk]].tolist()
        label.look_alikes = outcome.look_alikes.get(label.pk, [])
        if label.rest_proposal != Label.RestProposal.DECLINED:
            proposed = label.pk in outcome.scattered and not label.rest
            label.rest_proposal = Label.RestProposal.PROPOSED if proposed else Label.RestProposal.NONE
    Label.objects.bulk_update(labels, ["exemplars", "look_alikes", "rest_proposal"], batch_size=500)
