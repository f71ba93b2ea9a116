"""What simulated people know, and how they err."""

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..models import Item, Label


class TruthError(ValueError):
    """A sentence about the file of true labels."""


@dataclass
class Truth:
    """True labels and what was planted, by the item's key. An item that the file does not name is taken to be right."""

    labels: dict[str, str] = field(default_factory=dict)
    planted: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, dataset_id: int) -> "Truth":
        """Columns key or image, true_label, and planted where known; others are passed over."""
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        columns = set(rows[0]) if rows else set()
        name = next((column for column in ("key", "image") if column in columns), None)
        if name is None or "true_label" not in columns:
            raise TruthError(f"{path} needs the columns key (or image) and true_label.")
        keys = keys_by(name, dataset_id)
        truth = cls()
        for number, row in enumerate(rows, 1):
            found = keys.get(row[name], [])
            if len(found) > 1:
                raise TruthError(f"Row {number} of {path} names {row[name]}, which has several items: give their keys.")
            for key in found:
                truth.labels[key] = row["true_label"]
                if row.get("planted"):
                    truth.planted[key] = row["planted"].strip().lower() in {"1", "true", "yes"}
        if not truth.labels:
            raise TruthError(f"No row of {path} names an item of the dataset.")
        return truth


def keys_by(name: str, dataset_id: int) -> dict[str, list[str]]:
    """The keys of the items that a cell of the column `name` (key or image) stands for."""
    items = Item.objects.filter(dataset=dataset_id)
    found: dict[str, list[str]] = {}
    for cell, key in items.values_list("key" if name == "key" else "object__image__path", "key"):
        found.setdefault(cell, []).append(key)
    return found


def chance(*what: object) -> float:
    """A number in [0, 1) that is always the same for the same things."""
    digest = hashlib.blake2b("\x1f".join(map(str, what)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class Labels:
    """The labels of a dataset and what is mistaken for what."""

    def __init__(self, dataset_id: int) -> None:
        labels = list(Label.objects.filter(dataset=dataset_id).order_by("name"))
        name = {label.pk: label.name for label in labels}
        self.alike = {label.name: [name[other] for other in label.look_alikes if other in name] for label in labels}

    def look_alike(self, label: str, *, never: str, luck: float) -> str | None:
        """A label that is mistaken for this one, any other where none is known; None where there is no other."""
        others = [name for name in self.alike.get(label, []) if name not in {label, never}]
        others = others or [name for name in self.alike if name not in {label, never}]
        return others[int(luck * len(others))] if others else None


@dataclass(frozen=True)
class Habits:
    """How well people see: the chance that a wrong item is flagged, that a right one is not, and that a flag names
    the true label; and how often a supervisor decides rightly."""

    seed: int = 0
    sensitivity: float = 0.9
    specificity: float = 0.99
    label_accuracy: float = 0.9
    supervisor_accuracy: float = 1.0


@dataclass
class Mind:
    """What everybody in the simulation knows: the truth, the labels, and the habits that it is seen through."""

    truth: Truth
    labels: Labels
    habits: Habits

    def flag(self, reviewer: int, item: str, shown: str) -> dict[str, Any] | None:
        """What this reviewer says of an item shown under this label: the same whenever asked."""
        who = (self.habits.seed, reviewer, item, shown)
        true = self.truth.labels.get(item, shown)
        flagged = self.habits.sensitivity if true != shown else 1 - self.habits.specificity
        if chance(*who, "flag") >= flagged:
            return None
        if true not in self.labels.alike:
            return {"reason": "not_an_object", "label": None, "comment": ""}
        knows = true != shown and chance(*who, "label") < self.habits.label_accuracy
        luck = chance(*who, "look-alike")
        return {
            "reason": "wrong_label",
            "label": true if knows else self.labels.look_alike(true, never=shown, luck=luck),
            "comment": "",
        }

    def decision(self, item: str, shown: str) -> dict[str, Any]:
        """How the supervisor resolves a dispute over an item."""
        true = self.truth.labels.get(item, shown)
        right = chance(self.habits.seed, "supervisor", item, shown) < self.habits.supervisor_accuracy
        if right and true != shown:
            return {"action": "relabel", "label": true} if true in self.labels.alike else {"action": "remove"}
        if right or true != shown:
            return {"action": "clean"}
        luck = chance(self.habits.seed, "supervisor", item, "look-alike")
        other = self.labels.look_alike(shown, never=shown, luck=luck)
        return {"action": "relabel", "label": other} if other else {"action": "remove"}
