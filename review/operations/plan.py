"""Cut a slice of a dataset into batches of class-homogeneous sections, laid out by the campaign's order."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from ..consensus import sample
from ..models import Batch, Campaign, Dataset, Group, Job, Ranking, Section, User, Verdict
from . import audit, campaigns, decide, honeypots, jobs, layout, refit, slices
from .honeypots import Honeypot
from .judge import or_nan, policy_of

LAYING_STEPS = 1000
WRITE_ROWS = 5000


def start(*, dataset: Dataset, by: User | None, name: str, settings: dict[str, Any]) -> tuple[Campaign, Job]:
    """A campaign and the job that plans it, and opens it when that is done. Raises ValidationError by field."""
    campaign = campaigns.draft(dataset=dataset, name=name, settings=settings)
    with transaction.atomic():
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
        unasked = campaign.verdicts.filter(wanted=0).values_list("pk", flat=True)
        decide.update(campaign, list(unasked))
        audit.record("campaign opened", project=dataset.project_id, campaign=campaign, actor=run.job.by, items=items)
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
    """Consecutive items of one group: a section-to-be."""

    cut: slices.Cut
    laid: layout.Laid
    honeypots: list[Honeypot] = field(default_factory=list)

    @property
    def items(self) -> list[int]:
        return [fact.item for fact in self.laid.facts]


def cut(campaign: Campaign, ranking: Ranking, run: jobs.Run) -> list[Stretch]:
    """The slice in stretches of about the batch size, the most urgent first where order or slice are about that."""
    laying = layout.Layout(campaign, ranking)
    found: list[Stretch] = []
    for share, groups in slices.cuts(campaign):
        found += [Stretch(group, laid) for group in groups for laid in laying.stretches(group)]
        run.progress(int(share * LAYING_STEPS), LAYING_STEPS, "Laying out the items")
    return sorted(found, key=lambda stretch: -stretch.laid.urgency)


def write(run: jobs.Run, campaign: Campaign, stretches: list[Stretch], items: int) -> None:
    """All batches, sections and verdicts in the caller's transaction; a run that was overtaken writes nothing."""
    campaign.batches.all().delete()
    campaign.verdicts.all().delete()
    campaign.groups.all().delete()
    groups = write_groups(campaign, stretches)
    chance, looks = drawn(campaign, stretches)
    number = place = 0
    verdicts: list[Verdict] = []
    for number, sections in enumerate(packed(stretches, campaign.batch_size), 1):
        batch = Batch.objects.create(campaign=campaign, number=number)
        for position, stretch in enumerate(sections):
            label, group = stretch.cut.label, groups[named(stretch.cut)]
            Section.objects.create(
                batch=batch, position=position, label=label, group=group, items=stretch.items,
                honeypots=stretch.honeypots,
            )  # fmt: skip
            for fact, stack in zip(stretch.laid.facts, stretch.laid.stacks, strict=True):
                verdicts.append(
                    Verdict(campaign=campaign, dataset_id=campaign.dataset_id, item_id=fact.item, label=label,
                            group=group, stack=stack, batch=batch, prior=fact.suspicion, wanted=looks[fact.item],
                            audit=chance.get(fact.item), place=place, suggestions=list(fact.suggestions.items()))
                )  # fmt: skip
                place += 1
        if len(verdicts) >= WRITE_ROWS:
            Verdict.objects.bulk_create(verdicts)
            verdicts.clear()
            run.progress(place, items, "Writing the batches")
    Verdict.objects.bulk_create(verdicts)


def drawn(campaign: Campaign, stretches: list[Stretch]) -> tuple[dict[int, float], dict[int, int]]:
    """By item: the chance with which it was drawn into the audit sample, of those that were; and how many looks it is
    given in any case."""
    facts = [(fact, stretch.cut.label.pk) for stretch in stretches for fact in stretch.laid.facts]
    items = [fact.item for fact, _ in facts]
    policy = policy_of(campaign)
    prior = or_nan([fact.suspicion for fact, _ in facts])
    chance = sample.draw(
        np.array(items, int),
        np.array([label for _, label in facts], int),
        share=campaign.audit_share,
        unseen=int((policy.first_looks(prior, np.zeros(len(items), bool)) == 0).sum()),
        seed=campaign.seed,
    )
    looks = policy.first_looks(prior, ~np.isnan(chance))
    kept = zip(items, chance.tolist(), strict=True)
    return {item: p for item, p in kept if p == p}, dict(zip(items, looks.tolist(), strict=True))


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
