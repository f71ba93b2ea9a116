"""An estimate of all reviewers and of the prior: what a verdict is computed under."""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .skills import Skill
from .votes import logit, sigmoid

# Beliefs before any look.
SENSITIVITY = 0.85
SPECIFICITY = 0.98
PREVALENCE = 0.03
LABEL_ACCURACY = 0.9
SPREAD = 0.8
FLOOR = 0.0005

# How hard an item is: a standard normal in three nodes and their weights (Gauss and Hermite's, exact to degree 5).
NODES = np.array([-(3.0**0.5), 0.0, 3.0**0.5])
NODE_WEIGHTS = np.array([1 / 6, 2 / 3, 1 / 6])

Label = tuple[float, float, float]  # shift, tilt, floor


def prevalence_of(priors: np.ndarray) -> float:
    """The share of wrong labels to expect before any look: what the known priors (float [n]) say, if there are any."""
    return float(np.clip(priors.mean(), 0.001, 0.5)) if len(priors) else PREVALENCE


@dataclass(frozen=True)
class Fit:
    """An estimate. `reviewers[r]` is (sensitivity, specificity) of rater r at an item of middling difficulty: of the
    reviewers, then of those pairs of a reviewer and a group of labels that `skills` names (skills.py; `groups` says of
    each label in which it is, where there are such); somebody not in it counts as the pooled one. An error that is `z`
    harder (a standard normal) is flagged with the log odds `logit(sensitivity) - spread * z`: looks at one item are
    alike in that. What the prior is worth, and the `labels` (by id) in which it is worth something else, is said in
    calibration.py; of an item without a prior the log odds are `logit(prevalence)` and its label's shift. `raised` are
    the labels in which nothing passes for clean unseen, and `reasons` says why."""

    prevalence: float = PREVALENCE
    intercept: float = 0.0
    slope: float = 1.0
    floor: float = 0.0
    sensitivity: float = SENSITIVITY
    specificity: float = SPECIFICITY
    spread: float = 0.0
    label_accuracy: float = LABEL_ACCURACY
    reviewers: list[tuple[float, float]] = field(default_factory=list)
    skills: list[Skill] = field(default_factory=list)
    groups: dict[int, int] = field(default_factory=dict)
    labels: dict[int, Label] = field(default_factory=dict)
    raised: list[int] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Fit":
        """The fit that as_json wrote. One of an earlier release lacks what was not estimated then."""
        labels = {int(label): (a, b, c) for label, (a, b, c) in data.get("labels", {}).items()}
        rates = [(a, b) for a, b in data["reviewers"]]
        skills = [(one, other) for one, other in data.get("skills", [])]
        groups = {int(label): group for label, group in data.get("groups", {}).items()}
        return cls(**{**data, "reviewers": rates, "labels": labels, "skills": skills, "groups": groups})

    @property
    def people(self) -> int:
        """How many reviewers are estimated; their groups aside."""
        return len(self.reviewers) - len(self.skills)

    def rater(self, reviewer: int | None, label: int) -> int:
        """Who looks, of a reviewer (None: one who is not estimated) at an item of a label."""
        if reviewer is None:
            return len(self.reviewers)
        return self.number.get((reviewer, self.groups.get(label, label)), reviewer)

    @cached_property
    def number(self) -> dict[Skill, int]:
        """The rater of each skill."""
        return {skill: self.people + k for k, skill in enumerate(self.skills)}

    def rates(self) -> tuple[np.ndarray, np.ndarray]:
        """(sensitivity at each node [raters + 1, nodes], specificity [raters + 1]); last comes anybody else."""
        both = np.array([*self.reviewers, (self.sensitivity, self.specificity)])
        return sigmoid(logit(both[:, :1]) - self.spread * NODES), both[:, 1]

    def mean_rates(self) -> list[tuple[float, float]]:
        """(sensitivity over items of all difficulties, specificity) of each reviewer, over all labels."""
        hits, passes = (rates[: self.people] for rates in self.rates())
        return list(zip((hits @ NODE_WEIGHTS).tolist(), passes.tolist(), strict=True))
