"""Thin Celery tasks of the general queue. Each may run twice, late, or not at all without harm."""

from celery import shared_task

from .models import Job
from .operations import (
    check,
    deliveries,
    digests,
    export,
    import_,
    jobs,
    notices,
    plan,
    predictions,
    recut,
    snapshots,
)
from .operations import sweep as sweeping
from .queries import workers

WORK = {
    Job.Kind.CHECK: check.run,
    Job.Kind.IMPORT: import_.run,
    Job.Kind.PLAN: plan.run,
    Job.Kind.EXPORT: export.run,
    Job.Kind.PREDICTIONS: predictions.run,
    Job.Kind.RECUT: recut.run,
}


@shared_task(name="review.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    kind = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    if kind:
        jobs.run(job_id, WORK[Job.Kind(kind)])


@shared_task(name="review.sweep", ignore_result=True)
def sweep() -> None:
    sweeping.sweep()


@shared_task(name="review.snapshot", ignore_result=True)
def snapshot(campaign_id: int) -> None:
    snapshots.make(campaign_id)


@shared_task(name="review.present", ignore_result=True)
def present(queue: str) -> None:
    workers.present(queue)


@shared_task(name="review.notice", ignore_result=True)
def notice() -> None:
    notices.find()
    digests.send_due()


@shared_task(name="review.deliver", ignore_result=True)
def deliver() -> None:
    deliveries.sweep()
