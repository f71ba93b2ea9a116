"""Take in what a user's own model says of the items, by key: all rows that are sound, or nothing."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection, transaction

from ..arrays import chunked
from ..formats import base
from ..formats import predictions as format
from ..models import Dataset, Item, Job, Predictions, User
from ..queries.labels import ids_by_name
from ..storage import store
from . import audit, jobs, rankings, rejects
from .sources import limits

CHUNK = 2000
TOLERANCE = 0.02  # by which probabilities may miss 1: half precision and rounding to two digits
LEAST = 1e-12  # a probability below it counts as this much, so that its loss is finite
FIRST_REJECTED = 20
NOTHING = np.empty(0, np.float32)
MANIFEST = "manifest"  # the name of what came with the dataset itself
WRITE_LOSS = """
    UPDATE review_item AS item SET loss = new.loss
    FROM unnest(%s::bigint[], %s::float8[]) AS new (id, loss) WHERE item.id = new.id AND item.dataset_id = %s
"""


def start(*, dataset: Dataset, by: User | None, name: str, source: str, use: bool = True) -> tuple[Predictions, Job]:
    """Queue the taking in of an upload; `source` is its storage key, "" for the manifest's own columns. `use`: its
    probabilities or losses become the suspicion. What was there under this name stays until the new is in."""
    with transaction.atomic():
        made, _ = Predictions.objects.get_or_create(dataset=dataset, name=name)
        parameters = {"predictions": made.pk, "source": source, "use": use}
        job = jobs.create(Job.Kind.PREDICTIONS, project=dataset.project, by=by, dataset=dataset, parameters=parameters)
        audit.record("predictions sent", project=dataset.project, actor=by, dataset=dataset.pk, name=name)
    return made, job


def of_manifest(dataset: Dataset, by: User | None) -> Job | None:
    """Queue what the manifest's own columns say, where it has such columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT jsonb_object_keys(attributes) FROM "
            "(SELECT attributes FROM review_item WHERE dataset_id = %s ORDER BY row LIMIT 1000) AS first",
            [dataset.pk],
        )
        names = tuple(sorted(name for (name,) in cursor.fetchall()))
    if not format.layout(names).says:
        return None
    return start(dataset=dataset, by=by, name=MANIFEST, source="", use=False)[1]


def run(run: jobs.Run) -> dict[str, Any]:
    """The taking in itself. A run that was cut off has written nothing and begins anew."""
    dataset, wish = run.job.dataset, run.job.parameters
    made = Predictions.objects.filter(pk=wish["predictions"]).first()
    if dataset is None or made is None:
        raise jobs.Refused("The dataset is gone.")
    if wish["use"]:
        rankings.wait_for_none(dataset)
    taken = Taken(dataset)
    try:
        for chunk in chunked(said(dataset, wish["source"]), CHUNK):
            taken.take(chunk)
            run.progress(taken.rows, None, "Reading what the model says")
    except base.SourceError as error:
        raise jobs.Refused(str(error)) from None
    rejected = store().put(
        "".join(rejects.as_csv(rejects.lines(taken.bad), ("row", "key", "field", "reason"))).encode()
    )
    if not taken.ids:
        Predictions.objects.filter(pk=made.pk).update(rejected=rejected, refused=len(taken.bad))
        first = f" The first: {taken.bad[0].reason}" if taken.bad else ""
        raise jobs.Refused(f"None of the {taken.rows:,} rows could be taken.{first}")
    write(run, made, taken, rejected)
    return taken.as_json(dataset) | {"predictions": made.pk, "used": wish["use"]}


def said(dataset: Dataset, source: str) -> Iterator[format.Said | base.BadRow]:
    if source:
        with store().open(source) as file:
            yield from format.read(file, limits())
        return
    rows = dataset.items.order_by("row", "pk").values_list("row", "key", "attributes")
    for number, key, attributes in rows.iterator(CHUNK):
        yield format.one_row(number, attributes, key)


@dataclass
class Taken:
    """The sound rows as columns, the others with their reasons."""

    dataset: Dataset
    rows: int = 0
    bad: list[base.BadRow] = field(default_factory=list)
    met: set[int] = field(default_factory=set)
    ids: list[int] = field(default_factory=list)
    predicted: list[int] = field(default_factory=list)
    probability: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)  # of a label in the probabilities
    probabilities: list[npt.NDArray[np.float32]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.labels = ids_by_name(self.dataset)

    def take(self, chunk: list[format.Said | base.BadRow]) -> None:
        keys = [row.key for row in chunk if isinstance(row, format.Said)]
        rows = Item.objects.filter(dataset=self.dataset, key__in=keys).values_list("key", "pk", "label_id")
        items = {key: (pk, label) for key, pk, label in rows}
        for row in chunk:
            self.rows += 1
            if self.rows > settings.MAX_ROWS:
                raise base.SourceError(f"The file has more than {settings.MAX_ROWS:,} rows. Split it.")
            if isinstance(row, base.BadRow):
                self.bad.append(row)
            elif why := self.fault(row, items):
                self.bad.append(base.BadRow(row.number, row.key[: base.PATH_LENGTH], *why))
            else:
                self.add(row, *items[row.key])

    def fault(self, row: format.Said, items: dict[str, tuple[int, int]]) -> tuple[str, str] | None:
        if row.key not in items:
            return "key", f"The dataset has no item with the key {row.key[:200]!r}."
        if items[row.key][0] in self.met:
            return "key", f"The key {row.key[:200]!r} occurs more than once."
        if row.predicted is not None and row.predicted not in self.labels:
            return "predicted", f"The dataset has no label {row.predicted[:200]!r}."
        return format.fault(row, TOLERANCE)

    def add(self, row: format.Said, item: int, label: int) -> None:
        self.met.add(item)
        self.ids.append(item)
        loss, predicted, probability = row.loss, row.predicted, row.probability
        if given := row.probabilities:
            whole = sum(given.values())
            places = [self.columns.setdefault(name, len(self.columns)) for name in given]
            table = np.zeros(len(self.columns), np.float32)
            table[places] = np.array(list(given.values())) / whole
            self.probabilities.append(table)
            best = max(given, key=given.__getitem__)
            predicted, probability = predicted or best, given[best] / whole
            if loss is None and (own := [p for name, p in given.items() if self.labels.get(name) == label]):
                loss = -float(np.log(max(sum(own) / whole, LEAST)))
        else:
            self.probabilities.append(NOTHING)
        self.predicted.append(self.labels.get(predicted or "", -1))
        self.probability.append(np.nan if probability is None else probability)
        self.losses.append(np.nan if loss is None else loss)

    def unknown(self) -> list[str]:
        """Labels that have probabilities and are not the dataset's: they stay, as classes that no item has."""
        return sorted(name for name in self.columns if name not in self.labels)

    def holds(self) -> list[str]:
        there = {
            "predicted": any(label >= 0 for label in self.predicted),
            "probabilities": bool(self.columns),
            "losses": bool(np.isfinite(self.losses).any()),
        }
        return [name for name, here in there.items() if here]

    def store(self) -> str:
        """Arrays by item, ascending, as one npz in storage, by its key; a row of probabilities is nan where none were
        said. The rows as they came are given up one by one, so that all of them are not in memory twice."""
        order = np.argsort(np.array(self.ids, np.int64))
        table = np.empty((len(order), len(self.columns)), np.float32)
        for place, row in enumerate(order.tolist()):
            given, self.probabilities[row] = self.probabilities[row], NOTHING
            table[place] = 0 if len(given) else np.nan
            table[place, : len(given)] = given
        with tempfile.NamedTemporaryFile(suffix=".npz") as file:
            np.savez(
                file,
                items=np.array(self.ids, np.int64)[order],
                predicted=np.array(self.predicted, np.int64)[order],
                probability=np.array(self.probability, np.float32)[order],
                losses=np.array(self.losses, np.float64)[order],
                labels=np.array([self.labels.get(name, -1) for name in self.columns], np.int64),
                probabilities=table,
            )
            file.flush()
            return store().put_file(file.name)

    def as_json(self, dataset: Dataset) -> dict[str, Any]:
        fields = Counter(bad.field for bad in self.bad)
        return {
            "items": len(self.ids),
            "without": dataset.items.filter(removed=False).exclude(pk__in=self.ids).count(),
            "refused": len(self.bad),
            "refused_by_field": dict(sorted(fields.items())),
            "first_rejected": [
                {"row": bad.number, "key": bad.file, "field": bad.field, "reason": bad.reason}
                for bad in self.bad[:FIRST_REJECTED]
            ],
            "holds": self.holds(),
            "unknown_labels": self.unknown(),
        }


def write(run: jobs.Run, made: Predictions, taken: Taken, rejected: str) -> None:
    """The values into storage, then the row that names them, the items' losses, and the ranking that goes by them."""
    values = taken.store()
    with transaction.atomic():
        run.commit_next(taken.rows)
        Predictions.objects.filter(pk=made.pk).update(
            values=values, rejected=rejected, holds=taken.holds(), items=len(taken.ids), refused=len(taken.bad)
        )
        if "losses" in taken.holds():
            write_losses(made.dataset_id, taken)
        if run.job.parameters["use"]:
            made.refresh_from_db()
            rankings.go_on(run, made.dataset, predictions=made)


def write_losses(dataset_id: int, taken: Taken) -> None:
    """The items that this model says nothing of have no loss: two models' losses do not compare."""
    Item.objects.filter(dataset=dataset_id, loss__isnull=False).update(loss=None)
    with connection.cursor() as cursor:
        for start in range(0, len(taken.ids), CHUNK * 10):
            part = slice(start, start + CHUNK * 10)
            losses = [None if np.isnan(value) else value for value in taken.losses[part]]
            cursor.execute(WRITE_LOSS, [taken.ids[part], losses, dataset_id])
