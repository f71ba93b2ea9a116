"""Explore: the whole order of a slice as ids, and what is most like an item."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import Exists, F, FloatField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Greatest, Ln

from ..models import Dataset, Item, Label, Ranking, Verdict
from ..operations.slices import LEAST_LEFT
from ..storage import store
from . import items

MOST = 100_000  # items of a slice that are laid out
STRETCH = 100  # items of a label that a blend lays out together, as a campaign's batch does
NONE, REMOVED = "none", "removed"
STATES = [NONE, *Verdict.State.values, REMOVED]
HEADER = 256  # bytes that hold the header of a stored table

# A label's stored order: similarity by its items, outliers by theirs. An item that was relabelled since has no place.
PLACED = """
    SELECT laid.label_id, one.item, one.place
    FROM review_labelorder AS laid CROSS JOIN unnest(laid.{column}) WITH ORDINALITY AS one (item, place)
    WHERE laid.ranking_id = %s AND laid.label_id IN (SELECT label_id FROM slice)
"""
BY_PLACE = """
    WITH slice AS MATERIALIZED ({slice}), placed AS ({placed})
    SELECT slice.id FROM slice LEFT JOIN placed ON placed.item = slice.id AND placed.label_id = slice.label_id
    ORDER BY slice.label_name, placed.place NULLS LAST, slice.id LIMIT %s
"""
# As a campaign's order `blend`: each label in stretches by suspicion, the most suspected stretch first, whatever its
# label, and inside a stretch by likeness, from the end that more of the suspected lie near.
BLEND = """
    WITH slice AS MATERIALIZED ({slice}), placed AS ({placed}),
    counted AS (
        SELECT slice.*, count(*) OVER (PARTITION BY label_id) AS all_of_it,
               row_number() OVER (PARTITION BY label_id ORDER BY coalesce(suspicion, 0) DESC, id) - 1 AS before
        FROM slice),
    parted AS (SELECT *, before * greatest(1, round(all_of_it / %s::numeric))::bigint / all_of_it AS part FROM counted),
    urgent AS (
        SELECT parted.*, place, avg(coalesce(suspicion, 0)) OVER stretch AS urgency,
               sum(suspicion * place) OVER stretch > avg(place) OVER stretch
               * sum(suspicion) FILTER (WHERE place IS NOT NULL) OVER stretch AS turned
        FROM parted LEFT JOIN placed ON placed.item = parted.id AND placed.label_id = parted.label_id
        WINDOW stretch AS (PARTITION BY parted.label_id, part))
    SELECT id FROM urgent
    ORDER BY urgency DESC, label_name, part, CASE WHEN turned THEN -place ELSE place END NULLS LAST, id LIMIT %s
"""
LOSS = Coalesce("loss", -Ln(Greatest(Value(LEAST_LEFT), 1.0 - Coalesce("suspicion", Value(0.0)))))
WIDTH = Coalesce("object__width", Cast("object__image__width", FloatField()))
HEIGHT = Coalesce("object__height", Cast("object__image__height", FloatField()))
PLAIN: dict[str, list[Any]] = {
    "suspicion": [F("suspicion").desc(nulls_last=True), "pk"],
    "loss": [LOSS.desc(), "pk"],
    "size": [(WIDTH * HEIGHT).desc(), "pk"],
    "row": ["row", "pk"],
}
STORED = {"similarity": "items", "outliers": "outliers"}
ORDERINGS = ["blend", *STORED, *PLAIN]


@dataclass(frozen=True)
class Slice:
    """Which items, and in which order; None where all do. Sizes are of the longer side, in pixels of the photo."""

    label: Label | None = None
    predicted: Label | None = None
    suspicion_min: float | None = None
    suspicion_max: float | None = None
    pixels_min: float | None = None
    pixels_max: float | None = None
    state: str | None = None
    search: str | None = None
    ordering: str = ORDERINGS[0]


@dataclass(frozen=True)
class Order:
    """The ids of a slice's items in order, at most MOST of them, and how many there are."""

    ids: list[int]
    count: int


@dataclass(frozen=True)
class Alike:
    """What is most like an item, nearest first: of its own label and of any; a sentence where that is not known."""

    in_label: list[int]
    in_any: list[int]
    said: str = ""


def laid_out(dataset: Dataset, slice: Slice) -> Order:
    rows = chosen(dataset, slice)
    ids = ordered(dataset, rows, slice.ordering)
    return Order(ids[:MOST], len(ids) if len(ids) <= MOST else rows.count())


def chosen(dataset: Dataset, slice: Slice) -> QuerySet[Item]:
    """The slice's items in no order. What was removed is there only where it is asked for."""
    rows = Item.objects.filter(dataset=dataset, removed=slice.state == REMOVED)
    wanted = {
        "label": slice.label,
        "predicted": slice.predicted,
        "suspicion__gte": slice.suspicion_min,
        "suspicion__lte": slice.suspicion_max,
        "key__icontains": slice.search,
    }
    rows = rows.filter(**{field: value for field, value in wanted.items() if value is not None})
    for bound, side in (("longer__gte", slice.pixels_min), ("longer__lte", slice.pixels_max)):
        if side is not None:
            rows = rows.alias(longer=Greatest(WIDTH, HEIGHT)).filter(**{bound: side})
    verdicts = Verdict.objects.filter(item=OuterRef("pk")).order_by("-campaign_id")
    if slice.state == NONE:
        return rows.filter(~Exists(verdicts))
    if slice.state and slice.state != REMOVED:
        return rows.annotate(said=Subquery(verdicts.values("state")[:1])).filter(said=slice.state)
    return rows


def ordered(dataset: Dataset, rows: QuerySet[Item], ordering: str) -> list[int]:
    """The ids in order, one more than MOST where there are more."""
    if ordering in PLAIN:
        return list(rows.order_by(*PLAIN[ordering]).values_list("pk", flat=True)[: MOST + 1])
    # Of more than can be laid out, a blend is one of the most suspected.
    rows = rows.order_by() if ordering in STORED else rows.order_by(*PLAIN["suspicion"])[: MOST + 1]
    named = rows.values("id", "label_id", "suspicion", label_name=F("label__name"))
    sql, parameters = named.query.sql_with_params()
    placed = PLACED.format(column=STORED.get(ordering, "items"))
    statement = BY_PLACE if ordering in STORED else BLEND
    more = [] if ordering in STORED else [STRETCH]
    with transaction.atomic(), connection.cursor() as cursor:
        # A dataset that has just come in has no statistics, and a join row by row would be quadratic.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(statement.format(slice=sql, placed=placed), [*parameters, dataset.ranking_id, *more, MOST + 1])
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_nestloop = on")
    return found


def details(dataset: Dataset, ids: Sequence[int]) -> list[dict[str, Any]]:
    """What is known of these items, in their order; those that are not there are left out."""
    found = items.of_dataset(dataset).filter(pk__in=ids).select_related("label", "predicted", "object__image")
    by_id = {item.pk: item for item in found}
    names = items.label_names(dataset.pk)
    return [details_json(by_id[key], names) for key in ids if key in by_id]


def details_json(item: Any, names: dict[int, str]) -> dict[str, Any]:
    box, image = item.object.box, item.object.image
    width, height = box[2:] if box else (image.width, image.height)
    return {**items.item_json(item, names, item.probability, item.state), "width": width, "height": height}


def objects(dataset: Dataset, ids: Sequence[int]) -> list[Any]:
    """The objects of these items, in their order, for their crops; None for an item that is not there."""
    found = Item.objects.filter(dataset=dataset).select_related("object__shard").in_bulk(list(ids))
    return [found[key].object if key in found else None for key in ids]


def alike(item: Item) -> Alike:
    """From what the ranking stored. A neighbour that was removed or relabelled since is left out where it no longer
    fits."""
    ranking = item.dataset.ranking
    if ranking is None or not ranking.nearest_any:
        return Alike([], [], "The dataset is not ranked yet: what is like an item is known once it is.")
    try:
        known = ids_of(ranking.items)
        row = np.flatnonzero(known == item.pk)
        if not len(row):
            return Alike(
                [], [], "This item came in after the dataset was ranked. Rank it again to see what is like it."
            )
        within, anywhere = (known[near].tolist() for near in nearest(ranking, int(row[0])))
    except FileNotFoundError:
        return Alike([], [], "What the ranking found is no longer in storage. Rank the dataset again.")
    labels = dict(
        Item.objects.filter(pk__in=[*within, *anywhere], dataset=item.dataset_id, removed=False).values_list(
            "pk", "label_id"
        )
    )
    return Alike(
        [key for key in within if labels.get(key) == item.label_id], [key for key in anywhere if key in labels]
    )


@lru_cache(maxsize=4)
def ids_of(key: str) -> npt.NDArray[np.int64]:
    """The ranking's items by row. An object in storage never changes, so it may be kept: 8 bytes an item."""
    found: npt.NDArray[np.int64] = np.load(io.BytesIO(store().get(key)), allow_pickle=False)
    return found


def nearest(ranking: Ranking, row: int) -> list[npt.NDArray[np.int32]]:
    """The rows nearest to this one, within its label and in any."""
    found = [row_of(key, row) for key in (ranking.nearest_within, ranking.nearest_any)]
    return [rows[rows >= 0] for rows in found]


def row_of(key: str, row: int) -> npt.NDArray[np.int32]:
    """One row of a stored table, read by its range."""
    head = io.BytesIO(store().get(key, 0, HEADER))
    np.lib.format.read_magic(head)
    shape, _, kind = np.lib.format.read_array_header_1_0(head)
    size = shape[1] * kind.itemsize
    start = head.tell() + row * size
    return np.frombuffer(store().get(key, start, start + size), kind)
