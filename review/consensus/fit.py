"""An estimate of all reviewers and of the prior: what a verdict is computed under."""

from dataclasses import asdict, dataclass, field
from typing import Any

# Beliefs before any look.
SENSITIVITY = 0.85
SPECIFICITY = 0.98
PREVALENCE = 0.03
LABEL_ACCURACY = 0.9


@dataclass(frozen=True)
class Fit:
    """An estimate. `reviewers[r]` is (sensitivity, specificity) of reviewer r; one not in it counts as the pooled one.
    The log odds of an item's prior p are `intercept + slope * logit(p)`; of an item without one, logit(prevalence)."""

    prevalence: float = PREVALENCE
    intercept: float = 0.0
    slope: float = 1.0
    sensitivity: float = SENSITIVITY
    specificity: float = SPECIFICITY
    label_accuracy: float = LABEL_ACCURACY
    reviewers: list[tuple[float, float]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Fit":
        return cls(**{**data, "reviewers": [(a, b) for a, b in data["reviewers"]]})
