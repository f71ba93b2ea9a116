"""Between rounds: what people have settled teaches suspicion, and what nobody has settled yet goes by it."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from ..arrays import chunked
from ..models import Campaign, Dataset, Fix, Job, Verdict
from . import audit, batches, campaigns, decide, rankings

# Learning anew is due after so many new fixes; and after a half more of those known, so that what it costs in all is a
# few times what it costs once.
LEAST, GROWTH = 20, 0.5
AT_ONCE = 250  # verdicts whose rows are held at a time
WRITE = """
    UPDATE review_verdict v SET prior = new.prior, suggestions = new.suggestions::jsonb
    FROM unnest(%s::bigint[], %s::float8[], %s::text[]) AS new (id, prior, suggestions) WHERE v.id = new.id"""
# An item that was relabelled or removed since is suspected of something else, or of nothing.
SUSPECTED = """
    SELECT v.id, i.suspicion, i.suggestions::text FROM review_verdict v JOIN review_item i ON i.id = v.item_id
    WHERE v.id = ANY(%s) AND i.label_id = v.label_id AND NOT i.removed AND i.suspicion IS NOT NULL"""


def due() -> Iterator[Dataset]:
    """Datasets that are reviewed by the evidence and whose suspicion knows much less than what was settled since."""
    reviewed = Campaign.objects.filter(state=Campaign.State.OPEN, policy=Campaign.Policy.EVIDENCE)
    ranked = Dataset.objects.filter(state=Dataset.State.READY, ranking__isnull=False)
    for dataset in ranked.filter(campaigns__in=reviewed).distinct():
        last = dataset.jobs.filter(kind=Job.Kind.RANK).order_by("-pk").first()
        # What failed or was cancelled is not begun again by itself.
        if last and last.state == Job.State.DONE and is_due((last.result or {}).get("fixes", 0), fixes(dataset)):
            yield dataset


def is_due(known: int, now: int) -> bool:
    return now - known >= max(LEAST, GROWTH * known)


def fixes(dataset: Dataset) -> int:
    """How many there are that suspicion can learn from."""
    return Fix.objects.filter(dataset=dataset, kind=Fix.Kind.RELABEL, state=Fix.State.APPLIED).count()


def start(dataset: Dataset) -> Job:
    """Rank the dataset anew: its crops are embedded already. Raises ValidationError where it is being ranked."""
    assert dataset.ranking is not None
    return rankings.start(dataset=dataset, by=None, encoder=dataset.ranking.encoder, relearn=True)


def renew(dataset: Dataset) -> int:
    """Let what is open in the dataset's campaigns go by what is suspected now; how many items that are. What is settled
    was known to the classifier, and the audit sample is to show what the plan was worth: both keep what they have. Done
    twice it changes nothing more."""
    running = dataset.campaigns.filter(
        state__in=[Campaign.State.OPEN, Campaign.State.PAUSED], policy=Campaign.Policy.EVIDENCE, fit__isnull=False
    )
    return sum(renew_campaign(campaign) for campaign in running.select_related("dataset").order_by("pk"))


def renew_campaign(campaign: Campaign) -> int:
    waiting = campaign.verdicts.filter(state=Verdict.State.OPEN, audit=None).order_by("pk")
    renewed = 0
    for some in chunked(waiting.values_list("pk", flat=True), AT_ONCE):
        with transaction.atomic():
            renewed += renew_some(campaigns.hold(campaign), list(some))
    batches.open_wanting(campaign)
    audit.record("suspicion renewed", project=campaign.dataset.project_id, campaign=campaign, items=renewed)
    return renewed


def renew_some(campaign: Campaign, ids: list[int]) -> int:
    verdicts = {v.pk: v for v in decide.held(campaign, ids) if v.state == Verdict.State.OPEN}
    with connection.cursor() as cursor:
        cursor.execute(SUSPECTED, [list(verdicts)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        if rows:
            cursor.execute(WRITE, list(map(list, zip(*rows, strict=True))))
    fresh = Verdict.objects.filter(pk__in=[pk for pk, *_ in rows]).order_by("pk")
    # What nobody has judged, and somebody will look at anyway, stands at its prior.
    judged = [v for v in fresh if v.probability is not None or v.counted or campaign.looks_min == 0]
    if judged and campaign.fit is not None:
        decide.settle(campaign, judged, campaign.fit)
    return len(rows)
