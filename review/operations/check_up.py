"""A check-up of a dataset: a small campaign of one person, whose items are drawn by their suspicion."""

from django.core.exceptions import ValidationError

from ..models import Campaign, Dataset, Job, User
from . import plan

ITEMS, FEWEST, MOST = 300, 30, 2000  # about three grids
GRID = 100


def start(*, dataset: Dataset, by: User | None, items: int = ITEMS) -> tuple[Campaign, Job]:
    """The campaign and the job that plans it. ValidationError where the dataset is not ranked yet: then nothing is
    suspected, and a random sample is all that there is."""
    if dataset.state != Dataset.State.READY or dataset.ranking_id is None:
        raise ValidationError("The dataset is not ranked yet. A check-up looks at what is suspected, so wait for it.")
    settings = {
        "policy": Campaign.Policy.SOLO,
        "slice": {"where": {"check_up": items}},
        "batch_size": GRID,
        "audit_share": 0.0,
        "honeypots": 0,
    }
    before = sum(campaign.is_check_up for campaign in dataset.campaigns.only("slice"))
    name = f"Check-up {before + 1}" if before else "Check-up"
    return plan.start(dataset=dataset, by=by, name=name, settings=settings)
