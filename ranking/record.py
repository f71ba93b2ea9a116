"""Writes the outcome of a ranking: all of it in one transaction, so that nobody meets half of it."""

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import connection, transaction

from review.models import Dataset, Item, Label, LabelOrder, Predictions, Ranking
from review.operations.jobs import Run
from review.storage import store

from . import own_model
from . import store as vectors
from .neighbours import Ints
from .outcome import Items, Outcome

ROWS_A_STATEMENT = 20_000
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
    rows = list(
        Item.objects.filter(dataset=dataset, removed=False)
        .order_by("row", "pk")
        .values_list("pk", "object_id", "label_id", "group")
    )
    ids, of_object, labels = np.array([row[:3] for row in rows], np.int64).T
    places = np.minimum(np.searchsorted(objects, of_object), len(objects) - 1)
    here = objects[places] == of_object  # what came in since the vectors were made waits for the next ranking
    groups = numbered([row[3] for row in rows])
    places = places[here]
    return Items(ids[here], of_object[here], labels[here], groups[here], look[places], shapes[places])


def read_said(chosen: Predictions, ids: Ints) -> own_model.Said:
    """What a user's model says of these items [n], in their order."""
    with np.load(io.BytesIO(store().get(chosen.values)), allow_pickle=False) as file:
        of, aligned = file["items"], own_model.aligned
        return own_model.Said(
            aligned(file["predicted"], ids, of, -1),
            aligned(file["probability"].astype(np.float64), ids, of, np.nan),
            aligned(file["losses"], ids, of, np.nan),
            file["labels"],
            aligned(file["probabilities"].astype(np.float64), ids, of, np.nan),
        )


def numbered(groups: list[str]) -> Ints:
    """Groups as numbers; -1 for none."""
    names, numbers = np.unique(np.array(groups, dtype=np.str_), return_inverse=True)
    return np.where(names[numbers] == "", -1, numbers).astype(np.int64)


def write(run: Run, ranking: Ranking, items: Items, outcome: Outcome) -> None:
    """Everything, and `Dataset.ranking` last; raises Stop, with nothing written, where the run is no longer ours."""
    keys = {
        "items": store().put(vectors.to_npy(items.ids)),
        "nearest_within": store().put(vectors.to_npy(outcome.nearest_within)),
        "nearest_any": store().put(vectors.to_npy(outcome.nearest_any)),
    }
    with transaction.atomic():
        run.commit_next(0)
        write_orders(ranking, items, outcome)
        write_suspicion(ranking, items, outcome)
        write_labels(ranking, items, outcome)
        Ranking.objects.filter(pk=ranking.pk).update(done=True, **keys)
        Dataset.objects.filter(pk=ranking.dataset_id).update(ranking=ranking)


def write_orders(ranking: Ranking, items: Items, outcome: Outcome) -> None:
    ranking.orders.all().delete()
    LabelOrder.objects.bulk_create(
        LabelOrder(
            ranking=ranking,
            label_id=label,
            items=items.ids[rows].tolist(),
            stacks=outcome.stacks[label].tolist(),
            outliers=items.ids[outcome.outliers[label]].tolist(),
        )
        for label, rows in outcome.orders.items()
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
    labels = list(Label.objects.filter(dataset=ranking.dataset_id, pk__in=outcome.exemplars))
    for label in labels:
        label.exemplars = items.ids[outcome.exemplars[label.pk]].tolist()
        label.look_alikes = outcome.look_alikes.get(label.pk, [])
        if label.rest_proposal != Label.RestProposal.DECLINED:
            proposed = label.pk in outcome.scattered and not label.rest
            label.rest_proposal = Label.RestProposal.PROPOSED if proposed else Label.RestProposal.NONE
    Label.objects.bulk_update(labels, ["exemplars", "look_alikes", "rest_proposal"], batch_size=500)
