"""Write a label's guideline: each change is one more version, and a person is shown it once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from ..models import Guideline, Label, Ruling, User
from ..queries.guidelines import heads, rulings_of
from . import audit

MOST_RULINGS = 40


@dataclass(frozen=True)
class Said:
    """A ruling to be: the words, the question that they answer, and an item that is one (yes) or is none (no)."""

    said: str
    asked: str = ""
    item: int | None = None
    shows: str = ""

    @classmethod
    def of(cls, ruling: Ruling) -> "Said":
        return cls(ruling.said, ruling.asked, ruling.item_id, ruling.shows)


def edit(*, label: Label, text: str, keep: Sequence[int], seen: int, by: User) -> Guideline:
    """A version with this text and those of the rulings that are named. `seen`: the version that the editor had before
    them. ValidationError where another holds by now, or where nothing would change."""
    with transaction.atomic():
        current = hold(label)
        if (current.number if current else 0) != seen:
            raise ValidationError("Somebody changed this guideline meanwhile. Read it again, then write yours.")
        rulings = rulings_of(current) if current else []
        if unknown := sorted(set(keep) - {ruling.pk for ruling in rulings}):
            raise ValidationError({"keep": f"The guideline has no ruling {unknown[0]}."})
        kept = [Said.of(ruling) for ruling in rulings if ruling.pk in keep]
        if current and (text.strip(), len(kept)) == (current.text, len(rulings)) or not (current or text.strip()):
            raise ValidationError({"text": "Nothing is changed."})
        return write(label, text, kept, Guideline.Cause.EDITED, by, after=current)


def rule(*, label: Label, said: Said, by: User) -> Ruling:
    """A version with one more ruling. What was ruled on the same item before gives way."""
    with transaction.atomic():
        current = hold(label)
        kept = [Said.of(ruling) for ruling in rulings_of(current)] if current else []
        kept = [one for one in kept if one.item is None or one.item != said.item]
        if len(kept) >= MOST_RULINGS:
            words = f"The guideline holds {MOST_RULINGS} rulings already. Have a lead take some out of it first."
            raise ValidationError({"for_all": words})
        made = write(label, current.text if current else "", [*kept, said], Guideline.Cause.ANSWERED, by, current)
        return made.rulings.get(position=len(kept))


def hold(label: Label) -> Guideline | None:
    """The version that holds, kept from being followed by another's until the caller's transaction ends."""
    Label.objects.select_for_update(no_key=True).get(pk=label.pk)
    return heads([label.pk]).get(label.pk)


def write(
    label: Label, text: str, rulings: Sequence[Said], cause: Guideline.Cause, by: User, after: Guideline | None
) -> Guideline:
    made = Guideline.objects.create(
        dataset_id=label.dataset_id,
        label=label,
        number=after.number + 1 if after else 1,
        text=text.strip(),
        cause=cause,
        by=by,
    )
    Ruling.objects.bulk_create(
        Ruling(dataset_id=label.dataset_id, label=label, guideline=made, position=position, asked=one.asked,
               said=one.said, item_id=one.item, shows=one.shows)
        for position, one in enumerate(rulings)
    )  # fmt: skip
    audit.record("guideline written", project=label.dataset.project_id, actor=by, label=label.pk, version=made.number)
    return made


def mark_read(*, label: Label, number: int, by: User) -> None:
    """The person was shown this version; an older one changes nothing."""
    if not label.guidelines.filter(number=number).exists():
        raise ValidationError({"version": f"This guideline has no version {number}."})
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO review_guidelineread (user_id, label_id, number) VALUES (%s, %s, %s)
               ON CONFLICT (user_id, label_id) DO UPDATE SET number = excluded.number
               WHERE review_guidelineread.number < excluded.number""",
            [by.pk, label.pk, number],
        )
