"""Labels called otherwise, by one more name, merged, or added: proposed by whoever supervises, carried out by a lead as
revisions of the dataset, and taken back by more of them."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from ..formats.base import LABEL_LENGTH, RowError, check_text
from ..models import Campaign, Dataset, Item, Label, LabelAlias, LabelChange, Member, Revision, Team, User
from . import audit, rankings, revisions
from .packing import readable

Kind, State = LabelChange.Kind, LabelChange.State

# Each item of a label becomes one of another; with `since`, those alone that a merge of the revisions from there to
# `until` moved, and that nothing but merges and their undoing has relabelled after it.
# What was thought of the old label says nothing of the new one, until the dataset is ranked again.
RELABEL = """
    WITH heads AS (
        SELECT i.id AS item, (
            SELECT r.id FROM review_revision r WHERE r.item_id = i.id AND r.label_id IS NULL AND r.field = 'label'
            ORDER BY r.number DESC LIMIT 1) AS previous
        FROM review_item i WHERE i.dataset_id = %(dataset)s AND i.label_id = %(old)s
    ), chosen AS (
        SELECT item, previous, row_number() OVER (ORDER BY item) AS n FROM heads
        WHERE %(since)s::bigint IS NULL OR EXISTS (
            SELECT 1 FROM review_revision r WHERE r.item_id = heads.item AND r.field = 'label'
              AND r.number > %(since)s AND r.number <= %(until)s AND NOT EXISTS (
                SELECT 1 FROM review_revision l WHERE l.item_id = r.item_id AND l.field = 'label'
                  AND l.number > r.number AND l.cause <> ALL(%(moved)s)))
    ), moved AS (
        UPDATE review_item i SET label_id = %(new)s, suspicion = NULL, predicted_id = NULL, suggestions = '[]'
        FROM chosen WHERE i.id = chosen.item
    )
    INSERT INTO review_revision (dataset_id, number, item_id, field, previous_id, old, new, cause, by_id, at)
    SELECT %(dataset)s, %(revision)s + n, item, 'label', previous, to_jsonb(%(old)s::bigint), to_jsonb(%(new)s::bigint),
        %(cause)s, %(by)s, now()
    FROM chosen RETURNING number"""


def propose(
    *, dataset: Dataset, by: Member, kind: str, label: Label | None, into: Label | None, name: str, note: str
) -> LabelChange:
    """Raises ValidationError by field."""
    change = LabelChange(dataset=dataset, kind=kind, label=label, into=into, name=name.strip(), note=note, by=by.user)
    with transaction.atomic():
        check(held(dataset), change)
        change.save()
        audit.record("label change proposed", project=dataset.project_id, actor=by.user, change=change.pk, kind=kind,
                     label=label and label.name, into=into and into.name, name=change.name)  # fmt: skip
    return change


def accept(*, change: LabelChange, by: User) -> LabelChange:
    """Carry a proposed change out. Raises ValidationError, also where it cannot be done any more."""
    with transaction.atomic():
        dataset, change = held(change.dataset), waiting(change)
        check(dataset, change)
        DO[Kind(change.kind)](dataset, change, by)
        change.revision = dataset.revision
        return decide(change, State.DONE, by)


def decline(*, change: LabelChange, by: User) -> LabelChange:
    with transaction.atomic():
        return decide(waiting(change), State.DECLINED, by)


def undo(*, change: LabelChange, by: User) -> LabelChange:
    """Take a change back by more revisions. Of a merged label's items, those that have been changed since stay as they
    are. Raises ValidationError."""
    with transaction.atomic():
        dataset = held(change.dataset)
        change = locked(change)
        if change.state != State.DONE:
            raise ValidationError(f"This change is {change.state}: there is nothing to take back.")
        UNDO[Kind(change.kind)](dataset, change, by)
        return decide(change, State.UNDONE, by)


def held(dataset: Dataset) -> Dataset:
    """The dataset, its labels and its row held until the caller's transaction ends, in this order as everywhere."""
    list(Label.objects.filter(dataset=dataset).select_for_update(no_key=True).order_by("pk"))
    return Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)


def locked(change: LabelChange) -> LabelChange:
    return LabelChange.objects.select_for_update(of=("self",)).select_related("label", "into").get(pk=change.pk)


def waiting(change: LabelChange) -> LabelChange:
    change = locked(change)
    if change.state != State.PROPOSED:
        raise ValidationError(f"This has been decided already: it is {change.state}.")
    return change


def decide(change: LabelChange, state: str, by: User) -> LabelChange:
    change.state, change.decided_by, change.decided_at = state, by, timezone.now()
    change.save()
    project = change.dataset.project_id
    audit.record(f"label change {state}", project=project, actor=by, change=change.pk, kind=change.kind)
    if state != State.DECLINED:  # What boards show of their classes is made anew.
        for campaign in change.dataset.campaigns.order_by("pk"):
            audit.record("labels changed", project=project, campaign=campaign, actor=by, change=change.pk)
    return change


def check(dataset: Dataset, change: LabelChange) -> None:
    """Raises ValidationError by field where the change cannot be carried out on the labels as they are."""
    if dataset.state != Dataset.State.READY:
        raise ValidationError("The dataset is not imported yet: its classes come with the import.")
    if change.kind == Kind.ADD and change.label:
        raise ValidationError({"label": "A new class is named in name alone."})
    if change.kind != Kind.ADD and change.label is None:
        raise ValidationError({"label": "Name the class that is to be changed."})
    for field in ("label", "into"):
        one = getattr(change, field)
        if one and one.merged_into_id:
            raise ValidationError({field: f"{one.name} is a part of another class. Name that one."})
    if change.kind == Kind.MERGE:
        check_merge(dataset, change)
    else:
        check_name(dataset, change)


def check_name(dataset: Dataset, change: LabelChange) -> None:
    if change.into:
        raise ValidationError({"into": "Only a merge has a class to merge into."})
    try:
        check_text(change.name, "name", LABEL_LENGTH)
    except RowError as reason:
        raise ValidationError({"name": str(reason)}) from None
    if change.label and change.label.name == change.name:
        raise ValidationError({"name": f"It is called {change.name!r} already."})
    if said := taken(dataset, change.name, change.label if change.kind == Kind.RENAME else None):
        raise ValidationError({"name": said})


def taken(dataset: Dataset, name: str, label: Label | None) -> str:
    """Why a name cannot be given; empty where it can. `label`: one that may have it, since it goes by it already."""
    if dataset.labels.filter(name=name).exists():
        return f"Another class is called {name!r} already."
    alias = dataset.aliases.filter(name=name).select_related("label").first()
    return f"{name!r} is another name of {alias.label.name} already." if alias and alias.label != label else ""


def check_merge(dataset: Dataset, change: LabelChange) -> None:
    if change.name:
        raise ValidationError({"name": "A merged class goes by the name of the one that it becomes a part of."})
    if change.into is None:
        raise ValidationError({"into": "Name the class that it is to become a part of."})
    if change.into == change.label:
        raise ValidationError({"into": "A class cannot be merged into itself."})
    check_at_rest(dataset, change)


def check_at_rest(dataset: Dataset, change: LabelChange) -> None:
    """Items move between these two labels only while nobody ranks or reviews them."""
    if rankings.under_way(dataset):
        raise ValidationError("A ranking of this dataset is under way. Wait until it is done, or cancel it.")
    reviewed = Q(verdicts__label__in=[change.label_id, change.into_id]) | Q(state__in=["draft", "planning"])
    campaigns = dataset.campaigns.exclude(state=Campaign.State.CLOSED).filter(reviewed).order_by("pk")
    if busy := campaigns.first():
        raise ValidationError(
            f"The campaign {busy.name} reviews these classes and is {busy.state}. Wait until it is closed: what its "
            "reviewers say is of these classes as they were when it was opened."
        )


def rename(dataset: Dataset, change: LabelChange, by: User) -> None:
    """What it was called stays another name of it."""
    label = change.label
    assert label is not None
    change.old_name = label.name
    call(dataset, label, change.name, by)


def call(dataset: Dataset, label: Label, name: str, by: User) -> None:
    before = names_of(label)
    revise(dataset, label, Revision.Field.NAME, label.name, name, by)
    was_words = label.readable_name == readable(label.name)
    LabelAlias.objects.filter(label=label, name=name).delete()
    LabelAlias.objects.create(dataset=dataset, label=label, name=label.name)
    label.readable_name = readable(name) if was_words else label.readable_name
    label.name = name
    label.save(update_fields=["name", "readable_name"])
    revise(dataset, label, Revision.Field.ALIASES, before, names_of(label), by)


def add_alias(dataset: Dataset, change: LabelChange, by: User) -> None:
    assert change.label is not None
    before = names_of(change.label)
    LabelAlias.objects.create(dataset=dataset, label=change.label, name=change.name)
    revise(dataset, change.label, Revision.Field.ALIASES, before, names_of(change.label), by)


def add(dataset: Dataset, change: LabelChange, by: User) -> None:
    change.label = Label.objects.create(dataset=dataset, name=change.name, readable_name=readable(change.name))
    revise(dataset, change.label, Revision.Field.NAME, None, change.name, by)


def merge(dataset: Dataset, change: LabelChange, by: User) -> None:
    label, into = change.label, change.into
    assert label is not None and into is not None
    revise(dataset, label, Revision.Field.MERGED, None, into.pk, by)
    label.merged_into = into
    label.save(update_fields=["merged_into"])
    relabel(dataset, label, into, by, cause=revisions.MERGED)
    Item.objects.filter(dataset=dataset, predicted=label).update(predicted=into)
    children, spine = Label.objects.filter(dataset=dataset, parent=label), [into.pk, *above(into)]
    children.filter(pk__in=spine).update(parent=label.parent)  # so that `into` does not come to lie below itself
    children.update(parent=into)
    for member in Member.objects.filter(labels=label):
        member.labels.add(into)
    for team in Team.objects.filter(labels=label):
        team.labels.add(into)
    rank(dataset, by)


def above(label: Label) -> list[int]:
    """The labels that a label lies below, up to the root."""
    parents = dict(Label.objects.filter(dataset=label.dataset_id).values_list("pk", "parent_id"))
    found: list[int] = []
    while (parent := parents.get(found[-1] if found else label.pk)) and parent not in found:
        found.append(parent)
    return found


def part(dataset: Dataset, change: LabelChange, by: User) -> None:
    """Two labels that were merged are two again."""
    label, into = change.label, change.into
    assert label is not None and into is not None and change.revision is not None
    if into.merged_into_id:
        raise ValidationError(f"{into.name} has been merged as well since. Take that back first.")
    check_at_rest(dataset, change)
    began = label.revisions.filter(field=Revision.Field.MERGED).order_by("-number").values_list("number", flat=True)[0]
    revise(dataset, label, Revision.Field.MERGED, into.pk, None, by)
    label.merged_into = None
    label.save(update_fields=["merged_into"])
    relabel(dataset, into, label, by, cause=revisions.PARTED, among=(began, change.revision))
    rank(dataset, by)


def call_back(dataset: Dataset, change: LabelChange, by: User) -> None:
    label = change.label
    assert label is not None
    if label.name != change.name:
        raise ValidationError(f"It is called {label.name!r} by now. Take that back first.")
    if said := taken(dataset, change.old_name, label):
        raise ValidationError(said)
    call(dataset, label, change.old_name, by)


def drop_alias(dataset: Dataset, change: LabelChange, by: User) -> None:
    assert change.label is not None
    before = names_of(change.label)
    LabelAlias.objects.filter(label=change.label, name=change.name).delete()
    revise(dataset, change.label, Revision.Field.ALIASES, before, names_of(change.label), by)


def keep_added(dataset: Dataset, change: LabelChange, by: User) -> None:
    raise ValidationError("A class that was added stays, since looks may name it. Merge it into another one.")


def rank(dataset: Dataset, by: User) -> None:
    rankings.start(dataset=dataset, by=by)


def names_of(label: Label) -> list[str]:
    return sorted(label.aliases.values_list("name", flat=True))


def revise(dataset: Dataset, label: Label, field: str, old: Any, new: Any, by: User) -> None:
    revisions.append(dataset, field, old, new, cause="label change", by=by, label=label)


def relabel(
    dataset: Dataset, old: Label, new: Label, by: User, *, cause: str, among: tuple[int, int] | None = None
) -> None:
    """A revision for each item of a label that becomes another's; `among`: of those alone that were relabelled last by
    a merge of these revisions."""
    since, until = among or (None, None)
    values: dict[str, Any] = {
        "dataset": dataset.pk, "old": old.pk, "new": new.pk, "revision": dataset.revision, "cause": cause,
        "by": by.pk, "since": since, "until": until, "moved": list(revisions.MOVED),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RELABEL, values)
        numbers = [number for (number,) in cursor.fetchall()]
    dataset.revision = max(numbers, default=dataset.revision)
    Dataset.objects.filter(pk=dataset.pk).update(revision=dataset.revision)


Verb = Callable[[Dataset, LabelChange, User], None]
DO: dict[LabelChange.Kind, Verb] = {Kind.RENAME: rename, Kind.ALIAS: add_alias, Kind.MERGE: merge, Kind.ADD: add}
UNDO: dict[LabelChange.Kind, Verb] = {
    Kind.RENAME: call_back, Kind.ALIAS: drop_alias, Kind.MERGE: part, Kind.ADD: keep_added
}  # fmt: skip
