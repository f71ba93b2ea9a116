"""Compare a campaign's applied fixes with the truth."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from ...models import Campaign, Fix
from ...queries import tallies
from ...simulation.minds import Truth
from .. import finding
from ..json_command import JsonCommand


class Command(JsonCommand):
    timed = False
    help = "Score fixes. The last line is JSON, from items and planted to residual_rate and residual_interval."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="name or id")
        parser.add_argument("--truth", type=Path, required=True, help="CSV: key or image, true_label, planted")

    def work(self, *, campaign: str, truth: Path, **options: Any) -> dict[str, Any]:
        found = finding.campaign(campaign)
        return score(found, Truth.read(truth, found.dataset_id))


def score(campaign: Campaign, truth: Truth) -> dict[str, Any]:
    """The figures; a ratio whose denominator is 0 is null. Found: planted and fixed in whatever way."""
    labels = dict(campaign.verdicts.values_list("item__key", "label__name"))
    planted = {key for key in labels if is_planted(truth, key, labels[key])}
    applied = Fix.objects.filter(campaign=campaign, state=Fix.State.APPLIED).exclude(kind=Fix.Kind.REDRAW)
    fixes = dict(applied.values_list("item__key", "new_label__name"))
    found = planted & fixes.keys()
    false_alarms = len(fixes.keys() - planted)
    precision, recall = ratio(len(found), len(fixes)), ratio(len(found), len(planted))
    looks = campaign.looks.filter(planted=False, counted=True).count()
    tally = tallies.tally(campaign)
    residual = tally.rate(tally.sum())
    return {
        "items": len(labels),
        "planted": len(planted),
        "found": len(found),
        "right_label": sum(fixes[key] == truth.labels.get(key) for key in found),
        "false_alarms": false_alarms,
        "precision": precision,
        "recall": recall,
        "f1": ratio(2 * len(found), len(fixes) + len(planted)),
        "looks_per_item": ratio(looks, len(labels)),
        "residual_rate": residual["now"],
        "residual_interval": residual["interval"],
    }


def is_planted(truth: Truth, key: str, label: str) -> bool:
    """As the file says; where it does not, the label under review is not the true one."""
    return truth.planted.get(key, truth.labels.get(key, label) != label)


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
