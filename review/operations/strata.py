"""A campaign's audit sample as the intervals take it: its strata are the labels."""

from collections import Counter

import numpy as np
from django.db.models import Count

from ..arrays import clusters
from ..consensus.audit import Audit, Interval
from ..models import Campaign, Verdict


class Sample:
    """The strata of a campaign's audit, which are its labels."""

    def __init__(self, labels: list[int], sizes: list[int], planned: list[int]) -> None:
        self.number = {label: k for k, label in enumerate(labels)}
        self.sizes, self.planned = np.array(sizes), np.array(planned)

    def of(self, verdicts: list[Verdict], wrong: np.ndarray) -> Audit:
        names = [v.item.group or (f"stack {v.group_id} {v.stack}" if v.stack is not None else "") for v in verdicts]
        return Audit(
            wrong=wrong,
            stratum=np.array([self.number[v.label_id] for v in verdicts], int),
            sizes=self.sizes,
            planned=self.planned,
            cluster=clusters(names),
        )


def sample_of(campaign: Campaign, verdicts: list[Verdict]) -> Sample:
    sizes = dict(campaign.verdicts.order_by().values_list("label").annotate(n=Count("pk")))
    planned = Counter(v.label_id for v in verdicts)
    labels = sorted(sizes)
    return Sample(labels, [sizes[label] for label in labels], [planned[label] for label in labels])


def listed(found: Interval) -> list[float] | None:
    """As JSON; None where nothing was sampled."""
    return [float(value) for value in found] if found.rate == found.rate else None
