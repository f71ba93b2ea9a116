"""Cut a slice of a dataset into class-homogeneous batches, laid out by likeness."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from ..models import Batch, Campaign, Dataset, Item, Job, Label, LabelOrder, Ranking, Section, User, Verdict
from ..storage import store
from . import audit, campaigns, decide, jobs, refit
from .judge import first_looks

CALM = 0.03  # an item suspected less than this may serve as a honeypot in a batch of another class
SPARE = 4  # so many candidates for each honeypot wanted, so that they vary from person to person
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
    stretches = list(cut(campaign, ranking, run))
    if not stretches:
        raise jobs.Refused("There is no item in this slice, so there is nothing to review. Choose another slice.")
    plant(campaign, ranking, stretches)
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
    """Consecutive look-alikes of one label: a section-to-be."""

    label: Label
    items: list[int]
    priors: list[float | None]
    honeypots: list[tuple[int, int]] = field(default_factory=list)


def cut(campaign: Campaign, ranking: Ranking, run: jobs.Run) -> Iterator[Stretch]:
    """Each label's order in stretches of about the batch size, none much shorter than the others."""
    labels = Label.objects.filter(dataset=campaign.dataset_id).order_by("name")
    if campaign.slice.get("labels"):
        labels = labels.filter(name__in=campaign.slice["labels"])
    total = labels.count()
    for done, label in enumerate(labels, 1):
        suspicion = dict(in_slice(campaign, label).values_list("pk", "suspicion"))
        order = ordered(campaign, ranking, label, suspicion)
        parts = max(1, round(len(order) / campaign.batch_size))
        for part in np.array_split(np.array(order, dtype=np.int64), parts):
            if part.size:
                items = part.tolist()
                yield Stretch(label, items, [suspicion[item] for item in items])
        run.progress(done, total, "Laying out the items")


def in_slice(campaign: Campaign, label: Label) -> Any:
    items = Item.objects.filter(dataset=campaign.dataset_id, label=label, removed=False)
    where = campaign.slice.get("where", {})
    if "suspicion_min" in where:
        items = items.filter(suspicion__gte=where["suspicion_min"])
    if "suspicion_max" in where:
        items = items.filter(suspicion__lte=where["suspicion_max"])
    return items


def ordered(campaign: Campaign, ranking: Ranking, label: Label, members: dict[int, Any]) -> list[int]:
    """The label's items in display order; those that came in after the ranking stand at the end."""
    if campaign.order == "random":
        return np.random.default_rng([campaign.seed, label.pk]).permutation(sorted(members)).tolist()
    laid = LabelOrder.objects.filter(ranking=ranking, label=label).values_list("items", flat=True).first() or []
    met = [item for item in laid if item in members]
    return met + sorted(set(members) - set(met))


def plant(campaign: Campaign, ranking: Ranking, stretches: list[Stretch]) -> None:
    """Choose each stretch's honeypot candidates: calm items of other labels that look most like one in the stretch."""
    if not campaign.honeypots or not ranking.nearest_any:
        return
    ids = np.load(io.BytesIO(store().get(ranking.items)))
    nearest = np.load(io.BytesIO(store().get(ranking.nearest_any)))
    facts = {
        pk: (label, suspicion)
        for pk, label, suspicion in Item.objects.filter(dataset=campaign.dataset_id, removed=False).values_list(
            "pk", "label_id", "suspicion"
        )
    }
    row_of = {int(item): row for row, item in enumerate(ids)}
    calm = {pk for pk, (_, suspicion) in facts.items() if suspicion is None or suspicion < CALM}
    rng = np.random.default_rng(campaign.seed)
    for stretch in stretches:
        stretch.honeypots = candidates(stretch, campaign.honeypots * SPARE, ids, nearest, row_of, facts, calm, rng)


def candidates(
    stretch: Stretch,
    want: int,
    ids: np.ndarray,
    nearest: np.ndarray,
    row_of: dict[int, int],
    facts: dict[int, tuple[int, float | None]],
    calm: set[int],
    rng: np.random.Generator,
) -> list[tuple[int, int]]:
    """[(item of another label, item of this stretch after which it stands)], nearest first, then of near classes."""
    found: dict[int, int] = {}
    for column in range(nearest.shape[1]):
        for anchor in stretch.items:
            row = row_of.get(anchor)
            near = int(nearest[row, column]) if row is not None else -1
            if near < 0:
                continue
            item = int(ids[near])
            if item in calm and facts[item][0] != stretch.label.pk and item not in found:
                found[item] = anchor
        if len(found) >= want:
            break
    if len(found) < want:
        near_labels = set(stretch.label.look_alikes) or {label for label, _ in facts.values()}
        pool = sorted(pk for pk in calm if facts[pk][0] in near_labels and facts[pk][0] != stretch.label.pk)
        extra = rng.permutation(len(pool))[: want - len(found)]
        for k in extra:
            found.setdefault(pool[k], stretch.items[int(rng.integers(len(stretch.items)))])
    return list(found.items())[:want]


def write(run: jobs.Run, campaign: Campaign, stretches: list[Stretch], items: int) -> None:
    """All batches, sections and verdicts in the caller's transaction; a run that was overtaken writes nothing."""
    campaign.batches.all().delete()
    campaign.verdicts.all().delete()
    number = place = 0
    verdicts: list[Verdict] = []
    for number, sections in enumerate(packed(stretches, campaign.batch_size), 1):
        batch = Batch.objects.create(campaign=campaign, number=number)
        for position, stretch in enumerate(sections):
            Section.objects.create(
                batch=batch, position=position, label=stretch.label, items=stretch.items, honeypots=stretch.honeypots
            )
            for item, prior in zip(stretch.items, stretch.priors, strict=True):
                wanted = first_looks(campaign, item, prior)
                verdicts.append(
                    Verdict(campaign=campaign, dataset_id=campaign.dataset_id, item_id=item, label=stretch.label,
                            batch=batch, prior=prior, wanted=wanted, place=place)
                )  # fmt: skip
                place += 1
        if len(verdicts) >= WRITE_ROWS:
            Verdict.objects.bulk_create(verdicts)
            verdicts.clear()
            run.progress(place, items, "Writing the batches")
    Verdict.objects.bulk_create(verdicts)


def packed(stretches: list[Stretch], size: int) -> Iterator[list[Stretch]]:
    """Batches: a stretch that is long enough alone, short ones of rare labels together."""
    short: list[Stretch] = []
    for stretch in stretches:
        if 2 * len(stretch.items) >= size:
            yield [stretch]
            continue
        if sum(len(s.items) for s in short) + len(stretch.items) > size:
            yield short
            short = []
        short.append(stretch)
    if short:
        yield short
