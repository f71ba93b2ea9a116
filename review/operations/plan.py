"""Cut a slice of a dataset into batches of class-homogeneous sections, laid out by the campaign's order."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.utils import timezone

from ..arrays import or_none
from ..consensus import sample
from ..models import Batch, Campaign, Dataset, Group, Job, Ranking, Section, User
from . import audit, campaigns, datasets, decide, honeypots, jobs, layout, refit, slices, snapshots
from .honeypots import Honeypot, Ints
from .judge import policy_of

WRITE_ROWS = 5000
ALONE = -1
WRITE_VERDICTS = """
    INSERT INTO review_verdict (campaign_id, dataset_id, item_id, label_id, group_id, stack, batch_id, place, prior,
        suggestions, audit, kin, wanted, round, lent, counted, state, remove, flags)
    SELECT %s, %s, new.item, new.label, new.of_group, new.stack, new.batch, new.place, new.prior,
        item.suggestions, new.audit, 0, new.wanted, 1, 0, 0, 'open', FALSE, 0
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::int[], %s::float8[],
        %s::float8[], %s::int[]) AS new (item, label, of_group, stack, batch, place, prior, audit, wanted)
    JOIN review_item item ON item.id = new.item ORDER BY new.place
"""


def start(*, dataset: Dataset, by: User | None, name: str, settings: dict[str, Any]) -> tuple[Campaign, Job]:
    """A campaign and the job that plans it, and opens it when that is done. Raises ValidationError by field."""
    campaign = campaigns.draft(dataset=dataset, name=name, settings=settings)
    with transaction.atomic():
        # Whoever merges labels sees the campaign, or is done before it is planned.
        datasets.check_shown(Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk))
        campaign.save()
        Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.PLANNING)
        campaign.state = Campaign.State.PLANNING
        job = jobs.create(Job.Kind.PLAN, project=dataset.project, by=by, dataset=dataset, campaign=campaign)
        audit.record("campaign planned", project=dataset.project, campaign=campaign, actor=by, name=name)
    return campaign, job


def run(run: jobs.Run) -> dict[str, Any]:
    campaign, dataset = run.job.campaign, run.job.dataset
    assert campaign is not None and dataset is not None
    ranking = ranking_for(campaign, dataset, run.job)
    run.progress(0, None, "Laying out the items")
    stretches = cut(campaign, ranking, run)
    if not stretches:
        raise jobs.Refused("There is no item in this slice, so there is nothing to review. Choose another slice.")
    honeypots.plant(campaign, ranking, stretches)
    items = sum(len(s.items) for s in stretches)
    with transaction.atomic():
        write(run, campaign, stretches, items)
        fit = refit.first_fit(campaign)
        Campaign.objects.filter(pk=campaign.pk).update(
            ranking=ranking, fit=fit, state=Campaign.State.OPEN, opened_at=timezone.now()
        )
        campaign.refresh_from_db()
        # Where the looks are limited, what each is worth is to be known from the first claim on.
        judged = campaign.verdicts.all() if campaign.budget else campaign.verdicts.filter(wanted=0)
        decide.update(campaign, list(judged.values_list("pk", flat=True)))
        audit.record("campaign opened", project=dataset.project_id, campaign=campaign, actor=run.job.by, items=items)
        with connection.cursor() as cursor:
            # Claims begin at once, and PostgreSQL would only learn by and by what there is.
            cursor.execute("ANALYZE review_verdict, review_batch, review_section")
        # The first who looks at the board of a large campaign need not wait for its numbers.
        snapshots.refresh(campaign)
    return {"items": items, "batches": campaign.batches.count()}


def ranking_for(campaign: Campaign, dataset: Dataset, job: Job) -> Ranking:
    """The ranking that the campaign stands on; asks for one and raises Later where there is none yet."""
    if dataset.state == Dataset.State.FAILED:
        raise jobs.Refused("The dataset's import failed, so there is nothing to review in it.")
    if dataset.state == Dataset.State.READY:
        done = Ranking.objects.filter(dataset=dataset, done=True)
        wished = done.filter(encoder=campaign.encoder) if campaign.encoder else done.filter(pk=dataset.ranking_id or 0)
        if found := wished.order_by("-pk").first():
            return found
        last = dataset.jobs.filter(kind=Job.Kind.RANK).order_by("-pk").first()
        if last and last.state == Job.State.FAILED:
            raise jobs.Refused(f"The dataset could not be ranked: {last.message}")
        wish = {"encoder": campaign.encoder} if campaign.encoder else {}
        jobs.create(Job.Kind.RANK, project=dataset.project, by=job.by, dataset=dataset, parameters=wish)
    raise jobs.Later("Waiting until the dataset is ranked.")


@dataclass
class Stretch:
    """Consecutive items of one group: a section-to-be. Arrays, since all of a campaign's are held at once."""

    cut: slices.Cut  # without its facts
    urgency: float
    items: Ints
    priors: npt.NDArray[np.float64]  # nan where nothing is known
    stacks: Ints  # ALONE where there is none
    chances: npt.NDArray[np.float64]  # of having been drawn into the audit sample, nan for all others
    looks: Ints  # that each is given in any case
    honeypots: list[Honeypot] = field(default_factory=list)

    @property
    def arrays(self) -> tuple[npt.NDArray, ...]:
        return self.items, self.priors, self.stacks, self.chances, self.looks


def stretch_of(cut: slices.Cut, laid: layout.Laid) -> Stretch:
    facts = laid.facts
    return Stretch(
        replace(cut, facts=[]),
        laid.urgency,
        np.array([fact.item for fact in facts], np.int64),
        np.array([fact.suspicion for fact in facts], float),
        np.array([ALONE if stack is None else stack for stack in laid.stacks], np.int64),
        np.full(len(facts), np.nan),
        np.zeros(len(facts), np.int64),
    )


def cut(campaign: Campaign, ranking: Ranking, run: jobs.Run) -> list[Stretch]:
    """The slice in stretches of about the batch size, the most urgent first where order or slice are about that."""
    laying = layout.Layout(campaign, ranking)
    found: list[Stretch] = []
    done = 0
    for share, groups in slices.cuts(campaign):
        more = [stretch_of(group, laid) for group in groups for laid in laying.stretches(group)]
        found += more
        done += sum(len(stretch.items) for stretch in more)
        run.progress(done, round(done / share) if share else None, "Laying out the items")
    return sorted(found, key=lambda stretch: -stretch.urgency)


def write(run: jobs.Run, campaign: Campaign, stretches: list[Stretch], items: int) -> None:
    """All batches, sections and verdicts in the caller's transaction; a run that was overtaken writes nothing."""
    campaign.batches.all().delete()
    campaign.verdicts.all().delete()
    campaign.groups.all().delete()
    groups = write_groups(campaign, stretches)
    draw(campaign, stretches)
    number = place = 0
    rows: list[tuple[Any, ...]] = []
    for number, sections in enumerate(packed(stretches, campaign.batch_size), 1):
        batch = Batch.objects.create(campaign=campaign, number=number)
        for position, stretch in enumerate(sections):
            label, group = stretch.cut.label, groups[named(stretch.cut)]
            Section.objects.create(
                batch=batch, position=position, label=label, group=group, items=stretch.items.tolist(),
                honeypots=stretch.honeypots,
            )  # fmt: skip
            for item, prior, stack, chance, wanted in zip(*map(np.ndarray.tolist, stretch.arrays), strict=True):
                stack = None if stack == ALONE else stack
                rows.append((item, label.pk, group.pk, stack, batch.pk, place, or_none(prior), or_none(chance), wanted))
                place += 1
        if len(rows) >= WRITE_ROWS:
            write_verdicts(campaign, rows)
            rows.clear()
            run.progress(place, items, "Writing the batches")
    write_verdicts(campaign, rows)


def write_verdicts(campaign: Campaign, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            columns = list(map(list, zip(*rows, strict=True)))
            cursor.execute(WRITE_VERDICTS, [campaign.pk, campaign.dataset_id, *columns])


def draw(campaign: Campaign, stretches: list[Stretch]) -> None:
    """Draw the audit sample, and say how many looks each item is given in any case."""
    policy = policy_of(campaign)
    items = np.concatenate([stretch.items for stretch in stretches])
    prior = np.concatenate([stretch.priors for stretch in stretches])
    chance = sample.draw(
        items,
        np.repeat([stretch.cut.label.pk for stretch in stretches], [len(stretch.items) for stretch in stretches]),
        share=campaign.audit_share,
        unseen=int((policy.first_looks(prior, np.zeros(len(items), bool)) == 0).sum()),
        seed=campaign.seed,
    )
    looks = policy.first_looks(prior, ~np.isnan(chance))
    ends = np.cumsum([len(stretch.items) for stretch in stretches])[:-1]
    for stretch, chances, wanted in zip(stretches, np.split(chance, ends), np.split(looks, ends), strict=True):
        stretch.chances, stretch.looks = chances, wanted


def write_groups(campaign: Campaign, stretches: list[Stretch]) -> dict[tuple, Group]:
    """A row for each group, in the order in which they come up."""
    cuts = {named(stretch.cut): stretch.cut for stretch in stretches}
    rows = [Group(campaign=campaign, label=cut.label, asks=cut.asks, value=cut.value) for cut in cuts.values()]
    return dict(zip(cuts, Group.objects.bulk_create(rows), strict=True))


def named(cut: slices.Cut) -> tuple[int, int | None, str]:
    return cut.label.pk, cut.asks.pk if cut.asks else None, cut.value


def packed(stretches: list[Stretch], size: int) -> list[list[Stretch]]:
    """Batches: a stretch that is long enough alone, short ones of rare groups together where the first stood."""
    batches: list[list[Stretch]] = []
    short: list[Stretch] = []
    for stretch in stretches:
        if 2 * len(stretch.items) >= size:
            batches.append([stretch])
            continue
        if not short or sum(len(s.items) for s in short) + len(stretch.items) > size:
            batches.append(short := [])
        short.append(stretch)
    return batches
